/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_envelope.c: envelopes as clients send them, and all the ways to send another one.
 */
#include "base/limits.h"
#include "soap/test_message.h"

#define BODY   "<x xmlns='urn:x'/>"
#define GOOD   ENVELOPE(HEADERS(A_DISCOVER), BODY)
#define OPEN   "<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR "'>"
#define ACTION "<a:Action>" A_DISCOVER "</a:Action>"
#define HEADER "<s:Header>" ACTION "</s:Header>"

static void reads_headers_and_body(void **state)
{
	struct soap_message message = message_of(GOOD);

	assert_text(message.action, A_DISCOVER);
	assert_text(message.message_id, MESSAGE_ID);
	assert_text(message.to, "https://mdm.example.com:443/EnrollmentServer/X.svc");
	assert_non_null(message.header);
	assert_true(xml_is(message.body, "urn:x", "x"));
	assert_int_equal(soap_phase_check(&message, SOAP_DISCOVER), 0);
	assert_int_equal(soap_phase_check(&message, SOAP_POLICIES), SOAP_E_FORMAT);
	assert_int_equal(soap_phase_check(&message, SOAP_TOKEN), SOAP_E_FORMAT);
}

static void phases_have_their_actions(void **state)
{
	struct soap_message policies = message_of(ENVELOPE(HEADERS(A_POLICIES), BODY));
	struct soap_message token = message_of(ENVELOPE(HEADERS(A_TOKEN), BODY));

	assert_int_equal(soap_phase_check(&policies, SOAP_POLICIES), 0);
	assert_int_equal(soap_phase_check(&token, SOAP_TOKEN), 0);
	assert_int_equal(soap_phase_check(&token, SOAP_POLICIES), SOAP_E_FORMAT);
}

static const struct {
	const char *name;
	const char *doc;
	const char *action;
	const char *message_id;
} accepted[] = {
    {"white space round values",
     OPEN "<s:Header><a:Action>\r\n   " A_DISCOVER "\n</a:Action><a:MessageID>\n\t" MESSAGE_ID
	  "&#xD;\n</a:MessageID></s:Header><s:Body>\n" BODY "\n</s:Body></s:Envelope>",
     A_DISCOVER, MESSAGE_ID},
    {"SOAP 1.1",
     "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='" T_ADDR
     "'><e:Header>" ACTION "</e:Header><e:Body>" BODY "</e:Body></e:Envelope>",
     A_DISCOVER, NULL},
    {"no MessageID", OPEN HEADER "<s:Body>" BODY "</s:Body></s:Envelope>", A_DISCOVER, NULL},
    {"no header", OPEN "<s:Body>" BODY "</s:Body></s:Envelope>", NULL, NULL},
    {"default namespace",
     "<Envelope xmlns='" T_SOAP "'><Header><Action xmlns='" T_ADDR
     "'>x</Action></Header><Body>" BODY "</Body></Envelope>",
     "x", NULL},
    {"headers we do not know",
     OPEN "<s:Header><q:New xmlns:q='urn:q' s:mustUnderstand='1'><q:x/></q:New>" ACTION
	  "</s:Header><s:Body>" BODY "</s:Body></s:Envelope>",
     A_DISCOVER, NULL},
    {"declaration and comment",
     "<?xml version='1.0' encoding='utf-8'?><!-- x -->" OPEN HEADER "<s:Body>" BODY
     "</s:Body></s:Envelope>",
     A_DISCOVER, NULL},
    {"comment inside a value",
     OPEN "<s:Header><a:Action>one<!-- -->two</a:Action></s:Header><s:Body>" BODY
	  "</s:Body></s:Envelope>",
     "onetwo", NULL},
};

static void accepts_what_clients_vary(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct soap_message message;

		if (soap_envelope_read(&arena, text_of(accepted[i].doc), &message))
			fail_msg("%s", accepted[i].name);
		assert_text(message.action, accepted[i].action);
		assert_text(message.message_id, accepted[i].message_id);
		assert_true(xml_is(message.body, "urn:x", "x"));
	}
}

static void no_action_is_no_phase(void **state)
{
	struct soap_message message = message_of(OPEN "<s:Body>" BODY "</s:Body></s:Envelope>");

	assert_int_equal(soap_phase_check(&message, SOAP_DISCOVER), SOAP_E_FORMAT);
}

