/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rules.c: rules over facts, and what a verdict makes of a device's state.
 */
#include "comply/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct fact facts[] = {
    {"os_version", "10.0.22631.4460", 1},
    {"secure_boot", "1", 1},
    {"encryption", "0", 1},
    {"name", "DESKTOP-1", 1},
    {"empty", "", 1},
};

static const struct {
	const char *fact;
	enum rule_operator operator;
	const char *value;
	enum rule_verdict verdict;
} cases[] = {
    {"os_version", RULE_GE, "10.0.22631", RULE_MET},
    {"os_version", RULE_GE, "10.0.22631.4460", RULE_MET},
    {"os_version", RULE_GE, "10.0.22631.4461", RULE_NOT_MET},
    {"os_version", RULE_GE, "10.0.9999", RULE_MET},
    {"os_version", RULE_LT, "10.0.26100", RULE_MET},
    {"os_version", RULE_GT, "10.0.22631.4460", RULE_NOT_MET},
    {"os_version", RULE_LE, "10.0.22631.4460", RULE_MET},
    {"os_version", RULE_GE, "ten", RULE_NOT_MET},
    {"os_version", RULE_GE, "10..0", RULE_NOT_MET},
    {"secure_boot", RULE_EQ, "1", RULE_MET},
    {"secure_boot", RULE_EQ, "01", RULE_MET},
    {"secure_boot", RULE_NE, "1", RULE_NOT_MET},
    {"secure_boot", RULE_IN, "2, 1", RULE_MET},
    {"secure_boot", RULE_IN, "2,3", RULE_NOT_MET},
    {"encryption", RULE_EQ, "1", RULE_NOT_MET},
    {"name", RULE_EQ, "desktop-1", RULE_MET},
    {"name", RULE_GE, "A", RULE_NOT_MET},
    {"name", RULE_EXISTS, "", RULE_MET},
    {"empty", RULE_EXISTS, "", RULE_NOT_MET},
    {"empty", RULE_NE, "1", RULE_NOT_MET},
    {"empty", RULE_LT, "5", RULE_NOT_MET},
    {"absent", RULE_EXISTS, "", RULE_UNDECIDED},
    {"absent", RULE_NE, "1", RULE_UNDECIDED},
};

static void rules_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct compliance_rule rule = {cases[i].fact, cases[i].operator, cases[i].value };
		enum rule_verdict verdict = rule_judge(&rule, facts, ARRAY_LEN(facts));

		if (verdict != cases[i].verdict)
			fail_msg("%s %s %s: %d", cases[i].fact,
				 rule_operator_name(cases[i].operator), cases[i].value, verdict);
	}
}

enum { NOW = 1000000, GRACE = 3600 };

static const struct {
	const char *what;
	enum compliance_state before;
	int64_t changed_at, grace_until;
	struct rules_result result;
	enum compliance_state after;
	int64_t after_grace_until;
} steps[] = {
    {"no policy", COMPLIANCE_COMPLIANT, 0, 0, {0}, COMPLIANCE_UNKNOWN, 0},
    {"all met", COMPLIANCE_UNKNOWN, 0, 0, {.policies = 1}, COMPLIANCE_COMPLIANT, 0},
    {"all met again", COMPLIANCE_NONCOMPLIANT, 0, 0, {.policies = 1}, COMPLIANCE_COMPLIANT, 0},
    {"not met, no grace",
     COMPLIANCE_COMPLIANT,
     0,
     0,
     {.policies = 1, .not_met = 1},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"not met, grace begins",
     COMPLIANCE_COMPLIANT,
     0,
     0,
     {.policies = 1, .not_met = 1, .grace = GRACE},
     COMPLIANCE_GRACE,
     NOW + GRACE},
    {"grace goes on",
     COMPLIANCE_GRACE,
     NOW - 60,
     NOW - 60 + GRACE,
     {.policies = 1, .not_met = 1, .grace = GRACE},
     COMPLIANCE_GRACE,
     NOW - 60 + GRACE},
    {"grace runs out",
     COMPLIANCE_GRACE,
     NOW - GRACE,
     NOW,
     {.policies = 1, .not_met = 1, .grace = GRACE},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"grace is shortened",
     COMPLIANCE_GRACE,
     NOW - 60,
     NOW - 60 + GRACE,
     {.policies = 1, .not_met = 1, .grace = 30},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"no second grace",
     COMPLIANCE_NONCOMPLIANT,
     0,
     0,
     {.policies = 1, .not_met = 1, .grace = GRACE},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"silence outweighs what was met",
     COMPLIANCE_COMPLIANT,
     0,
     0,
     {.policies = 1, .is_silent = true},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"silence ends a grace",
     COMPLIANCE_GRACE,
     NOW - 60,
     NOW + 60,
     {.policies = 1, .not_met = 1, .grace = GRACE, .is_silent = true},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"undecided waits",
     COMPLIANCE_UNKNOWN,
     NOW - 60,
     0,
     {.policies = 1, .undecided = 1},
     COMPLIANCE_UNKNOWN,
     0},
    {"undecided for too long",
     COMPLIANCE_UNKNOWN,
     NOW - COMPLIANCE_UNDECIDED_S,
     0,
     {.policies = 1, .undecided = 1},
     COMPLIANCE_NONCOMPLIANT,
     0},
    {"silence does not cure",
     COMPLIANCE_NONCOMPLIANT,
     NOW - 60,
     0,
     {.policies = 1, .undecided = 1},
     COMPLIANCE_NONCOMPLIANT,
     0},
};

