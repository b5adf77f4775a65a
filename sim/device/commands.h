/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h: the commands of muster-device, one function each. They return 0, a positive outcome
 * of task.h or a negative error, with the sentence for people in the trail.
 */
#ifndef MUSTER_SIM_DEVICE_COMMANDS_H
#define MUSTER_SIM_DEVICE_COMMANDS_H

#include "sim/device/enroll.h"
#include "sim/device/options.h"
#include "sim/device/session.h"

MUST_CHECK int command_enroll(struct task *task, const struct options *options);

MUST_CHECK int command_session(struct task *task, const struct options *options);
MUST_CHECK int command_renew(struct task *task, const struct options *options);
MUST_CHECK int command_unenroll(struct task *task, const struct options *options);
MUST_CHECK int command_run(struct task *task, const struct options *options);
MUST_CHECK int command_load(struct task *task, const struct options *options);

/* One session with all it leads to; device and tree are saved. origin 0: the user, or the
 * enrolment for the first. */
MUST_CHECK int command_one_session(struct task *task, const struct options *options,
				   struct device *device, struct tree *tree,
				   enum session_origin origin);
/* What the command line and the device together say about the directory. */
struct directory command_directory(const struct options *options, const struct device *device);
/* The enrolled device of --dir; says what to do when there is none. */
MUST_CHECK int command_open(struct task *task, const struct options *options, struct device *ret);
/* A file that must be there, blanks at its ends removed. */
MUST_CHECK int command_read_file(struct task *task, const char *path, struct text *ret);

#endif
