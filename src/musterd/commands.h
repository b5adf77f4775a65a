/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h: the commands of musterd, one file each. A command gets the arguments after its name
 * and returns the exit status: 0 done, 2 wrong usage, 1 any other failure after one line on
 * standard error that says what is wrong and what to do.
 */
#ifndef MUSTER_MUSTERD_COMMANDS_H
#define MUSTER_MUSTERD_COMMANDS_H

#include "base/err.h"
#include "musterd/config.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_init(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_check(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_ca(int argc, char **argv);

/* Read `--config F` and the file it names. EXIT_DONE, or the exit status after the line. */
int command_config(const char *command, int argc, char **argv, struct config_file **ret);

/* The one line of a failure: the message of the trail without its places in the source. */
int command_fail(const char *command, const struct trail *trail);

#endif
