/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h: requests to the Microsoft Graph of one tenant, with that tenant's own token and no other.
 *
 * One of these lives for the calls of one turn. Whatever stops a tenant as a whole (no token to be
 * had, told to wait) is written to the tenant here, so that every loop that talks to Graph obeys
 * it. Private to src/graph.
 */
#ifndef MUSTER_GRAPH_CALL_H
#define MUSTER_GRAPH_CALL_H

#include "graph/outbox.h"
#include "model/tenant.h"

struct db_conn;

struct graph_call {
	struct op *op;
	struct tenant tenant;
	char *token;     /* NULL until asked for */
	bool is_stopped; /* nothing more is to be asked for this tenant in this turn */
	bool is_silent;  /* it cost the time of a request that got no answer */
};

enum {
	GRAPH_TURN_MS = 5 * 1000, /* after so long a turn ends at the next silent tenant */
	GRAPH_SILENT_S = 60       /* a tenant whose Graph does not answer rests so long */
};

/* The tenant as stored. graph_call_done wipes the token. 0, or negative. */
MUST_CHECK int graph_call_init(struct graph_call *call, struct op *op, const char *tenant_id);
void graph_call_done(struct graph_call *call);

/* Send; path begins with '/', below v1.0. A 401 is tried once more with a fresh token. 0 with *ret
 * set, or with call->is_stopped when there is no token and the tenant has been paused; negative. */
MUST_CHECK int graph_call_send(struct graph_call *call, const char *method, const char *path,
			       const char *body, struct graph_answer *ret);

/* Whether nobody changed the tenant since the call began. An answer that is bad news for a tenant
 * is not written over the change that may have mended it. 0, STORE_E_NOT_FOUND, or negative. */
MUST_CHECK int graph_tenant_is_same(struct db_conn *tx, const struct graph_call *call, bool *ret);

/* A tenant's turn failed with r: it is logged, and the next one has its turn. The return value, the
 * first failure of the turn so far, is for the end of it. */
int graph_tenant_failed(struct op *op, const char *tenant_id, int r, int first);

/* "HTTP 403 Authorization_RequestDenied: Insufficient privileges", from Graph's error body:
 * bounded, well-formed and without control characters, whoever answered. In the arena. */
const char *graph_error_text(struct arena *arena, int status, struct text body);

/* The database failed in a loop of Graph's. */
MUST_CHECK int graph_store_failed(struct op *op, int r);

#endif
