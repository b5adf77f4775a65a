/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_signature.c: the one form of a signed header, and each single step away from it (cases 12
 * and 15). Every row replaces one text of the good header by another.
 */
#include "soap/signature.h"
#include "soap/test_message.h"

#define T_DSIG "http://www.w3.org/2000/09/xmldsig#"
#define T_X509 T_OASIS "oasis-200401-wss-x509-token-profile-1.0#X509"
#define T_CERT                                                                                     \
	"<wsse:BinarySecurityToken ValueType='" T_X509 "v3' u:Id='uuid-7-1'>AAAA"                  \
	"</wsse:BinarySecurityToken>"
#define ENVELOPED "<Transform Algorithm='" T_DSIG "enveloped-signature'/>"
#define DIGEST    "kJqfkFMOQ7Q1AGuQeFwVXq0b6gLD2GCqZL1rcz0JMcs="
#define EXC       "http://www.w3.org/2001/10/xml-exc-c14n#"
#define VALUE_64  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
/* 256 bytes */
#define VALUE VALUE_64 VALUE_64 VALUE_64 VALUE_64 VALUE_64 "AAAAAAAAAAAAAAAAAAAAAA=="

static const char header[] =
    "<wsse:Security>"
    "<u:Timestamp><u:Created>2026-01-31T12:00:00.123Z</u:Created>"
    "<u:Expires>2026-01-31T12:05:00.123Z</u:Expires></u:Timestamp>" T_CERT
    "<Signature xmlns='" T_DSIG "'><SignedInfo>"
    "<CanonicalizationMethod Algorithm='" EXC "'/>"
    "<SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>"
    "<Reference URI=''><Transforms>" ENVELOPED "</Transforms>"
    "<DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>"
    "<DigestValue>" DIGEST "</DigestValue></Reference></SignedInfo>"
    "<SignatureValue>" VALUE "</SignatureValue>"
    "<KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI='#uuid-7-1' ValueType='" T_X509
    "'/></wsse:SecurityTokenReference></KeyInfo></Signature></wsse:Security>";

struct change {
	const char *name;
	const char *from;
	const char *to;
};

static int read_changed(const struct change *change, struct soap_signature *ret)
{
	const char *at = change->from ? strstr(header, change->from) : header;
	struct soap_message message;
	struct buf buf;

	if (!at)
		fail_msg("%s: nothing to change", change->name);
	buf_init(&buf, &arena);
	buf_add_c(&buf, "<s:Envelope xmlns:s='" T_SOAP "' xmlns:u='" T_WSU "' xmlns:wsse='" T_WSSE
			"'><s:Header>");
	buf_add_text(&buf, text_make(header, (size_t)(at - header)));
	if (change->from)
		buf_add_c(&buf, change->to);
	buf_add_c(&buf, at + (change->from ? strlen(change->from) : 0));
	buf_add_c(&buf, "</s:Header><s:Body><x/></s:Body></s:Envelope>");
	message = message_of(buf.data);
	return soap_signature_read(&arena, &message, ret);
}

static void test_the_form_is_read(void **state)
{
	struct soap_signature signature;

	assert_int_equal(read_changed(&(struct change){"good", NULL, NULL}, &signature), 0);
	assert_true(text_eq_c(signature.created, "2026-01-31T12:00:00.123Z"));
	assert_true(text_eq_c(signature.expires, "2026-01-31T12:05:00.123Z"));
}

static void test_spellings_that_are_accepted(void **state)
{
	static const struct change rows[] = {
	    {"id without mark", "URI='#uuid-7-1'", "URI='uuid-7-1'"},
	    {"id without prefix", "URI='#uuid-7-1'", "URI='7-1'"},
	    {"id with the mark alone", "URI='#uuid-7-1'", "URI='#7-1'"},
	    {"blanks between elements", "<SignedInfo>", "\n <SignedInfo>\n  "},
	    {"a digest over lines", "kJqf", "\n kJ\n qf"},
	    {"a comment", "<Transforms>", "<Transforms><!-- x -->"},
	    {"another header beside", "</wsse:Security>", "<x/></wsse:Security>"},
	};
	struct soap_signature signature;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (read_changed(&rows[i], &signature) != 0)
			fail_msg("%s is refused", rows[i].name);
}

