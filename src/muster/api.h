/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h: calls of the admin API: one connection, the token in every request, answers as JSON.
 * The token file must be readable by its owner only; the token is wiped when the API is closed.
 */
#ifndef MUSTER_MUSTER_API_H
#define MUSTER_MUSTER_API_H

#include "base/json.h"
#include "muster/settings.h"

struct cli_api;

MUST_CHECK int cli_api_open(struct cli *cli, const struct cli_settings *settings,
			    struct cli_api **ret);
void cli_api_close(struct cli_api *api);

struct cli_answer {
	int status;
	struct text body;        /* as it came */
	const struct json *json; /* NULL when the body is empty or no JSON */
};

/* 0: an answer came, whatever its status. target: path and query. body: JSON, may be empty. */
MUST_CHECK int cli_api_send(struct cli *cli, struct cli_api *api, const char *method,
			    const char *target, struct text body, struct cli_answer *ret);

/* 0 for a status of success; else what went wrong, from the problem document where there is one. */
MUST_CHECK int cli_answer_check(struct cli *cli, const struct cli_answer *answer);

#endif
