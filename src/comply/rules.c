/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c: see rules.h.
 */
#include "comply/rules.h"

#include "base/json.h"

/* Digits and dots, beginning and ending with a digit, no part longer than 18 digits. */
static bool is_version(struct text t)
{
	size_t part = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] == '.') {
			if (part == 0)
				return false;
			part = 0;
		} else if (t.ptr[i] >= '0' && t.ptr[i] <= '9' && part < 18) {
			part++;
		} else {
			return false;
		}
	}
	return part > 0;
}

static int64_t part_take(struct text *t)
{
	struct text part = text_cut(t, '.');
	int64_t value = 0;

	for (size_t i = 0; i < part.len; i++)
		value = value * 10 + (part.ptr[i] - '0');
	return value;
}

/* Missing parts count as 0. */
static int version_compare(struct text a, struct text b)
{
	while ((a.ptr && a.len > 0) || (b.ptr && b.len > 0)) {
		int64_t left = a.ptr ? part_take(&a) : 0;
		int64_t right = b.ptr ? part_take(&b) : 0;

		if (left != right)
			return left < right ? -1 : 1;
	}
	return 0;
}

static bool value_equal(struct text a, struct text b)
{
	if (is_version(a) && is_version(b))
		return version_compare(a, b) == 0;
	return text_eq_nocase(a, b);
}

static bool value_in(struct text value, struct text list)
{
	while (list.ptr) {
		if (value_equal(value, text_trim(text_cut(&list, ','))))
			return true;
	}
	return false;
}

static bool rule_is_met(enum rule_operator operator, struct text fact, struct text wanted)
{
	bool is_ordered = is_version(fact) && is_version(wanted);
	int order = is_ordered ? version_compare(fact, wanted) : 0;

	switch (operator) {
	case RULE_EQ:
		return value_equal(fact, wanted);
	case RULE_NE:
		return !value_equal(fact, wanted);
	case RULE_GE:
		return is_ordered && order >= 0;
	case RULE_LE:
		return is_ordered && order <= 0;
	case RULE_GT:
		return is_ordered && order > 0;
	case RULE_LT:
		return is_ordered && order < 0;
	case RULE_IN:
		return value_in(fact, wanted);
	case RULE_EXISTS:
		return fact.len > 0;
	}
	return false;
}

enum rule_verdict rule_judge(const struct compliance_rule *rule, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text value = text_trim(text_of(facts[i].value));

		if (strcmp(facts[i].name, rule->fact) != 0)
			continue;
		/* The device has no such node: nothing can be proved by it, not even a difference.
		 */
		if (text_is_empty(value))
			return RULE_NOT_MET;
		return rule_is_met(rule->operator, value, text_trim(text_of(rule->value)))
			   ? RULE_MET
			   : RULE_NOT_MET;
	}
	return RULE_UNDECIDED;
}

static const char *fact_value(const struct fact *facts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(facts[i].name, name))
			return facts[i].value;
	return "";
}

static void reason_add(struct arena *arena, struct json_writer *w, enum rule_verdict verdict,
		       const struct compliance_policy *policy, const struct compliance_rule *rule,
		       const char *value)
{
	if (verdict == RULE_UNDECIDED)
		json_add_c(
		    w, NULL,
		    arena_printf(arena, "%s: %s is not reported yet", policy->name, rule->fact));
	else
		json_add_c(w, NULL,
			   arena_printf(arena, "%s: %s must be %s %s, is '%.64s'", policy->name,
					rule->fact, rule_operator_name(rule->operator), rule->value,
					value));
}

static void policy_judge(struct arena *arena, const struct compliance_policy *policy,
			 const struct fact *facts, size_t n, struct json_writer *reasons,
			 struct rules_result *ret)
{
	bool is_failing = false;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct compliance_rule *rule = &policy->rules[i];
		enum rule_verdict verdict = rule_judge(rule, facts, n);

		switch (verdict) {
		case RULE_MET:
			continue;
		case RULE_NOT_MET:
			is_failing = true;
			ret->not_met++;
			break;
		case RULE_UNDECIDED:
			ret->undecided++;
			break;
		}
		reason_add(arena, reasons, verdict, policy, rule, fact_value(facts, n, rule->fact));
	}
	if (is_failing && (ret->grace < 0 || policy->grace < ret->grace))
		ret->grace = policy->grace;
}

