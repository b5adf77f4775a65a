/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_provision.c: the provisioning document's exact bytes for each way to enrol, and the rules
 * that a device enforces without telling: one-line certificates, upper case names, datatypes,
 * escapes applied once.
 */
#include "soap/provision.h"
#include "soap/test_message.h"

/* SHA-1 of "root", "intermediate" and "leaf", from sha1sum. */
#define SHA1_ROOT         "DC76E9F0C0006E8F919E0C515C66DBBA3982F785"
#define SHA1_INTERMEDIATE "CE03A80127FF0AFF9657B1B049FED435174E88B3"
#define SHA1_LEAF         "98798241748EFACCB230386437B7873A478F5BD4"

static const struct soap_certificates user_certificates = {
    .root = {"root", 4},
    .certificate = {"leaf", 4},
    .type = ENROLLMENT_FULL,
    .renew_days = 60,
    .retry_days = 4,
};

static const struct soap_account account = {
    .provider_id = "Muster",
    .name = "Muster & Co",
    .url = "https://manage.mdm.example/ManagementServer/MDM.svc",
    .server = {.secret = "s3cret\"1", .nonce = {"0123456789abcdef", 16}},
    .client = {.name = "c1", .secret = "s3cret<2", .nonce = {"fedcba9876543210", 16}},
    .user_name = "demo@example.com",
    .device_name = "DESKTOP-1",
    .device_id = "5a9c0d0e-1111-4222-8333-444455556666",
    .poll = {8, 15, 10, 60, 0, 1560, true, false},
};

#define NODE(type, inner) "<characteristic type=\"" type "\">" inner "</characteristic>"
#define LEAF(type)        "<characteristic type=\"" type "\"/>"
#define PARM(name, value) "<parm name=\"" name "\" value=\"" value "\"/>"
#define TYPED(name, value, datatype)                                                               \
	"<parm name=\"" name "\" value=\"" value "\" datatype=\"" datatype "\"/>"
#define CERT(sha1, base64)        NODE(sha1, PARM("EncodedCertificate", base64))
#define TRUSTED(store, sha1, b64) NODE(store, NODE("System", CERT(sha1, b64)))
#define RENEW(url)                                                                                 \
	NODE("WSTEP", NODE("Renew", TYPED("ROBOSupport", "true", "boolean")                        \
					TYPED("RenewPeriod", "60", "integer")                      \
					    TYPED("RetryInterval", "4", "integer") url))
#define ACCOUNT(criteria)                                                                          \
	NODE("APPLICATION",                                                                        \
	     PARM("APPID", "w7") PARM("PROVIDER-ID", "Muster") PARM(                               \
		 "NAME", "Muster &amp; Co") PARM("ADDR",                                           \
						 "https://manage.mdm.example/ManagementServer/"    \
						 "MDM.svc") PARM("CONNRETRYFREQ",                  \
								 "6") PARM("INITIALBACKOFFTIME",   \
									   "30000")                \
		 PARM("MAXBACKOFFTIME", "120000") "<parm name=\"BACKCOMPATRETRYDISABLED\"/>" PARM( \
		     "DEFAULTENCODING", "application/vnd.syncml.dm+xml")                           \
		     criteria NODE("APPAUTH",                                                      \
				   PARM("AAUTHLEVEL", "CLIENT") PARM("AAUTHTYPE", "DIGEST")        \
				       PARM("AAUTHSECRET", "s3cret&quot;1")                        \
					   PARM("AAUTHDATA", "MDEyMzQ1Njc4OWFiY2RlZg=="))          \
			 NODE("APPAUTH",                                                           \
			      PARM("AAUTHLEVEL", "APPSRV") PARM("AAUTHTYPE", "DIGEST")             \
				  PARM("AAUTHNAME", "c1") PARM("AAUTHSECRET", "s3cret&lt;2")       \
				      PARM("AAUTHDATA", "ZmVkY2JhOTg3NjU0MzIxMA==")))
