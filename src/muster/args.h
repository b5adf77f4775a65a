/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h: reading the command line: `muster [options] RESOURCE VERB [ID] [options]`. Options may
 * stand anywhere, as "--name VALUE" or "--name=VALUE"; after "--" everything is an argument.
 * Nothing is read from the surroundings here.
 */
#ifndef MUSTER_MUSTER_ARGS_H
#define MUSTER_MUSTER_ARGS_H

#include <stdint.h>

#include "muster/cli.h"

struct cli_given {
	const struct cli_option *option;
	const char *value; /* "" for a flag */
};

struct cli_args {
	const struct cli_resource *resource; /* NULL only with is_help or is_version */
	const struct cli_verb *verb;         /* NULL only with is_help or is_version */
	const char *id;                      /* NULL when the verb takes none */
	struct cli_given *given;             /* options of the verb, in their order */
	size_t given_count;

	const char *url;
	const char *token_file;
	const char *ca;
	const char *cursor;
	uint64_t limit; /* 0: not given */
	bool is_json;
	bool is_all;
	bool is_yes;
	bool is_help;
	bool is_version;
};

/* The strings belong to argv. argv[0] is the program's name. */
MUST_CHECK int cli_args_read(struct cli *cli, int argc, char **argv, struct cli_args *ret);

/* The options every command has, for the help. */
const struct cli_option *cli_common_options(void);

#endif
