/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wsse.c: each kind of credential as clients spell it, and the mixtures nobody sends.
 */
#include "base/b64.h"
#include "base/limits.h"
#include "soap/test_message.h"
#include "soap/wsse.h"

#define SECURITY(inner) "<wsse:Security s:mustUnderstand='1'>" inner "</wsse:Security>"
#define V_JWT           "urn:ietf:params:oauth:token-type:jwt"
#define V_USER          T_CONFIG "DeviceEnrollmentUserToken"
#define V_X509                                                                                     \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
#define V_PASSWORD                                                                                 \
	"http://docs.oasis-open.org/wss/2004/01/"                                                  \
	"oasis-200401-wss-username-token-profile-1.0#PasswordText"
#define BST(type, text)                                                                            \
	"<wsse:BinarySecurityToken ValueType='" type "' EncodingType='" T_BASE64 "'>" text         \
	"</wsse:BinarySecurityToken>"
/* base64 of "eyJh.eyJi.c2ln" and of "helloworld" */
#define B_JWT     "ZXlKaC5leUppLmMybG4="
#define B_HELLO   "aGVsbG93b3JsZA=="
#define SIGNATURE "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>"
#define USERNAME(inner)                                                                            \
	"<wsse:UsernameToken u:Id='uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4'>" inner            \
	"</wsse:UsernameToken>"

static int read_security(const char *header, struct soap_security *ret)
{
	struct buf buf;
	struct soap_message message;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR "' xmlns:u='" T_WSU
			"' xmlns:wsse='" T_WSSE "'><s:Header>");
	buf_add_c(&buf, header);
	buf_add_c(&buf, "</s:Header><s:Body><x/></s:Body></s:Envelope>");
	message = message_of(buf.data);
	return soap_security_read(&arena, &message, ret);
}

static const struct {
	const char *name;
	const char *header;
	enum soap_security_kind kind;
	const char *token;
	const char *again;
	const char *username;
	const char *password;
} accepted[] = {
    {"no header", "", SOAP_SECURITY_NONE, NULL, NULL, NULL, NULL},
    {"empty header", SECURITY(""), SOAP_SECURITY_NONE, NULL, NULL, NULL, NULL},
    {"header with a time stamp alone", SECURITY("<u:Timestamp/>"), SOAP_SECURITY_NONE, NULL, NULL,
     NULL, NULL},
    {"token in another namespace", SECURITY("<BinarySecurityToken>x</BinarySecurityToken>"),
     SOAP_SECURITY_NONE, NULL, NULL, NULL, NULL},
    {"Entra token", SECURITY(BST(V_JWT, B_JWT)), SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL,
     NULL},
    {"Entra token over several lines",
     SECURITY(BST(V_JWT, "\r\n  ZXlKaC5leUpp&#xD;\n  LmMybG4=\n")), SOAP_SECURITY_JWT,
     "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"Entra token without padding", SECURITY(BST(V_JWT, "ZXlKaC5leUppLmMybG4")), SOAP_SECURITY_JWT,
     "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"Entra token cut by a comment", SECURITY(BST(V_JWT, "ZXlKaC5leUpp<!-- x -->LmMybG4=")),
     SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"prefixed attributes",
     SECURITY("<wsse:BinarySecurityToken wsse:ValueType='" V_JWT "' wsse:EncodingType='" T_BASE64
	      "'>" B_JWT "</wsse:BinarySecurityToken>"),
     SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"default namespace on the token, and an id",
     SECURITY("<BinarySecurityToken xmlns='" T_WSSE "' u:Id='x' ValueType=' " V_JWT
	      " ' EncodingType='" T_BASE64 "'>" B_JWT "</BinarySecurityToken>"),
     SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"no encoding",
     SECURITY("<wsse:BinarySecurityToken ValueType='" V_JWT "'>" B_JWT
	      "</wsse:BinarySecurityToken>"),
     SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"encoding in the standard's own case",
     SECURITY("<wsse:BinarySecurityToken ValueType='" V_JWT "' EncodingType='http://docs."
	      "oasis-open.org/wss/2004/01/"
	      "oasis-200401-wss-soap-message-security-1.0#Base64Binary'>" B_JWT
	      "</wsse:BinarySecurityToken>"),
     SOAP_SECURITY_JWT, "eyJh.eyJi.c2ln", NULL, NULL, NULL},
    {"user token", SECURITY(BST(V_USER, B_HELLO)), SOAP_SECURITY_DEVICE_TOKEN, "helloworld", NULL,
     NULL, NULL},
    {"user token, URL alphabet", SECURITY(BST(V_USER, "Pj4-Pz8_")), SOAP_SECURITY_DEVICE_TOKEN,
     ">>>???", NULL, NULL, NULL},
    {"user token, standard alphabet", SECURITY(BST(V_USER, "Pj4+Pz8/")), SOAP_SECURITY_DEVICE_TOKEN,
     ">>>???", NULL, NULL, NULL},
    {"user token encoded twice", SECURITY(BST(V_USER, "YUdWc2JHOTNiM0pzWkE9PQ==")),
     SOAP_SECURITY_DEVICE_TOKEN, B_HELLO, "helloworld", NULL, NULL},
    {"certificate",
     SECURITY("<u:Timestamp><u:Created>x</u:Created></u:Timestamp>" BST(V_X509, "MAA=") SIGNATURE),
     SOAP_SECURITY_X509, "0", NULL, NULL, NULL},
    {"certificate labelled as a user token", SECURITY(BST(V_USER, "MAA=") SIGNATURE),
     SOAP_SECURITY_X509, "0", NULL, NULL, NULL},
    {"name and password",
     SECURITY(USERNAME("<wsse:Username> demo@example.com\n</wsse:Username>"
		       "<wsse:Password wsse:Type='" V_PASSWORD
		       "'> p&amp;ss&lt;w&#xF6;rd </wsse:Password>")),
     SOAP_SECURITY_USERNAME, NULL, NULL, "demo@example.com", " p&ss<w\xc3\xb6rd "},
    {"plain password type, domain name",
     SECURITY(
	 USERNAME("<wsse:Username>CONTOSO\\demo</wsse:Username><wsse:Password Type='" V_PASSWORD
		  "'>x</wsse:Password>")),
     SOAP_SECURITY_USERNAME, NULL, NULL, "CONTOSO\\demo", "x"},
    {"empty password of a renewal",
     SECURITY(USERNAME(
	 "<wsse:Username>demo@example.com</wsse:Username><wsse:Password wsse:Type='" V_PASSWORD
	 "'/>")),
     SOAP_SECURITY_USERNAME, NULL, NULL, "demo@example.com", ""},
    {"no password", SECURITY(USERNAME("<wsse:Username>demo</wsse:Username>")),
     SOAP_SECURITY_USERNAME, NULL, NULL, "demo", ""},
};

