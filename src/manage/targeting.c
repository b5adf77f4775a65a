/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targeting.c: assignments against a device, its tags, and its user's groups.
 *
 * Policies come in the order of their ids, which is the order of their age: of two that set one
 * node the older one wins, whoever edits either of them. A setting whose address is not of its
 * policy's scope is left out: it would reach whoever happens to be signed in.
 */
#include "manage/targeting.h"

#include "store/group.h"
#include "store/policy.h"
#include "store/tag.h"
#include "syncml/locuri.h"

/* Whether the list, without its group entries, includes or excludes; and which group entries are
 * left to decide. */
enum target_verdict target_judge(const struct assignment *list, size_t n,
				 const struct target_subject *subject)
{
	bool has_include = false, has_exclude = false, is_included = false;

	if (subject->is_group_known)
		return assign_matches(list, n, &subject->of) ? TARGET_YES : TARGET_NO;
	for (size_t i = 0; i < n; i++) {
		struct assignment one = list[i];

		if (one.kind == ASSIGN_GROUP) {
			has_include |= !one.is_exclude;
			has_exclude |= one.is_exclude;
			continue;
		}
		one.is_exclude = false;
		if (!assign_matches(&one, 1, &subject->of))
			continue;
		if (list[i].is_exclude)
			return TARGET_NO;
		is_included = true;
	}
	if (is_included)
		return has_exclude ? TARGET_UNKNOWN : TARGET_YES;
	return has_include ? TARGET_UNKNOWN : TARGET_NO;
}

int target_subject_load(struct db_conn *conn, struct arena *arena, const struct device *device,
			const char *user_object_id, struct target_subject *ret)
{
	struct text tenant = text_of(device->tenant_id);
	const char **tags, **groups;
	struct target_subject subject = {
	    .of = {.device_id = device->id, .user_object_id = user_object_id},
	    /* nobody is in no group */
	    .is_group_known = !*user_object_id,
	};
	int r;

	r = store_tag_list(conn, arena, tenant, text_of(device->id), &tags, &subject.of.tag_count);
	if (r)
		return r;
	subject.of.tags = tags;
	if (*user_object_id) {
		r = store_group_is_known(conn, tenant, text_of(user_object_id),
					 &subject.is_group_known);
		if (r)
			return r;
		r = store_group_list(conn, arena, tenant, text_of(user_object_id), &groups,
				     &subject.of.group_count);
		if (r)
			return r;
		subject.of.groups = groups;
	}
	*ret = subject;
	return 0;
}

static size_t count_settings(const struct policy *policies, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += policies[i].setting_count;
	return count;
}

static size_t add_policy(const struct policy *policy, const char *user, bool is_held,
			 struct desired_setting *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->setting_count; i++) {
		if (locuri_scope(text_of(policy->settings[i].locuri)) != policy->scope)
			continue;
		ret[n++] = (struct desired_setting){.policy_id = policy->id,
						    .user_object_id = user,
						    .setting = policy->settings[i],
						    .is_held = is_held};
	}
	return n;
}

int target_load(struct db_conn *conn, struct arena *arena, const struct device *device,
		const char *user_object_id, size_t spare, struct desired_setting **ret,
		size_t *ret_n)
{
	const char *users[] = {[SCOPE_DEVICE] = "", [SCOPE_USER] = user_object_id};
	struct target_subject subjects[2];
	struct desired_setting *wants;
	struct policy *policies;
	size_t policy_count, n = 0;
	int r;

	r = store_policy_list(conn, arena, text_of(device->tenant_id), TEXT_EMPTY, STORE_NO_LIMIT,
			      &policies, &policy_count);
	if (r == 0)
		r = target_subject_load(conn, arena, device, device->user_object_id,
					&subjects[SCOPE_DEVICE]);
	if (r == 0)
		r = target_subject_load(conn, arena, device, user_object_id, &subjects[SCOPE_USER]);
	if (r)
		return r;
	wants = ARENA_ARRAY(arena, count_settings(policies, policy_count) + spare,
			    struct desired_setting);
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy *policy = &policies[i];
		enum target_verdict verdict;

		if (policy->scope == SCOPE_USER && !*user_object_id)
			continue;
		verdict = target_judge(policy->assignments, policy->assignment_count,
				       &subjects[policy->scope]);
		if (verdict != TARGET_NO)
			n += add_policy(policy, users[policy->scope], verdict == TARGET_UNKNOWN,
					wants + n);
	}
	*ret = wants;
	*ret_n = n;
	return 0;
}
