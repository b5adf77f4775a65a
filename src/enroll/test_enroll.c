/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_enroll.c: the use case against a database and a CA of its own: what a crash leaves behind is
 * taken up again, what changed in between is respected, a refusal writes nothing, and the account
 * that a device is given.
 */
#include "enroll/enroll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "enroll/account.h"
#include "enroll/reason.h"
#include "signer/signer.h"
#include "store/certificate.h"
#include "store/device.h"
#include "store/tenant.h"
#include "store/test_store.h"
#include "x509/ca.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/test_make.h"

#define TENANT "11111111-2222-4333-8444-555555555555"
#define USER   "aaaaaaaa-2222-4333-8444-555555555555"
#define ENTRA  "dddddddd-2222-4333-8444-555555555555"
#define CLIENT "cccccccc-2222-4333-8444-555555555555"

enum { KEYS = 3 };

static struct signer *signer;
static EVP_PKEY *keys[KEYS];

static struct store_fixture f;
static struct config config;
static struct tenant tenant;
static struct enroll_principal principal;
static struct terms_consent consent;
static struct enrollment attempt;
static struct enroll_result result;
static struct op op;

/* Keys are slow to make: once for all cases. */
static int group_setup(void **state)
{
	struct x509_pair pair;
	struct arena arena;
	struct trail trail;

	(void)state;
	arena_init(&arena);
	trail_reset(&trail);
	assert_int_equal(x509_ca_create(&arena, "Test device CA", clock_now(), &pair, &trail), 0);
	assert_int_equal(signer_new_local(&signer, pair.certificate_pem, pair.key_pem, &trail), 0);
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = make_rsa(2048, 65537);
	arena_done(&arena);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
	signer_free(signer);
	return 0;
}

static int tenant_add(struct db_conn *tx, void *argument)
{
	return store_tenant_add(tx, argument);
}

static int setup(void **state)
{
	(void)state;
	store_fixture_open(&f, FIXTURE_SQLITE);
	config = (struct config){.manage = {.url = "https://manage.example"}};
	tenant = (struct tenant){
	    .tenant_id = TENANT,
	    .domain = "contoso.test",
	    .login_url = "",
	    .graph_url = "",
	    .client_id = CLIENT,
	    .app_id_uris = {"https://mdm.contoso.test"},
	    .app_id_uri_count = 1,
	    .is_enabled = true,
	    .device_limit = 2,
	    .graph_error = "",
	    .os_version_min = "",
	    .os_version_max = "",
	    .license_group = "",
	    .closed_message = "",
	    .is_personal_allowed = true,
	};
	assert_int_equal(db_transact(f.db, tenant_add, &tenant), 0);
	principal = (struct enroll_principal){
	    .tenant_id = TENANT,
	    .user_key = USER,
	    .object_id = USER,
	    .device_id = ENTRA,
	    .user_name = "anna@contoso.test",
	    .is_version_2 = true,
	};
	op = (struct op){
	    .arena = &f.arena,
	    .trace_id = "trace",
	    .now = clock_now(),
	    .source = "127.0.0.1",
	    .config = &config,
	    .db = f.db,
	    .signer = signer,
	};
	trail_reset(&op.trail);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_fixture_close(&f);
	return 0;
}

/* A request that is good in all, for this token and key. */
static struct enroll_request request_of(const char *token, size_t key)
{
	struct enroll_principal *who = ARENA_ARRAY(&f.arena, 1, struct enroll_principal);

	*who = principal;
	who->proof_sha256 = digest_sha256_hex(&f.arena, text_of(token));
	return (struct enroll_request){
	    .principal = who,
	    .tenant = &tenant,
	    .csr_der = make_csr(&f.arena, &(struct make_recipe){.key = keys[key]}),
	    .enrollment_type = TEXT("Device"),
	    .dm_device_id = TEXT(" 1E08C6E95D8BB843B1278FF45BC60CC6 "),
	    .device_name = TEXT("DESKTOP-1"),
	    .os_version = TEXT("10.0.22631.4460"),
	    .consent_state = CONSENT_ABSENT,
	    .consent = &consent,
	    .terms_version = "o1",
	};
}

