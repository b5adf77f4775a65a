/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desired.c: what is sent, what is left alone, what is taken back, and how often a failure is
 * tried again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "csp/desired.h"
#include "syncml/status.h"

#define URI      "./Device/Vendor/MSFT/Policy/Config/A/B"
#define USER_URI "./User/Vendor/MSFT/Policy/Config/A/B"

enum { NOW = 1000000, HOUR = 3600, DAY = 24 * HOUR };

static struct arena arena;
static struct desired_change *changes;
static size_t count;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct desired_setting want(const char *policy, const char *user, const char *uri,
				   const char *format, const char *data)
{
	return (struct desired_setting){
	    .policy_id = policy, .user_object_id = user, .setting = {uri, format, data}};
}

/* The row a device has after it was sent `data`. */
static struct applied_setting row(const char *user, const char *uri, const char *data,
				  enum applied_state state, int64_t status, int64_t tries,
				  int64_t age)
{
	struct setting setting = {uri, "int", data};

	return (struct applied_setting){.tenant_id = "t",
					.device_id = "d",
					.user_object_id = user,
					.locuri = uri,
					.policy_id = "p1",
					.value_sha256 = desired_hash(&arena, &setting),
					.state = state,
					.status = status,
					.tries = tries,
					.updated_at = NOW - age};
}

static void diff(const struct desired_setting *wants, size_t n, const struct applied_setting *have,
		 size_t m, const char *user)
{
	struct desired_input in = {.wants = wants,
				   .want_count = n,
				   .have = have,
				   .have_count = m,
				   .user_object_id = user,
				   .now = NOW};

	desired_diff(&arena, &in, &changes, &count);
}

static void sends_what_is_new(void **state)
{
	struct desired_setting wants[] = {
	    want("p1", "", "./Vendor/MSFT/Policy/Config/A/B", "int", "1"),
	    want("p1", "", "./Device/Vendor/MSFT/X/Node", "node", ""),
	};
	struct applied_setting sent;

	diff(wants, 2, NULL, 0, "");
	assert_int_equal(count, 2);
	assert_int_equal(changes[0].kind, DESIRED_SEND);
	assert_int_equal(changes[0].verb, VERB_REPLACE);
	assert_string_equal(changes[0].setting->locuri, "./Vendor/MSFT/Policy/Config/A/B");
	assert_string_equal(changes[0].locuri, URI);
	assert_int_equal(changes[1].verb, VERB_ADD);
	sent = desired_sent(&changes[0], "t", "d", NOW);
	assert_string_equal(sent.locuri, URI);
	assert_int_equal(sent.state, APPLIED_SENT);
	assert_int_equal(sent.tries, 1);
	assert_int_equal(sent.status, 0);
	assert_string_equal(sent.policy_id, "p1");
	assert_int_equal(strlen(sent.value_sha256), 64);
}

static void leaves_alone_what_is_as_wanted(void **state)
{
	struct desired_setting wants[] = {want("p1", "", URI, "int", "1")};
	struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, DAY * 30)};

	diff(wants, 1, have, 1, "");
	assert_int_equal(count, 0);
	/* also under another spelling of the same address */
	wants[0].setting.locuri = "./device/vendor/msft/Policy/Config/%41/B";
	diff(wants, 1, have, 1, "");
	assert_int_equal(count, 0);
}

static void sends_a_new_value_whatever_happened_before(void **state)
{
	static const struct {
		enum applied_state state;
		int64_t status;
		int64_t tries;
	} cases[] = {
	    {APPLIED_OK, 200, 1},      {APPLIED_SENT, 0, 99},    {APPLIED_FAILED, 405, 1},
	    {APPLIED_FAILED, 500, 99}, {APPLIED_REMOVING, 0, 1},
	};
	struct desired_setting wants[] = {want("p1", "", URI, "int", "2")};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct applied_setting have[] = {
		    row("", URI, "1", cases[i].state, cases[i].status, cases[i].tries, 0)};

		diff(wants, 1, have, 1, "");
		assert_int_equal(count, 1);
		assert_int_equal(changes[0].verb, VERB_REPLACE);
		assert_int_equal(desired_sent(&changes[0], "t", "d", NOW).tries, 1);
	}
	/* the same text in another format is another value */
	wants[0] = want("p1", "", URI, "chr", "1");
	{
		struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, 0)};

		diff(wants, 1, have, 1, "");
		assert_int_equal(count, 1);
	}
}

