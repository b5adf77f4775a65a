/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.c: what the commands share: the configuration they are given and the line of a failure.
 */
#include <stdio.h>

#include "musterd/commands.h"
#include "musterd/options.h"

int command_fail(const char *command, const struct trail *trail)
{
	fprintf(stderr, "musterd %s: %s\n", command, trail->cause);
	return EXIT_FAILED;
}

int command_config(const char *command, int argc, char **argv, struct config_file **ret)
{
	struct option_row rows[] = {{.name = "config", .is_required = true}};
	struct trail trail;

	trail_reset(&trail);
	if (!options_read(command, argc, argv, rows, ARRAY_LEN(rows)))
		return EXIT_USAGE;
	if (config_load(ret, rows[0].value, &trail))
		return command_fail(command, &trail);
	return EXIT_DONE;
}
