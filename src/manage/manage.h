/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manage.h: one message of a management session, from what was received and proved to the reply.
 *
 * Loads what the pure step needs, lets it decide, and makes all of it durable in one transaction
 * before the reply is handed out. Whoever calls has proved the device by its TLS certificate and,
 * where the message brought a token, the user by checking it.
 */
#ifndef MUSTER_MANAGE_MANAGE_H
#define MUSTER_MANAGE_MANAGE_H

#include "manage/session.h"
#include "model/op.h"

struct manage_request {
	const struct device *device; /* that the client certificate belongs to */
	const char *certificate;     /* its SHA-256, hex: still active when the reply is made */
	const struct syncml *message;
	struct text body;                   /* the bytes the message was read from */
	const struct entra_principal *user; /* NULL: no token, or not a valid one */
	bool is_user_disputed;              /* two valid ones, of two users; user is NULL */
	struct text origin;                 /* UserAgentOrigin, for the record; may be empty */
	const char *url;                    /* of the management endpoint, as devices know it */
};

/* 0 with the reply appended, an enum manage_outcome with nothing changed but the audit, or
 * negative. */
MUST_CHECK int manage_message(struct op *op, const struct manage_request *in, struct buf *reply);

/* The name of an outcome, for the log and for audit details. */
const char *manage_outcome_name(int outcome);

#endif