static int enroll(const struct enroll_request *request)
{
	attempt = (struct enrollment){
	    .tenant_id = TENANT,
	    .id = store_new_id(&f.arena),
	    .stage = STAGE_REQUEST,
	    .error_code = "",
	    .reason = "",
	    .remedy = "",
	    .client_request_id = "",
	    .trace_id = "",
	    .device_id = "",
	    .entra_device_id = "",
	    .user_principal_name = "",
	    .user_object_id = "",
	    .source = "",
	};
	return enroll_device(&op, request, &attempt, &result);
}

static int enroll_with(const char *token, size_t key)
{
	struct enroll_request request = request_of(token, key);

	return enroll(&request);
}

/* Rows of a table, or of a table WHERE something. */
#define COUNT_OF(what) store_fixture_number(f.db, "SELECT COUNT(*) FROM " what)

static void assert_written(int64_t devices, int64_t certificates, int64_t attempts)
{
	assert_int_equal(COUNT_OF("devices"), devices);
	assert_int_equal(COUNT_OF("certificates"), certificates);
	assert_int_equal(COUNT_OF("enrollments"), attempts);
}

static void assert_refused(const struct enroll_request *request, enum enroll_outcome outcome,
			   const char *reason)
{
	assert_int_equal(enroll(request), outcome);
	assert_string_equal(attempt.reason, reason);
	assert_string_equal(attempt.error_code, enroll_reason_find(reason)->error_code);
	assert_int_equal(attempt.outcome, OUTCOME_REFUSED);
}

/* What a crash between intent and commit leaves. */
struct intent {
	const char *token;
	size_t key;
	const char *device_id;
};

static int intent_add(struct db_conn *tx, void *argument)
{
	const struct intent *intent = argument;
	struct x509_csr csr;
	struct device_certificate row = {
	    .tenant_id = TENANT,
	    .id = store_new_id(&f.arena),
	    .device_id = intent->device_id,
	    .serial = "",
	    .token_sha256 = digest_sha256_hex(&f.arena, text_of(intent->token)),
	    .sha256 = "",
	    .der = "",
	    .state = CERTIFICATE_INTENDED,
	    .created_at = op.now,
	};

	if (x509_csr_read(&f.arena,
			  make_csr(&f.arena, &(struct make_recipe){.key = keys[intent->key]}), &csr,
			  &f.trail))
		return ERR_INTERNAL;
	row.spki_sha256 = csr.spki_sha256;
	return store_certificate_add(tx, &row);
}

static void leave_intent(const char *token, size_t key, const char *device_id)
{
	struct intent intent = {token, key, device_id};

	assert_int_equal(db_transact(f.db, intent_add, &intent), 0);
}

static void retire_all(void)
{
	assert_int_equal(store_fixture_run(f.db, "UPDATE devices SET state = 'retired'"), 0);
}

/* The certificate of result names the device of result, and the store has both so. */
static void assert_consistent(void)
{
	struct device_certificate row;
	struct x509_cert certificate;
	struct device device;
	const char *sha256 = digest_sha256_hex(&f.arena, result.certificate_der);

	assert_int_equal(x509_cert_read(&f.arena, result.certificate_der, &certificate), 0);
	assert_true(text_eq_c(certificate.subject_cn, result.device.id));
	assert_int_equal(
	    store_device_by_certificate(db_reader(f.db), &f.arena, text_of(sha256), &device, &row),
	    0);
	assert_string_equal(device.id, result.device.id);
	assert_string_equal(device.entra_device_id, ENTRA);
	assert_int_equal(row.state, CERTIFICATE_ACTIVE);
	assert_int_equal(device.state, DEVICE_ENROLLED);
	assert_int_equal(device.certificate_not_after, row.not_after);
	assert_string_equal(attempt.device_id, device.id);
}

