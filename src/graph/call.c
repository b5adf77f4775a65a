/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.c: see call.h. Times that decide how long a tenant rests are read when the answer is there:
 * a turn can take longer than the rest Graph asked for.
 */
#include "graph/call.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "http/client.h"
#include "store/tenant.h"

enum {
	STOPPED_PROBE_S = 6 * 3600,
	TOKEN_RETRY_S = 60,
	TENANT_BLOCKED_S = 600,
	CONNECT_MS = 4000,
	EXCHANGE_MS = 10 * 1000,
	CODE_MAX = 64, /* of what Graph said of a failure */
	MESSAGE_MAX = 200
};

int graph_tenant_failed(struct op *op, const char *tenant_id, int r, int first)
{
	log_error("graph_tenant", LOG_TEXT("tenant", tenant_id), LOG_TEXT("trace_id", op->trace_id),
		  LOG_TEXT("trail", op->trail.text));
	return first < 0 ? first : r;
}

int graph_store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

int graph_call_init(struct graph_call *call, struct op *op, const char *tenant_id)
{
	int r;

	*call = (struct graph_call){.op = op};
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &call->tenant);
	return r ? graph_store_failed(op, r) : 0;
}

static void token_forget(struct graph_call *call)
{
	if (call->token)
		secret_wipe(call->token, strlen(call->token));
	call->token = NULL;
}

void graph_call_done(struct graph_call *call)
{
	token_forget(call);
}

/* Why no token can be had, written to the tenant; its rows wait. */
struct token_trouble {
	struct graph_call *call;
	bool is_passing;
	int64_t now;
	int64_t until;
	const char *error;
};

int graph_tenant_is_same(struct db_conn *tx, const struct graph_call *call, bool *ret)
{
	struct tenant tenant;
	int r = store_tenant_load(tx, call->op->arena, text_of(call->tenant.tenant_id), &tenant);

	if (r == 0)
		*ret = tenant.updated_at == call->tenant.updated_at &&
		       tenant.graph_state == call->tenant.graph_state &&
		       tenant.graph_state_at == call->tenant.graph_state_at;
	return r;
}

static int trouble_write(struct db_conn *tx, void *argument)
{
	const struct token_trouble *t = argument;
	struct text tenant = text_of(t->call->tenant.tenant_id);
	bool is_same;
	int r = graph_tenant_is_same(tx, t->call, &is_same);

	if (r || !is_same)
		return r;
	r = store_tenant_set_graph_pause(tx, tenant, t->until);
	if (r == 0 && !t->is_passing)
		r = store_tenant_set_graph_state(tx, tenant, GRAPH_CREDENTIAL_FAULT,
						 text_of(t->error), t->now);
	return r;
}

static int token_trouble(struct graph_call *call, enum entra_app_outcome outcome,
			 const struct entra_app_error *error)
{
	struct op *op = call->op;
	int64_t now = clock_now();
	struct token_trouble trouble = {.call = call, .now = now};
	int r;

	call->is_stopped = true;
	call->is_silent = outcome == ENTRA_APP_E_TRANSIENT;
	/* A request that this program gave up says nothing about the tenant. */
	if (op_is_stopping(op) || (op->outbound_until && outcome == ENTRA_APP_E_TRANSIENT))
		return 0;
	trouble.is_passing = outcome == ENTRA_APP_E_TRANSIENT || outcome == ENTRA_APP_E_BLOCKED;
	trouble.until = now + (trouble.is_passing ? TOKEN_RETRY_S : STOPPED_PROBE_S);
	if (outcome == ENTRA_APP_E_BLOCKED)
		trouble.until = now + TENANT_BLOCKED_S;
	if (error->retry_after_s > 0 && now + error->retry_after_s > trouble.until)
		trouble.until = now + error->retry_after_s;
	trouble.error = arena_printf(op->arena, "%s: %s", entra_app_outcome_name(outcome),
				     error->remedy ? error->remedy : "");
	r = db_transact(op->db, trouble_write, &trouble);
	if (r)
		return graph_store_failed(op, r);
	log_warn("graph_token", LOG_TEXT("tenant", call->tenant.tenant_id),
		 LOG_TEXT("outcome", entra_app_outcome_name(outcome)),
		 LOG_TEXT("detail", error->detail ? error->detail : ""));
	return 0;
}

