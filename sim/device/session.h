/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: one management session from package 1 to the message without commands.
 */
#ifndef MUSTER_SIM_DEVICE_SESSION_H
#define MUSTER_SIM_DEVICE_SESSION_H

#include "sim/device/csp.h"
#include "sim/device/task.h"

/* Why a session starts: the UserAgentOrigin header of newer clients. */
enum session_origin { SESSION_BY_USER = 1, SESSION_BY_SCHEDULE = 2, SESSION_AFTER_ENROLMENT = 5 };

struct session_wish {
	const char *login;        /* "user", "others", "none" */
	const char *mode;         /* "Maintenance", "Machine" */
	struct text user_token;   /* ptr NULL: none */
	struct text device_token; /* ptr NULL: none; goes into the DeviceToken header */
	const struct csp_refusal *refusals;
	size_t refusal_count;
	enum session_origin origin;
	bool is_unenrolling; /* tell the server and ask for nothing */
};

struct session_result {
	unsigned messages;
	unsigned commands; /* of the server, those inside an Atomic included */
	unsigned changes;  /* Add, Replace and Delete that were accepted */
	unsigned refused;  /* commands answered with 400 and more */
	unsigned actions;  /* csp_action */
};

/* Runs it, applies what comes to the tree and counts the device's session. Every change is told
 * with task_tell. The device is not saved. */
MUST_CHECK int session_run(struct task *task, struct device *device, struct tree *tree,
			   const struct session_wish *wish, struct session_result *ret);

#endif
