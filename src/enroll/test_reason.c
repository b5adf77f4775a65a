/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_reason.c: every reason an attempt can be refused for has its row, and each row is fit for
 * an administrator: what to do, in sentences, and the code Windows shows.
 */
#include "enroll/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "entra/verdict.h"
#include "soap/fault.h"
#include "x509/csr.h"

/* What enroll/, terms/ and edge/ give as reasons; test/test_reasons.py finds those in the source
 * that are missing here or in the table. */
static const char *const names[] = {
    "message_malformed",
    "message_empty",
    "context_enrollment_type",
    "context_device_id",
    "discovery_host",
    "discovery_tenant",
    "discovery_no_method",
    "discovery_no_provider",
    "discovery_method",
    "request_type",
    "security_missing",
    "security_malformed",
    "security_kind",
    "account_unknown",
    "account_no_tenant",
    "account_disabled",
    "account_expired",
    "account_locked",
    "account_restricted",
    "account_not_in_group",
    "account_ambiguous",
    "password_missing",
    "password_wrong",
    "password_expired",
    "password_must_change",
    "password_blocked",
    "password_busy",
    "directory_unavailable",
    "directory_settings",
    "method_on_premises",
    "signature_form",
    "signature_time",
    "signature_address",
    "signature_invalid",
    "certificate_malformed",
    "certificate_ca",
    "certificate_key",
    "certificate_usage",
    "certificate_of_device",
    "certificate_untrusted",
    "certificate_expired",
    "certificate_tenant",
    "certificate_tenant_disabled",
    "method_not_enabled",
    "device_token_forged",
    "device_token_expired",
    "device_token_tenant",
    "sign_in_appru",
    "sign_in_tenant",
    "sign_in_method",
    "sign_in_provider",
    "sign_in_state",
    "sign_in_expired",
    "sign_in_changed",
    "sign_in_denied",
    "sign_in_failed",
    "sign_in_code",
    "sign_in_client",
    "sign_in_exchange",
    "token_missing",
    "id_token_malformed",
    "id_token_algorithm",
    "id_token_header",
    "id_token_key_unknown",
    "id_token_key_weak",
    "id_token_signature",
    "id_token_issuer",
    "id_token_audience",
    "id_token_authorized_party",
    "id_token_times",
    "id_token_expired",
    "id_token_not_yet",
    "id_token_nonce",
    "id_token_subject",
    "id_token_tenant",
    "id_token_object_id",
    "id_token_guest",
    "id_token_required_claim",
    "terms_missing",
    "terms_forged",
    "terms_expired",
    "terms_user",
    "terms_mode",
    "terms_version",
    "terms_used",
    "terms_state",
    "terms_page_expired",
    "terms_api_version",
    "terms_mode_unknown",
    "tenant_gone",
    "query_malformed",
    "redirect_uri_missing",
    "redirect_uri_scheme",
    "redirect_uri_too_long",
    "redirect_uri_host",
    "redirect_uri_repeated",
    "redirect_uri_character",
    "redirect_uri_parameter",
    "redirect_uri_tenant",
    "terms_declined",
    "pin_wrong",
    "pin_blocked",
    "redirect_uri_fragment",
    "key_in_use",
    "token_used",
    "device_cap",
    "renew_malformed",
    "renew_signature",
    "renew_unknown_certificate",
    "renew_tenant",
    "renew_device_retired",
    "renew_superseded",
    "renew_revoked",
    "renew_expired",
    "renew_tls_mismatch",
    "renew_other_device",
    "renew_key_same",
    "renew_key_known",
    "renew_replayed",
    "renew_too_early",
    "tenant_device_cap",
    "daily_cap",
    "maintenance",
    "server_maintenance",
    "closed",
    "license_missing",
    "license_unknown",
    "os_version_unknown",
    "os_version_old",
    "os_version_new",
    "os_edition",
    "personal_device",
    "concurrent",
    "session_aborted",
    "session_setup_refused",
    "session_source_mismatch",
    "terms_declined",
    "server_error",
};

/* 0x followed by eight hexadecimal digits, or nothing. */
static void assert_code(const char *code)
{
	if (code[0] == '\0' || !strcmp(code, "rejectedTermsOfUse"))
		return;
	assert_int_equal(strlen(code), 10);
	assert_memory_equal(code, "0x8018", 6);
	assert_int_equal(strspn(code + 6, "0123456789ABCDEF"), 4);
}