/* 0 with call->token set, or with is_stopped. */
static int token_get(struct graph_call *call)
{
	struct entra_app_error error = {0};
	int r;

	if (call->token)
		return 0;
	r = entra_app_token(call->op, &call->tenant, &call->token, &error);
	if (r == ERR_STORE)
		return ERR_TRACE(&call->op->trail, r);
	if (r < 0) {
		/* Not to be repeated four times a second. */
		error = (struct entra_app_error){.remedy = "see the log of the server",
						 .detail = call->op->trail.text};
		r = ENTRA_APP_E_TRANSIENT;
	}
	return r ? token_trouble(call, (enum entra_app_outcome)r, &error) : 0;
}

/* As much of it as can be shown. */
static void said_add(struct buf *buf, struct text said, size_t max)
{
	uint32_t c;
	size_t len;

	said = text_take(said, max);
	for (; (len = text_first_char(said, &c)) > 0; said = text_from(said, len))
		if (c >= 0x20 && (c < 0x7f || c >= 0xa0))
			buf_add(buf, said.ptr, len);
		else
			buf_add_byte(buf, ' ');
}

const char *graph_error_text(struct arena *arena, int status, struct text body)
{
	const struct json *json;
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "HTTP %d", status);
	if (json_read(arena, body, LIMIT_JSON_DEPTH, &json) == 0) {
		struct text code = json_text(json_get(json, "error"), "code");
		struct text message = json_text(json_get(json, "error"), "message");

		buf_add_c(&buf, code.len > 0 ? " " : "");
		said_add(&buf, code, CODE_MAX);
		buf_add_c(&buf, message.len > 0 ? ": " : "");
		said_add(&buf, message, MESSAGE_MAX);
	}
	return buf.data;
}

static int send_once(struct graph_call *call, const char *method, const char *path,
		     const char *body, struct graph_answer *ret)
{
	struct op *op = call->op;
	struct http_client_response response;
	char *authorization = arena_printf(op->arena, "Authorization: Bearer %s", call->token);
	const char *headers[] = {
	    "Content-Type: application/json", "Accept: application/json", authorization,
	    arena_printf(op->arena, "client-request-id: %s", op->trace_id), NULL};
	const struct http_client_request request = {
	    .method = method,
	    .url = arena_printf(op->arena, "%s/v1.0%s", tenant_graph_url(op->arena, &call->tenant),
				path),
	    .headers = headers,
	    .body = text_of(body),
	    .connect_ms = (long)op_outbound_ms(op, CONNECT_MS),
	    .timeout_ms = (long)op_outbound_ms(op, EXCHANGE_MS),
	};
	int r;

	r = http_client_send(op->http, op->arena, &request, &response, &op->trail);
	secret_wipe(authorization, strlen(authorization));
	if (r < 0)
		log_error("graph_request", LOG_TEXT("tenant", call->tenant.tenant_id),
			  LOG_TEXT("trail", op->trail.text));
	call->is_silent = r != 0;
	if (r && op_is_stopping(op))
		call->is_stopped = true;
	if (r)
		*ret = (struct graph_answer){0, -1, "no answer from Graph", TEXT_EMPTY};
	else
		*ret = (struct graph_answer){
		    response.status, response.retry_after_s,
		    graph_error_text(op->arena, response.status, response.body), response.body};
	return 0;
}

int graph_call_send(struct graph_call *call, const char *method, const char *path, const char *body,
		    struct graph_answer *ret)
{
	int r = token_get(call);

	if (r || call->is_stopped)
		return r;
	r = send_once(call, method, path, body, ret);
	if (r || call->is_stopped || ret->status != 401)
		return r;
	/* A token can be revoked before it ends; one fresh one is tried. */
	token_forget(call);
	entra_app_token_drop(call->op, &call->tenant);
	r = token_get(call);
	return r || call->is_stopped ? r : send_once(call, method, path, body, ret);
}
