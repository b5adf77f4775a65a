/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h: one request on its way through the stand-in, and the reply it is getting. A call is made
 * from an HTTP request or from an item of a $batch, so that handlers serve both alike. It lives in
 * the arena of its response; what it points to in the directory is valid while the lock is held.
 */
#ifndef MUSTER_SIM_ENTRA_CALL_H
#define MUSTER_SIM_ENTRA_CALL_H

#include "base/err.h"
#include "base/json.h"
#include "sim/entra/sim.h"

enum { CALL_PARAMS = 64, CALL_CAPTURES = 4, CALL_HEADERS = 12, CALL_JSON_DEPTH = 32 };

struct reply {
	int status;
	const char *content_type; /* NULL: no body */
	struct buf body;
	struct http_header headers[CALL_HEADERS];
	size_t header_count;
	int64_t retry_after; /* also among the headers; -1 none */
};

struct call {
	struct sim *sim;
	struct arena *arena;
	struct trail *trail;
	int64_t now;    /* the stand-in's wall clock */
	int64_t now_ms; /* monotonic */
	enum listener listener;
	bool is_item;
	enum http_method method;
	struct text path; /* percent-decoded */
	struct http_param query[CALL_PARAMS];
	size_t query_count;
	struct text content_type;
	struct text authorization;
	struct text consistency; /* ConsistencyLevel */
	struct text request_id;  /* client-request-id */
	struct text body;
	struct text captures[CALL_CAPTURES]; /* what the `{}` of its route matched */

	struct tenant *tenant; /* once it is known; for the journal and for faults */
	struct text client_id;
	/* Graph only: the claims of a token that is good, and whose it is; else what is wrong. */
	const struct json *token;
	const char *token_problem;
	struct principal *principal;
	const struct json *assertion_header;
	const struct json *assertion;
	struct fault_hit fault;
	struct reply reply;
};

/* An empty reply: 500 until a handler decides. */
void call_init(struct call *call, struct sim *sim, struct arena *arena, struct trail *trail,
	       enum listener listener);
/* Take method, path, query, headers and body from a request. False: a malformed target; the reply
 * says so. */
MUST_CHECK bool call_read(struct call *call, const struct http_request *request);
/* Path and query of a relative URL. False: malformed. */
MUST_CHECK bool call_read_target(struct call *call, struct text path, struct text query);

/* The query parameter; ptr NULL when absent. */
struct text call_query(const struct call *call, const char *name);
/* Match path against a pattern where `{}` takes one or more bytes up to '/' or '\''; a pattern
 * that ends in `*` matches any rest. Captures are stored on success only. */
MUST_CHECK bool call_match(struct call *call, struct text path, const char *pattern);

/* The reply. call_json clears the body and returns a writer's buffer. */
struct buf *call_json(struct call *call, int status);
void call_empty(struct call *call, int status);
void call_text(struct call *call, int status, const char *content_type, struct text body);
void call_header(struct call *call, const char *name, const char *value); /* value is copied */
void call_retry_after(struct call *call, int64_t seconds);

/* Write the row of a finished call into the journal. */
void call_record(struct call *call);
/* Copy the reply into the response of the listener's request, faults of transport included. */
void call_send(const struct call *call, struct http_response *response);

char *call_uuid(struct arena *arena, struct uuid id);

#endif
