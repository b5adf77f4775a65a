/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_code.c: every code has words an administrator can use, is found however a person writes it,
 * and the codes of this server's faults are those the SOAP layer sends.
 */
#include "enroll/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "soap/fault.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static const struct enroll_code *find(const char *written)
{
	return enroll_code_find(&arena, text_of(written));
}

static void assert_found(const char *written, const char *code)
{
	const struct enroll_code *found = find(written);

	if (!found) {
		fail_msg("%s is not found", written);
		return;
	}
	assert_string_equal(found->code, code);
}

static void assert_sentences(const char *text)
{
	size_t len = strlen(text);

	assert_in_range(len, 15, 400);
	assert_int_equal(text[len - 1], '.');
	assert_in_range(text[0], 'A', 'Z');
	assert_null(strstr(text, "  "));
}

/* The codes of the error table of the Windows documentation, each with its message. */
static void the_documented_codes_are_all_there(void **state)
{
	static const struct {
		const char *code;
		const char *id;
	} documented[] = {
	    {"0x80180001", "idErrorServerConnectivity"},
	    {"0x80180002", "idErrorAuthenticationFailure"},
	    {"0x80180003", "idErrorAuthorizationFailure"},
	    {"0x80180004", "idErrorMDMCertificateError"},
	    {"0x80180005", "idErrorServerConnectivity"},
	    {"0x80180006", "idErrorServerConnectivity"},
	    {"0x80180007", "idErrorAuthenticationFailure"},
	    {"0x80180008", "idErrorServerConnectivity"},
	    {"0x80180009", "idErrorAlreadyInProgress"},
	    {"0x8018000A", "idErrorMDMAlreadyEnrolled"},
	    {"0x8018000D", "idErrorMDMCertificateError"},
	    {"0x8018000E", "idErrorAuthenticationFailure"},
	    {"0x8018000F", "idErrorAuthenticationFailure"},
	    {"0x80180010", "idErrorServerConnectivity"},
	    {"0x80180012", "idErrorMDMCertificateError"},
	    {"0x80180013", "idErrorDeviceLimit"},
	    {"0x80180014", "idErrorMDMNotSupported"},
	    {"0x80180015", "idErrorMDMNotSupported"},
	    {"0x80180016", "idErrorMDMRenewalRejected"},
	    {"0x80180017", "idErrorMDMAccountMaintenance"},
	    {"0x80180018", "idErrorMDMLicenseError"},
	    {"0x80180019", "idErrorInvalidServerConfig"},
	    {"rejectedTermsOfUse", "idErrorRejectedTermsOfUse"},
	    {"0x801C0001", "idErrorServerConnectivity"},
	    {"0x801C0002", "idErrorAuthenticationFailure"},
	    {"0x801C0003", "idErrorAuthorizationFailure"},
	    {"0x801C0006", "idErrorServerConnectivity"},
	    {"0x801C000B", "idErrorUntrustedServer"},
	    {"0x801C000C", "idErrorServerConnectivity"},
	    {"0x801C000E", "idErrorDeviceLimit"},
	    {"0x801C000F", "idErrorDeviceRequiresReboot"},
	    {"0x801C0010", "idErrorInvalidCertificate"},
	    {"0x801C0011", "idErrorAuthenticationFailure"},
	    {"0x801C0012", "idErrorServerConnectivity"},
	    {"0x801C0013", "idErrorAuthenticationFailure"},
	    {"0x801C0014", "idErrorAuthenticationFailure"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documented); i++) {
		const struct enroll_code *code = find(documented[i].code);

		if (!code) {
			fail_msg("no row for %s", documented[i].code);
			return;
		}
		assert_string_equal(code->message_id, documented[i].id);
		assert_sentences(enroll_code_message(&arena, code));
		assert_null(strstr(enroll_code_message(&arena, code), "{0}"));
	}
}