static void deletes_what_nobody_wants(void **state)
{
	struct desired_setting wants[] = {want("p2", "", "./Device/Vendor/MSFT/X/New", "int", "1")};
	struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, 0)};
	struct applied_setting sent;

	diff(wants, 1, have, 1, "");
	assert_int_equal(count, 2);
	assert_int_equal(changes[0].verb, VERB_DELETE);
	assert_string_equal(changes[0].locuri, URI);
	assert_null(changes[0].setting);
	assert_int_equal(changes[1].verb, VERB_REPLACE);
	sent = desired_sent(&changes[0], "t", "d", NOW);
	assert_int_equal(sent.state, APPLIED_REMOVING);
	assert_int_equal(sent.tries, 1);
	assert_false(desired_answered(&sent, VERB_DELETE, 200, NOW));
	assert_false(desired_answered(&sent, VERB_DELETE, 404, NOW));
	assert_true(desired_answered(&sent, VERB_DELETE, 405, NOW));
	assert_int_equal(sent.state, APPLIED_REMOVING);
}

static void takes_back_what_was_being_removed(void **state)
{
	struct desired_setting wants[] = {want("p1", "", URI, "int", "1")};
	struct applied_setting have[] = {row("", URI, "1", APPLIED_REMOVING, 405, 3, 0)};

	diff(wants, 1, have, 1, "");
	assert_int_equal(count, 1);
	assert_int_equal(changes[0].verb, VERB_REPLACE);
	assert_int_equal(desired_sent(&changes[0], "t", "d", NOW).tries, 1);
}

static void forgets_setup_and_lets_a_policy_take_its_place(void **state)
{
	struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, 0)};
	struct desired_setting wants[] = {want("p1", "", URI, "int", "5"),
					  want(DESIRED_SETUP, "", URI, "int", "1")};

	have[0].policy_id = DESIRED_SETUP;
	diff(NULL, 0, have, 1, "");
	assert_int_equal(count, 1);
	assert_int_equal(changes[0].kind, DESIRED_FORGET);
	diff(wants, 2, have, 1, "");
	assert_int_equal(count, 1);
	assert_int_equal(changes[0].kind, DESIRED_SEND);
	assert_string_equal(changes[0].policy_id, "p1");
	assert_string_equal(changes[0].setting->data, "5");
}

static void first_of_two_for_one_node_wins(void **state)
{
	struct desired_setting wants[] = {
	    want("p1", "", "./Device/Vendor/MSFT/Z", "int", "1"),
	    want("p1", "", "./Vendor/MSFT/Policy/Config/A/B", "int", "1"),
	    want("p2", "", URI, "int", "2"),
	    want("p2", "", "./Device/Vendor/MSFT/Y", "int", "2"),
	};
	struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, 0)};

	diff(wants, 4, NULL, 0, "");
	assert_int_equal(count, 3);
	/* in the order they were given, not in the order of their addresses */
	assert_string_equal(changes[0].setting->locuri, "./Device/Vendor/MSFT/Z");
	assert_string_equal(changes[1].setting->data, "1");
	assert_string_equal(changes[2].setting->locuri, "./Device/Vendor/MSFT/Y");
	diff(&wants[1], 2, have, 1, "");
	assert_int_equal(count, 0);
}

static void holds_what_is_not_known(void **state)
{
	struct desired_setting wants[] = {want("p1", "", URI, "int", "2"),
					  want("p1", "", "./Device/Vendor/MSFT/Y", "int", "2")};
	struct applied_setting have[] = {row("", URI, "1", APPLIED_OK, 200, 1, 0)};

	wants[0].is_held = wants[1].is_held = true;
	diff(wants, 2, have, 1, "");
	assert_int_equal(count, 0);
}

