/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h: doing one command: ask where it destroys, send, follow pages, print.
 */
#ifndef MUSTER_MUSTER_RUN_H
#define MUSTER_MUSTER_RUN_H

#include <stdio.h>

#include "muster/args.h"

struct cli_streams {
	FILE *in;         /* for the answer to a question */
	FILE *out;        /* results */
	FILE *err;        /* questions and notes */
	bool is_terminal; /* there is a person to ask */
};

MUST_CHECK int cli_run(struct cli *cli, const struct cli_args *args,
		       const struct cli_streams *streams);

#endif
