/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.c: see groups.h.
 *
 * The transitive security groups of one user are one request without pages. An answer that is not
 * exactly a list of GUIDs changes nothing. Reading groups is a permission of its own: when it is
 * missing only this loop stops for the tenant, with the reason in groups_error; a request to slow
 * down pauses everything that talks to that tenant's Graph.
 */
#include "graph/groups.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rand.h"
#include "graph/call.h"
#include "store/device.h"
#include "store/group.h"
#include "store/tenant.h"

enum {
	USERS_PER_TURN = 10, /* of a tenant */
	TENANT_MS = 10 * 1000,
	REFRESH_S = 3600,
	RETRY_S = 5 * 60,
	ABSENT_RETRY_S = 3600, /* not in the directory, or refused for this user */
	FORBIDDEN_RETRY_S = 6 * 3600,
	SEEN_S = 30 * 24 * 3600,
	PAGE_PAUSE_S = 30 /* of a tenant whose Graph kept a page waiting in vain */
};

/* What is written after an answer about a user, in one transaction. */
struct finding {
	const struct graph_call *call;
	struct text user;
	enum graph_verdict verdict;
	struct text *groups;
	size_t n;
	int64_t now;
	int64_t delay;
	const char *error;
};

bool graph_groups_read(struct arena *arena, struct text body, struct text **ret, size_t *ret_n)
{
	const struct json *json, *value;
	struct text *groups;

	if (json_read(arena, body, LIMIT_JSON_DEPTH, &json) != 0)
		return false;
	value = json_get(json, "value");
	if (!value || value->kind != JSON_ARRAY)
		return false;
	groups = ARENA_ARRAY(arena, value->count, struct text);
	for (size_t i = 0; i < value->count; i++) {
		if (value->items[i].kind != JSON_STRING || !uuid_is(value->items[i].text))
			return false;
		groups[i] = value->items[i].text;
	}
	*ret = groups;
	*ret_n = value->count;
	return true;
}

static bool is_listed(struct text group, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_nocase(group, text_of(list[i])))
			return true;
	return false;
}

/* Graph names no group twice, so equal counts and all found means equal. */
static int is_changed(struct db_conn *tx, struct arena *arena, struct text tenant, struct text user,
		      const struct text *groups, size_t n, bool *ret)
{
	const char **had;
	size_t had_n;
	int r = store_group_is_known(tx, tenant, user, ret);

	if (r || !*ret) {
		*ret = true;
		return r;
	}
	r = store_group_list(tx, arena, tenant, user, &had, &had_n);
	if (r)
		return r;
	*ret = n != had_n;
	for (size_t i = 0; i < n && !*ret; i++)
		*ret = !is_listed(groups[i], had, had_n);
	return 0;
}

int graph_groups_told(struct db_conn *tx, struct arena *arena, struct text tenant_id,
		      struct text user, const struct text *groups, size_t n, int64_t now)
{
	bool is_news;
	int r = is_changed(tx, arena, tenant_id, user, groups, n, &is_news);

	if (r)
		return r;
	if (!is_news)
		return store_group_confirm(tx, tenant_id, user, now, now + REFRESH_S);
	r = store_group_replace(tx, tenant_id, user, groups, n, now, now + REFRESH_S);
	return r ? r : store_device_want_evaluation_for_user(tx, tenant_id, user);
}

static int groups_write(struct db_conn *tx, const struct finding *f)
{
	struct text tenant = text_of(f->call->tenant.tenant_id);
	int r;

	r = graph_groups_told(tx, f->call->op->arena, tenant, f->user, f->groups, f->n, f->now);
	if (r == 0)
		r = store_tenant_graph_answered(tx, tenant, f->now);
	if (r == 0 && f->call->tenant.groups_error[0])
		r = store_tenant_set_groups_state(tx, tenant, TEXT_EMPTY, 0);
	return r;
}