#define POLL(more)                                                                                 \
	NODE("Poll",                                                                               \
	     TYPED("NumberOfFirstRetries", "8", "integer")                                         \
		 TYPED("IntervalForFirstSetOfRetries", "15", "integer")                            \
		     TYPED("NumberOfSecondRetries", "10", "integer")                               \
			 TYPED("IntervalForSecondSetOfRetries", "60", "integer")                   \
			     TYPED("NumberOfRemainingScheduledRetries", "0", "integer")            \
				 TYPED("IntervalForRemainingScheduledRetries", "1560", "integer")  \
				     TYPED("PollOnLogin", "true", "boolean") more)
#define CLIENT(names, poll) NODE("DMClient", NODE("Provider", NODE("Muster", names POLL(poll))))
#define NAMES                                                                                      \
	TYPED("UPN", "demo@example.com", "string")                                                 \
	TYPED("EntDeviceName", "DESKTOP-1", "string")                                              \
	TYPED("EntDMID", "5a9c0d0e-1111-4222-8333-444455556666", "string")
#define DOCUMENT(inner) "<wap-provisioningdoc version=\"1.1\">" inner "</wap-provisioningdoc>"

static struct text document_of(const struct soap_certificates *certificates,
			       const struct soap_account *of)
{
	struct buf buf;

	buf_init(&buf, &arena);
	soap_provision_write(&arena, &buf, certificates, of);
	tree_of(buf_text(&buf));
	return buf_text(&buf);
}

static void user_enrolment_is_exact(void **state)
{
	assert_text(document_of(&user_certificates, &account),
		    DOCUMENT(NODE("CertificateStore",
				  TRUSTED("Root", SHA1_ROOT, "cm9vdA==")
				      NODE("My", NODE("User", CERT(SHA1_LEAF, "bGVhZg==")
								  LEAF("PrivateKeyContainer"))
						     RENEW(""))) ACCOUNT("") CLIENT(NAMES, "")));
}

static void device_enrolment_is_exact(void **state)
{
	struct soap_certificates certificates = user_certificates;
	struct soap_account full = account;

	certificates.type = ENROLLMENT_DEVICE;
	certificates.intermediate = TEXT("intermediate");
	certificates.renew_url =
	    "https://manage.mdm.example/EnrollmentServer/Discovery.svc?a=1&b=2";
	full.certificate_subject = "5a9c0d0e-1111-4222-8333-444455556666";
	full.aad_resource_id = "https://mdm.example";
	full.device_name = NULL;
	full.poll.all_users_on_first_login = true;
	assert_text(
	    document_of(&certificates, &full),
	    DOCUMENT(NODE(
		"CertificateStore",
		TRUSTED("Root", SHA1_ROOT, "cm9vdA==")
		    TRUSTED("CA", SHA1_INTERMEDIATE, "aW50ZXJtZWRpYXRl")
			NODE("My",
			     NODE("System", CERT(SHA1_LEAF, "bGVhZg==") LEAF("PrivateKeyContainer"))
				 RENEW(TYPED("ServerURL",
					     "https://manage.mdm.example/EnrollmentServer/"
					     "Discovery.svc?a=1&amp;b=2",
					     "string"))))
			 ACCOUNT(PARM("SSLCLIENTCERTSEARCHCRITERIA",
				      "Subject=CN%3D5a9c0d0e-1111-4222-8333-444455556666&amp;"
				      "Stores=My%5CSystem"))
			     CLIENT(TYPED("UPN", "demo@example.com", "string") TYPED(
					"EntDMID", "5a9c0d0e-1111-4222-8333-444455556666", "string")
					TYPED("AADResourceID", "https://mdm.example", "string"),
				    TYPED("AllUsersPollOnFirstLogin", "true", "boolean"))));
}

static bool has(struct text document, const char *part)
{
	return memmem(document.ptr, document.len, part, strlen(part));
}

static void search_criteria_are_escaped_once(void **state)
{
	struct soap_account odd = account;

	odd.certificate_subject = "a, b=c&\\d";
	assert_true(has(document_of(&user_certificates, &odd),
			"\"Subject=CN%3Da%2C%20b%3Dc%26%5Cd&amp;Stores=My%5CUser\""));
	odd.certificate_subject = "";
	assert_false(has(document_of(&user_certificates, &odd), "SSLCLIENT"));
}

