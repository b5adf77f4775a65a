/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targeting.c: assignments against a device, its tags, and its user's groups.
 *
 * Policies come in the order of their ids, which is the order of their age: of two that set one
 * node the older one wins, whoever edits either of them. A setting whose address is not of its
 * policy's scope is left out: it would reach whoever happens to be signed in.
 */
#include "manage/targeting.h"

#include "comply/subject.h"
#include "manage/policy_seal.h"
#include "store/policy.h"
#include "syncml/locuri.h"

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

int target_load(struct db_conn *conn, struct arena *arena, const struct server_keys *keys,
		const struct device *device, const char *user_object_id, size_t spare,
		struct desired_setting **ret, size_t *ret_n)
{
	const char *users[] = {[SCOPE_DEVICE] = "", [SCOPE_USER] = user_object_id};
	struct assign_subject subjects[2];
	struct desired_setting *wants;
	struct policy *policies;
	size_t policy_count, n = 0;
	int r;

	r = store_policy_list(conn, arena, text_of(device->tenant_id), TEXT_EMPTY, STORE_NO_LIMIT,
			      &policies, &policy_count);
	if (r == 0)
		r = comply_subject_load(conn, arena, device, comply_device_user(device),
					&subjects[SCOPE_DEVICE]);
	if (r == 0)
		r = comply_subject_load(conn, arena, device, user_object_id, &subjects[SCOPE_USER]);
	if (r)
		return r;
	wants = ARENA_ARRAY(arena, count_settings(policies, policy_count) + spare,
			    struct desired_setting);
	for (size_t i = 0; i < policy_count; i++) {
		struct policy *policy = &policies[i];
		enum assign_verdict verdict;

		if (policy->scope == SCOPE_USER && !*user_object_id)
			continue;
		verdict = assign_judge(policy->assignments, policy->assignment_count,
				       &subjects[policy->scope]);
		if (verdict == ASSIGN_NO)
			continue;
		r = policy_open(arena, keys, policy);
		if (r)
			return r;
		n += add_policy(policy, users[policy->scope], verdict == ASSIGN_UNKNOWN, wants + n);
	}
	*ret = wants;
	*ret_n = n;
	return 0;
}