static bool is_met(const struct compliance_policy *policy, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		if (rule_judge(&policy->rules[i], facts, n) != RULE_MET)
			return false;
	}
	return true;
}

/* Met, it makes no difference beside policies that apply; alone it decides whether there is
 * anything to be compliant with. */
static void uncertain_judge(struct arena *arena, const struct compliance_policy *policy,
			    bool is_alone, const struct fact *facts, size_t n,
			    struct json_writer *reasons, struct rules_result *ret)
{
	if (!is_alone && is_met(policy, facts, n))
		return;
	ret->undecided++;
	json_add_c(
	    reasons, NULL,
	    arena_printf(arena, "%s: the groups of the user are not known yet", policy->name));
}

void rules_judge(struct arena *arena, const struct rules_policy *policies, size_t policy_count,
		 const struct fact *facts, size_t fact_count, struct rules_result *ret)
{
	struct json_writer w;
	struct buf buf;
	bool is_alone = true;

	*ret = (struct rules_result){.policies = policy_count, .grace = -1};
	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_array(&w, NULL);
	for (size_t i = 0; i < policy_count; i++)
		is_alone = is_alone && policies[i].is_uncertain;
	for (size_t i = 0; i < policy_count; i++) {
		if (policies[i].is_uncertain)
			uncertain_judge(arena, policies[i].policy, is_alone, facts, fact_count, &w,
					ret);
		else
			policy_judge(arena, policies[i].policy, facts, fact_count, &w, ret);
	}
	json_end_array(&w);
	ret->reasons = buf.data;
	if (ret->grace < 0)
		ret->grace = 0;
}

void rules_silence(const struct device *device, int64_t now, struct rules_result *result)
{
	int64_t seen_at = device->last_seen_at;

	if (seen_at < device->enrolled_at)
		seen_at = device->enrolled_at;
	if (result->policies == 0 || now - seen_at < COMPLIANCE_SILENT_S)
		return;
	result->is_silent = true;
	result->reasons = "[\"has not been seen for 30 days\"]";
}

static enum compliance_state failing_next(const struct device *device, int64_t grace, int64_t now,
					  int64_t *grace_until)
{
	switch (device->compliance_state) {
	case COMPLIANCE_NONCOMPLIANT:
		return COMPLIANCE_NONCOMPLIANT;
	case COMPLIANCE_GRACE:
		/* A shorter grace of a changed policy counts from when the grace began. */
		*grace_until = device->grace_until;
		if (device->compliance_changed_at + grace < *grace_until)
			*grace_until = device->compliance_changed_at + grace;
		break;
	case COMPLIANCE_UNKNOWN:
	case COMPLIANCE_COMPLIANT:
		*grace_until = now + grace;
		break;
	}
	if (now < *grace_until)
		return COMPLIANCE_GRACE;
	*grace_until = 0;
	return COMPLIANCE_NONCOMPLIANT;
}

enum compliance_state compliance_next(const struct device *device,
				      const struct rules_result *result, int64_t now,
				      int64_t *grace_until)
{
	*grace_until = 0;
	if (result->policies == 0)
		return COMPLIANCE_UNKNOWN;
	if (result->is_silent)
		return COMPLIANCE_NONCOMPLIANT;
	if (result->not_met > 0)
		return failing_next(device, result->grace, now, grace_until);
	if (result->undecided == 0)
		return COMPLIANCE_COMPLIANT;
	/* What a device keeps to itself counts against it after a while. */
	if (device->compliance_state == COMPLIANCE_NONCOMPLIANT)
		return COMPLIANCE_NONCOMPLIANT;
	if (device->compliance_state == COMPLIANCE_UNKNOWN &&
	    now - device->compliance_changed_at >= COMPLIANCE_UNDECIDED_S)
		return COMPLIANCE_NONCOMPLIANT;
	return COMPLIANCE_UNKNOWN;
}

int compliance_report(enum compliance_state state)
{
	switch (state) {
	case COMPLIANCE_COMPLIANT:
		return 1;
	case COMPLIANCE_NONCOMPLIANT:
		return 0;
	case COMPLIANCE_UNKNOWN:
	case COMPLIANCE_GRACE:
		break;
	}
	return -1;
}
