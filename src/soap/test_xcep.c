/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_xcep.c: GetPolicies in its variations, and the answer's exact bytes: its schema is a
 * sequence, so order is part of what is tested.
 */
#include "soap/test_message.h"
#include "soap/xcep.h"

#define GET(inner) "<GetPolicies xmlns='" T_XCEP "'>" inner "</GetPolicies>"
#define NILS                                                                                       \
	"<client><lastUpdate xsi:nil='true'/><preferredLanguage xsi:nil='true'/></client>"         \
	"<requestFilter xsi:nil='true'/>"

static void reads_a_real_request(void **state)
{
	struct soap_message message = message_of(ENVELOPE(HEADERS(A_POLICIES), GET(NILS)));
	struct soap_policies policies;

	assert_int_equal(soap_policies_read(&message, &policies), 0);
	assert_text(policies.preferred_language, "");
	assert_text(policies.tpm_manufacturer, NULL);
}

static void reads_newer_and_barer_requests(void **state)
{
	struct soap_message newer = message_of(ENVELOPE(
	    HEADERS(A_POLICIES),
	    GET("<client><lastUpdate xsi:nil='true'/><preferredLanguage>de-DE</preferredLanguage>"
		"<TPMManufacturer> INTC "
		"</TPMManufacturer><TPMFirmwareVersion>1.2</TPMFirmwareVersion>"
		"<Unknown><x/></Unknown></client>")));
	struct soap_message bare = message_of(ENVELOPE(HEADERS(A_POLICIES), GET("")));
	struct soap_policies policies;

	assert_int_equal(soap_policies_read(&newer, &policies), 0);
	assert_text(policies.preferred_language, "de-DE");
	assert_text(policies.tpm_manufacturer, "INTC");
	assert_text(policies.tpm_firmware, "1.2");
	assert_int_equal(soap_policies_read(&bare, &policies), 0);
	assert_text(policies.preferred_language, NULL);
}

static void case15_refused_requests(void **state)
{
	static const struct {
		const char *name;
		const char *doc;
	} cases[] = {
	    {"another action", ENVELOPE(HEADERS(A_DISCOVER), GET(NILS))},
	    {"another element", ENVELOPE(HEADERS(A_POLICIES), "<x xmlns='" T_XCEP "'/>")},
	    {"another namespace", ENVELOPE(HEADERS(A_POLICIES), "<GetPolicies xmlns='urn:x'/>")},
	    {"two clients", ENVELOPE(HEADERS(A_POLICIES), GET("<client/><client/>"))},
	    {"two languages",
	     ENVELOPE(HEADERS(A_POLICIES),
		      GET("<client><preferredLanguage/><preferredLanguage/></client>"))},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct soap_message message = message_of(cases[i].doc);
		struct soap_policies policies;

		if (soap_policies_read(&message, &policies) != SOAP_E_FORMAT)
			fail_msg("%s", cases[i].name);
	}
}

#define NIL(name) "<" name " xsi:nil=\"true\"/>"
#define START                                                                                      \
	"<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU               \
	"\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_XCEP                                    \
	"/IPolicy/GetPoliciesResponse</a:Action><a:RelatesTo>" MESSAGE_ID                          \
	"</a:RelatesTo></s:Header><s:Body><GetPoliciesResponse xmlns=\"" T_XCEP                    \
	"\" xmlns:xsi=\"" T_XSI "\"><response>"
#define BEFORE_PROVIDERS                                                                           \
	NIL("policyFriendlyName")                                                                  \
	NIL("nextUpdateHours")                                                                     \
	NIL("policiesNotChanged")                                                                  \
	"<policies><policy><policyOIDReference>0</policyOIDReference>" NIL(                        \
	    "cAs") "<attributes><commonName>Muster</commonName><policySchema>3</policySchema>"     \
		   "<certificateValidity><validityPeriodSeconds>31536000</validityPeriodSeconds>"  \
		   "<renewalPeriodSeconds>3628800</renewalPeriodSeconds></certificateValidity>"    \
		   "<permission><enroll>true</enroll><autoEnroll>false</autoEnroll></permission>"  \
		   "<privateKeyAttributes><minimalKeyLength>2048</minimalKeyLength>" NIL(          \
		       "keySpec") NIL("keyUsageProperty") NIL("permissions")                       \
		       NIL("algorithmOIDReference")
#define AFTER_PROVIDERS                                                                            \
	"</privateKeyAttributes><revision><majorRevision>101</majorRevision>"                      \
	"<minorRevision>0</minorRevision></revision>" NIL("supersededPolicies") NIL(               \
	    "privateKeyFlags") NIL("subjectNameFlags") NIL("enrollmentFlags")                      \
	    NIL("generalFlags") "<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>" NIL(    \
		"rARequirements") NIL("keyArchivalAttributes")                                     \
		NIL("extensions") "</attributes></policy></policies></response>" NIL(              \
		    "cAs") "<oIDs><oID><value>2.16.840.1.101.3.4.2.1</value><group>1</group>"      \
			   "<oIDReferenceID>0</oIDReferenceID><defaultName>szOID_NIST_sha256</"    \
			   "defaultName></oID></oIDs>"                                             \
			   "</GetPoliciesResponse></s:Body></s:Envelope>"

static void writes_exactly(void **state)
{
	static const char *const providers[] = {"Microsoft Platform Crypto Provider",
						"Microsoft Software Key Storage Provider"};
	struct soap_policies_response response = {
	    .policy_id = "",
	    .common_name = "Muster",
	    .minimal_key_length = 2048,
	    .validity_s = 31536000,
	    .renewal_s = 3628800,
	};
	struct soap_reply reply = {.relates_to = TEXT(MESSAGE_ID)};
	struct buf any, two;

	buf_init(&any, &arena);
	soap_policies_write(&any, &reply, &response);
	assert_text(buf_text(&any),
		    START "<policyID/>" BEFORE_PROVIDERS NIL("cryptoProviders") AFTER_PROVIDERS);
	tree_of(buf_text(&any));

	response.policy_id = "{muster}";
	response.providers = providers;
	response.provider_count = ARRAY_LEN(providers);
	buf_init(&two, &arena);
	soap_policies_write(&two, &reply, &response);
	assert_text(buf_text(&two),
		    START "<policyID>{muster}</policyID>" BEFORE_PROVIDERS
			  "<cryptoProviders><provider>Microsoft Platform Crypto Provider</provider>"
			  "<provider>Microsoft Software Key Storage Provider</provider>"
			  "</cryptoProviders>" AFTER_PROVIDERS);
	tree_of(buf_text(&two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reads_a_real_request),
	    CASE(reads_newer_and_barer_requests),
	    CASE(case15_refused_requests),
	    CASE(writes_exactly),
	};

	return cmocka_run_group_tests_name("soap/xcep", tests, NULL, NULL);
}
