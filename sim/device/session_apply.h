/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_apply.h: carrying out the commands of one server message and writing the answers.
 */
#ifndef MUSTER_SIM_DEVICE_SESSION_APPLY_H
#define MUSTER_SIM_DEVICE_SESSION_APPLY_H

#include "sim/device/session.h"
#include "sim/device/syncml_check.h"

/* Statuses in the order of the commands, then the Results. Stops at once, without an answer, when
 * the server removes the enrolment. */
void session_apply(struct task *task, struct csp *csp, const struct syncml_reply *reply,
		   struct syncml_out *out, struct session_result *result);

#endif
