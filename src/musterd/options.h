/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: long options of a command, as a table. "--name VALUE" or "--name=VALUE"; every option
 * takes a value. Unknown, repeated, valueless and missing required ones are wrong usage.
 */
#ifndef MUSTER_MUSTERD_OPTIONS_H
#define MUSTER_MUSTERD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct option_row {
	const char *name; /* without dashes */
	bool is_required;
	bool is_flag;      /* takes no value; its value is "" once given */
	const char *value; /* NULL until given */
};

/* False after one line on standard error. argv[0] is the first argument after the command. */
MUST_CHECK bool options_read(const char *command, int argc, char **argv, struct option_row *rows,
			     size_t n);

#endif