static void every_code_says_what_and_what_to_do(void **state)
{
	const struct enroll_code *codes;
	size_t n;

	(void)state;
	codes = enroll_codes(&n);
	assert_true(n > 60);
	for (size_t i = 0; i < n; i++) {
		assert_sentences(codes[i].cause);
		assert_sentences(codes[i].remedy);
		assert_true(enroll_code_origin_name(codes[i].origin)[0] != '\0');
		assert_int_equal(codes[i].message_id[0] != '\0',
				 enroll_code_message(&arena, &codes[i])[0] != '\0');
		/* Found as itself, so no code or name is there twice. */
		assert_ptr_equal(find(codes[i].code), &codes[i]);
		if (codes[i].name[0])
			assert_ptr_equal(find(codes[i].name), &codes[i]);
		if (codes[i].alias[0])
			assert_ptr_equal(find(codes[i].alias), &codes[i]);
		if (codes[i].fault[0])
			assert_ptr_equal(find(codes[i].fault), &codes[i]);
	}
}

static void every_fault_has_its_code(void **state)
{
	(void)state;
	for (int f = SOAP_FAULT_MESSAGE_FORMAT; f <= SOAP_FAULT_CUSTOM_SERVER_ERROR; f++) {
		const struct enroll_code *code = find(soap_fault_hresult((enum soap_fault)f));

		assert_non_null(code);
		assert_true(code->fault[0] != '\0');
		assert_int_not_equal(code->origin, CODE_DEVICE);
		assert_int_not_equal(code->origin, CODE_ENTRA);
	}
}

static void a_code_is_found_as_people_write_it(void **state)
{
	(void)state;
	assert_found("0x80180018", "0x80180018");
	assert_found("80180018", "0x80180018");
	assert_found(" 0X80180018\n", "0x80180018");
	assert_found("-2145910760", "0x80180018");
	assert_found("2149056536", "0x80180018");
	assert_found("0x8018000a", "0x8018000A");
	assert_found("menroll_e_userlicense", "0x80180018");
	assert_found("MENROLL_E_USER_LICENSE", "0x80180018");
	assert_found("UserLicense", "0x80180018");
	assert_found("REJECTEDTERMSOFUSE", "rejectedTermsOfUse");
	assert_found("0x801c0013", "0x801C0013");
	assert_found("CAA30194", "0xCAA30194");
	assert_found("0xcaa30194", "0xCAA30194");
	assert_found("0x801900c8", "0x801900C8");
}

static void a_code_of_an_http_status_is_made(void **state)
{
	const struct enroll_code *code = find("0x801901F6");

	(void)state;
	assert_non_null(code);
	assert_string_equal(code->code, "0x801901F6");
	assert_non_null(strstr(code->cause, "502"));
	assert_null(find("0x80190258"));
	assert_null(find("0x80190063"));
}

static void what_is_no_code_is_not_found(void **state)
{
	static const char *const wrong[] = {
	    "",        " ",           "0x",           "0x8018",  "0x80180100",
	    "8018001", "0x801800188", "-2145910760x", "MENROLL", "0x8018001G"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_null(find(wrong[i]));
}

static void a_number_is_told_from_words(void **state)
{
	(void)state;
	assert_true(enroll_code_is_number(&arena, TEXT("0x99999999")));
	assert_true(enroll_code_is_number(&arena, TEXT("deadbeef")));
	assert_true(enroll_code_is_number(&arena, TEXT(" -2145910760 ")));
	assert_false(enroll_code_is_number(&arena, TEXT("0x9999")));
	assert_false(enroll_code_is_number(&arena, TEXT("UserLicense")));
	assert_false(enroll_code_is_number(&arena, TEXT("6f0c2c1e-7f0b-4a55-9df4-0f6d3d9f8a11")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_codes_are_all_there),
	    cmocka_unit_test(every_code_says_what_and_what_to_do),
	    cmocka_unit_test(every_fault_has_its_code),
	    cmocka_unit_test(a_code_is_found_as_people_write_it),
	    cmocka_unit_test(a_code_of_an_http_status_is_made),
	    cmocka_unit_test(what_is_no_code_is_not_found),
	    cmocka_unit_test(a_number_is_told_from_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
