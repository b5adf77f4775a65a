/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_locuri.c: addresses and status classes, as tables of cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "syncml/locuri.h"
#include "syncml/status.h"

static void checks_addresses(void **state)
{
	static const struct {
		const char *uri;
		int want;
	} cases[] = {
	    {"./Device/Vendor/MSFT/Policy/Config/Area/Name", 0},
	    {"./Vendor/MSFT/DeviceStatus/OS/Edition", 0},
	    {"./user/vendor/msft/Policy/Config/A/B", 0},
	    {"./DevInfo/DevId", 0},
	    {"./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BAB-1%7D/Status", 0},
	    {"./Device/Vendor/MSFT/Policy/Config/App~Policy~Cat1~Cat2/Name", 0},
	    {"./Device/Vendor/MSFT/A/.hidden", 0},
	    {"", LOCURI_E_EMPTY},
	    {".", LOCURI_E_ROOT},
	    {"./", LOCURI_E_SEGMENT},
	    {"/Device/Vendor", LOCURI_E_ROOT},
	    {"Device/Vendor", LOCURI_E_ROOT},
	    {"../Device", LOCURI_E_ROOT},
	    {".//Device", LOCURI_E_SEGMENT},
	    {"./Device/", LOCURI_E_SEGMENT},
	    {"./Device/./Vendor", LOCURI_E_SEGMENT},
	    {"./Device/../Vendor", LOCURI_E_SEGMENT},
	    {"./Device/*/Vendor", LOCURI_E_SEGMENT},
	    {"./Device/A B", LOCURI_E_CHARACTER},
	    {"./Device/{A}", LOCURI_E_CHARACTER},
	    {"./Device/A?list=StructData", LOCURI_E_CHARACTER},
	    {"./Device/\xc3\xa4", LOCURI_E_CHARACTER},
	    {"./Device/A\n", LOCURI_E_CHARACTER},
	    {"./Device/%", LOCURI_E_ENCODING},
	    {"./Device/%4", LOCURI_E_ENCODING},
	    {"./Device/%zz", LOCURI_E_ENCODING},
	    {"./Device/%00", LOCURI_E_ENCODING},
	};
	char longest[LIMIT_SYNCML_LOCURI + 2];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (locuri_check(text_of(cases[i].uri)) != cases[i].want)
			fail_msg("%s: %d", cases[i].uri, locuri_check(text_of(cases[i].uri)));
		assert_true(!cases[i].want || *locuri_outcome_text(cases[i].want));
	}
	memset(longest, 'a', sizeof(longest));
	longest[0] = '.';
	longest[1] = '/';
	assert_int_equal(locuri_check(text_make(longest, LIMIT_SYNCML_LOCURI)), 0);
	assert_int_equal(locuri_check(text_make(longest, LIMIT_SYNCML_LOCURI + 1)),
			 LOCURI_E_TOO_LONG);
}

static void checks_what_a_get_may_name(void **state)
{
	assert_int_equal(locuri_check_get(TEXT("./DevInfo")), 0);
	assert_int_equal(locuri_check_get(TEXT("./DevInfo?list=StructData")), 0);
	assert_int_equal(locuri_check_get(TEXT("./DevInfo/DevId?prop=Format")), 0);
	assert_int_equal(locuri_check_get(TEXT("./DevInfo?x=1")), LOCURI_E_CHARACTER);
	assert_int_equal(locuri_check_get(TEXT("./DevInfo?list=A B")), LOCURI_E_CHARACTER);
	assert_int_equal(locuri_check_get(TEXT("DevInfo?list=StructData")), LOCURI_E_ROOT);
}