static void a_device_is_enrolled_and_the_same_request_repeats(void **state)
{
	struct text first;

	(void)state;
	assert_int_equal(enroll_with("t1", 0), 0);
	assert_false(result.is_repeated);
	assert_consistent();
	first = result.certificate_der;
	assert_string_equal(result.device.dm_device_id, "1E08C6E95D8BB843B1278FF45BC60CC6");
	assert_int_equal(enroll_with("t1", 0), 0);
	assert_true(result.is_repeated);
	assert_true(text_eq(first, result.certificate_der));
	assert_consistent();
	assert_written(1, 1, 2);
	assert_int_equal(COUNT_OF("outbox"), 1);
}

/* A certificate proves its user again and again; each key gets one certificate by it. */
static void what_proves_again_and_again_is_single_with_the_key(void **state)
{
	struct enroll_request request = request_of("cert", 0);
	struct enroll_principal who = *request.principal;
	struct text first;

	(void)state;
	who.auth = ENROLL_AUTH_CERTIFICATE;
	who.user_key = "x509:upn:anna@contoso.com";
	who.object_id = who.device_id = "";
	request.principal = &who;
	assert_int_equal(enroll(&request), 0);
	first = result.certificate_der;
	assert_int_equal(enroll(&request), 0);
	assert_true(result.is_repeated);
	assert_true(text_eq(first, result.certificate_der));
	request.csr_der = make_csr(&f.arena, &(struct make_recipe){.key = keys[1]});
	assert_int_equal(enroll(&request), 0);
	assert_false(result.is_repeated);
	assert_string_equal(result.device.user_key, who.user_key);
	/* Of another certificate the same key is another proof, and no longer free. */
	request.csr_der = make_csr(&f.arena, &(struct make_recipe){.key = keys[1]});
	who.proof_sha256 = "00";
	who.user_key = "x509:upn:bob@contoso.com";
	assert_refused(&request, ENROLL_E_KEY_IN_USE, "key_in_use");
	assert_int_equal(COUNT_OF("devices WHERE state = 'enrolled'"), 1);
}

static void case25_an_intent_left_by_a_crash_is_taken_up(void **state)
{
	(void)state;
	leave_intent("t1", 0, "eeeeeeee-0000-4000-8000-000000000001");
	assert_int_equal(enroll_with("t1", 0), 0);
	assert_false(result.is_repeated);
	assert_consistent();
	assert_written(1, 1, 1);
}

static void case25_an_intent_does_not_serve_another_key(void **state)
{
	struct enroll_request request = request_of("t1", 1);

	(void)state;
	leave_intent("t1", 0, "eeeeeeee-0000-4000-8000-000000000001");
	assert_refused(&request, ENROLL_E_TOKEN_USED, "token_used");
	assert_written(0, 1, 0);
}

static void case25_an_intent_from_before_the_device_existed(void **state)
{
	const char *id;

	(void)state;
	leave_intent("late", 0, "eeeeeeee-0000-4000-8000-000000000001");
	assert_int_equal(enroll_with("t1", 1), 0);
	id = result.device.id;
	assert_int_equal(enroll_with("late", 0), 0);
	assert_string_equal(result.device.id, id);
	assert_consistent();
	assert_written(1, 2, 2);
	assert_int_equal(COUNT_OF("certificates WHERE state = 'superseded'"), 1);
}

static void case25_an_intent_for_a_device_retired_since(void **state)
{
	const char *id;

	(void)state;
	assert_int_equal(enroll_with("t1", 1), 0);
	id = result.device.id;
	leave_intent("late", 0, id);
	retire_all();
	assert_int_equal(enroll_with("late", 0), 0);
	assert_string_not_equal(result.device.id, id);
	assert_consistent();
	assert_int_equal(COUNT_OF("devices WHERE state = 'enrolled'"), 1);
}