static const struct {
	const char *name;
	struct text doc;
	int want;
} refused[] = {
    {"empty body of the request", {"", 0}, SOAP_E_XML},
    {"not XML", TEXT("hello"), SOAP_E_XML},
    {"cut off", TEXT(OPEN HEADER "<s:Body>"), SOAP_E_XML},
    {"NUL", TEXT(OPEN HEADER "<s:Body>\0<x/></s:Body></s:Envelope>"), SOAP_E_XML},
    {"doctype", TEXT("<!DOCTYPE s:Envelope>" GOOD), SOAP_E_XML},
    {"entities",
     TEXT("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>" OPEN HEADER
	  "<s:Body><x>&b;</x></s:Body></s:Envelope>"),
     SOAP_E_XML},
    {"instruction", TEXT("<?xml-stylesheet href='x'?>" GOOD), SOAP_E_XML},
    {"UTF-16 bytes", TEXT("\xff\xfe<\0s\0/\0>\0"), SOAP_E_XML},
    {"overlong character", TEXT(OPEN "<s:Body><x>\xc0\xbc</x></s:Body></s:Envelope>"), SOAP_E_XML},
    {"another root", TEXT("<x/>"), SOAP_E_FORMAT},
    {"root in no namespace", TEXT("<Envelope><Body><x/></Body></Envelope>"), SOAP_E_FORMAT},
    {"root in another namespace",
     TEXT("<s:Envelope xmlns:s='urn:s'><s:Body><x/></s:Body></s:Envelope>"), SOAP_E_FORMAT},
    {"lower case", TEXT("<s:envelope xmlns:s='" T_SOAP "'><s:body><x/></s:body></s:envelope>"),
     SOAP_E_FORMAT},
    {"body of the other SOAP",
     TEXT("<Envelope xmlns='" T_SOAP "'><Body xmlns='http://schemas.xmlsoap.org/soap/envelope/'>"
	  "<x/></Body></Envelope>"),
     SOAP_E_FORMAT},
    {"no body", TEXT(OPEN HEADER "</s:Envelope>"), SOAP_E_FORMAT},
    {"empty body", TEXT(OPEN HEADER "<s:Body/></s:Envelope>"), SOAP_E_FORMAT},
    {"body with text alone", TEXT(OPEN HEADER "<s:Body>x</s:Body></s:Envelope>"), SOAP_E_FORMAT},
    {"two in the body", TEXT(OPEN HEADER "<s:Body>" BODY BODY "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two bodies",
     TEXT(OPEN HEADER "<s:Body>" BODY "</s:Body><s:Body>" BODY "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two headers", TEXT(OPEN HEADER HEADER "<s:Body>" BODY "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two actions",
     TEXT(OPEN "<s:Header>" ACTION ACTION "</s:Header><s:Body>" BODY "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two message ids",
     TEXT(OPEN "<s:Header>" ACTION "<a:MessageID>1</a:MessageID><a:MessageID>2</a:MessageID>"
	       "</s:Header><s:Body>" BODY "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two addresses",
     TEXT(OPEN "<s:Header>" ACTION "<a:To>1</a:To><a:To>1</a:To></s:Header><s:Body>" BODY
	       "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"two reply addresses",
     TEXT(OPEN "<s:Header>" ACTION "<a:ReplyTo/><a:ReplyTo/></s:Header><s:Body>" BODY
	       "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
    {"action with an element inside",
     TEXT(OPEN "<s:Header><a:Action>" A_DISCOVER "<x/></a:Action></s:Header><s:Body>" BODY
	       "</s:Body></s:Envelope>"),
     SOAP_E_FORMAT},
};

static void case15_refused_envelopes(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct soap_message message = {.action = TEXT("untouched")};
		int r = soap_envelope_read(&arena, refused[i].doc, &message);

		if (r != refused[i].want)
			fail_msg("%s: %d", refused[i].name, r);
		assert_text(message.action, "untouched");
	}
}

static void case15_header_values_are_bounded(void **state)
{
	struct soap_message message;
	struct buf buf;

	for (size_t over = 0; over < 2; over++) {
		buf_init(&buf, &arena);
		buf_add_c(&buf, OPEN "<s:Header><a:MessageID>");
		for (size_t i = 0; i < LIMIT_SOAP_VALUE + over; i++)
			buf_add_byte(&buf, 'x');
		buf_add_c(&buf, "</a:MessageID></s:Header><s:Body>" BODY "</s:Body></s:Envelope>");
		assert_int_equal(soap_envelope_read(&arena, buf_text(&buf), &message),
				 over ? SOAP_E_FORMAT : 0);
	}
}

static void case15_depth_and_elements_are_bounded(void **state)
{
	struct soap_message message;
	struct buf deep, many;

	buf_init(&deep, &arena);
	buf_init(&many, &arena);
	buf_add_c(&deep, OPEN "<s:Body>");
	buf_add_c(&many, OPEN "<s:Body><x>");
	for (size_t i = 0; i < LIMIT_XML_DEPTH; i++)
		buf_add_c(&deep, "<x>");
	for (size_t i = 0; i < LIMIT_XML_DEPTH; i++)
		buf_add_c(&deep, "</x>");
	for (size_t i = 0; i < LIMIT_XML_ELEMENTS; i++)
		buf_add_c(&many, "<x/>");
	buf_add_c(&deep, "</s:Body></s:Envelope>");
	buf_add_c(&many, "</x></s:Body></s:Envelope>");
	assert_int_equal(soap_envelope_read(&arena, buf_text(&deep), &message), SOAP_E_XML);
	assert_int_equal(soap_envelope_read(&arena, buf_text(&many), &message), SOAP_E_XML);
}

static struct text reply_of(const struct soap_reply *reply)
{
	struct xml_writer w;
	struct buf buf;

	buf_init(&buf, &arena);
	soap_reply_open(&w, &buf, SOAP_TOKEN, reply);
	soap_reply_body(&w);
	xml_add_leaf_c(&w, "x", "y");
	soap_reply_close(&w);
	return buf_text(&buf);
}

static void replies_relate_to_the_request(void **state)
{
	struct soap_reply reply = {
	    .relates_to = TEXT(MESSAGE_ID),
	    .activity_id = "8c6060c4-3d78-4d73-ae17-e8bce88426ee",
	};

	assert_text(reply_of(&reply),
		    "<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU
		    "\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_WSTEP
		    "/RSTRC/wstep</a:Action>"
		    "<ActivityId CorrelationId=\"8c6060c4-3d78-4d73-ae17-e8bce88426ee\""
		    " xmlns=\"http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics\">"
		    "8c6060c4-3d78-4d73-ae17-e8bce88426ee</ActivityId>"
		    "<a:RelatesTo>" MESSAGE_ID "</a:RelatesTo></s:Header>"
		    "<s:Body><x>y</x></s:Body></s:Envelope>");
	reply = (struct soap_reply){.activity_id = ""};
	assert_text(reply_of(&reply),
		    "<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU
		    "\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_WSTEP
		    "/RSTRC/wstep</a:Action></s:Header>"
		    "<s:Body><x>y</x></s:Body></s:Envelope>");
}

/* The client chooses the MessageID; it comes back byte for byte and nothing more. */
static void case20_message_id_cannot_inject(void **state)
{
	struct soap_message message =
	    message_of(OPEN "<s:Header><a:MessageID>&lt;/a:RelatesTo>&lt;x/>&amp;</a:MessageID>"
			    "</s:Header><s:Body>" BODY "</s:Body></s:Envelope>");
	struct soap_reply reply = {.relates_to = message.message_id};
	const struct xml_node *header = xml_child(tree_of(reply_of(&reply)), T_SOAP, "Header");

	assert_int_equal(header->child_count, 2);
	assert_text(xml_child_text(header, T_ADDR, "RelatesTo"), "</a:RelatesTo><x/>&");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reads_headers_and_body),
	    CASE(phases_have_their_actions),
	    CASE(accepts_what_clients_vary),
	    CASE(no_action_is_no_phase),
	    CASE(case15_refused_envelopes),
	    CASE(case15_header_values_are_bounded),
	    CASE(case15_depth_and_elements_are_bounded),
	    CASE(replies_relate_to_the_request),
	    CASE(case20_message_id_cannot_inject),
	};

	return cmocka_run_group_tests_name("soap/envelope", tests, NULL, NULL);
}
