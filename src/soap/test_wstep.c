/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wstep.c: token requests of enrolment, renewal and recovery, their context items, and the
 * answer's exact bytes.
 */
#include "base/b64.h"
#include "base/limits.h"
#include "soap/test_message.h"
#include "soap/wsse.h"
#include "soap/wstep.h"

#define TOKEN_TYPE "<wst:TokenType>" T_CONFIG "DeviceEnrollmentToken</wst:TokenType>"
#define TYPE(t)    "<wst:RequestType>" T_WST "/" t "</wst:RequestType>"
#define EVIDENCE(type, text)                                                                       \
	"<wsse:BinarySecurityToken ValueType='" type "' EncodingType='" T_BASE64 "'>" text         \
	"</wsse:BinarySecurityToken>"
#define PKCS10(text)   EVIDENCE(T_WSTEP "#PKCS10", text)
#define PKCS7(text)    EVIDENCE(T_WSSE "#PKCS7", text)
#define CONTEXT(items) "<ac:AdditionalContext xmlns='" T_AC "'>" items "</ac:AdditionalContext>"
#define ITEM(name, value)                                                                          \
	"<ac:ContextItem Name='" name "'><ac:Value>" value "</ac:Value></ac:ContextItem>"
#define RST(inner) "<wst:RequestSecurityToken>" inner "</wst:RequestSecurityToken>"
#define DOC(inner) ENVELOPE(HEADERS(A_TOKEN), RST(inner))
/* 30 03 02 01 05, once and twice encoded */
#define DER1 "MAMCAQU="
#define DER2 "TUFNQ0FRVT0="
/* clang-format off */
#define WINDOWS10 \
	ITEM("UXInitiated", "true") \
	ITEM("HWDevID", "3B3ED6D0") \
	ITEM("Locale", "en-US") \
	ITEM("TargetedUserLoggedIn", "True") \
	ITEM("OSEdition", "72") \
	ITEM("DeviceName", "DESKTOP-28FGAI6 ") \
	ITEM("MAC", "00-0C-29-51-60-9D") \
	ITEM("MAC", "1A-77-20-52-41-53") \
	ITEM("MAC", "1A-77-20-52-41-53") \
	ITEM("DeviceID", "1E08C6E95D8BB843B1278FF45BC60CC6") \
	ITEM("EnrollmentType", "Full") \
	ITEM("DeviceType", "CIMClient_Windows") \
	ITEM("OSVersion", "10.0.19043.2364") \
	ITEM("ApplicationVersion", "10.0.19043.2364") \
	ITEM("NotInOobe", "false")
/* clang-format on */
#define GOOD TOKEN_TYPE TYPE("Issue") PKCS10(DER1) CONTEXT(WINDOWS10)

static int read_token(const char *doc, struct soap_token_request *ret)
{
	struct soap_message message = message_of(doc);

	return soap_token_read(&arena, &message, ret);
}

static void assert_evidence(const struct soap_token_request *request)
{
	struct text der;

	assert_int_equal(soap_token_evidence(&arena, request, &der), 0);
	assert_true(text_eq(der, TEXT("\x30\x03\x02\x01\x05")));
}

static void reads_a_real_request(void **state)
{
	struct soap_token_request request;
	const struct soap_context_item *mac = NULL;
	enum enrollment_type type;
	size_t macs = 0;

	assert_int_equal(read_token(DOC(GOOD), &request), 0);
	assert_int_equal(request.kind, SOAP_TOKEN_ISSUE);
	assert_int_equal(request.item_count, 15);
	assert_evidence(&request);
	assert_text(soap_context_get(&request, "DeviceID"), "1E08C6E95D8BB843B1278FF45BC60CC6");
	assert_text(soap_context_get(&request, "DeviceName"), "DESKTOP-28FGAI6");
	assert_text(soap_context_get(&request, "EnrollmentData"), NULL);
	assert_true(soap_context_is_true(&request, "UXInitiated"));
	assert_true(soap_context_is_true(&request, "TargetedUserLoggedIn"));
	assert_false(soap_context_is_true(&request, "NotInOobe"));
	assert_false(soap_context_is_true(&request, "BulkAADJ"));
	assert_true(soap_context_type(&request, &type));
	assert_int_equal(type, ENROLLMENT_FULL);
	while ((mac = soap_context_next(&request, mac, "MAC")))
		macs++;
	assert_int_equal(macs, 3);
	assert_text(request.items[5].value, "DESKTOP-28FGAI6 ");
	assert_text(request.items[14].name, "NotInOobe");
}

