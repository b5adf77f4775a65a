/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_discovery.c: Discover as real clients and as printed samples spell it, and the answer's
 * exact bytes.
 */
#include "soap/discovery.h"
#include "soap/test_message.h"

#define DISCOVER(ns, inner) "<Discover xmlns='" ns "'>" inner "</Discover>"
#define REQUEST(inner)      "<request xmlns:i='" T_XSI "'>" inner "</request>"
#define MAIL                "<EmailAddress>demo@example.com</EmailAddress>"
#define VERSION(v)          "<RequestVersion>" v "</RequestVersion>"
#define POLICIES(inner)     "<AuthPolicies>" inner "</AuthPolicies>"
#define POLICY(p)           "<AuthPolicy>" p "</AuthPolicy>"
#define WINDOWS10                                                                                  \
	MAIL VERSION("4.0") "<DeviceType>CIMClient_Windows</DeviceType>"                           \
			    "<ApplicationVersion>10.0.19043.2364</ApplicationVersion>"             \
			    "<OSEdition>72</OSEdition>" POLICIES(POLICY("OnPremise")               \
								     POLICY("Federated"))

static int read_discover(const char *body, struct soap_discover *ret)
{
	struct buf buf;
	struct soap_message message;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR
			"'><s:Header><a:Action>" A_DISCOVER "</a:Action></s:Header><s:Body>");
	buf_add_c(&buf, body);
	buf_add_c(&buf, "</s:Body></s:Envelope>");
	message = message_of(buf.data);
	return soap_discover_read(&message, ret);
}

static void reads_a_real_request(void **state)
{
	struct soap_discover discover;

	assert_int_equal(read_discover(DISCOVER(T_DISCOVERY, REQUEST(WINDOWS10)), &discover), 0);
	assert_text(discover.email, "demo@example.com");
	assert_int_equal(discover.version, 40);
	assert_text(discover.device_type, "CIMClient_Windows");
	assert_text(discover.application_version, "10.0.19043.2364");
	assert_text(discover.os_edition, "72");
	assert_int_equal(discover.auth, SOAP_AUTH_ON_PREMISE | SOAP_AUTH_FEDERATED);
}

static const struct {
	const char *name;
	const char *body;
	const char *email;
	uint32_t version;
	unsigned int auth;
} accepted[] = {
    {"slash at the end of the namespace", DISCOVER(T_DISCOVERY "/", REQUEST(WINDOWS10)),
     "demo@example.com", 40, SOAP_AUTH_ON_PREMISE | SOAP_AUTH_FEDERATED},
    {"prefixes",
     "<d:Discover xmlns:d='" T_DISCOVERY "'><d:request><d:RequestVersion>5.0</d:RequestVersion>"
     "</d:request></d:Discover>",
     NULL, 50, SOAP_AUTH_ON_PREMISE},
    {"another order",
     DISCOVER(T_DISCOVERY, REQUEST(POLICIES(POLICY("Federated")) VERSION("7.0") MAIL)),
     "demo@example.com", 70, SOAP_AUTH_FEDERATED},
    {"white space",
     DISCOVER(T_DISCOVERY,
	      "\n" REQUEST("\n <EmailAddress>\r\n demo@example.com </EmailAddress>" VERSION(
		  "\n 4.0 ") POLICIES("\n" POLICY(" Federated\n")))),
     "demo@example.com", 40, SOAP_AUTH_FEDERATED},
    {"empty address",
     DISCOVER(T_DISCOVERY, REQUEST("<EmailAddress></EmailAddress>" VERSION("4.0"))), "", 40,
     SOAP_AUTH_ON_PREMISE},
    {"empty address, short form", DISCOVER(T_DISCOVERY, REQUEST("<EmailAddress/>")), "", 0,
     SOAP_AUTH_ON_PREMISE},
    {"domain name as address",
     DISCOVER(T_DISCOVERY, REQUEST("<EmailAddress>CONTOSO\\demo</EmailAddress>")), "CONTOSO\\demo",
     0, SOAP_AUTH_ON_PREMISE},
    {"version 9", DISCOVER(T_DISCOVERY, REQUEST(VERSION("9.0"))), NULL, 90, SOAP_AUTH_ON_PREMISE},
    {"version 10", DISCOVER(T_DISCOVERY, REQUEST(VERSION("10.0"))), NULL, 100,
     SOAP_AUTH_ON_PREMISE},
    {"version without a fraction", DISCOVER(T_DISCOVERY, REQUEST(VERSION("6"))), NULL, 60,
     SOAP_AUTH_ON_PREMISE},
    {"version with a long fraction", DISCOVER(T_DISCOVERY, REQUEST(VERSION("4.25"))), NULL, 42,
     SOAP_AUTH_ON_PREMISE},
    {"empty version", DISCOVER(T_DISCOVERY, REQUEST(VERSION(""))), NULL, 0, SOAP_AUTH_ON_PREMISE},
    {"empty policies", DISCOVER(T_DISCOVERY, REQUEST("<AuthPolicies/>")), NULL, 0,
     SOAP_AUTH_ON_PREMISE},
    {"all policies",
     DISCOVER(T_DISCOVERY,
	      REQUEST(POLICIES(POLICY("Certificate") POLICY("Federated") POLICY("OnPremise")))),
     NULL, 0, SOAP_AUTH_ON_PREMISE | SOAP_AUTH_FEDERATED | SOAP_AUTH_CERTIFICATE},
    {"unknown policy beside a known one",
     DISCOVER(T_DISCOVERY, REQUEST(POLICIES(POLICY("Quantum") POLICY("Federated")))), NULL, 0,
     SOAP_AUTH_FEDERATED},
    {"unknown policy alone", DISCOVER(T_DISCOVERY, REQUEST(POLICIES(POLICY("Quantum")))), NULL, 0,
     0},
    {"unknown child", DISCOVER(T_DISCOVERY, REQUEST(MAIL "<GatewayService><x/></GatewayService>")),
     "demo@example.com", 0, SOAP_AUTH_ON_PREMISE},
    {"nothing in it", DISCOVER(T_DISCOVERY, REQUEST("")), NULL, 0, SOAP_AUTH_ON_PREMISE},
};

