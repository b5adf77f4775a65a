/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member.c: see member.h.
 */
#include "graph/member.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "graph/call.h"
#include "graph/groups.h"
#include "http/client.h"
#include "store/group.h"

struct question {
	struct op *op;
	const struct tenant *tenant;
	struct text user;
	struct text *groups; /* what Graph told */
	size_t n;
	const char *why; /* it did not */
};

static bool is_listed(const struct text *groups, size_t n, const char *group_id)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_nocase(groups[i], text_of(group_id)))
			return true;
	return false;
}

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

/* Whether what is stored says yes and is young enough to be believed. */
static int stored_check(struct question *q, const char *group_id, int64_t max_age_s, bool *ret)
{
	struct op *op = q->op;
	struct text tenant = text_of(q->tenant->tenant_id);
	const char **had;
	int64_t at;
	size_t n;
	int r;

	*ret = false;
	r = store_group_fetched_at(db_reader(op->db), tenant, q->user, &at);
	if (r)
		return store_failed(op, r);
	if (at == 0 || op->now - at > max_age_s)
		return 0;
	r = store_group_list(db_reader(op->db), op->arena, tenant, q->user, &had, &n);
	if (r)
		return store_failed(op, r);
	for (size_t i = 0; i < n && !*ret; i++)
		*ret = text_eq_nocase(text_of(had[i]), text_of(group_id));
	return 0;
}

static int answer_write(struct db_conn *tx, void *argument)
{
	const struct question *q = argument;
	struct text tenant = text_of(q->tenant->tenant_id);
	int r = store_group_want(tx, tenant, q->user, q->op->now);

	return r ? r
		 : graph_groups_told(tx, q->op->arena, tenant, q->user, q->groups, q->n,
				     q->op->now);
}

/* Ask with this token. 0: told; 1: not. */
static int ask(struct question *q, const char *token)
{
	struct op *op = q->op;
	struct http_client_response response;
	char *authorization = arena_printf(op->arena, "Authorization: Bearer %s", token);
	const char *headers[] = {"Content-Type: application/json",
				 "Accept: application/json",
				 "x-ms-throttle-priority: High",
				 authorization,
				 arena_printf(op->arena, "client-request-id: %s", op->trace_id),
				 NULL};
	const struct http_client_request request = {
	    .method = "POST",
	    .url =
		arena_printf(op->arena, "%s/v1.0/users/%.*s/getMemberGroups",
			     tenant_graph_url(op->arena, q->tenant), (int)q->user.len, q->user.ptr),
	    .headers = headers,
	    .body = TEXT("{\"securityEnabledOnly\":true}"),
	    .connect_ms = (long)op_outbound_ms(op, LIMIT_OUTBOUND_S * 1000L),
	    .timeout_ms = (long)op_outbound_ms(op, LIMIT_OUTBOUND_S * 1000L),
	};
	int r = http_client_send(op->http, op->arena, &request, &response, &op->trail);

	secret_wipe(authorization, strlen(authorization));
	if (r) {
		q->why = "Graph did not answer in time.";
		return 1;
	}
	if (response.status == 200 &&
	    graph_groups_read(op->arena, response.body, &q->groups, &q->n))
		return 0;
	q->why = response.status == 200
		     ? "Graph answered with something that is no list of groups."
		     : arena_printf(op->arena, "Graph answered %s.",
				    graph_error_text(op->arena, response.status, response.body));
	if (response.status == 401)
		entra_app_token_drop(op, q->tenant);
	return 1;
}

/* 0: q holds the groups; 1: nobody told. */
static int graph_ask(struct question *q)
{
	struct op *op = q->op;
	struct entra_app_error error = {0};
	char *token = NULL;
	int r = entra_app_token(op, q->tenant, &token, &error);

	if (r == ERR_STORE)
		return ERR_TRACE(&op->trail, r);
	if (r) {
		q->why =
		    error.remedy && error.remedy[0] ? error.remedy : "There is no token for Graph.";
		trail_reset(&op->trail);
		return 1;
	}
	r = ask(q, token);
	trail_reset(&op->trail);
	secret_wipe(token, strlen(token));
	return r;
}

int graph_member_check(struct op *op, const struct tenant *tenant, const char *user_object_id,
		       const char *group_id, int64_t max_age_s, int64_t budget_ms,
		       const char **ret_why)
{
	struct question q = {.op = op, .tenant = tenant, .user = text_of(user_object_id)};
	bool is_member;
	int r;

	r = stored_check(&q, group_id, max_age_s, &is_member);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (is_member)
		return GRAPH_MEMBER_YES;
	op->outbound_until = clock_mono_ms() + budget_ms;
	r = graph_ask(&q);
	op->outbound_until = 0;
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r) {
		log_warn("graph_member", LOG_TEXT("tenant", tenant->tenant_id),
			 LOG_TEXT("trace_id", op->trace_id), LOG_TEXT("error", q.why));
		*ret_why = q.why;
		return GRAPH_MEMBER_UNKNOWN;
	}
	r = db_transact(op->db, answer_write, &q);
	if (r)
		return store_failed(op, r);
	return is_listed(q.groups, q.n, group_id) ? GRAPH_MEMBER_YES : GRAPH_MEMBER_NO;
}
