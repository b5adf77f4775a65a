/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: judging one device's facts by compliance policies. Pure.
 *
 * A fact that the device has not reported makes a rule undecided, never met. Values compare as
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

/* The sum over all policies that apply. */
struct rules_result {
	size_t policies;     /* that apply */
	size_t not_met;      /* rules */
	size_t undecided;    /* rules */
	int64_t grace;       /* shortest of the policies with a rule not met */
	const char *reasons; /* JSON array of text, one for each rule not met or undecided */
};

void rules_judge(struct arena *arena, const struct compliance_policy *const *policies,
		 size_t policy_count, const struct fact *facts, size_t fact_count,
		 struct rules_result *ret);

/* The next state of a device. Also sets *grace_until (0 unless the state is GRACE). */
MUST_CHECK enum compliance_state compliance_next(const struct device *device,
						 const struct rules_result *result, int64_t now,
						 int64_t *grace_until);

/* What Graph must be told of a state: 1 compliant, 0 not compliant, -1 nothing new. */
int compliance_report(enum compliance_state state);

/* How long a device may leave a rule undecided before it counts as not met, seconds. */
enum { COMPLIANCE_UNDECIDED_S = 24 * 3600 };

#endif
