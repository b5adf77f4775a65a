/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.h: the help, written from the table of commands, so that it cannot tell of one that does not
 * exist or leave one out.
 */
#ifndef MUSTER_MUSTER_HELP_H
#define MUSTER_MUSTER_HELP_H

#include "base/buf.h"
#include "muster/cli.h"

/* resource NULL: the overview. */
void cli_help(struct buf *buf, const struct cli_resource *resource);

#endif