static void brings_spellings_together(void **state)
{
	static const struct {
		const char *uri;
		const char *want;
		enum scope scope;
	} cases[] = {
	    {"./Vendor/MSFT/A", "./Device/Vendor/MSFT/A", SCOPE_DEVICE},
	    {"./device/vendor/msft/A", "./Device/Vendor/MSFT/A", SCOPE_DEVICE},
	    {"./USER/Vendor/MSFT/A", "./User/Vendor/MSFT/A", SCOPE_USER},
	    {"./user/Other/A", "./User/Other/A", SCOPE_USER},
	    {"./User", "./User", SCOPE_USER},
	    {"./user?list=Struct", "./User", SCOPE_USER},
	    {"./Username/A", "./Username/A", SCOPE_DEVICE},
	    {"./Vendor/MSFTX/A", "./Vendor/MSFTX/A", SCOPE_DEVICE},
	    {"./DevInfo/%4dan", "./DevInfo/Man", SCOPE_DEVICE},
	    {"./DevInfo/%7bA%7D", "./DevInfo/%7BA%7D", SCOPE_DEVICE},
	    {"./DevInfo?list=StructData", "./DevInfo", SCOPE_DEVICE},
	    {"not an address", "not an address", SCOPE_DEVICE},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(locuri_normal(&arena, text_of(cases[i].uri)), cases[i].want);
		assert_int_equal(locuri_scope(text_of(cases[i].uri)), cases[i].scope);
	}
	assert_string_equal(locuri_segment(&arena, TEXT("{A b}")), "%7BA%20b%7D");
	assert_string_equal(locuri_segment(&arena, TEXT("")), "");
	arena_done(&arena);
	assert_true(locuri_is_within(TEXT("./A/B"), TEXT("./A")));
	assert_true(locuri_is_within(TEXT("./A"), TEXT("./A")));
	assert_false(locuri_is_within(TEXT("./AB"), TEXT("./A")));
}

static void classes_status_codes(void **state)
{
	static const struct {
		int64_t code;
		enum command_verb verb;
		enum scope scope;
		enum status_class want;
	} cases[] = {
	    {200, VERB_REPLACE, SCOPE_DEVICE, STATUS_DONE},
	    {202, VERB_EXEC, SCOPE_DEVICE, STATUS_PROGRESS},
	    {214, VERB_GET, SCOPE_DEVICE, STATUS_NEXT_TIME},
	    {215, VERB_EXEC, SCOPE_DEVICE, STATUS_PERMANENT},
	    {216, VERB_REPLACE, SCOPE_DEVICE, STATUS_RETRY},
	    {404, VERB_REPLACE, SCOPE_DEVICE, STATUS_NEEDS_ADD},
	    {404, VERB_ADD, SCOPE_DEVICE, STATUS_PERMANENT},
	    {404, VERB_GET, SCOPE_DEVICE, STATUS_PERMANENT},
	    {404, VERB_DELETE, SCOPE_DEVICE, STATUS_DONE},
	    {418, VERB_ADD, SCOPE_DEVICE, STATUS_DONE},
	    {418, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	    {405, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	    {405, VERB_REPLACE, SCOPE_USER, STATUS_USER_LATER},
	    {500, VERB_REPLACE, SCOPE_DEVICE, STATUS_RETRY},
	    {500, VERB_REPLACE, SCOPE_USER, STATUS_USER_LATER},
	    {507, VERB_REPLACE, SCOPE_USER, STATUS_USER_LATER},
	    {425, VERB_REPLACE, SCOPE_USER, STATUS_PERMANENT},
	    {516, VERB_REPLACE, SCOPE_DEVICE, STATUS_RETRY},
	    /* codes nobody listed */
	    {299, VERB_REPLACE, SCOPE_DEVICE, STATUS_DONE},
	    {101, VERB_REPLACE, SCOPE_DEVICE, STATUS_PROGRESS},
	    {302, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	    {499, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	    {599, VERB_REPLACE, SCOPE_DEVICE, STATUS_RETRY},
	    {-1, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	    {600, VERB_REPLACE, SCOPE_DEVICE, STATUS_PERMANENT},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum status_class got = status_class(cases[i].code, cases[i].verb, cases[i].scope);

		if (got != cases[i].want)
			fail_msg("case %zu: %d", i, got);
	}
	assert_string_equal(status_text(0), "no answer yet");
	assert_string_equal(status_text(404), "no such node on this device");
	assert_string_equal(status_text(777), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checks_addresses),
	    cmocka_unit_test(checks_what_a_get_may_name),
	    cmocka_unit_test(brings_spellings_together),
	    cmocka_unit_test(classes_status_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