static void accepts_what_clients_vary(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct soap_discover discover;

		if (read_discover(accepted[i].body, &discover))
			fail_msg("%s: refused", accepted[i].name);
		assert_text(discover.email, accepted[i].email);
		if (discover.version != accepted[i].version || discover.auth != accepted[i].auth)
			fail_msg("%s: version %u, auth %u", accepted[i].name, discover.version,
				 discover.auth);
	}
}

static const struct {
	const char *name;
	const char *body;
} refused[] = {
    {"another element", "<GetPolicies xmlns='" T_XCEP "'/>"},
    {"another namespace", DISCOVER("urn:x", REQUEST(WINDOWS10))},
    {"no namespace", "<Discover>" REQUEST(WINDOWS10) "</Discover>"},
    {"two slashes", DISCOVER(T_DISCOVERY "//", REQUEST(WINDOWS10))},
    {"namespaces mixed",
     "<Discover xmlns='" T_DISCOVERY "'><request xmlns='" T_DISCOVERY "/'/></Discover>"},
    {"no request", DISCOVER(T_DISCOVERY, "")},
    {"two requests", DISCOVER(T_DISCOVERY, REQUEST(MAIL) REQUEST(MAIL))},
    {"two addresses", DISCOVER(T_DISCOVERY, REQUEST(MAIL MAIL))},
    {"two versions", DISCOVER(T_DISCOVERY, REQUEST(VERSION("4.0") VERSION("5.0")))},
    {"two lists of policies",
     DISCOVER(T_DISCOVERY, REQUEST("<AuthPolicies/>" POLICIES(POLICY("OnPremise"))))},
    {"address with an element",
     DISCOVER(T_DISCOVERY, REQUEST("<EmailAddress>a<b/></EmailAddress>"))},
    {"version of letters", DISCOVER(T_DISCOVERY, REQUEST(VERSION("four")))},
    {"version below 0", DISCOVER(T_DISCOVERY, REQUEST(VERSION("-4.0")))},
    {"version with an empty fraction", DISCOVER(T_DISCOVERY, REQUEST(VERSION("4.")))},
    {"version with two dots", DISCOVER(T_DISCOVERY, REQUEST(VERSION("4.0.1")))},
    {"version with an exponent", DISCOVER(T_DISCOVERY, REQUEST(VERSION("4e1")))},
    {"huge version", DISCOVER(T_DISCOVERY, REQUEST(VERSION("99999999999999999999")))},
};

