/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_seal.c: see policy_seal.h. Nothing is taken for a plain value: what does not open is a
 * failure, so that writing to the database is not enough to set something on devices.
 */
#include "manage/policy_seal.h"

static struct text place_of(struct arena *arena, const struct policy *policy,
			    const struct setting *setting)
{
	return text_of(arena_printf(arena, "policies|%s|%s|%s", policy->tenant_id, policy->id,
				    setting->locuri));
}

struct policy policy_seal(struct arena *arena, const struct server_keys *keys,
			  const struct policy *policy)
{
	struct policy sealed = *policy;

	sealed.settings = ARENA_ARRAY(arena, policy->setting_count + 1, struct setting);
	for (size_t i = 0; i < policy->setting_count; i++) {
		const struct setting *setting = &policy->settings[i];

		sealed.settings[i] = *setting;
		sealed.settings[i].data =
		    secret_seal(arena, &keys->policies, place_of(arena, policy, setting),
				text_of(setting->data));
	}
	return sealed;
}

int policy_open(struct arena *arena, const struct server_keys *keys, struct policy *policy)
{
	for (size_t i = 0; i < policy->setting_count; i++) {
		struct setting *setting = &policy->settings[i];
		struct text plain;

		if (secret_open(arena, &keys->policies, place_of(arena, policy, setting),
				text_of(setting->data), &plain))
			return ERR_INTERNAL;
		setting->data = arena_cstr(arena, plain);
	}
	return 0;
}
