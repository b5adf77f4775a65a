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