static void case15_refused_requests(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct soap_discover discover = {.version = 7777};
		int r = read_discover(refused[i].body, &discover);

		if (r != SOAP_E_FORMAT || discover.version != 7777)
			fail_msg("%s: %d", refused[i].name, r);
	}
}

static void action_must_be_discover(void **state)
{
	struct soap_message message =
	    message_of(ENVELOPE(HEADERS(A_TOKEN), DISCOVER(T_DISCOVERY, REQUEST(WINDOWS10))));
	struct soap_discover discover;

	assert_int_equal(soap_discover_read(&message, &discover), SOAP_E_FORMAT);
}

static void version_is_the_lower_of_both(void **state)
{
	static const struct {
		uint32_t client, highest, want;
	} cases[] = {{40, 40, 40}, {90, 40, 40}, {30, 40, 30}, {50, 70, 50},
		     {0, 40, 30},  {10, 40, 10}, {29, 40, 29}, {100, 90, 90}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(soap_version_pick(cases[i].client, cases[i].highest),
				 cases[i].want);
}

#define RESPONSE_START                                                                             \
	"<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU               \
	"\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_DISCOVERY                               \
	"/IDiscoveryService/DiscoverResponse</a:Action><a:RelatesTo>" MESSAGE_ID                   \
	"</a:RelatesTo></s:Header><s:Body><DiscoverResponse xmlns=\"" T_DISCOVERY                  \
	"\"><DiscoverResult>"
#define RESPONSE_END "</DiscoverResult></DiscoverResponse></s:Body></s:Envelope>"

static void writes_exactly(void **state)
{
	static const struct {
		struct soap_discover_response response;
		const char *want;
	} cases[] = {
	    {{SOAP_AUTH_FEDERATED, 40, "https://mdm.example/EnrollmentServer/Policy.svc",
	      "https://mdm.example/EnrollmentServer/Enrollment.svc",
	      "https://mdm.example/EnrollmentServer/Auth?a=1&b=<2>"},
	     RESPONSE_START
	     "<AuthPolicy>Federated</AuthPolicy><EnrollmentVersion>4.0</EnrollmentVersion>"
	     "<EnrollmentPolicyServiceUrl>https://mdm.example/EnrollmentServer/Policy.svc"
	     "</EnrollmentPolicyServiceUrl>"
	     "<EnrollmentServiceUrl>https://mdm.example/EnrollmentServer/Enrollment.svc"
	     "</EnrollmentServiceUrl>"
	     "<AuthenticationServiceUrl>https://mdm.example/EnrollmentServer/Auth?a=1&amp;b=&lt;2"
	     "&gt;</AuthenticationServiceUrl>" RESPONSE_END},
	    {{SOAP_AUTH_ON_PREMISE, 30, NULL, "https://mdm.example/e", ""},
	     RESPONSE_START
	     "<AuthPolicy>OnPremise</AuthPolicy><EnrollmentVersion>3.0</EnrollmentVersion>"
	     "<EnrollmentServiceUrl>https://mdm.example/e</EnrollmentServiceUrl>" RESPONSE_END},
	    {{SOAP_AUTH_CERTIFICATE, 101, NULL, "https://mdm.example/e", NULL},
	     RESPONSE_START
	     "<AuthPolicy>Certificate</AuthPolicy><EnrollmentVersion>10.1</EnrollmentVersion>"
	     "<EnrollmentServiceUrl>https://mdm.example/e</EnrollmentServiceUrl>" RESPONSE_END},
	};
	struct soap_reply reply = {.relates_to = TEXT(MESSAGE_ID)};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf buf;

		buf_init(&buf, &arena);
		soap_discover_write(&buf, &reply, &cases[i].response);
		assert_text(buf_text(&buf), cases[i].want);
		tree_of(buf_text(&buf));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reads_a_real_request),         CASE(accepts_what_clients_vary),
	    CASE(case15_refused_requests),      CASE(action_must_be_discover),
	    CASE(version_is_the_lower_of_both), CASE(writes_exactly),
	};

	return cmocka_run_group_tests_name("soap/discovery", tests, NULL, NULL);
}