static void reads_each_kind(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct soap_security security;

		if (read_security(accepted[i].header, &security))
			fail_msg("%s: refused", accepted[i].name);
		if (security.kind != accepted[i].kind)
			fail_msg("%s: kind %d", accepted[i].name, (int)security.kind);
		if (accepted[i].kind == SOAP_SECURITY_X509)
			assert_int_equal(security.token.len, 2); /* 30 00 */
		else
			assert_text(security.token, accepted[i].token);
		assert_text(security.token_again, accepted[i].again);
		assert_text(security.username, accepted[i].username);
		assert_text(security.password, accepted[i].password);
	}
}

static const struct {
	const char *name;
	const char *header;
} refused[] = {
    {"two headers", SECURITY(BST(V_JWT, B_JWT)) SECURITY(BST(V_JWT, B_JWT))},
    {"two headers, one empty", SECURITY("") SECURITY(BST(V_JWT, B_JWT))},
    {"two tokens", SECURITY(BST(V_JWT, B_JWT) BST(V_JWT, B_JWT))},
    {"two tokens of two kinds", SECURITY(BST(V_JWT, B_JWT) BST(V_USER, B_HELLO))},
    {"token and password",
     SECURITY(BST(V_JWT, B_JWT) USERNAME("<wsse:Username>x</wsse:Username>"))},
    {"two name tokens", SECURITY(USERNAME("<wsse:Username>x</wsse:Username>")
				     USERNAME("<wsse:Username>y</wsse:Username>"))},
    {"two names",
     SECURITY(USERNAME("<wsse:Username>x</wsse:Username><wsse:Username>y</wsse:Username>"))},
    {"two passwords",
     SECURITY(USERNAME("<wsse:Username>x</wsse:Username><wsse:Password>1</wsse:Password>"
		       "<wsse:Password>2</wsse:Password>"))},
    {"no name", SECURITY(USERNAME("<wsse:Password>1</wsse:Password>"))},
    {"name with an element",
     SECURITY(USERNAME("<wsse:Username>x<b/></wsse:Username><wsse:Password>1</wsse:Password>"))},
    {"password with an element",
     SECURITY(USERNAME("<wsse:Username>x</wsse:Username><wsse:Password>1<b/></wsse:Password>"))},
    {"digest password",
     SECURITY(USERNAME("<wsse:Username>x</wsse:Username><wsse:Password Type='http://docs.oasis-"
		       "open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
		       "#PasswordDigest'>1</wsse:Password>"))},
    {"password type twice",
     SECURITY(USERNAME("<wsse:Username>x</wsse:Username><wsse:Password Type='" V_PASSWORD
		       "' wsse:Type='" V_PASSWORD "'>1</wsse:Password>"))},
    {"no value type", SECURITY("<wsse:BinarySecurityToken>" B_JWT "</wsse:BinarySecurityToken>")},
    {"unknown value type", SECURITY(BST("urn:ietf:params:oauth:token-type:saml2", B_JWT))},
    {"empty value type", SECURITY(BST("", B_JWT))},
    {"value type in another case", SECURITY(BST("urn:ietf:params:oauth:token-type:JWT", B_JWT))},
    {"value type with more behind it", SECURITY(BST(V_JWT "x", B_JWT))},
    {"value type twice",
     SECURITY("<wsse:BinarySecurityToken ValueType='" V_USER "' wsse:ValueType='" V_JWT "'>" B_JWT
	      "</wsse:BinarySecurityToken>")},
    {"another encoding",
     SECURITY("<wsse:BinarySecurityToken ValueType='" V_JWT "' EncodingType='" T_WSSE
	      "#hexbinary'>" B_JWT "</wsse:BinarySecurityToken>")},
    {"encoding twice",
     SECURITY("<wsse:BinarySecurityToken ValueType='" V_JWT "' EncodingType='" T_BASE64
	      "' wsse:EncodingType='" T_BASE64 "'>" B_JWT "</wsse:BinarySecurityToken>")},
    {"empty token", SECURITY(BST(V_JWT, ""))},
    {"blank token", SECURITY(BST(V_JWT, " \n"))},
    {"token not encoded", SECURITY(BST(V_JWT, "eyJh.eyJi.c2ln"))},
    {"token not base64", SECURITY(BST(V_USER, "%%%"))},
    {"token with spare bits", SECURITY(BST(V_JWT, "ZXlKaC5leUppLmMybG5="))},
    {"token with wrong padding", SECURITY(BST(V_USER, "aGVsbG8gdw="))},
    {"token with an element", SECURITY(BST(V_JWT, B_JWT "<x/>"))},
    {"Entra token with a NUL", SECURITY(BST(V_JWT, "ZXlKAC5h"))},
    {"Entra token with a line end", SECURITY(BST(V_JWT, "ZXlKCi5h"))},
};

