/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.c: see outbox.h. A turn takes the rows that are due, tenant by tenant. What stops a tenant
 * (no credential, no permission) stops all its rows and shows in the tenant's graph_state; it is
 * tried again by itself after a while, and at once when an administrator changes something.
 */
#include "graph/outbox.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/secret.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "http/client.h"
#include "store/device.h"
#include "store/outbox.h"
#include "store/tenant.h"

enum {
	ROWS_PER_TURN = 200,
	STOPPED_PROBE_S = 6 * 3600,
	TOKEN_RETRY_S = 60,
	TENANT_BLOCKED_S = 600
};

/* The rows of one tenant in a turn. */
struct sending {
	struct op *op;
	struct tenant tenant;
	char *token; /* NULL until asked for */
	bool is_stopped;
};

/* What is written after an answer, in one transaction. */
struct settlement {
	struct op *op;
	const struct tenant *tenant;
	const struct outbox_row *row;
	enum graph_verdict verdict;
	int64_t delay;
	const char *error;
};

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

static int settle_done(struct db_conn *tx, const struct settlement *s)
{
	struct text tenant = text_of(s->row->tenant_id);
	int r;

	r = store_outbox_done(tx, tenant, text_of(s->row->id), s->row->seq, s->op->now);
	if (r == 0)
		r = store_device_set_reported(tx, tenant, text_of(s->row->device_id), s->op->now);
	if (r == 0 && s->tenant->graph_state != GRAPH_OK)
		r = store_tenant_set_graph_state(tx, tenant, GRAPH_OK, TEXT_EMPTY, s->op->now);
	return r;
}

static int settle_write(struct db_conn *tx, void *argument)
{
	const struct settlement *s = argument;
	struct text tenant = text_of(s->row->tenant_id);
	struct text id = text_of(s->row->id);
	struct text error = text_of(s->error);
	int64_t now = s->op->now;
	int r;

	switch (s->verdict) {
	case GRAPH_DONE:
		return settle_done(tx, s);
	case GRAPH_REFUSED:
		return store_outbox_hold(tx, tenant, id, s->row->seq, error, now);
	case GRAPH_FORBIDDEN:
		r = store_outbox_hold(tx, tenant, id, s->row->seq, error, now);
		return r ? r
			 : store_tenant_set_graph_state(tx, tenant, GRAPH_NOT_AUTHORISED, error,
							now);
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
	return store_outbox_retry_at(tx, tenant, id, s->row->seq, now + s->delay, error, now);
}

/* A row whose seq moved on meanwhile stays open with its newer verdict: nothing to settle. */
static int settle(struct sending *sending, const struct outbox_row *row, enum graph_verdict verdict,
		  const struct graph_answer *answer)
{
	struct op *op = sending->op;
	struct settlement s = {
	    .op = op,
	    .tenant = &sending->tenant,
	    .row = row,
	    .verdict = verdict,
	    .delay = graph_retry_delay(verdict, answer, row->tries, (int64_t)rand_below(1000)),
	    .error = answer->error,
	};
	int r;

	r = db_transact(op->db, settle_write, &s);
	if (r < 0)
		return store_failed(op, r);
	if (verdict != GRAPH_DONE)
		log_warn("graph_answer", LOG_TEXT("tenant", row->tenant_id),
			 LOG_TEXT("device", row->device_id), LOG_INT("status", answer->status),
			 LOG_TEXT("error", answer->error));
	return 0;
}

/* Graph's error body, shortened; never the request. */
static const char *error_text(struct op *op, const struct http_client_response *response)
{
	const struct json *body;
	struct text code = {NULL, 0}, message = {NULL, 0};

	if (json_read(op->arena, response->body, LIMIT_JSON_DEPTH, &body) == 0) {
		code = json_text(json_get(body, "error"), "code");
		message = json_text(json_get(body, "error"), "message");
	}
	return arena_printf(op->arena, "HTTP %d %.*s: %.*s", response->status,
			    code.ptr ? (int)text_take(code, 64).len : 0, code.ptr ? code.ptr : "",
			    message.ptr ? (int)text_take(message, 200).len : 0,
			    message.ptr ? message.ptr : "");
}

static int patch_send(struct sending *sending, const struct outbox_row *row,
		      struct graph_answer *ret)
{
	struct op *op = sending->op;
	struct http_client_response response;
	char *authorization = arena_printf(op->arena, "Authorization: Bearer %s", sending->token);
	const char *headers[] = {
	    "Content-Type: application/json", "Accept: application/json", authorization,
	    arena_printf(op->arena, "client-request-id: %s", op->trace_id), NULL};
	const struct http_client_request request = {
	    .method = "PATCH",
	    .url =
		arena_printf(op->arena, "%s/v1.0/devices(deviceId='%s')",
			     tenant_graph_url(op->arena, &sending->tenant), row->entra_device_id),
	    .headers = headers,
	    .body = text_of(arena_printf(op->arena, "{\"isManaged\":%s,\"isCompliant\":%s}",
					 row->is_managed ? "true" : "false",
					 row->is_compliant ? "true" : "false")),
	};
	int r;

	r = http_client_send(op->http, op->arena, &request, &response, &op->trail);
	secret_wipe(authorization, strlen(authorization));
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0)
		*ret = (struct graph_answer){0, -1, "no answer from Graph"};
	else
		*ret = (struct graph_answer){response.status, response.retry_after_s,
					     error_text(op, &response)};
	return 0;
}