static void case8_a_token_whose_certificate_was_replaced(void **state)
{
	struct enroll_request request = request_of("t1", 0);

	(void)state;
	assert_int_equal(enroll_with("t1", 0), 0);
	assert_int_equal(enroll_with("t2", 1), 0);
	assert_refused(&request, ENROLL_E_TOKEN_USED, "token_used");
	retire_all();
	request = request_of("t2", 1);
	assert_refused(&request, ENROLL_E_TOKEN_USED, "token_used");
}

static void case11_a_key_has_one_device(void **state)
{
	struct enroll_request request;

	(void)state;
	assert_int_equal(enroll_with("t1", 0), 0);
	principal.device_id = "dddddddd-2222-4333-8444-000000000002";
	request = request_of("t2", 0);
	assert_refused(&request, ENROLL_E_KEY_IN_USE, "key_in_use");
	assert_written(1, 1, 1);
	principal.device_id = ENTRA;
	assert_int_equal(enroll_with("t2", 0), 0);
	assert_consistent();
}

static void the_cap_counts_the_user_s_devices(void **state)
{
	struct enroll_request request;

	(void)state;
	assert_int_equal(enroll_with("t1", 0), 0);
	principal.device_id = "dddddddd-2222-4333-8444-000000000002";
	assert_int_equal(enroll_with("t2", 1), 0);
	principal.device_id = "dddddddd-2222-4333-8444-000000000003";
	request = request_of("t3", 2);
	assert_refused(&request, ENROLL_E_DEVICE_CAP, "device_cap");
	assert_written(2, 2, 2);
	principal.device_id = ENTRA; /* one of the two, once more */
	assert_int_equal(enroll_with("t3", 2), 0);
	assert_int_equal(COUNT_OF("devices"), 2);
}

static void every_consent_that_does_not_fit_is_refused(void **state)
{
	static const struct {
		enum consent_state state;
		const char *type;
		struct terms_consent consent;
		const char *reason;
	} table[] = {
	    {CONSENT_ABSENT, "Device", {0}, "terms_missing"},
	    {CONSENT_FORGED, "Device", {0}, "terms_forged"},
	    {CONSENT_EXPIRED, "Device", {0}, "terms_expired"},
	    {CONSENT_VALID,
	     "Device",
	     {"c", "x", USER, "", TERMS_ORGANIZATION, "o1", "", "", "", 0, 0, NULL, THEME_SETTINGS},
	     "terms_user"},
	    {CONSENT_VALID,
	     "Device",
	     {"c", TENANT, "x", "", TERMS_ORGANIZATION, "o1", "", "", "", 0, 0, NULL,
	      THEME_SETTINGS},
	     "terms_user"},
	    {CONSENT_VALID,
	     "Device",
	     {"c", TENANT, USER, "", TERMS_PERSONAL, "p1", "", "", "", 0, 0, NULL, THEME_SETTINGS},
	     "terms_mode"},
	    {CONSENT_VALID,
	     "Full",
	     {"c", TENANT, USER, "", TERMS_ORGANIZATION, "o1", "", "", "", 0, 0, NULL,
	      THEME_SETTINGS},
	     "terms_mode"},
	    {CONSENT_VALID,
	     "Device",
	     {"c", TENANT, USER, "", TERMS_ORGANIZATION, "o0", "", "", "", 0, 0, NULL,
	      THEME_SETTINGS},
	     "terms_version"},
	    {CONSENT_VALID,
	     "Full",
	     {"c", TENANT, USER, "", TERMS_PERSONAL, "o1", "", "", "", 0, 0, NULL, THEME_SETTINGS},
	     "terms_version"},
	};

	(void)state;
	tenant.is_terms_required = true;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct enroll_request request = request_of("t1", 0);

		consent = table[i].consent;
		request.consent_state = table[i].state;
		request.enrollment_type = text_of(table[i].type);
		request.terms_version = strcmp(table[i].type, "Full") ? "o1" : "p1";
		assert_refused(&request, ENROLL_E_TERMS, table[i].reason);
	}
	assert_written(0, 0, 0);
}

