/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: the command line of muster-entra.
 */
#ifndef MUSTER_SIM_ENTRA_OPTIONS_H
#define MUSTER_SIM_ENTRA_OPTIONS_H

#include <stdio.h>

#include "base/attr.h"
#include "sim/entra/listener.h"

struct options {
	const char *dir;
	const char *seed; /* file of control calls to run at start; NULL none */
	const char *addresses[LISTENERS];
};

enum options_outcome {
	OPTIONS_E_DONE = 1, /* --help or --version was answered: exit 0 */
	OPTIONS_E_USAGE = 2 /* the mistake was printed: exit 2 */
};

/* The strings belong to argv. */
MUST_CHECK int options_read(struct options *ret, int argc, char **argv, FILE *out, FILE *err);

#endif
