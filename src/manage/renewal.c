/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal.c: see renewal.h.
 */
#include "manage/renewal.h"

enum { DAY_S = 24 * 3600 };

bool manage_renewal_is_due(const struct config *config,
			   const struct device_certificate *certificate, int64_t ordered_at,
			   int64_t now)
{
	int64_t days = (int64_t)config->renew_days - (int64_t)config->retry_days;
	int64_t due = certificate->not_after - days * DAY_S;

	return config->renew_days > 0 && now >= due && now >= ordered_at + DAY_S;
}

size_t manage_renewal_wants(struct arena *arena, const struct config *config,
			    struct desired_setting ret[CSP_RENEW_SETTINGS])
{
	struct setting settings[CSP_RENEW_SETTINGS];

	if (config->renew_days == 0)
		return 0;
	csp_renew_settings(arena, config, settings);
	for (size_t i = 0; i < CSP_RENEW_SETTINGS; i++)
		ret[i] = (struct desired_setting){
		    .policy_id = DESIRED_SETUP,
		    .user_object_id = "",
		    .setting = settings[i],
		    .is_together = true,
		};
	return CSP_RENEW_SETTINGS;
}