static void assert_sentences(const char *remedy)
{
	size_t len = strlen(remedy);

	assert_in_range(len, 20, 400);
	assert_int_equal(remedy[len - 1], '.');
	assert_in_range(remedy[0], 'A', 'Z');
	assert_null(strstr(remedy, "  "));
}

static void assert_cause(const struct enroll_reason *reason)
{
	if (!reason->cause) {
		fail_msg("%s does not say what had happened", reason->name);
		return;
	}
	assert_sentences(reason->cause);
}

static void every_reason_has_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct enroll_reason *reason = enroll_reason_find(names[i]);

		if (!reason) {
			fail_msg("no row for %s", names[i]);
			return;
		}
		assert_string_equal(reason->name, names[i]);
		assert_code(reason->error_code);
		assert_sentences(reason->remedy);
		assert_cause(reason);
	}
	assert_null(enroll_reason_find(""));
	assert_null(enroll_reason_find("terms"));
	assert_null(enroll_reason_find("TERMS_MISSING"));
}

static void every_refused_certificate_request_has_a_row(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (int i = X509_CSR_E_TOO_LARGE; i <= X509_CSR_E_SIGNATURE; i++) {
		const char *name = x509_csr_outcome_name((enum x509_csr_outcome)i);
		const struct enroll_reason *reason =
		    enroll_reason_find(arena_printf(&arena, "csr_%s", name));

		if (!reason) {
			fail_msg("no row for csr_%s", name);
			break;
		}
		assert_string_equal(reason->error_code,
				    soap_fault_hresult(SOAP_FAULT_CERTIFICATE_REQUEST));
		assert_sentences(reason->remedy);
		assert_cause(reason);
	}
	arena_done(&arena);
}

static void every_verdict_on_a_token_says_what_to_do(void **state)
{
	(void)state;
	for (int v = ENTRA_TOKEN_OK + 1; v < ENTRA_VERDICT_COUNT; v++)
		assert_sentences(entra_verdict_remedy((enum entra_verdict)v));
}

static void a_cause_is_that_of_the_reason_or_of_the_code(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_string_equal(enroll_reason_cause(&arena, "device_cap", ""),
			    enroll_reason_find("device_cap")->cause);
	assert_string_equal(enroll_reason_cause(&arena, "token_audience", "0x80180002"),
			    entra_verdict_reason(ENTRA_TOKEN_AUDIENCE));
	assert_non_null(
	    strstr(enroll_reason_cause(&arena, "not_in_the_table", "0x80180017"), "maintenance"));
	assert_string_equal(enroll_reason_cause(&arena, "not_in_the_table", ""), "");
	assert_string_equal(enroll_reason_cause(&arena, "token_", ""), "");
	arena_done(&arena);
}

static void a_known_reason_brings_its_own_words(void **state)
{
	struct enrollment attempt = {.outcome = OUTCOME_OK};

	(void)state;
	enroll_attempt_refuse(&attempt, "device_cap", "0x80180001", "something else");
	assert_int_equal(attempt.outcome, OUTCOME_REFUSED);
	assert_string_equal(attempt.reason, "device_cap");
	assert_string_equal(attempt.error_code, soap_fault_hresult(SOAP_FAULT_DEVICE_CAP_REACHED));
	assert_string_not_equal(attempt.remedy, "something else");
	enroll_attempt_refuse(&attempt, "token_audience", "0x80180002", "Compare the client ID.");
	assert_string_equal(attempt.reason, "token_audience");
	assert_string_equal(attempt.error_code, "0x80180002");
	assert_string_equal(attempt.remedy, "Compare the client ID.");
}

static void a_failure_of_the_server_is_no_refusal(void **state)
{
	struct enrollment attempt = {.outcome = OUTCOME_OK};

	(void)state;
	enroll_attempt_fail(&attempt);
	assert_int_equal(attempt.outcome, OUTCOME_FAILED);
	assert_string_equal(attempt.reason, "server_error");
	assert_string_equal(attempt.error_code, soap_fault_hresult(SOAP_FAULT_ENROLLMENT_SERVER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_reason_has_a_row),
	    cmocka_unit_test(every_refused_certificate_request_has_a_row),
	    cmocka_unit_test(every_verdict_on_a_token_says_what_to_do),
	    cmocka_unit_test(a_cause_is_that_of_the_reason_or_of_the_code),
	    cmocka_unit_test(a_known_reason_brings_its_own_words),
	    cmocka_unit_test(a_failure_of_the_server_is_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
