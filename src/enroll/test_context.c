/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_context.c: which Autopilot values are taken for what they say, and who is a bulk user.
 */
#include "enroll/context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GUID "0b1e6b8a-5a4d-4e5f-9b0c-1a2b3c4d5e6f"

static void zero_touch_ids(void **state)
{
	static const char *const cases[][2] = {
	    {GUID, GUID},
	    {" " GUID "\n", GUID},
	    {"{" GUID "}", GUID},
	    {"0B1E6B8A-5A4D-4E5F-9B0C-1A2B3C4D5E6F", GUID},
	    {"0b1e6b8a5a4d4e5f9b0c1a2b3c4d5e6f", ""},
	    {GUID "x", ""},
	    {"{" GUID, ""},
	    {"true", ""},
	    {"", ""},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(enroll_zero_touch_id(&arena, text_of(cases[i][0])),
				    cases[i][1]);
	assert_string_equal(enroll_zero_touch_id(&arena, (struct text){NULL, 0}), "");
	arena_done(&arena);
}

static void correlators(void **state)
{
	static const char *const cases[][2] = {
	    {"PC-0001", "PC-0001"}, {" a1 ", "a1"}, {"a b", ""},      {"a_b", ""},
	    {"<script>", ""},       {"", ""},       {"\xc3\xa4", ""},
	};
	char longest[CONTEXT_CORRELATOR_MAX + 1];
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(enroll_autopilot_correlator(&arena, text_of(cases[i][0])),
				    cases[i][1]);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(
	    strlen(enroll_autopilot_correlator(&arena, text_make(longest, CONTEXT_CORRELATOR_MAX))),
	    CONTEXT_CORRELATOR_MAX);
	assert_string_equal(
	    enroll_autopilot_correlator(&arena, text_make(longest, CONTEXT_CORRELATOR_MAX + 1)),
	    "");
	arena_done(&arena);
}

static void bulk_users(void **state)
{
	static const struct {
		const char *name;
		enum enroll_auth auth;
		enum enrollment_type type;
		bool is_claimed, is_bulk;
	} cases[] = {
	    {"package_" GUID "@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, true},
	    {"Package_" GUID "@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, true},
	    {"package_" GUID "@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, false, false},
	    {"package_" GUID "@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_FULL, true, false},
	    {"package_" GUID "@contoso.test", ENROLL_AUTH_ON_PREMISES, ENROLLMENT_DEVICE, true,
	     false},
	    {"package_" GUID "@contoso.test", ENROLL_AUTH_FEDERATED, ENROLLMENT_DEVICE, true,
	     false},
	    {"package_" GUID, ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, false},
	    {"package_" GUID "@", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, false},
	    {"package_1@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, false},
	    {"anna.package_" GUID "@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true,
	     false},
	    {"anna@contoso.test", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, false},
	    {"", ENROLL_AUTH_ENTRA, ENROLLMENT_DEVICE, true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct enroll_principal who = {.auth = cases[i].auth,
						     .user_name = cases[i].name};

		if (enroll_is_bulk(&who, cases[i].is_claimed, cases[i].type) != cases[i].is_bulk)
			fail_msg("%zu: %s", i, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zero_touch_ids),
	    cmocka_unit_test(correlators),
	    cmocka_unit_test(bulk_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