static int finding_write(struct db_conn *tx, void *argument)
{
	const struct finding *f = argument;
	struct text tenant = text_of(f->call->tenant.tenant_id);
	bool is_same = false;
	int r = 0;

	switch (f->verdict) {
	case GRAPH_DONE:
		return groups_write(tx, f);
	case GRAPH_FORBIDDEN:
		r = graph_tenant_is_same(tx, f->call, &is_same);
		if (r == 0 && is_same)
			r = store_tenant_set_groups_state(tx, tenant, text_of(f->error),
							  f->now + FORBIDDEN_RETRY_S);
		return r;
	case GRAPH_THROTTLED:
		return store_tenant_set_graph_pause(tx, tenant, f->now + f->delay);
	case GRAPH_RETRY_FRESH:
	case GRAPH_GONE:
	case GRAPH_REFUSED:
	case GRAPH_TOKEN:
	case GRAPH_CONFLICT:
	case GRAPH_BROKEN:
		break;
	}
	if (f->call->is_silent)
		r = store_tenant_set_graph_pause(tx, tenant, f->now + GRAPH_SILENT_S);
	return r ? r : store_group_retry_at(tx, tenant, f->user, f->now + f->delay);
}

static int64_t delay_of(enum graph_verdict verdict, const struct graph_answer *answer)
{
	if (verdict == GRAPH_THROTTLED)
		return graph_retry_delay(verdict, answer, 0, (int64_t)rand_below(1000));
	if (verdict == GRAPH_GONE || verdict == GRAPH_REFUSED)
		return ABSENT_RETRY_S;
	return RETRY_S;
}

static int user_ask(struct graph_call *call, const char *user)
{
	struct op *op = call->op;
	struct graph_answer answer = {0};
	struct finding f = {.call = call, .user = text_of(user)};
	int r;

	r = graph_call_send(call, "POST",
			    arena_printf(op->arena, "/users/%s/getMemberGroups", user),
			    "{\"securityEnabledOnly\":true}", &answer);
	if (r || call->is_stopped)
		return r;
	/* The directory may not know a user yet, but there is no device's age to judge that by. */
	f.verdict = graph_verdict_of(&answer, INT64_MAX);
	if (f.verdict == GRAPH_DONE && !graph_groups_read(op->arena, answer.body, &f.groups, &f.n))
		f.verdict = GRAPH_BROKEN;
	f.delay = delay_of(f.verdict, &answer);
	f.now = clock_now();
	f.error = answer.error;
	call->is_stopped =
	    f.verdict != GRAPH_DONE && f.verdict != GRAPH_GONE && f.verdict != GRAPH_REFUSED;
	r = db_transact(op->db, finding_write, &f);
	if (r < 0)
		return graph_store_failed(op, r);
	if (f.verdict != GRAPH_DONE)
		log_warn("graph_groups", LOG_TEXT("tenant", call->tenant.tenant_id),
			 LOG_TEXT("user", user), LOG_INT("status", answer.status),
			 LOG_TEXT("error", answer.error));
	return 0;
}

/* What is true of the tenant is written, as by the loop. That there was no answer in the little
 * time of a page is not; but the next pages do not wait for it. */
static int page_finding_write(struct db_conn *tx, void *argument)
{
	const struct finding *f = argument;

	switch (f->verdict) {
	case GRAPH_DONE:
	case GRAPH_FORBIDDEN:
	case GRAPH_THROTTLED:
		return finding_write(tx, argument);
	case GRAPH_RETRY_FRESH:
	case GRAPH_GONE:
	case GRAPH_REFUSED:
	case GRAPH_TOKEN:
	case GRAPH_CONFLICT:
	case GRAPH_BROKEN:
		break;
	}
	if (!f->call->is_silent)
		return 0;
	return store_tenant_set_groups_state(tx, text_of(f->call->tenant.tenant_id),
					     text_of(f->call->tenant.groups_error),
					     f->now + PAGE_PAUSE_S);
}

