/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_check.h: reading a server message and holding it to the rules of the protocol.
 */
#ifndef MUSTER_SIM_DEVICE_SYNCML_CHECK_H
#define MUSTER_SIM_DEVICE_SYNCML_CHECK_H

#include "sim/device/syncml_build.h"
#include "sim/device/task.h"
#include "sim/device/xml.h"

#define NS_SYNCML "SYNCML:SYNCML1.2"
#define NS_METINF "syncml:metinf"

/* What the reply must fit. */
struct syncml_expected {
	struct syncml_header header; /* of the message that was sent */
	const struct syncml_out *sent;
};

struct syncml_reply {
	const struct xml *body;    /* SyncBody */
	const struct xml *command; /* the first element that is a command; NULL: none */
	bool is_abort;             /* Alert 1223 */
};

/* 0; OUTCOME_REFUSED: the server does not let the device in; OUTCOME_BROKEN: a rule. */
MUST_CHECK int syncml_read(struct task *task, const struct http_client_response *response,
			   const struct syncml_expected *expected, struct syncml_reply *ret);

/* The next command after x. */
const struct xml *syncml_next_command(const struct xml *x);
/* The child's text, trimmed; empty when absent. */
struct text syncml_text(const struct xml *x, const char *name);

#endif
