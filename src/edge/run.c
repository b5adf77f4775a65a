/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c: see run.h.
 */
#include "edge/run.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/client.h"
#include "signer/signer.h"
#include "store/db.h"

/* The op is embedded, so that an endpoint that is handed the op can find its worker. */
struct edge_op {
	struct op op;
	struct edge_worker *worker;
};

/* All workers of the program, for edge_config_is_used. */
static pthread_mutex_t workers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct edge_worker *workers;

static void worker_enlist(struct edge_worker *worker)
{
	pthread_mutex_lock(&workers_lock);
	worker->next = workers;
	workers = worker;
	pthread_mutex_unlock(&workers_lock);
}

static void worker_strike(const struct edge_worker *worker)
{
	pthread_mutex_lock(&workers_lock);
	for (struct edge_worker **place = &workers; *place; place = &(*place)->next)
		if (*place == worker) {
			*place = worker->next;
			break;
		}
	pthread_mutex_unlock(&workers_lock);
}

bool edge_config_is_used(const struct config *config)
{
	bool is_used = false;

	pthread_mutex_lock(&workers_lock);
	for (struct edge_worker *worker = workers; worker && !is_used; worker = worker->next)
		is_used = atomic_load(&worker->config) == config;
	pthread_mutex_unlock(&workers_lock);
	return is_used;
}

/* A configuration is claimed first and then looked at again: one that was swapped in between may
 * have been found unclaimed and be gone. */
static const struct config *config_claim(struct edge_worker *worker)
{
	const struct config *config;

	do {
		config = atomic_load(&worker->context->config);
		atomic_store(&worker->config, config);
	} while (config != atomic_load(&worker->context->config));
	return config;
}

int edge_worker_init(struct edge_worker *worker, struct edge_context *context, struct trail *trail)
{
	const struct config *config;
	int r;

	*worker = (struct edge_worker){.context = context};
	worker_enlist(worker);
	config = config_claim(worker);
	arena_init(&worker->arena);
	r = db_new(&worker->db, context->store, trail);
	if (r)
		return r;
	r = signer_open(&worker->signer, context->signer, trail);
	if (r)
		return r;
	r = http_client_new(&worker->http, config->entra_ca_bundle, trail);
	if (r == 0)
		http_client_watch(worker->http, &context->is_stopping);
	return r;
}

void edge_worker_done(struct edge_worker *worker)
{
	worker_strike(worker);
	http_client_free(worker->http);
	signer_free(worker->signer);
	db_free(worker->db);
	arena_done(&worker->arena);
}

void *edge_worker_start(void *context, size_t index)
{
	struct edge_worker *worker = heap_alloc(sizeof(*worker));
	struct trail trail;

	trail_reset(&trail);
	if (edge_worker_init(worker, context, &trail)) {
		log_error("worker_start", LOG_INT("worker", index), LOG_TEXT("trail", trail.text));
		edge_worker_stop(worker);
		return NULL;
	}
	return worker;
}

void edge_worker_stop(void *worker)
{
	if (!worker)
		return;
	edge_worker_done(worker);
	free(worker);
}

void edge_op_init(struct op *op, struct edge_worker *worker, struct arena *arena,
		  const char *source)
{
	struct edge_context *context = worker->context;

	*op = (struct op){
	    .arena = arena,
	    .now = clock_now(),
	    .source = source,
	    .config = config_claim(worker),
	    .keys = context->keys,
	    .db = worker->db,
	    .signer = worker->signer,
	    .http = worker->http,
	    .entra_keys = context->entra_keys,
	    .entra_app_tokens = context->entra_app_tokens,
	    .oidc = context->oidc,
	    .is_stopping = &context->is_stopping,
	    .log_outcome = "",
	    .log_device = "",
	};
	uuid_write(uuid_random(), op->trace_id);
	trail_reset(&op->trail);
}

struct edge_context *edge_context_of(const struct op *op)
{
	const struct edge_op *edge = (const struct edge_op *)(const void *)op;

	return edge->worker->context;
}

void edge_store_failed(struct edge_context *context)
{
	atomic_fetch_add(&context->store_failures, 1);
}

bool edge_failure_may_pass(int r)
{
	return r == ERR_STORE || r == ERR_SYSTEM || r == ERR_NETWORK;
}

/* For an endpoint that has set no status. */
static void failure_answer(const struct op *op, int r, struct http_response *response)
{
	bool may_pass = edge_failure_may_pass(r);

	buf_clear(&response->body);
	http_response_set(response, may_pass ? 503 : 500, "text/plain; charset=utf-8");
	if (may_pass)
		http_response_header(response, "Retry-After", TEXT(EDGE_RETRY_AFTER));
	buf_printf(&response->body, "%s, trace id %s\n",
		   may_pass ? "not available at the moment" : "internal error", op->trace_id);
}

static void outcome_log(const struct op *op, const struct edge_route *route, int r, int status)
{
	log_event(r < 0 ? LOG_ERROR : LOG_INFO, "request",
		  (const struct log_field[]){
		      LOG_TEXT("trace_id", op->trace_id), LOG_TEXT("route", route->name),
		      LOG_INT("status", status), LOG_TEXT("outcome", op->log_outcome),
		      LOG_TEXT("device", op->log_device), LOG_TEXT("source", op->source),
		      LOG_TEXT("trail", op->trail.text)},
		  7);
}

void edge_run(void *state, const struct http_request *request, struct http_response *response)
{
	const struct edge_route *route = request->route;
	struct edge_op edge = {.worker = state};
	struct op *op = &edge.op;
	int r;

	edge_op_init(op, state, response->arena, request->peer.address);
	r = route->endpoint(op, request, response);
	if (r == ERR_STORE)
		edge_store_failed(edge.worker->context);
	if (r < 0 && response->status == 0)
		failure_answer(op, r, response);
	if (r < 0 && !op->log_outcome[0])
		op->log_outcome = err_name(r);
	if (r < 0 || op->log_outcome[0])
		outcome_log(op, route, r, response->status);
}