static const struct {
	const char *name;
	const char *doc;
	enum soap_token_kind kind;
} accepted[] = {
    {"no token type, another order", DOC(CONTEXT("") PKCS10(DER1) TYPE("Issue")), SOAP_TOKEN_ISSUE},
    {"no context", DOC(TYPE("Issue") PKCS10(DER1)), SOAP_TOKEN_ISSUE},
    {"white space",
     DOC("\n<wst:RequestType>\n " T_WST
	 "/Issue \n</wst:RequestType>" PKCS10("\r\n MAMC&#xD;\n AQU= ")),
     SOAP_TOKEN_ISSUE},
    {"base64 without padding", DOC(TYPE("Issue") PKCS10("MAMCAQU")), SOAP_TOKEN_ISSUE},
    {"prefixed value type",
     DOC(TYPE("Issue") "<wsse:BinarySecurityToken wsse:ValueType=' " T_WSTEP "#PKCS10 '>" DER1
		       "</wsse:BinarySecurityToken>"),
     SOAP_TOKEN_ISSUE},
    {"renewal", DOC(TYPE("Renew") PKCS7(DER1)), SOAP_TOKEN_RENEW},
    {"renewal, encoded twice", DOC(TYPE("Renew") PKCS7(DER2)), SOAP_TOKEN_RENEW},
    {"renewal, the other spelling", DOC(TYPE("Renew") EVIDENCE(T_WSTEP "#PKCS7", DER1)),
     SOAP_TOKEN_RENEW},
    {"recovery", DOC(TYPE("Recovery") PKCS10(DER1)), SOAP_TOKEN_RECOVERY},
    {"unknown children", DOC("<wst:Entropy><x/></wst:Entropy>" TYPE("Issue") PKCS10(DER1)),
     SOAP_TOKEN_ISSUE},
    {"attestation nobody asked for",
     DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("RequestVersion", "9.0") ITEM(
	 "AttestationStatus", "Status=0x80070057;") ITEM("AIKAlgorithm", "x"))),
     SOAP_TOKEN_ISSUE},
    {"unknown items, repeated",
     DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("FutureThing", "1") ITEM("FutureThing", "2"))),
     SOAP_TOKEN_ISSUE},
    {"item without a value",
     DOC(TYPE("Issue") PKCS10(DER1) CONTEXT("<ac:ContextItem Name='EnrollmentData'/>")),
     SOAP_TOKEN_ISSUE},
};

static void accepts_what_clients_vary(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct soap_token_request request;

		if (read_token(accepted[i].doc, &request))
			fail_msg("%s: refused", accepted[i].name);
		if (request.kind != accepted[i].kind)
			fail_msg("%s: kind %d", accepted[i].name, (int)request.kind);
		assert_evidence(&request);
	}
}

static const struct {
	const char *name;
	const char *doc;
} refused[] = {
    {"another action", ENVELOPE(HEADERS(A_POLICIES), RST(GOOD))},
    {"another element", ENVELOPE(HEADERS(A_TOKEN), "<wst:Other>" GOOD "</wst:Other>")},
    {"another namespace",
     ENVELOPE(HEADERS(A_TOKEN), "<RequestSecurityToken>" GOOD "</RequestSecurityToken>")},
    {"no request type", DOC(TOKEN_TYPE PKCS10(DER1))},
    {"empty request type", DOC("<wst:RequestType/>" PKCS10(DER1))},
    {"unknown request type", DOC(TYPE("Cancel") PKCS10(DER1))},
    {"request type in another case", DOC(TYPE("issue") PKCS10(DER1))},
    {"two request types", DOC(TYPE("Issue") TYPE("Renew") PKCS10(DER1))},
    {"no evidence", DOC(TYPE("Issue") CONTEXT(WINDOWS10))},
    {"two evidences", DOC(TYPE("Issue") PKCS10(DER1) PKCS10(DER1))},
    {"two contexts", DOC(GOOD CONTEXT(ITEM("EnrollmentType", "Device")))},
    {"item without a name", DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(
				"<ac:ContextItem><ac:Value>x</ac:Value></ac:ContextItem>"))},
    {"item with an empty name", DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM(" ", "x")))},
    {"item with two names",
     DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(
	 "<ac:ContextItem Name='a' ac:Name='b'><ac:Value>x</ac:Value></ac:ContextItem>"))},
    {"item with two values",
     DOC(TYPE("Issue") PKCS10(DER1)
	     CONTEXT("<ac:ContextItem "
		     "Name='a'><ac:Value>x</ac:Value><ac:Value>y</ac:Value></ac:ContextItem>"))},
    {"value with an element", DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("a", "x<b/>")))},
    {"enrollment type twice", DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM(
				  "EnrollmentType", "Full") ITEM("EnrollmentType", "Device")))},
    {"device id twice, apart", DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(
				   ITEM("DeviceID", "A") ITEM("MAC", "1") ITEM("DeviceID", "A")))},
    {"consent twice", DOC(TYPE("Issue") PKCS10(DER1)
			      CONTEXT(ITEM("EnrollmentData", "A") ITEM(" EnrollmentData ", "B")))},
};

