/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h: what a SyncML status code means, and what the server does after it.
 * The meaning of a code depends on the verb and on the scope it answers: an Add of what is there
 * and a Delete of what is not have reached their goal, and most failures under ./User only say
 * that no user context existed yet.
 */
#ifndef MUSTER_SYNCML_STATUS_H
#define MUSTER_SYNCML_STATUS_H

#include <stdint.h>

#include "model/policy.h"

/* The codes this server writes or names. */
enum {
	SYNCML_OK = 200,
	SYNCML_ACCEPTED = 202,
	SYNCML_CHUNK_ACCEPTED = 213,
	SYNCML_CANCELLED = 214,
	SYNCML_BAD_REQUEST = 400,
	SYNCML_NOT_ALLOWED = 405,
	SYNCML_NOT_SUPPORTED = 406,
	SYNCML_SIZE_REQUIRED = 411,
	SYNCML_TOO_LARGE = 413,
	SYNCML_SIZE_MISMATCH = 424
};

enum status_class {
	STATUS_DONE,       /* the node is as wanted */
	STATUS_PROGRESS,   /* accepted, runs later: counts as delivered */
	STATUS_NEXT_TIME,  /* not run in this session, nothing was wrong: send it in the next */
	STATUS_RETRY,      /* may go away by itself: again later, a bounded number of times */
	STATUS_USER_LATER, /* there was no user context: again in each session that has one */
	STATUS_NEEDS_ADD,  /* a Replace found no node: Add may make it */
	STATUS_PERMANENT   /* the same command would fail again */
};

enum status_class status_class(int64_t code, enum command_verb verb, enum scope scope);
/* A few plain words for people; never NULL. */
const char *status_text(int64_t code);

#endif
