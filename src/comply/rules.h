/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: judging one device's facts by compliance policies. Pure.
 *
 * A fact that the device has not reported makes a rule undecided, an empty one (the device has no
 * such node) makes it not met, whatever the operator. Values compare as
 * dotted versions where both are (10.0.26200.1 > 10.0.9999), which makes integers compare as
 * numbers; otherwise only equality is defined and an order comparison is not met.
 */
#ifndef MUSTER_COMPLY_RULES_H
#define MUSTER_COMPLY_RULES_H

#include "base/arena.h"
#include "model/compliance.h"

enum rule_verdict { RULE_MET, RULE_NOT_MET, RULE_UNDECIDED };

MUST_CHECK enum rule_verdict rule_judge(const struct compliance_rule *rule,
					const struct fact *facts, size_t n);

/* A policy that applies, or of which nobody can say whether it does. */
struct rules_policy {
	const struct compliance_policy *policy;
	bool is_uncertain;
};

/* The sum over all policies. An uncertain one counts only by what it could change: rules that are
 * not met leave the verdict undecided, as nobody can say that they must be met. */
struct rules_result {
	size_t policies;     /* that apply, or may */
	size_t not_met;      /* rules */
	size_t undecided;    /* rules, and verdicts that hang on an uncertain policy */
	int64_t grace;       /* shortest of the policies with a rule not met */
	const char *reasons; /* JSON array of text, one for each rule not met or undecided */
	bool is_silent;      /* see rules_silence */
};

void rules_judge(struct arena *arena, const struct rules_policy *policies, size_t policy_count,
		 const struct fact *facts, size_t fact_count, struct rules_result *ret);

/* What a device said long ago says nothing of it now: one that was neither seen nor enrolled within
 * COMPLIANCE_SILENT_S is not compliant with whatever applies, for this one reason and at once. */
void rules_silence(const struct device *device, int64_t now, struct rules_result *result);

/* The next state of a device. Also sets *grace_until (0 unless the state is GRACE). */
MUST_CHECK enum compliance_state compliance_next(const struct device *device,
						 const struct rules_result *result, int64_t now,
						 int64_t *grace_until);

/* What Graph must be told of a state: 1 compliant, 0 not compliant, -1 nothing new. */
int compliance_report(enum compliance_state state);

/* How long a device may leave a rule undecided before it counts as not met, seconds. */
enum { COMPLIANCE_UNDECIDED_S = 24 * 3600 };

/* How long a verdict stands without the device being seen, seconds: 30 days, as its reason says. */
enum { COMPLIANCE_SILENT_S = 30 * 24 * 3600 };

#endif
