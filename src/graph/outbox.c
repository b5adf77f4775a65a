/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.c: see outbox.h. A turn takes the rows that are due, tenant by tenant. What stops a tenant
 * (no credential, no permission) stops all its rows and shows in the tenant's graph_state; it is
 * tried again by itself after a while, and at once when an administrator changes something.
 */
#include "graph/outbox.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "graph/call.h"
#include "store/device.h"
#include "store/outbox.h"
#include "store/tenant.h"

enum {
	ROWS_PER_TURN = 1000,
	TENANT_MS = 10 * 1000, /* after so long a tenant's other rows wait for the next turn */
	STOPPED_PROBE_S = 6 * 3600
};

/* What is written after an answer, in one transaction. now is when the answer was there: a turn can
 * take longer than the wait Graph asks for. */
struct settlement {
	const struct graph_call *call;
	const struct outbox_row *row;
	enum graph_verdict verdict;
	int64_t now;
	int64_t delay;
	const char *error;
	bool is_silent; /* there was no answer */
};

/* A row whose seq moved on meanwhile stays open with its newer verdict, and one may be gone: there
 * is nothing to settle. What the answer said about the tenant holds all the same, so this must not
 * end the transaction. */
static int row_moved(int r)
{
	return r == STORE_E_NOT_FOUND ? 0 : r;
}

static int settle_done(struct db_conn *tx, const struct settlement *s)
{
	struct text tenant = text_of(s->row->tenant_id);
	int r;

	r = store_outbox_done(tx, tenant, text_of(s->row->id), s->row->seq, s->now);
	if (r == STORE_E_NOT_FOUND)
		return store_tenant_graph_answered(tx, tenant, s->now);
	if (r == 0)
		r = store_device_set_reported(tx, tenant, text_of(s->row->device_id), s->now);
	if (r == 0)
		r = store_tenant_graph_answered(tx, tenant, s->now);
	if (r || s->call->tenant.graph_state == GRAPH_OK)
		return r;
	/* Good news is written over whatever changed meanwhile: it was delivered. */
	return store_tenant_set_graph_state(tx, tenant, GRAPH_OK, TEXT_EMPTY, s->now);
}

/* The tenant is stopped only by news newer than its last change; the row is tried again then. */
static int settle_forbidden(struct db_conn *tx, const struct settlement *s)
{
	struct text tenant = text_of(s->row->tenant_id), id = text_of(s->row->id);
	struct text error = text_of(s->error);
	bool is_same;
	int r = graph_tenant_is_same(tx, s->call, &is_same);

	if (r)
		return r;
	if (!is_same)
		return row_moved(
		    store_outbox_retry_at(tx, tenant, id, s->row->seq, s->now, error, s->now));
	r = row_moved(store_outbox_hold(tx, tenant, id, s->row->seq, error, s->now));
	return r ? r
		 : store_tenant_set_graph_state(tx, tenant, GRAPH_NOT_AUTHORISED, error, s->now);
}

static int settle_write(struct db_conn *tx, void *argument)
{
	const struct settlement *s = argument;
	struct text tenant = text_of(s->row->tenant_id);
	struct text id = text_of(s->row->id);
	struct text error = text_of(s->error);
	int64_t now = s->now;
	int r;

	switch (s->verdict) {
	case GRAPH_DONE:
		return settle_done(tx, s);
	case GRAPH_REFUSED:
		return row_moved(store_outbox_hold(tx, tenant, id, s->row->seq, error, now));
	case GRAPH_FORBIDDEN:
		return settle_forbidden(tx, s);
	case GRAPH_THROTTLED:
		r = store_tenant_set_graph_pause(tx, tenant, now + s->delay);
		if (r)
			return r;
		break;
	case GRAPH_RETRY_FRESH:
	case GRAPH_GONE:
	case GRAPH_TOKEN:
	case GRAPH_CONFLICT:
	case GRAPH_BROKEN:
		break;
	}
	if (s->is_silent) {
		r = store_tenant_set_graph_pause(tx, tenant, now + GRAPH_SILENT_S);
		if (r)
			return r;
	}
	return row_moved(
	    store_outbox_retry_at(tx, tenant, id, s->row->seq, now + s->delay, error, now));
}

static int settle(const struct graph_call *call, const struct outbox_row *row,
		  enum graph_verdict verdict, const struct graph_answer *answer)
{
	struct op *op = call->op;
	struct settlement s = {
	    .call = call,
	    .row = row,
	    .verdict = verdict,
	    .now = clock_now(),
	    .delay = graph_retry_delay(verdict, answer, row->tries, (int64_t)rand_below(1000)),
	    .error = answer->error,
	    .is_silent = answer->status == 0,
	};
	int r;

	r = db_transact(op->db, settle_write, &s);
	if (r < 0)
		return graph_store_failed(op, r);
	if (verdict != GRAPH_DONE)
		log_warn("graph_answer", LOG_TEXT("tenant", row->tenant_id),
			 LOG_TEXT("device", row->device_id), LOG_INT("status", answer->status),
			 LOG_TEXT("error", answer->error));
	return 0;
}

static int device_age(struct op *op, const struct outbox_row *row, int64_t *ret)
{
	struct device device;
	int r;

	r = store_device_load(db_reader(op->db), op->arena, text_of(row->tenant_id),
			      text_of(row->device_id), &device);
	if (r < 0)
		return graph_store_failed(op, r);
	*ret = r == 0 ? op->now - device.enrolled_at : INT64_MAX;
	return 0;
}

