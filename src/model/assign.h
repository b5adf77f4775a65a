/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assign.h: whether an assignment list means a device and the user it is for. Pure.
 *
 * A list matches when at least one entry that includes matches and no entry that excludes does.
 * An empty list matches nobody. Where the groups of the user are not known, a list that depends on
 * one has no verdict: not to know is not the same as no.
 */
#ifndef MUSTER_MODEL_ASSIGN_H
#define MUSTER_MODEL_ASSIGN_H

#include "model/policy.h"

/* What is known of whom a policy could be for. user_object_id "" when no user is known. */
struct assign_subject {
	const char *device_id;
	const char *user_object_id;
	const char *const *groups; /* Entra group ids of the user, lower case */
	size_t group_count;
	const char *const *tags; /* of the device */
	size_t tag_count;
	bool is_group_known; /* for assign_judge; else groups is empty and says nothing */
};

enum assign_verdict {
	ASSIGN_NO,
	ASSIGN_YES,
	ASSIGN_UNKNOWN /* depends on a group, and the groups of the user are not known */
};

MUST_CHECK enum assign_verdict assign_judge(const struct assignment *list, size_t n,
					    const struct assign_subject *subject);

/* The same for groups that are known, or count as none. */
bool assign_matches(const struct assignment *list, size_t n, const struct assign_subject *subject);

#endif
