/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.h: what one step of a simulated device works with: memory, the HTTP client, where to
 * print, and the reason when it fails. A task is used by one thread.
 */
#ifndef MUSTER_SIM_DEVICE_TASK_H
#define MUSTER_SIM_DEVICE_TASK_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "http/client.h"
#include "sim/device/codes.h"

/* Positive outcomes of everything that talks to the server. The sentence is in the trail. */
enum outcome {
	OUTCOME_BROKEN = 1,  /* the server broke a rule of the protocol */
	OUTCOME_REFUSED,     /* the server said no in the proper form */
	OUTCOME_UNREACHABLE, /* no connection, no answer in time */
	OUTCOME_UNTRUSTED    /* the server's certificate does not verify */
};

struct task {
	struct arena *arena; /* of the step */
	struct trail *trail;
	struct http_client *client;
	FILE *out;       /* results; NULL: silent */
	bool is_verbose; /* also each step */
	uint32_t code;   /* what Windows would show for the failure; 0 none */
};

/* A line of progress, only when verbose. */
void task_step(const struct task *task, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A line of result. */
void task_tell(const struct task *task, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Fail with what Windows would show: `return TASK_BROKEN(task, CODE_ACCOUNT, "no ADDR");` */
#define TASK_FAIL(task, outcome, hresult, ...)                                                     \
	__extension__({                                                                            \
		(task)->code = (hresult);                                                          \
		ERR_FAIL((task)->trail, (outcome), __VA_ARGS__);                                   \
	})
#define TASK_BROKEN(task, number, ...)                                                             \
	TASK_FAIL((task), OUTCOME_BROKEN, code_hresult(number), __VA_ARGS__)

/* The word for an outcome or an error, for reports. */
const char *outcome_name(int r);

#endif
