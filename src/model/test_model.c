/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_model.c: assignments, and the names of enums in both directions.
 */
#include "model/assign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/audit.h"
#include "model/compliance.h"

static const char *const groups[] = {"aaaaaaaa-0000-0000-0000-000000000001"};
static const char *const tags[] = {"kiosk", "Berlin"};
static const struct assign_subject subject = {
    .device_id = "dddddddd-0000-0000-0000-000000000001",
    .user_object_id = "eeeeeeee-0000-0000-0000-000000000001",
    .groups = groups,
    .group_count = 1,
    .tags = tags,
    .tag_count = 2,
};

static const struct {
	const char *what;
	struct assignment list[3];
	size_t n;
	bool is_match;
} cases[] = {
    {"empty", {{0}}, 0, false},
    {"all", {{ASSIGN_ALL, "", false}}, 1, true},
    {"group", {{ASSIGN_GROUP, "AAAAAAAA-0000-0000-0000-000000000001", false}}, 1, true},
    {"other group", {{ASSIGN_GROUP, "aaaaaaaa-0000-0000-0000-000000000002", false}}, 1, false},
    {"user", {{ASSIGN_USER, "eeeeeeee-0000-0000-0000-000000000001", false}}, 1, true},
    {"device", {{ASSIGN_DEVICE, "dddddddd-0000-0000-0000-000000000001", false}}, 1, true},
    {"tag", {{ASSIGN_TAG, "kiosk", false}}, 1, true},
    {"tags have a case", {{ASSIGN_TAG, "KIOSK", false}}, 1, false},
    {"all but a tag", {{ASSIGN_ALL, "", false}, {ASSIGN_TAG, "kiosk", true}}, 2, false},
    {"exclusion first", {{ASSIGN_TAG, "kiosk", true}, {ASSIGN_ALL, "", false}}, 2, false},
    {"all but another tag", {{ASSIGN_ALL, "", false}, {ASSIGN_TAG, "lab", true}}, 2, true},
    {"only an exclusion", {{ASSIGN_TAG, "lab", true}}, 1, false},
};

static void assignments_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (assign_matches(cases[i].list, cases[i].n, &subject) != cases[i].is_match)
			fail_msg("%s", cases[i].what);
}

static void nobody_signed_in_matches_no_user(void **state)
{
	struct assign_subject nobody = {.device_id = "d", .user_object_id = ""};
	struct assignment list[] = {{ASSIGN_USER, "", false}, {ASSIGN_GROUP, "", false}};

	(void)state;
	assert_false(assign_matches(list, 2, &nobody));
}

static void names_read_back(void **state)
{
	enum compliance_state compliance;
	enum command_verb verb;
	enum outbox_state outbox;

	(void)state;
	for (int i = COMPLIANCE_UNKNOWN; i <= COMPLIANCE_GRACE; i++) {
		assert_true(compliance_state_read(
		    text_of(compliance_state_name((enum compliance_state)i)), &compliance));
		assert_int_equal(compliance, i);
	}
	for (int i = VERB_ADD; i <= VERB_EXEC; i++) {
		assert_true(
		    command_verb_read(text_of(command_verb_name((enum command_verb)i)), &verb));
		assert_int_equal(verb, i);
	}
	assert_false(outbox_state_read(TEXT("Pending"), &outbox));
	assert_false(outbox_state_read(TEXT(""), &outbox));
	assert_string_equal(api_role_name((enum api_role)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(assignments_table),
	    cmocka_unit_test(nobody_signed_in_matches_no_user),
	    cmocka_unit_test(names_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