static void reaches_only_the_active_user(void **state)
{
	struct desired_setting wants[] = {want("p1", "alice", USER_URI, "int", "1"),
					  want("p1", "", URI, "int", "1")};
	struct applied_setting have[] = {row("bob", USER_URI, "7", APPLIED_OK, 200, 1, 0)};

	diff(wants, 2, have, 1, "");
	assert_int_equal(count, 1);
	assert_string_equal(changes[0].user_object_id, "");
	diff(wants, 2, have, 1, "alice");
	assert_int_equal(count, 2);
	assert_string_equal(changes[0].user_object_id, "alice");
	assert_string_equal(desired_sent(&changes[0], "t", "d", NOW).user_object_id, "alice");
	/* bob's own is taken back only when bob is there */
	diff(wants, 2, have, 1, "bob");
	assert_int_equal(count, 2);
	assert_int_equal(changes[0].verb, VERB_DELETE);
	assert_string_equal(changes[0].user_object_id, "bob");
}

static void retries_as_the_status_deserves(void **state)
{
	static const struct {
		const char *user;
		enum applied_state state;
		int64_t status;
		int64_t tries;
		int64_t age;
		bool is_sent;
		enum command_verb verb;
	} cases[] = {
	    /* no answer: in the next session, later once a day */
	    {"", APPLIED_SENT, 0, 1, 0, true, VERB_REPLACE},
	    {"", APPLIED_SENT, 0, DESIRED_TRIES - 1, 0, true, VERB_REPLACE},
	    {"", APPLIED_SENT, 0, DESIRED_TRIES, DAY - 1, false, 0},
	    {"", APPLIED_SENT, 0, DESIRED_TRIES, DAY, true, VERB_REPLACE},
	    /* a failure that may go away: 15 min, 1 h, 4 h, 16 h, never */
	    {"", APPLIED_FAILED, 500, 1, 15 * 60 - 1, false, 0},
	    {"", APPLIED_FAILED, 500, 1, 15 * 60, true, VERB_REPLACE},
	    {"", APPLIED_FAILED, 500, 2, HOUR - 1, false, 0},
	    {"", APPLIED_FAILED, 500, 2, HOUR, true, VERB_REPLACE},
	    {"", APPLIED_FAILED, 500, 4, 16 * HOUR - 1, false, 0},
	    {"", APPLIED_FAILED, 500, 4, 16 * HOUR, true, VERB_REPLACE},
	    {"", APPLIED_FAILED, 500, 5, 365 * DAY, false, 0},
	    {"", APPLIED_FAILED, 420, 1, HOUR, true, VERB_REPLACE},
	    /* one that will not */
	    {"", APPLIED_FAILED, 405, 1, 365 * DAY, false, 0},
	    {"", APPLIED_FAILED, 425, 1, 365 * DAY, false, 0},
	    /* no node: an Add, once */
	    {"", APPLIED_FAILED, 404, 1, 0, true, VERB_ADD},
	    {"", APPLIED_FAILED, 404, 2, 365 * DAY, false, 0},
	    /* cancelled by the device */
	    {"", APPLIED_FAILED, 214, 9, 0, true, VERB_REPLACE},
	    /* no user context: every session, for a while */
	    {"alice", APPLIED_FAILED, 405, 1, 0, true, VERB_REPLACE},
	    {"alice", APPLIED_FAILED, 500, DESIRED_USER_TRIES - 1, 0, true, VERB_REPLACE},
	    {"alice", APPLIED_FAILED, 500, DESIRED_USER_TRIES, 365 * DAY, false, 0},
	    {"alice", APPLIED_FAILED, 425, 1, 365 * DAY, false, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *user = cases[i].user;
		const char *uri = *user ? USER_URI : URI;
		struct desired_setting wants[] = {want("p1", user, uri, "int", "1")};
		struct applied_setting have[] = {row(
		    user, uri, "1", cases[i].state, cases[i].status, cases[i].tries, cases[i].age)};

		diff(wants, 1, have, 1, user);
		if (count != cases[i].is_sent)
			fail_msg("case %zu: %zu changes", i, count);
		if (!count)
			continue;
		assert_int_equal(changes[0].verb, cases[i].verb);
		assert_int_equal(desired_sent(&changes[0], "t", "d", NOW).tries,
				 cases[i].tries + 1);
	}
}

static void retries_deletes(void **state)
{
	static const struct {
		int64_t status;
		int64_t tries;
		int64_t age;
		bool is_sent;
	} cases[] = {
	    {0, 1, 0, true},     {0, 5, HOUR, false},  {0, 5, DAY, true},    {500, 1, HOUR, true},
	    {500, 1, 60, false}, {500, 5, DAY, false}, {405, 1, DAY, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct applied_setting have[] = {row(
		    "", URI, "1", APPLIED_REMOVING, cases[i].status, cases[i].tries, cases[i].age)};

		diff(NULL, 0, have, 1, "");
		if (count != cases[i].is_sent)
			fail_msg("case %zu: %zu changes", i, count);
		if (count)
			assert_int_equal(desired_sent(&changes[0], "t", "d", NOW).tries,
					 cases[i].tries + 1);
	}
}

static void works_answers_into_rows(void **state)
{
	static const struct {
		const char *user;
		enum command_verb verb;
		int64_t status;
		enum applied_state want;
	} cases[] = {
	    {"", VERB_REPLACE, 200, APPLIED_OK},      {"", VERB_REPLACE, 202, APPLIED_OK},
	    {"", VERB_ADD, 418, APPLIED_OK},          {"", VERB_REPLACE, 418, APPLIED_FAILED},
	    {"", VERB_REPLACE, 404, APPLIED_FAILED},  {"", VERB_REPLACE, 500, APPLIED_FAILED},
	    {"u", VERB_REPLACE, 405, APPLIED_FAILED},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct applied_setting sent =
		    row(cases[i].user, URI, "1", APPLIED_SENT, 0, 1, HOUR);

		assert_true(desired_answered(&sent, cases[i].verb, cases[i].status, NOW));
		assert_int_equal(sent.state, cases[i].want);
		assert_int_equal(sent.status, cases[i].status);
		assert_int_equal(sent.updated_at, NOW);
	}
}

static void joins_many(void **state)
{
	enum { N = 3000 };
	struct desired_setting *wants = ARENA_ARRAY(&arena, N, struct desired_setting);
	struct applied_setting *have = ARENA_ARRAY(&arena, N, struct applied_setting);

	for (size_t i = 0; i < N; i++) {
		char *uri = arena_printf(&arena, "./Device/Vendor/MSFT/X/%zu", N - i);

		wants[i] = want("p1", "", uri, "int", "1");
		have[i] = row("", uri, i % 2 ? "1" : "0", APPLIED_OK, 200, 1, 0);
	}
	diff(wants, N, have, N, "");
	assert_int_equal(count, N / 2);
	assert_string_equal(changes[0].locuri, "./Device/Vendor/MSFT/X/3000");
	assert_string_equal(changes[1].locuri, "./Device/Vendor/MSFT/X/2998");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sends_what_is_new, setup, teardown),
	    cmocka_unit_test_setup_teardown(leaves_alone_what_is_as_wanted, setup, teardown),
	    cmocka_unit_test_setup_teardown(sends_a_new_value_whatever_happened_before, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(deletes_what_nobody_wants, setup, teardown),
	    cmocka_unit_test_setup_teardown(takes_back_what_was_being_removed, setup, teardown),
	    cmocka_unit_test_setup_teardown(forgets_setup_and_lets_a_policy_take_its_place, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(first_of_two_for_one_node_wins, setup, teardown),
	    cmocka_unit_test_setup_teardown(holds_what_is_not_known, setup, teardown),
	    cmocka_unit_test_setup_teardown(reaches_only_the_active_user, setup, teardown),
	    cmocka_unit_test_setup_teardown(retries_as_the_status_deserves, setup, teardown),
	    cmocka_unit_test_setup_teardown(retries_deletes, setup, teardown),
	    cmocka_unit_test_setup_teardown(works_answers_into_rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(joins_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