static void case15_refused_headers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct soap_security security = {.username = TEXT("untouched")};
		int r = read_security(refused[i].header, &security);

		if (r != SOAP_E_SECURITY)
			fail_msg("%s: %d", refused[i].name, r);
		assert_text(security.username, "untouched");
	}
}

/* The header is found by its path; one anywhere else is not a credential. */
static void case15_header_in_the_body_is_nothing(void **state)
{
	struct soap_message message =
	    message_of(ENVELOPE(HEADERS(A_TOKEN), SECURITY(BST(V_JWT, B_JWT))));
	struct soap_security security;

	assert_int_equal(soap_security_read(&arena, &message, &security), 0);
	assert_int_equal(security.kind, SOAP_SECURITY_NONE);
}

static void no_soap_header_is_no_credential(void **state)
{
	struct soap_message message =
	    message_of("<s:Envelope xmlns:s='" T_SOAP "'><s:Body><x/></s:Body></s:Envelope>");
	struct soap_security security;

	assert_int_equal(soap_security_read(&arena, &message, &security), 0);
	assert_int_equal(security.kind, SOAP_SECURITY_NONE);
}

static void token_size_is_bounded(void **state)
{
	for (size_t over = 0; over < 2; over++) {
		char *token = arena_alloc(&arena, LIMIT_TOKEN + 1);
		struct soap_security security;
		struct buf buf;

		memset(token, 'x', LIMIT_TOKEN + 1);
		buf_init(&buf, &arena);
		buf_add_c(&buf, "<wsse:Security><wsse:BinarySecurityToken ValueType='" V_JWT "'>");
		buf_add_c(&buf, b64_write(&arena, text_make(token, LIMIT_TOKEN + over)));
		buf_add_c(&buf, "</wsse:BinarySecurityToken></wsse:Security>");
		assert_int_equal(read_security(buf.data, &security), over ? SOAP_E_SECURITY : 0);
	}
}

static void password_size_is_bounded(void **state)
{
	for (size_t over = 0; over < 2; over++) {
		struct soap_security security;
		struct buf buf;

		buf_init(&buf, &arena);
		buf_add_c(&buf,
			  "<wsse:Security><wsse:UsernameToken><wsse:Username>x</wsse:Username>"
			  "<wsse:Password>");
		for (size_t i = 0; i < LIMIT_SOAP_VALUE + over; i++)
			buf_add_byte(&buf, ' ');
		buf_add_c(&buf, "</wsse:Password></wsse:UsernameToken></wsse:Security>");
		assert_int_equal(read_security(buf.data, &security), over ? SOAP_E_SECURITY : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reads_each_kind),
	    CASE(case15_refused_headers),
	    CASE(case15_header_in_the_body_is_nothing),
	    CASE(no_soap_header_is_no_credential),
	    CASE(token_size_is_bounded),
	    CASE(password_size_is_bounded),
	};

	return cmocka_run_group_tests_name("soap/wsse", tests, NULL, NULL);
}