static int row_send(struct graph_call *call, const struct outbox_row *row)
{
	struct arena *arena = call->op->arena;
	struct graph_answer answer = {0};
	enum graph_verdict verdict;
	int64_t age = 0;
	int r;

	r = graph_call_send(
	    call, "PATCH", arena_printf(arena, "/devices(deviceId='%s')", row->entra_device_id),
	    arena_printf(arena, "{\"isManaged\":%s,\"isCompliant\":%s}",
			 row->is_managed ? "true" : "false", row->is_compliant ? "true" : "false"),
	    &answer);
	if (r || call->is_stopped)
		return r;
	r = device_age(call->op, row, &age);
	if (r)
		return r;
	verdict = graph_verdict_of(&answer, age);
	call->is_stopped = verdict == GRAPH_FORBIDDEN || verdict == GRAPH_THROTTLED ||
			   verdict == GRAPH_TOKEN || answer.status == 0;
	return settle(call, row, verdict, &answer);
}

static int hold_write(struct db_conn *tx, void *argument)
{
	const struct settlement *s = argument;

	return store_outbox_hold(tx, text_of(s->row->tenant_id), text_of(s->row->id), s->row->seq,
				 text_of(s->error), s->now);
}

/* The tenant is stopped or disabled: its rows wait without being sent. */
static int row_hold(const struct graph_call *call, const struct outbox_row *row, const char *why)
{
	struct settlement s = {.row = row, .error = why, .now = call->op->now};
	int r = db_transact(call->op->db, hold_write, &s);

	return r < 0 ? graph_store_failed(call->op, r) : 0;
}

static int rows_send(struct graph_call *call, struct outbox_row *const *rows, size_t n)
{
	bool is_unauthorised = call->tenant.graph_state == GRAPH_NOT_AUTHORISED;
	int64_t until = clock_mono_ms() + TENANT_MS;
	int r = 0;

	for (size_t i = 0; i < n && r == 0 && !call->is_stopped; i++) {
		if (op_is_stopping(call->op) || clock_mono_ms() >= until)
			break;
		if (!call->tenant.is_enabled)
			r = row_hold(call, rows[i], "the tenant is disabled");
		else if (is_unauthorised)
			r = row_hold(call, rows[i],
				     "Graph does not let this application write compliance");
		else
			r = row_send(call, rows[i]);
	}
	return r;
}

static int release_write(struct db_conn *tx, void *argument)
{
	const struct tenant *tenant = argument;
	struct text id = text_of(tenant->tenant_id);
	int r;

	r = store_outbox_release_tenant(tx, id, tenant->updated_at);
	return r ? r
		 : store_tenant_set_graph_state(tx, id, GRAPH_UNKNOWN, text_of(tenant->graph_error),
						tenant->updated_at);
}

/* Tenants that have been stopped for long are tried again with all that waited. */
static int stopped_probe(struct op *op)
{
	struct tenant *tenants;
	size_t n;
	int r, first = 0;

	r = store_tenant_list_stopped(db_reader(op->db), op->arena, op->now - STOPPED_PROBE_S,
				      &tenants, &n);
	if (r)
		return graph_store_failed(op, r);
	for (size_t i = 0; i < n; i++) {
		tenants[i].updated_at = op->now;
		r = db_transact(op->db, release_write, &tenants[i]);
		if (r < 0)
			first = graph_tenant_failed(op, tenants[i].tenant_id,
						    graph_store_failed(op, r), first);
	}
	return first;
}

/* Takes the rows of the first row's tenant out of rows, in their order: a tenant that is told to
 * wait is not asked again in the same turn. */
static size_t tenant_take(struct outbox_row **rows, size_t n, struct outbox_row **ret)
{
	const char *tenant_id = rows[0]->tenant_id;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i] && !strcmp(rows[i]->tenant_id, tenant_id)) {
			ret[count++] = rows[i];
			rows[i] = NULL;
		}
	return count;
}

/* The rows of one tenant. */
static int tenant_send(struct op *op, struct outbox_row *const *rows, size_t n, bool *ret_is_silent)
{
	struct graph_call call;
	int r;

	r = graph_call_init(&call, op, rows[0]->tenant_id);
	if (r == 0)
		r = rows_send(&call, rows, n);
	*ret_is_silent = call.is_silent;
	graph_call_done(&call);
	return r;
}

int graph_outbox_turn(struct op *op)
{
	struct outbox_row *rows, **left, **own;
	int64_t until = clock_mono_ms() + GRAPH_TURN_MS;
	bool is_silent = false;
	size_t n = 0;
	int r, first = stopped_probe(op);

	r = store_outbox_due(db_reader(op->db), op->arena, op->now, ROWS_PER_TURN, &rows, &n);
	if (r)
		return graph_store_failed(op, r);
	left = ARENA_ARRAY(op->arena, n, struct outbox_row *);
	own = ARENA_ARRAY(op->arena, n, struct outbox_row *);
	for (size_t i = 0; i < n; i++)
		left[i] = &rows[i];
	for (size_t i = 0; i < n && !op_is_stopping(op); i++) {
		if (!left[i])
			continue;
		r = tenant_send(op, own, tenant_take(left + i, n - i, own), &is_silent);
		if (r < 0)
			first = graph_tenant_failed(op, own[0]->tenant_id, r, first);
		/* The next turn begins with those that answer. */
		if (is_silent && clock_mono_ms() >= until)
			break;
	}
	return first;
}