static const struct change refused[] = {
    {"no timestamp",
     "<u:Timestamp><u:Created>2026-01-31T12:00:00.123Z</u:Created>"
     "<u:Expires>2026-01-31T12:05:00.123Z</u:Expires></u:Timestamp>",
     ""},
    {"two timestamps", "<u:Timestamp>", "<u:Timestamp/><u:Timestamp>"},
    {"no beginning", "<u:Created>2026-01-31T12:00:00.123Z</u:Created>", ""},
    {"no end", "<u:Expires>2026-01-31T12:05:00.123Z</u:Expires>", ""},
    {"two ends", "</u:Timestamp>", "<u:Expires>x</u:Expires></u:Timestamp>"},
    {"no token", T_CERT, ""},
    {"two tokens", T_CERT, T_CERT T_CERT},
    {"a token without id", " u:Id='uuid-7-1'", ""},
    {"a token with two ids", " u:Id='uuid-7-1'", " u:Id='uuid-7-1' Id='uuid-7-1'"},
    {"an empty id", "u:Id='uuid-7-1'", "u:Id=''"},
    {"another id", "u:Id='uuid-7-1'", "u:Id='uuid-8-1'"},
    {"an id that is the prefix", "u:Id='uuid-7-1'", "u:Id='uuid-'"},
    {"signature of another namespace", "<Signature xmlns='" T_DSIG "'>", "<Signature xmlns='x'>"},
    {"two signatures", "<Signature ", "<Signature xmlns='" T_DSIG "'/><Signature "},
    {"a signature elsewhere", "<wsse:Security>",
     "<x><Signature xmlns='" T_DSIG "'/></x><wsse:Security>"},
    {"something called Signature", "<wsse:Security>", "<x:Signature xmlns:x='x'/><wsse:Security>"},
    {"an element of dsig elsewhere", "<wsse:Security>",
     "<Object xmlns='" T_DSIG "'/><wsse:Security>"},
    {"a token inside the signature", "<KeyInfo>",
     "<KeyInfo><wsse:BinarySecurityToken>x</wsse:BinarySecurityToken>"},
    {"an id of the signature", "<Signature ", "<Signature Id='x' "},
    {"an id of SignedInfo", "<SignedInfo>", "<SignedInfo Id='x'>"},
    {"text in SignedInfo", "<SignedInfo>", "<SignedInfo>x"},
    {"inclusive canonical form", EXC, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
    {"with comments", EXC, EXC "WithComments"},
    {"a prefix list", "<CanonicalizationMethod Algorithm='" EXC "'/>",
     "<CanonicalizationMethod Algorithm='" EXC "'><InclusiveNamespaces xmlns='" EXC
     "' PrefixList='s'/></CanonicalizationMethod>"},
    {"no canonical form", "<CanonicalizationMethod Algorithm='" EXC "'/>", ""},
    {"RSA with SHA-1", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", T_DSIG "rsa-sha1"},
    {"HMAC", "xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"},
    {"ECDSA", "xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"},
    {"a length of the HMAC", "xmldsig-more#rsa-sha256'/>",
     "xmldsig-more#rsa-sha256'><HMACOutputLength>0</HMACOutputLength></SignatureMethod>"},
    {"an algorithm in a namespace", "<SignatureMethod Algorithm",
     "<SignatureMethod u:Algorithm='x' Algorithm"},
    {"a part by its id", "<Reference URI=''>", "<Reference URI='#x'>"},
    {"no URI", "<Reference URI=''>", "<Reference>"},
    {"a URI in a namespace", "<Reference URI=''>", "<Reference u:URI=''>"},
    {"a type of reference", "<Reference URI=''>", "<Reference URI='' Type='x'>"},
    {"two references", "</SignedInfo>", "<Reference URI=''/></SignedInfo>"},
    {"no transform", ENVELOPED, ""},
    {"two transforms", ENVELOPED, ENVELOPED ENVELOPED},
    {"exclusive form besides", ENVELOPED, ENVELOPED "<Transform Algorithm='" EXC "'/>"},
    {"base64", "enveloped-signature", "base64"},
    {"a transform with content", ENVELOPED,
     "<Transform Algorithm='" T_DSIG "enveloped-signature'><XPath>x</XPath></Transform>"},
    {"a transform with text", ENVELOPED,
     "<Transform Algorithm='" T_DSIG "enveloped-signature'>x</Transform>"},
    {"no transforms", "<Transforms>" ENVELOPED "</Transforms>", ""},
    {"SHA-1", "http://www.w3.org/2001/04/xmlenc#sha256", T_DSIG "sha1"},
    {"SHA-512", "xmlenc#sha256", "xmlenc#sha512"},
    {"a short digest", DIGEST, "AAAA"},
    {"no base64 digest", DIGEST, "!" DIGEST},
    {"an empty digest", DIGEST, ""},
    {"two digests", "</DigestValue>", "</DigestValue><DigestValue>" DIGEST "</DigestValue>"},
    {"elements in the digest", "<DigestValue>", "<DigestValue><x/>"},
    {"a short signature", "<SignatureValue>" VALUE_64, "<SignatureValue>"},
    {"a long signature", "<SignatureValue>", "<SignatureValue>" VALUE VALUE VALUE},
    {"an empty signature", VALUE, ""},
    {"a signature with an id", "<SignatureValue>", "<SignatureValue Id='x'>"},
    {"two key infos", "<KeyInfo>", "<KeyInfo/><KeyInfo>"},
    {"a key name", "<KeyInfo>", "<KeyInfo><KeyName>x</KeyName>"},
    {"a key value", "<KeyInfo>", "<KeyInfo><KeyValue/>"},
    {"a key from elsewhere", "<KeyInfo>", "<KeyInfo><RetrievalMethod URI='http://x/'/>"},
    {"a certificate", "<KeyInfo>", "<KeyInfo><X509Data/>"},
    {"two token references", "</KeyInfo>", "<wsse:SecurityTokenReference/></KeyInfo>"},
    {"two references to tokens", "</wsse:SecurityTokenReference>",
     "<wsse:Reference URI='x'/></wsse:SecurityTokenReference>"},
    {"a key identifier", "<wsse:Reference URI='#uuid-7-1'", "<wsse:KeyIdentifier URI='#uuid-7-1'"},
    {"two URIs", "<wsse:Reference URI='#uuid-7-1'",
     "<wsse:Reference u:URI='#uuid-7-1' URI='#uuid-7-1'"},
    {"no URI to the token", "<wsse:Reference URI='#uuid-7-1'", "<wsse:Reference"},
    {"an empty URI to the token", "URI='#uuid-7-1'", "URI=''"},
    {"the mark alone", "URI='#uuid-7-1'", "URI='#'"},
    {"an object", "</Signature>", "<Object/></Signature>"},
};

static void test_every_other_form_is_refused(void **state)
{
	struct soap_signature signature;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (read_changed(&refused[i], &signature) != SOAP_E_SECURITY)
			fail_msg("%s is accepted", refused[i].name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_the_form_is_read, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_spellings_that_are_accepted, arena_setup,
					    arena_teardown),
	    cmocka_unit_test_setup_teardown(test_every_other_form_is_refused, arena_setup,
					    arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