/* Why no token can be had, written to the tenant; its rows wait. */
struct token_trouble {
	struct sending *sending;
	bool is_passing;
	int64_t until;
	const char *error;
};

static int trouble_write(struct db_conn *tx, void *argument)
{
	const struct token_trouble *t = argument;
	struct text tenant = text_of(t->sending->tenant.tenant_id);
	int r;

	r = store_tenant_set_graph_pause(tx, tenant, t->until);
	if (r == 0 && !t->is_passing)
		r = store_tenant_set_graph_state(tx, tenant, GRAPH_CREDENTIAL_FAULT,
						 text_of(t->error), t->sending->op->now);
	return r;
}

static int token_trouble(struct sending *sending, enum entra_app_outcome outcome,
			 const struct entra_app_error *error)
{
	struct op *op = sending->op;
	struct token_trouble trouble = {.sending = sending};
	int r;

	trouble.is_passing = outcome == ENTRA_APP_E_TRANSIENT || outcome == ENTRA_APP_E_BLOCKED;
	trouble.until = op->now + (trouble.is_passing ? TOKEN_RETRY_S : STOPPED_PROBE_S);
	if (outcome == ENTRA_APP_E_BLOCKED)
		trouble.until = op->now + TENANT_BLOCKED_S;
	if (error->retry_after_s > 0 && op->now + error->retry_after_s > trouble.until)
		trouble.until = op->now + error->retry_after_s;
	trouble.error = arena_printf(op->arena, "%s: %s", entra_app_outcome_name(outcome),
				     error->remedy ? error->remedy : "");
	r = db_transact(op->db, trouble_write, &trouble);
	if (r)
		return store_failed(op, r);
	log_warn("graph_token", LOG_TEXT("tenant", sending->tenant.tenant_id),
		 LOG_TEXT("outcome", entra_app_outcome_name(outcome)),
		 LOG_TEXT("detail", error->detail ? error->detail : ""));
	sending->is_stopped = true;
	return 0;
}

/* 0 with sending->token set, or with is_stopped. */
static int token_get(struct sending *sending)
{
	struct entra_app_error error = {0};
	int r;

	if (sending->token)
		return 0;
	r = entra_app_token(sending->op, &sending->tenant, &sending->token, &error);
	if (r < 0)
		return ERR_TRACE(&sending->op->trail, r);
	return r ? token_trouble(sending, (enum entra_app_outcome)r, &error) : 0;
}

static void token_forget(struct sending *sending)
{
	if (sending->token)
		secret_wipe(sending->token, strlen(sending->token));
	sending->token = NULL;
}

