/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h: misbehaviour on order. A test adds faults; each request asks once whether one applies.
 * The first fault that matches, in the order they were added, is used and counted down. A fault is
 * for whole requests or for the items inside a $batch, never for both.
 */
#ifndef MUSTER_SIM_ENTRA_FAULTS_H
#define MUSTER_SIM_ENTRA_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/list.h"
#include "base/uuid.h"
#include "sim/entra/listener.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_STATUS,       /* answer with `status`, `retryAfter` */
	FAULT_SLOW,         /* answer after `delayMs` */
	FAULT_RESET,        /* close the connection in the middle of the answer */
	FAULT_DROP,         /* close the connection without an answer */
	FAULT_TRUNCATE,     /* half of the body, framed as if it were whole */
	FAULT_CONTENT_TYPE, /* the right body as text/html */
	FAULT_REDIRECT,     /* 302 to `location` */
	FAULT_NOT_JSON,     /* 200 with an HTML page */
	FAULT_HUGE,         /* 200 with 10 MB of JSON */
	FAULT_EMPTY_KEYS,   /* a key document without keys */
	FAULT_WRONG_ISSUER, /* metadata that names another issuer */
	FAULT_FOREIGN_JWKS  /* metadata whose jwks_uri is on another host */
};

struct faults {
	struct list rows;
	uint64_t next_id;
};

struct fault_question {
	enum listener listener;
	bool is_item; /* of a $batch */
	enum http_method method;
	struct text path;
	const struct uuid *tenant; /* NULL: not known */
};

struct fault_hit {
	enum fault_kind kind; /* FAULT_NONE: nothing applies */
	int status;
	int64_t retry_after; /* -1: none */
	int64_t delay_ms;
	const char *location;
	bool is_applied; /* do the work first, then answer wrongly */
};

enum faults_outcome { FAULTS_E_INVALID = 1 };

void faults_init(struct faults *faults);
void faults_clear(struct faults *faults);
/* Add what the JSON object describes (README.md). Invalid: *ret_why says what is wrong. */
MUST_CHECK int faults_add(struct faults *faults, const struct json *json, uint64_t *ret_id,
			  const char **ret_why);
MUST_CHECK bool faults_remove(struct faults *faults, uint64_t id);
/* The hit's texts are in the arena. */
void faults_ask(struct faults *faults, struct arena *arena, const struct fault_question *question,
		struct fault_hit *ret);
const char *fault_kind_name(enum fault_kind kind);
/* Append the list as a JSON array with what is left and how often each was used. */
void faults_write(const struct faults *faults, struct buf *buf);

#endif