static void case15_refused_requests(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct soap_token_request request = {.item_count = 7777};
		int r = read_token(refused[i].doc, &request);

		if (r != SOAP_E_FORMAT || request.item_count != 7777)
			fail_msg("%s: %d", refused[i].name, r);
	}
}

static const struct {
	const char *name;
	const char *doc;
} bad_evidence[] = {
    {"PKCS#10 in a renewal", DOC(TYPE("Renew") PKCS10(DER1))},
    {"PKCS#7 in an enrolment", DOC(TYPE("Issue") PKCS7(DER1))},
    {"PKCS#7 in a recovery", DOC(TYPE("Recovery") PKCS7(DER1))},
    {"no value type",
     DOC(TYPE("Issue") "<wsse:BinarySecurityToken>" DER1 "</wsse:BinarySecurityToken>")},
    {"value type twice", DOC(TYPE("Issue") "<wsse:BinarySecurityToken ValueType='" T_WSTEP
					   "#PKCS10' wsse:ValueType='" T_WSTEP "#PKCS10'>" DER1
					   "</wsse:BinarySecurityToken>")},
    {"another value type", DOC(TYPE("Issue") EVIDENCE(T_WSTEP "#PKCS12", DER1))},
    {"element inside", DOC(TYPE("Issue") PKCS10(DER1 "<x/>"))},
    {"empty", DOC(TYPE("Issue") PKCS10(""))},
    {"not base64", DOC(TYPE("Issue") PKCS10("!!!!"))},
    {"not DER", DOC(TYPE("Issue") PKCS10("aGVsbG8="))},
    {"not DER after two layers", DOC(TYPE("Issue") PKCS10("YUdWc2JHOD0="))},
    {"PEM", DOC(TYPE("Issue") PKCS10("-----BEGIN CERTIFICATE REQUEST-----" DER1
				     "-----END CERTIFICATE REQUEST-----"))},
};

static void case15_unusable_evidence(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_evidence); i++) {
		struct soap_token_request request;
		struct text der = TEXT("untouched");
		int r;

		assert_int_equal(read_token(bad_evidence[i].doc, &request), 0);
		r = soap_token_evidence(&arena, &request, &der);
		if (r != SOAP_E_CERTIFICATE)
			fail_msg("%s: %d", bad_evidence[i].name, r);
		assert_text(der, "untouched");
	}
}

/* The credential in the header has the same element name as the evidence in the body. */
static void header_and_body_tokens_are_told_apart(void **state)
{
	struct soap_message message = message_of(ENVELOPE(
	    HEADERS(A_TOKEN) "<wsse:Security>" EVIDENCE(T_CONFIG "DeviceEnrollmentUserToken",
							"aGVsbG93b3JsZA==") "</wsse:Security>",
	    RST(GOOD)));
	struct soap_token_request request;
	struct soap_security security;

	assert_int_equal(soap_security_read(&arena, &message, &security), 0);
	assert_text(security.token, "helloworld");
	assert_int_equal(soap_token_read(&arena, &message, &request), 0);
	assert_evidence(&request);
}

static void case10_evidence_size_is_bounded(void **state)
{
	for (size_t over = 0; over < 2; over++) {
		char *bytes = arena_alloc(&arena, LIMIT_CSR + 1);
		struct soap_token_request request;
		struct text der;
		struct buf buf;

		bytes[0] = 0x30;
		buf_init(&buf, &arena);
		buf_add_c(&buf,
			  "<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR "' xmlns:wst='" T_WST
			  "' xmlns:wsse='" T_WSSE "'><s:Header><a:Action>" A_TOKEN
			  "</a:Action></s:Header><s:Body><wst:RequestSecurityToken>" TYPE(
			      "Issue") "<wsse:BinarySecurityToken ValueType='" T_WSTEP "#PKCS10'>");
		buf_add_c(&buf, b64_write(&arena, text_make(bytes, LIMIT_CSR + over)));
		buf_add_c(&buf, "</wsse:BinarySecurityToken></wst:RequestSecurityToken></s:Body>"
				"</s:Envelope>");
		assert_int_equal(read_token(buf.data, &request), 0);
		assert_int_equal(soap_token_evidence(&arena, &request, &der),
				 over ? SOAP_E_CERTIFICATE : 0);
	}
}

