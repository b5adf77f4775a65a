/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c: see renew.h.
 */
#include "csp/renew.h"

void csp_renew_settings(struct arena *arena, size_t renew_days, size_t retry_days,
			struct setting ret[CSP_RENEW_SETTINGS])
{
	ret[0] = (struct setting){CSP_RENEW_URI "RenewPeriod", "int",
				  arena_printf(arena, "%zu", renew_days)};
	ret[1] = (struct setting){CSP_RENEW_URI "RetryInterval", "int",
				  arena_printf(arena, "%zu", retry_days)};
}
