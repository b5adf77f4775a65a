/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h: from what was typed to what is sent: path, query and body of one call.
 * No network here; files that options name are read.
 */
#ifndef MUSTER_MUSTER_REQUEST_H
#define MUSTER_MUSTER_REQUEST_H

#include "base/text.h"
#include "muster/args.h"

struct cli_request {
	const char *path;  /* "/api/v1/tenants/..." */
	const char *query; /* "state=enrolled&name=x", "" for none; without limit and cursor */
	struct text body;  /* one JSON object; empty for a verb that has none */
};

MUST_CHECK int cli_request_make(struct cli *cli, const struct cli_args *args,
				struct cli_request *ret);

#endif
