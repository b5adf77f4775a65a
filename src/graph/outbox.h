/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h: telling Microsoft Graph whether devices are managed and compliant.
 *
 * The rows of the outbox are what is owed; this loop sends each until Graph has answered. The write
 * is idempotent, so a row is done only after its answer is durable, and a kill between any two
 * steps costs at most one repeated request. A row is sent with the token of its own tenant and no
 * other.
 */
#ifndef MUSTER_GRAPH_OUTBOX_H
#define MUSTER_GRAPH_OUTBOX_H

#include "model/compliance.h"
#include "model/op.h"

/* What an answer means for the row and its tenant. */
enum graph_verdict {
	GRAPH_DONE,        /* 204 */
	GRAPH_RETRY_FRESH, /* 404 of a new device: the directory has not copied it yet */
	GRAPH_GONE,        /* 404 later: not in the directory; looked at again daily */
	GRAPH_REFUSED,     /* 400: this row can never succeed as it is */
	GRAPH_TOKEN,       /* 401: the token was not taken */
	GRAPH_FORBIDDEN,   /* 403: permission or approval is missing; stops the tenant */
	GRAPH_CONFLICT,    /* 409, 412 */
	GRAPH_THROTTLED,   /* 429, 503, 504: pauses the tenant */
	GRAPH_BROKEN       /* other answers, or none */
};

struct graph_answer {
	int status; /* 0: no answer */
	int64_t retry_after_s;
	const char *error; /* code and message, for last_error */
	struct text body;  /* in the op's arena */
};

/* Pure. device_age: seconds since the device enrolled. */
enum graph_verdict graph_verdict_of(const struct graph_answer *answer, int64_t device_age);
/* Seconds to wait before the next try of a row; jitter is 0..999. */
int64_t graph_retry_delay(enum graph_verdict verdict, const struct graph_answer *answer,
			  int64_t tries, int64_t jitter);

/* One turn of the background loop: send what is due, bounded. */
MUST_CHECK int graph_outbox_turn(struct op *op);

#endif
