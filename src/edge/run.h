/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h: the frame around every request: one struct op, one endpoint, one log line when it did not
 * go well. A worker owns all that its requests use; what workers share is in struct edge_context.
 *
 *   http worker -> edge_run -> ep_x: decode -> authenticate -> decide and commit -> encode
 */
#ifndef MUSTER_EDGE_RUN_H
#define MUSTER_EDGE_RUN_H

#include <stdatomic.h>

#include "edge/attempt_limit.h"
#include "http/server.h"
#include "model/op.h"

struct db_store;
struct signer_process;

/* Shared by all workers; made by the program before any of them starts and outlives them. */
struct edge_context {
	struct db_store *store;
	struct signer_process *signer;
	const struct server_keys *keys;
	struct entra_keys *entra_keys;
	struct entra_app_tokens *entra_app_tokens;
	struct oidc_providers *oidc;
	_Atomic(const struct config *) config; /* swapped whole by a reload */
	_Atomic(int) is_stopping;              /* /readyz says no */
	atomic_uint store_failures;
	atomic_uint store_failures_over; /* so many of them came before it was seen to work */
	struct attempt_limit attempt_limit;
	_Atomic(const struct http_server *) server; /* for /metrics; NULL until it runs */
};

enum edge_listener { EDGE_PUBLIC, EDGE_MANAGE, EDGE_CONSOLE, EDGE_METRICS, EDGE_LISTENERS };

/* An endpoint fills the response and sets op->log_outcome when it refused. Negative: the program
 * failed; where the endpoint has set no status by then, edge_run answers 500. */
typedef int (*edge_endpoint)(struct op *op, const struct http_request *request,
			     struct http_response *response);

struct edge_route {
	const char *name; /* for the log */
	edge_endpoint endpoint;
};

/* One worker's own state; also used by the background loops of the program. */
struct edge_worker {
	struct edge_context *context;
	struct arena arena;
	struct db *db;
	struct signer *signer;
	struct http_client *http;
	_Atomic(const struct config *) config; /* of its last operation, which may still use it */
	struct edge_worker *next;              /* in the list of all */
};

/* Whether an operation may still use a configuration that was swapped for another. */
bool edge_config_is_used(const struct config *config);

MUST_CHECK int edge_worker_init(struct edge_worker *worker, struct edge_context *context,
				struct trail *trail);
void edge_worker_done(struct edge_worker *worker);

/* For http_server_options: heap-made edge_worker; NULL after logging why it cannot start. */
void *edge_worker_start(void *context, size_t index);
void edge_worker_stop(void *worker);

/* A fresh operation on this worker: new trace id, now, current configuration. */
void edge_op_init(struct op *op, struct edge_worker *worker, struct arena *arena,
		  const char *source);

/* Whether a failure is a condition of the surroundings that may pass (the store, the signing
 * process, the network): whoever asked may ask again. Anything else is a defect. */
bool edge_failure_may_pass(int r);
#define EDGE_RETRY_AFTER "5" /* seconds; what is said about when to ask again */

/* An operation failed with ERR_STORE: /readyz writes to the store until that succeeds again. */
void edge_store_failed(struct edge_context *context);

/* The handler of every route; request->route is a struct edge_route. */
void edge_run(void *worker, const struct http_request *request, struct http_response *response);

/* The context of the worker that serves op, for endpoints about the server itself. */
struct edge_context *edge_context_of(const struct op *op);

#endif
