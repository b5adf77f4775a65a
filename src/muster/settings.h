/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h: which server to speak to and how. Each of the three comes from the command line, else
 * from the environment (MUSTER_URL, MUSTER_TOKEN_FILE, MUSTER_CA), else from
 * ~/.config/muster/cli.conf with the lines url, token_file and ca.
 */
#ifndef MUSTER_MUSTER_SETTINGS_H
#define MUSTER_MUSTER_SETTINGS_H

#include "muster/args.h"

struct cli_settings {
	const char *url; /* without a slash at its end and without /api/v1 */
	const char *token_file;
	const char *ca; /* "": the system's */
};

/* CLI_E_USAGE when the server or the token is named nowhere. */
MUST_CHECK int cli_settings_read(struct cli *cli, const struct cli_args *args,
				 struct cli_settings *ret);

#endif