static int page_ask(struct graph_call *call, const char *user, struct finding *f)
{
	struct op *op = call->op;
	struct graph_answer answer = {.error = "no application token"};
	int r;

	*f = (struct finding){.call = call, .user = text_of(user), .verdict = GRAPH_BROKEN};
	r = graph_call_send(call, "POST",
			    arena_printf(op->arena, "/users/%s/getMemberGroups", user),
			    "{\"securityEnabledOnly\":true}", &answer);
	if (r)
		return r;
	if (!call->is_stopped)
		f->verdict = graph_verdict_of(&answer, INT64_MAX);
	if (f->verdict == GRAPH_DONE &&
	    !graph_groups_read(op->arena, answer.body, &f->groups, &f->n))
		f->verdict = GRAPH_BROKEN;
	f->delay = delay_of(f->verdict, &answer);
	f->now = clock_now();
	f->error = answer.error;
	r = db_transact(op->db, page_finding_write, f);
	if (r < 0)
		return graph_store_failed(op, r);
	if (f->verdict != GRAPH_DONE)
		log_warn("graph_groups_for_page", LOG_TEXT("tenant", call->tenant.tenant_id),
			 LOG_TEXT("trace_id", op->trace_id), LOG_TEXT("user", user),
			 LOG_INT("status", answer.status), LOG_TEXT("error", answer.error));
	return 0;
}

/* As what a failure of Graph counts for a page: the groups are not known. */
static int page_ask_in_time(struct op *op, const char *tenant_id, const char *user, bool *ret)
{
	struct graph_call call;
	struct finding f;
	int r;

	op->outbound_until = clock_mono_ms() + LIMIT_TERMS_GROUPS_MS;
	r = graph_call_init(&call, op, tenant_id);
	if (r == 0)
		r = page_ask(&call, user, &f);
	graph_call_done(&call);
	op->outbound_until = 0;
	*ret = r == 0 && f.verdict == GRAPH_DONE;
	return r;
}

static void groups_lower(struct op *op, const char **groups, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *copy = arena_string(op->arena, groups[i]);

		for (char *c = copy; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		groups[i] = copy;
	}
}

int graph_groups_for_page(struct op *op, const char *tenant_id, const char *user,
			  const char *const **ret, size_t *ret_n)
{
	struct text tenant = text_of(tenant_id);
	bool is_known, is_paused = false;
	const char **groups = NULL;
	size_t n = 0;
	int r;

	r = store_group_is_fresh(db_reader(op->db), tenant, text_of(user),
				 op->now - LIMIT_TERMS_GROUPS_S, &is_known);
	if (r == 0 && !is_known)
		r = store_group_is_paused(db_reader(op->db), tenant, op->now, &is_paused);
	if (r)
		return graph_store_failed(op, r);
	if (!is_known && !is_paused) {
		r = page_ask_in_time(op, tenant_id, user, &is_known);
		if (r)
			return ERR_TRACE(&op->trail, r);
	}
	if (is_known) {
		r = store_group_list(db_reader(op->db), op->arena, tenant, text_of(user), &groups,
				     &n);
		if (r)
			return graph_store_failed(op, r);
	}
	groups_lower(op, groups, n);
	*ret = groups;
	*ret_n = n;
	return 0;
}

static int tenant_ask(struct op *op, const char *tenant_id, bool *ret_is_silent)
{
	struct graph_call call;
	int64_t until = clock_mono_ms() + TENANT_MS;
	const char **users;
	size_t n;
	int r;

	r = store_group_due(db_reader(op->db), op->arena, text_of(tenant_id), op->now,
			    op->now - SEEN_S, USERS_PER_TURN, &users, &n);
	if (r)
		return graph_store_failed(op, r);
	if (n == 0)
		return 0;
	r = graph_call_init(&call, op, tenant_id);
	for (size_t i = 0; i < n && r == 0 && !call.is_stopped; i++) {
		if (op_is_stopping(op) || clock_mono_ms() >= until)
			break;
		r = user_ask(&call, users[i]);
	}
	*ret_is_silent = call.is_silent;
	graph_call_done(&call);
	return r;
}

int graph_groups_turn(struct op *op)
{
	int64_t until = clock_mono_ms() + GRAPH_TURN_MS;
	struct tenant *tenants;
	int r, first = 0;
	size_t n;

	r = store_tenant_list_groups_due(db_reader(op->db), op->arena, op->now, &tenants, &n);
	if (r)
		return graph_store_failed(op, r);
	for (size_t i = 0; i < n && !op_is_stopping(op); i++) {
		bool is_silent = false;

		r = tenant_ask(op, tenants[i].tenant_id, &is_silent);
		if (r < 0)
			first = graph_tenant_failed(op, tenants[i].tenant_id, r, first);
		/* The next turn begins with those that answer. */
		if (is_silent && clock_mono_ms() >= until)
			break;
	}
	return first;
}