static int device_age(struct op *op, const struct outbox_row *row, int64_t *ret)
{
	struct device device;
	int r;

	r = store_device_load(db_reader(op->db), op->arena, text_of(row->tenant_id),
			      text_of(row->device_id), &device);
	if (r < 0)
		return store_failed(op, r);
	*ret = r == 0 ? op->now - device.enrolled_at : INT64_MAX;
	return 0;
}

static int row_send(struct sending *sending, const struct outbox_row *row)
{
	struct graph_answer answer = {0};
	enum graph_verdict verdict;
	int64_t age;
	int r;

	r = token_get(sending);
	if (r || sending->is_stopped)
		return r;
	r = patch_send(sending, row, &answer);
	if (r == 0 && answer.status == 401) {
		/* A token can be revoked before it ends; one fresh one is tried. */
		token_forget(sending);
		entra_app_token_drop(sending->op, &sending->tenant);
		r = token_get(sending);
		if (r || sending->is_stopped)
			return r;
		r = patch_send(sending, row, &answer);
	}
	if (r == 0)
		r = device_age(sending->op, row, &age);
	if (r)
		return r;
	verdict = graph_verdict_of(&answer, age);
	/* After consent the same token would still lack the permission. */
	if (verdict == GRAPH_FORBIDDEN)
		entra_app_token_drop(sending->op, &sending->tenant);
	sending->is_stopped = verdict == GRAPH_FORBIDDEN || verdict == GRAPH_THROTTLED ||
			      verdict == GRAPH_TOKEN || answer.status == 0;
	return settle(sending, row, verdict, &answer);
}

static int hold_write(struct db_conn *tx, void *argument)
{
	const struct settlement *s = argument;

	return store_outbox_hold(tx, text_of(s->row->tenant_id), text_of(s->row->id), s->row->seq,
				 text_of(s->error), s->op->now);
}

/* The tenant is stopped or disabled: its rows wait without being sent. */
static int row_hold(struct sending *sending, const struct outbox_row *row, const char *why)
{
	struct settlement s = {.op = sending->op, .row = row, .error = why};
	int r = db_transact(sending->op->db, hold_write, &s);

	return r < 0 ? store_failed(sending->op, r) : 0;
}

static int tenant_rows_send(struct sending *sending, const struct outbox_row *rows, size_t n)
{
	bool is_unauthorised = sending->tenant.graph_state == GRAPH_NOT_AUTHORISED;
	int r = 0;

	for (size_t i = 0; i < n && r == 0 && !sending->is_stopped; i++) {
		if (!sending->tenant.is_enabled)
			r = row_hold(sending, &rows[i], "the tenant is disabled");
		else if (is_unauthorised)
			r = row_hold(sending, &rows[i],
				     "Graph does not let this application write compliance");
		else
			r = row_send(sending, &rows[i]);
	}
	token_forget(sending);
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
	int r;

	r = store_tenant_list_stopped(db_reader(op->db), op->arena, op->now - STOPPED_PROBE_S,
				      &tenants, &n);
	for (size_t i = 0; i < n && r == 0; i++) {
		tenants[i].updated_at = op->now;
		r = db_transact(op->db, release_write, &tenants[i]);
	}
	return r ? store_failed(op, r) : 0;
}

int graph_outbox_turn(struct op *op)
{
	struct outbox_row *rows;
	size_t n, end;
	int r;

	r = stopped_probe(op);
	if (r == 0)
		r = store_outbox_due(db_reader(op->db), op->arena, op->now, ROWS_PER_TURN, &rows,
				     &n);
	if (r)
		return store_failed(op, r);
	for (size_t i = 0; i < n && r == 0; i = end) {
		struct sending sending = {.op = op};

		for (end = i + 1; end < n && !strcmp(rows[end].tenant_id, rows[i].tenant_id);)
			end++;
		r = store_tenant_load(db_reader(op->db), op->arena, text_of(rows[i].tenant_id),
				      &sending.tenant);
		if (r)
			return store_failed(op, r);
		r = tenant_rows_send(&sending, rows + i, end - i);
	}
	return r;
}