static void a_consent_is_used_once(void **state)
{
	struct enroll_request request = request_of("t1", 0);

	(void)state;
	consent = (struct terms_consent){.id = "c1",
					 .tenant_id = TENANT,
					 .object_id = USER,
					 .client_request_id = "page",
					 .version = "o1"};
	request.consent_state = CONSENT_VALID;
	assert_int_equal(enroll(&request), 0);
	assert_int_equal(enroll(&request), 0);
	assert_true(result.is_repeated);
	request = request_of("t2", 1);
	request.consent_state = CONSENT_VALID;
	assert_refused(&request, ENROLL_E_TERMS, "terms_used");
	consent.id = "c2";
	assert_int_equal(enroll(&request), 0);
	assert_string_equal(attempt.client_request_id, "page");
}

static void what_a_device_must_say(void **state)
{
	static const struct {
		struct text type, id;
		const char *reason;
	} table[] = {
	    {{NULL, 0}, {"A", 1}, "context_enrollment_type"},
	    {{"", 0}, {"A", 1}, "context_enrollment_type"},
	    {{"device", 6}, {"A", 1}, "context_enrollment_type"},
	    {{"Device", 6}, {NULL, 0}, "context_device_id"},
	    {{"Device", 6}, {"  ", 2}, "context_device_id"},
	    {{"Device", 6}, {"a\0b", 3}, "context_device_id"},
	    {{"Device", 6}, {"\xc3\xa9", 2}, "context_device_id"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct enroll_request request = request_of("t1", 0);

		request.enrollment_type = table[i].type;
		request.dm_device_id = table[i].id;
		assert_refused(&request, ENROLL_E_CONTEXT, table[i].reason);
	}
	assert_written(0, 0, 0);
}

static void a_store_that_fails_leaves_nothing_and_the_retry_succeeds(void **state)
{
	static const char *const tables[] = {"certificates", "devices", "audit", "enrollments",
					     "outbox"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		assert_int_equal(
		    store_fixture_run(
			f.db, arena_printf(&f.arena, "ALTER TABLE %s RENAME TO away", tables[i])),
		    0);
		assert_int_equal(enroll_with("t1", 0), ERR_STORE);
		assert_int_equal(
		    store_fixture_run(
			f.db, arena_printf(&f.arena, "ALTER TABLE away RENAME TO %s", tables[i])),
		    0);
		trail_reset(&op.trail);
		assert_int_equal(COUNT_OF("devices"), 0);
	}
	assert_int_equal(enroll_with("t1", 0), 0);
	assert_consistent();
	assert_written(1, 1, 1);
}

static void labels_are_cut_where_a_character_ends(void **state)
{
	struct enroll_request request = request_of("t1", 0);
	char name[300];

	(void)state;
	memset(name, 'x', sizeof(name));
	memcpy(name + 254, "\xf0\x9f\x98\x80", 4);
	request.device_name = text_make(name, sizeof(name));
	request.os_version = TEXT("\xff\xfe");
	assert_int_equal(enroll(&request), 0);
	assert_int_equal(strlen(result.device.name), 254);
	assert_string_equal(result.device.os_version, "");
	assert_string_equal(attempt.device_name, result.device.name);
}

/* The account document */

static const char *document_of(const struct enroll_request *request)
{
	struct buf document;

	assert_int_equal(enroll(request), 0);
	buf_init(&document, &f.arena);
	enroll_provision_write(&op, request, &result, &document);
	return document.data;
}

static void assert_has(const char *document, const char *format, const char *value)
{
	/* A format of this file, with one %s. */
	struct buf wanted;
	const char *at = strstr(format, "%s");

	buf_init(&wanted, &f.arena);
	buf_add(&wanted, format, (size_t)(at - format));
	buf_add_c(&wanted, value);
	buf_add_c(&wanted, at + 2);
	if (!strstr(document, wanted.data))
		fail_msg("%s is not in %s", wanted.data, document);
}

static void the_account_names_the_device_and_this_server(void **state)
{
	struct enroll_request request = request_of("t1", 0);
	const char *document = document_of(&request);

	(void)state;
	assert_has(document, "name=\"ADDR\" value=\"%s/ManagementServer/MDM.svc\"",
		   "https://manage.example");
	assert_has(document, "name=\"ServerURL\" value=\"%s/EnrollmentServer/Discovery.svc\"",
		   "https://manage.example");
	assert_has(document, "name=\"EntDMID\" value=\"%s\" datatype=\"string\"", result.device.id);
	assert_has(document, "name=\"UPN\" value=\"%s\"", "anna@contoso.test");
	assert_has(document, "name=\"EncodedCertificate\" value=\"%s\"",
		   b64_write(&f.arena, result.certificate_der));
	assert_has(document, "name=\"EncodedCertificate\" value=\"%s\"",
		   b64_write(&f.arena, signer_ca_der(signer)));
	assert_has(document, "name=\"AADResourceID\" value=\"%s\"", CLIENT);
	assert_has(document, "type=\"%s\"><characteristic type=\"System\"", "My");
	assert_has(document, "name=\"%s\" value=\"true\"", "AllUsersPollOnFirstLogin");
}

static void a_work_account_is_the_user_s(void **state)
{
	struct enroll_request request;
	const char *document;

	(void)state;
	principal.is_version_2 = false;
	request = request_of("t1", 0);
	request.enrollment_type = TEXT("Full");
	document = document_of(&request);
	assert_has(document, "type=\"%s\"><characteristic type=\"User\"", "My");
	assert_null(strstr(document, "AllUsersPollOnFirstLogin"));
	assert_has(document, "name=\"AADResourceID\" value=\"%s\"", "https://mdm.contoso.test");
	tenant.app_id_uri_count = 0;
	request = request_of("t2", 1);
	request.enrollment_type = TEXT("Full");
	assert_has(document_of(&request), "name=\"AADResourceID\" value=\"%s\"", CLIENT);
}

static void secrets_are_random_each_time(void **state)
{
	struct enroll_request request = request_of("t1", 0);
	const char *first = document_of(&request), *again = document_of(&request);

	(void)state;
	assert_true(result.is_repeated);
	assert_string_not_equal(first, again);
	for (const char *at = strstr(first, "AAUTHSECRET"); at;
	     at = strstr(at + 1, "AAUTHSECRET")) {
		struct text secret = text_take(text_of(at), 40);

		assert_null(strstr(again, arena_cstr(&f.arena, secret)));
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_device_is_enrolled_and_the_same_request_repeats),
	    CASE(what_proves_again_and_again_is_single_with_the_key),
	    CASE(case25_an_intent_left_by_a_crash_is_taken_up),
	    CASE(case25_an_intent_does_not_serve_another_key),
	    CASE(case25_an_intent_from_before_the_device_existed),
	    CASE(case25_an_intent_for_a_device_retired_since),
	    CASE(case8_a_token_whose_certificate_was_replaced),
	    CASE(case11_a_key_has_one_device),
	    CASE(the_cap_counts_the_user_s_devices),
	    CASE(every_consent_that_does_not_fit_is_refused),
	    CASE(a_consent_is_used_once),
	    CASE(what_a_device_must_say),
	    CASE(a_store_that_fails_leaves_nothing_and_the_retry_succeeds),
	    CASE(labels_are_cut_where_a_character_ends),
	    CASE(the_account_names_the_device_and_this_server),
	    CASE(a_work_account_is_the_user_s),
	    CASE(secrets_are_random_each_time),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