/* A request with n items of the given value length. */
static int read_items(size_t n, size_t value_len, struct soap_token_request *ret)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR "' xmlns:wst='" T_WST
			"' xmlns:wsse='" T_WSSE "' xmlns:ac='" T_AC "'><s:Header><a:Action>" A_TOKEN
			"</a:Action></s:Header><s:Body><wst:RequestSecurityToken>" TYPE("Issue")
			    PKCS10(DER1) "<ac:AdditionalContext>");
	for (size_t i = 0; i < n; i++) {
		buf_printf(&buf, "<ac:ContextItem Name='Item%zu'><ac:Value>", i);
		for (size_t j = 0; j < value_len; j++)
			buf_add_byte(&buf, 'x');
		buf_add_c(&buf, "</ac:Value></ac:ContextItem>");
	}
	buf_add_c(&buf, "</ac:AdditionalContext></wst:RequestSecurityToken></s:Body></s:Envelope>");
	return read_token(buf.data, ret);
}

static void case15_context_items_are_bounded(void **state)
{
	struct soap_token_request request;

	assert_int_equal(read_items(LIMIT_SOAP_CONTEXT_ITEMS, 1, &request), 0);
	assert_int_equal(request.item_count, LIMIT_SOAP_CONTEXT_ITEMS);
	assert_int_equal(read_items(LIMIT_SOAP_CONTEXT_ITEMS + 1, 1, &request), SOAP_E_FORMAT);
	assert_int_equal(read_items(1000, 1, &request), SOAP_E_FORMAT);
	assert_int_equal(read_items(1, LIMIT_SOAP_CONTEXT_VALUE, &request), 0);
	assert_int_equal(read_items(1, LIMIT_SOAP_CONTEXT_VALUE + 1, &request), SOAP_E_FORMAT);
}

static void enrollment_type_is_one_of_two(void **state)
{
	static const struct {
		const char *doc;
		bool is_known;
		enum enrollment_type type;
	} cases[] = {
	    {DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("EnrollmentType", "Device"))), true,
	     ENROLLMENT_DEVICE},
	    {DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("EnrollmentType", " full "))), true,
	     ENROLLMENT_FULL},
	    {DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("EnrollmentType", "Lite"))), false, 0},
	    {DOC(TYPE("Issue") PKCS10(DER1) CONTEXT(ITEM("EnrollmentType", ""))), false, 0},
	    {DOC(TYPE("Issue") PKCS10(DER1)), false, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct soap_token_request request;
		enum enrollment_type type;

		assert_int_equal(read_token(cases[i].doc, &request), 0);
		assert_int_equal(soap_context_type(&request, &type), cases[i].is_known);
		if (cases[i].is_known)
			assert_int_equal(type, cases[i].type);
	}
}

static void writes_exactly(void **state)
{
	struct soap_reply reply = {.relates_to = TEXT(MESSAGE_ID)};
	struct buf buf;

	buf_init(&buf, &arena);
	soap_token_write(&arena, &buf, &reply, TEXT("<wap-provisioningdoc version=\"1.1\"/>"),
			 1767225599);
	assert_text(
	    buf_text(&buf),
	    "<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU
	    "\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_WSTEP
	    "/RSTRC/wstep</a:Action><a:RelatesTo>" MESSAGE_ID
	    "</a:RelatesTo><o:Security s:mustUnderstand=\"1\" xmlns:o=\"" T_WSSE
	    "\"><u:Timestamp u:Id=\"_0\"><u:Created>2025-12-31T23:59:59.000Z</u:Created>"
	    "<u:Expires>2026-01-01T00:04:59.000Z</u:Expires></u:Timestamp></o:Security></s:Header>"
	    "<s:Body><RequestSecurityTokenResponseCollection xmlns=\"" T_WST
	    "\"><RequestSecurityTokenResponse><TokenType>" T_CONFIG
	    "DeviceEnrollmentToken</TokenType><DispositionMessage xmlns=\"" T_WSTEP
	    "\"/><RequestedSecurityToken><BinarySecurityToken xmlns=\"" T_WSSE
	    "\" ValueType=\"" T_CONFIG "DeviceEnrollmentProvisionDoc\" EncodingType=\"" T_BASE64
	    "\">PHdhcC1wcm92aXNpb25pbmdkb2MgdmVyc2lvbj0iMS4xIi8+</BinarySecurityToken>"
	    "</RequestedSecurityToken><RequestID xmlns=\"" T_WSTEP "\">0</RequestID>"
	    "</RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection></s:Body>"
	    "</s:Envelope>");
	tree_of(buf_text(&buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reads_a_real_request),
	    CASE(accepts_what_clients_vary),
	    CASE(case15_refused_requests),
	    CASE(case15_unusable_evidence),
	    CASE(header_and_body_tokens_are_told_apart),
	    CASE(case10_evidence_size_is_bounded),
	    CASE(case15_context_items_are_bounded),
	    CASE(enrollment_type_is_one_of_two),
	    CASE(writes_exactly),
	};

	return cmocka_run_group_tests_name("soap/wstep", tests, NULL, NULL);
}