static void a_trusted_root_may_be_left_out(void **state)
{
	struct soap_certificates certificates = user_certificates;
	const struct xml_node *store;

	certificates.root = (struct text){.ptr = NULL};
	store = xml_child_any_ns(tree_of(document_of(&certificates, &account)), "characteristic");
	assert_int_equal(store->child_count, 1);
	assert_text(xml_attr(store->first, "type"), "My");
}

/* A certificate of real size: line ends in it are what a device rejects. */
static void certificates_are_on_one_line(void **state)
{
	struct soap_certificates certificates = user_certificates;
	char der[3000];
	struct text document;

	for (size_t i = 0; i < sizeof(der); i++)
		der[i] = (char)(i * 7);
	certificates.certificate = text_make(der, sizeof(der));
	document = document_of(&certificates, &account);
	assert_true(document.len > 4000);
	assert_false(text_has_byte(document, '\n'));
	assert_false(text_has_byte(document, '\r'));
	assert_false(has(document, "&#"));
	assert_false(has(document, "BEGIN"));
}

static void renewal_is_exact(void **state)
{
	struct soap_certificates certificates = user_certificates;
	struct buf user, device;

	certificates.root = (struct text){.ptr = NULL};
	buf_init(&user, &arena);
	soap_provision_write_renewal(&arena, &user, &certificates, "Muster");
	assert_text(
	    buf_text(&user),
	    DOCUMENT(
		NODE("CertificateStore",
		     NODE("My", NODE("User", NODE(SHA1_LEAF, PARM("EncodedCertificate", "bGVhZg==")
								 LEAF("PrivateKeyContainer")))))
		    NODE("APPLICATION", PARM("PROVIDER-ID", "Muster"))));
	certificates.type = ENROLLMENT_DEVICE;
	certificates.root = TEXT("root");
	buf_init(&device, &arena);
	soap_provision_write_renewal(&arena, &device, &certificates, "Muster");
	assert_text(
	    buf_text(&device),
	    DOCUMENT(NODE(
		"CertificateStore",
		TRUSTED("Root", SHA1_ROOT, "cm9vdA==")
		    NODE("My", NODE("System", NODE(SHA1_LEAF, PARM("EncodedCertificate", "bGVhZg==")
								  LEAF("PrivateKeyContainer")))))
			 NODE("APPLICATION", PARM("PROVIDER-ID", "Muster"))));
}

/* The rules of the DMClient poll node that turn a wrong schedule into a failed enrolment. */
static void default_polling_is_valid(void **state)
{
	const struct soap_poll *poll = &soap_poll_default;

	assert_true(poll->first_count > 0 && poll->first_interval > 0);
	assert_true(poll->second_count > 0 && poll->second_interval > 0);
	assert_true(poll->rest_count == 0 && poll->rest_interval >= 1440);
	assert_true(poll->on_login);
}

static void each_certificate_has_its_own_name(void **state)
{
	const struct xml_node *root = tree_of(document_of(&user_certificates, &account));
	const struct xml_node *store = xml_child_any_ns(root, "characteristic");
	const struct xml_node *trusted = store->first->first->first;
	const struct xml_node *issued = store->first->next->first->first;

	assert_text(xml_attr(trusted, "type"), SHA1_ROOT);
	assert_text(xml_attr(issued, "type"), SHA1_LEAF);
	assert_text(xml_attr(trusted->first, "value"), "cm9vdA==");
	assert_text(xml_attr(issued->first, "value"), "bGVhZg==");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(user_enrolment_is_exact),          CASE(device_enrolment_is_exact),
	    CASE(search_criteria_are_escaped_once), CASE(a_trusted_root_may_be_left_out),
	    CASE(certificates_are_on_one_line),     CASE(renewal_is_exact),
	    CASE(default_polling_is_valid),         CASE(each_certificate_has_its_own_name),
	};

	return cmocka_run_group_tests_name("soap/provision", tests, NULL, NULL);
}
