/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c: see renew.h.
 */
#include "csp/renew.h"

const char *csp_renew_url(struct arena *arena, const struct config *config)
{
	return arena_printf(arena, "%s" CONFIG_DISCOVERY_PATH, config->manage.url);
}

void csp_renew_settings(struct arena *arena, const struct config *config,
			struct setting ret[CSP_RENEW_SETTINGS])
{
	ret[0] = (struct setting){CSP_RENEW_URI "RenewPeriod", "int",
				  arena_printf(arena, "%zu", config->renew_days)};
	ret[1] = (struct setting){CSP_RENEW_URI "RetryInterval", "int",
				  arena_printf(arena, "%zu", config->retry_days)};
	ret[2] = (struct setting){CSP_RENEW_URI "ServerURL", "chr", csp_renew_url(arena, config)};
}