static void states_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct device device = {
		    .compliance_state = steps[i].before,
		    .compliance_changed_at = steps[i].changed_at,
		    .grace_until = steps[i].grace_until,
		};
		int64_t grace_until = -1;
		enum compliance_state after =
		    compliance_next(&device, &steps[i].result, NOW, &grace_until);

		if (after != steps[i].after || grace_until != steps[i].after_grace_until)
			fail_msg("%s: %s until %lld", steps[i].what, compliance_state_name(after),
				 (long long)grace_until);
	}
}

static void who_is_not_seen_is_not_compliant(void **state)
{
	static const struct {
		int64_t enrolled_at, last_seen_at;
		size_t policies;
		bool is_silent;
	} seen[] = {
	    {0, 1, 1, true},  {0, 2, 1, false},
	    {2, 0, 1, false}, {0, 0, 1, true},
	    {0, 1, 0, false}, {0, COMPLIANCE_SILENT_S + 100, 1, false}, /* the clock was set back */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		struct device device = {.enrolled_at = seen[i].enrolled_at,
					.last_seen_at = seen[i].last_seen_at};
		struct rules_result result = {.policies = seen[i].policies, .reasons = "[]"};

		rules_silence(&device, COMPLIANCE_SILENT_S + 1, &result);
		if (result.is_silent != seen[i].is_silent)
			fail_msg("case %zu", i);
		assert_string_equal(result.reasons, seen[i].is_silent
							? "[\"has not been seen for 30 days\"]"
							: "[]");
	}
}

static void only_a_verdict_is_reported(void **state)
{
	(void)state;
	assert_int_equal(compliance_report(COMPLIANCE_COMPLIANT), 1);
	assert_int_equal(compliance_report(COMPLIANCE_NONCOMPLIANT), 0);
	assert_int_equal(compliance_report(COMPLIANCE_UNKNOWN), -1);
	assert_int_equal(compliance_report(COMPLIANCE_GRACE), -1);
}

static void reasons_and_shortest_grace(void **state)
{
	struct compliance_rule failing[] = {{"encryption", RULE_EQ, "1"}, {"absent", RULE_EQ, "1"}};
	struct compliance_rule met[] = {{"secure_boot", RULE_EQ, "1"}};
	struct compliance_policy a = {.name = "A", .rules = failing, .rule_count = 2, .grace = 90};
	struct compliance_policy b = {.name = "B", .rules = failing, .rule_count = 1, .grace = 30};
	struct compliance_policy c = {.name = "C", .rules = met, .rule_count = 1, .grace = 0};
	const struct rules_policy all[] = {{&a, false}, {&b, false}, {&c, false}};
	struct rules_result result;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	rules_judge(&arena, all, 3, facts, ARRAY_LEN(facts), &result);
	assert_int_equal(result.not_met, 2);
	assert_int_equal(result.undecided, 1);
	assert_int_equal(result.grace, 30);
	assert_string_equal(result.reasons, "[\"A: encryption must be eq 1, is '0'\","
					    "\"A: absent is not reported yet\","
					    "\"B: encryption must be eq 1, is '0'\"]");
	rules_judge(&arena, all + 2, 1, facts, ARRAY_LEN(facts), &result);
	assert_string_equal(result.reasons, "[]");
	arena_done(&arena);
}

/* What nobody can say to apply must not make a device compliant, nor noncompliant. */
static void an_uncertain_policy_decides_nothing_alone(void **state)
{
	struct compliance_rule met[] = {{"secure_boot", RULE_EQ, "1"}};
	struct compliance_rule failing[] = {{"encryption", RULE_EQ, "1"}};
	struct compliance_policy good = {.name = "good", .rules = met, .rule_count = 1};
	struct compliance_policy bad = {.name = "bad", .rules = failing, .rule_count = 1};
	const struct {
		struct rules_policy policies[2];
		size_t n, not_met, undecided;
	} mixes[] = {
	    {{{&good, true}}, 1, 0, 1},
	    {{{&bad, true}}, 1, 0, 1},
	    {{{&good, false}, {&good, true}}, 2, 0, 0},
	    {{{&bad, true}, {&good, false}}, 2, 0, 1},
	    {{{&bad, false}, {&good, true}}, 2, 1, 0},
	};
	struct rules_result result;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(mixes); i++) {
		rules_judge(&arena, mixes[i].policies, mixes[i].n, facts, ARRAY_LEN(facts),
			    &result);
		if (result.not_met != mixes[i].not_met || result.undecided != mixes[i].undecided ||
		    result.policies != mixes[i].n)
			fail_msg("case %zu: %zu not met, %zu undecided", i, result.not_met,
				 result.undecided);
	}
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_table),
	    cmocka_unit_test(states_table),
	    cmocka_unit_test(who_is_not_seen_is_not_compliant),
	    cmocka_unit_test(only_a_verdict_is_reported),
	    cmocka_unit_test(reasons_and_shortest_grace),
	    cmocka_unit_test(an_uncertain_policy_decides_nothing_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
