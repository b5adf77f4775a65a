/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.c: see front.h. entra.md sections 8.2 and 8.3.
 *
 * The lock is held from the moment a request is read until its reply is complete; only the delay
 * of a slow fault is waited for outside of it. A fault that replaces the answer normally keeps the
 * work from being done at all; with `applied` the work is done and only the answer is lost, as
 * when a connection dies between a write and its acknowledgement.
 */
#include "sim/entra/front.h"

#include <time.h>

#include "sim/entra/control.h"
#include "sim/entra/graph.h"
#include "sim/entra/graph_auth.h"
#include "sim/entra/graph_error.h"
#include "sim/entra/login.h"
#include "sim/entra/oauth.h"

enum { HUGE_LEN = 10 * 1024 * 1024 };

/* Who is told to wait: a fault speaks of one address. */
static char *wait_key(const struct call *call)
{
	return arena_printf(call->arena, "%s %s %.*s", listener_name(call->listener),
			    method_name(call->method), TEXT_ARG(call->path));
}

static void body_huge(struct call *call)
{
	static const char filler[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde,";
	struct buf *buf = call_json(call, 200);

	buf_add_c(buf, "{\"filler\":\"");
	while (buf->len < HUGE_LEN)
		buf_add(buf, filler, sizeof(filler) - 1);
	buf_add_c(buf, "\"}");
}

static void body_truncate(struct call *call)
{
	struct buf *body = &call->reply.body;

	body->len /= 2;
	if (body->data)
		body->data[body->len] = '\0';
}

/* Faults that take the place of the answer. */
static void fault_replace(struct call *call, void (*fail)(struct call *call, int status))
{
	switch (call->fault.kind) {
	case FAULT_STATUS:
		fail(call, call->fault.status);
		if (call->fault.retry_after >= 0)
			call_retry_after(call, call->fault.retry_after);
		break;
	case FAULT_REDIRECT:
		call_empty(call, 302);
		call_header(call, "Location", call->fault.location);
		break;
	case FAULT_NOT_JSON:
		call_text(call, 200, "text/html", TEXT("<html><body>proxy login</body></html>\n"));
		break;
	case FAULT_HUGE:
		body_huge(call);
		break;
	case FAULT_NONE:
	case FAULT_SLOW:
	case FAULT_RESET:
	case FAULT_DROP:
	case FAULT_TRUNCATE:
	case FAULT_CONTENT_TYPE:
	case FAULT_EMPTY_KEYS:
	case FAULT_WRONG_ISSUER:
	case FAULT_FOREIGN_JWKS:
		break;
	}
}

static bool fault_is_replacing(enum fault_kind kind)
{
	return kind == FAULT_STATUS || kind == FAULT_REDIRECT || kind == FAULT_NOT_JSON ||
	       kind == FAULT_HUGE;
}

static bool fault_is_losing(enum fault_kind kind)
{
	return kind == FAULT_RESET || kind == FAULT_DROP;
}

void front_run(struct call *call, void (*answer)(struct call *call),
	       void (*fail)(struct call *call, int status))
{
	const struct fault_question question = {
	    .listener = call->listener,
	    .is_item = call->is_item,
	    .method = call->method,
	    .path = call->path,
	    .tenant = call->tenant ? &call->tenant->id : NULL,
	};
	struct throttle *throttle = &call->sim->throttle;
	char *key = wait_key(call);
	bool is_spoilt;

	throttle_check(throttle, key, call->now_ms, key);
	faults_ask(&call->sim->faults, call->arena, &question, &call->fault);
	is_spoilt = fault_is_replacing(call->fault.kind) || fault_is_losing(call->fault.kind);
	if (!is_spoilt || call->fault.is_applied)
		answer(call);
	fault_replace(call, fail);
	if (call->fault.kind == FAULT_TRUNCATE)
		body_truncate(call);
	if (call->fault.kind == FAULT_CONTENT_TYPE && call->reply.content_type)
		call->reply.content_type = "text/html";
	if (call->fault.kind == FAULT_STATUS && call->reply.retry_after > 0)
		throttle_wait(throttle, key, call->now_ms, call->reply.retry_after, 0);
}

static void front_delay(int64_t ms)
{
	struct timespec delay = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	if (ms > 0)
		nanosleep(&delay, NULL);
}

static void front_serve(struct sim *sim, enum listener listener, const struct http_request *request,
			struct http_response *response)
{
	struct trail trail;
	struct call *call = ARENA_NEW(response->arena, struct call);
	bool is_login = listener == LISTENER_LOGIN;

	trail_reset(&trail);
	pthread_mutex_lock(&sim->lock);
	call_init(call, sim, response->arena, &trail, listener);
	if (call_read(call, request)) {
		if (is_login)
			login_identify(call);
		else
			graph_identify(call);
		front_run(call, is_login ? login_answer : graph_answer,
			  is_login ? oauth_fail_status : graph_fail_status);
	}
	call_record(call);
	call_send(call, response);
	pthread_mutex_unlock(&sim->lock);
	front_delay(call->fault.delay_ms);
}

void front_login(void *worker, const struct http_request *request, struct http_response *response)
{
	front_serve(worker, LISTENER_LOGIN, request, response);
}

void front_graph(void *worker, const struct http_request *request, struct http_response *response)
{
	front_serve(worker, LISTENER_GRAPH, request, response);
}

void front_control(void *worker, const struct http_request *request, struct http_response *response)
{
	struct sim *sim = worker;
	struct trail trail;
	struct call *call = ARENA_NEW(response->arena, struct call);

	trail_reset(&trail);
	pthread_mutex_lock(&sim->lock);
	call_init(call, sim, response->arena, &trail, LISTENER_CONTROL);
	if (call_read(call, request))
		control_answer(call);
	call_send(call, response);
	pthread_mutex_unlock(&sim->lock);
}
