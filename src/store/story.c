/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.c: see story.h.
 */
#include "store/story.h"

#include "base/uuid.h"
#include "store/enrollment_row.h"
#include "store/row.h"

enum { NEWEST = 20 }; /* attempts of a user that are looked at */

static bool is_set(const char *text)
{
	return text && text[0];
}

static bool agree(const char *a, const char *b)
{
	return !is_set(a) || !is_set(b) || !strcmp(a, b);
}

static const char *user_of(const struct enrollment *attempt)
{
	return is_set(attempt->user_key) ? attempt->user_key : attempt->user_object_id;
}

static int list_read(struct db_query *q, struct arena *arena, struct enrollment **ret,
		     size_t *ret_n)
{
	struct enrollment *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = enrollment_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

/* The newest attempt with the same client-request-id of the same user, or of the same address where
 * no tenant is proved. */
static int by_request(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list;
	struct row_binder b;
	size_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE client_request_id = $1"
		      " AND tenant_id = $2 AND at >= $3 ORDER BY id DESC LIMIT $4");
	row_bind_begin(&b, &q);
	row_bind_c(&b, attempt->client_request_id);
	row_bind_c(&b, attempt->tenant_id);
	row_bind_int(&b, attempt->at - STORY_REQUEST_S);
	row_bind_int(&b, NEWEST);
	r = list_read(&q, arena, &list, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		bool is_same = attempt->tenant_id[0] ? agree(user_of(attempt), user_of(&list[i]))
						     : !strcmp(attempt->source, list[i].source);

		if (is_same && agree(attempt->entra_device_id, list[i].entra_device_id)) {
			attempt->story_id = list[i].story_id;
			break;
		}
	}
	return r;
}

static bool is_in(const char *id, const struct enrollment *list, size_t n, const char *device)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].story_id, id) && !agree(list[i].entra_device_id, device))
			return true;
	return false;
}

/* Whether an attempt at this stage can follow that one. */
static bool follows(enum enrollment_stage stage, const struct enrollment *last)
{
	if (last->stage == STAGE_RENEWAL || last->stage == STAGE_SESSION)
		return false;
	return last->outcome == OUTCOME_OK ? stage >= last->stage : stage > last->stage;
}

/* The newest story of the user that is not of another device. */
static int by_user(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list;
	struct row_binder b;
	size_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE tenant_id = $1"
		      " AND user_key = $2 AND at >= $3 ORDER BY at DESC, id DESC LIMIT $4");
	row_bind_begin(&b, &q);
	row_bind_c(&b, attempt->tenant_id);
	row_bind_c(&b, user_of(attempt));
	row_bind_int(&b, attempt->at - STORY_S);
	row_bind_int(&b, NEWEST);
	r = list_read(&q, arena, &list, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (is_in(list[i].story_id, list, n, attempt->entra_device_id))
			continue;
		if (follows(attempt->stage, &list[i]))
			attempt->story_id = list[i].story_id;
		break;
	}
	return r;
}

/* The story in which the device got its certificate. */
static int by_device(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list;
	size_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE tenant_id = $1"
		      " AND device_id = $2 AND stage = 'request' AND outcome = 'ok'"
		      " ORDER BY at DESC, id DESC LIMIT 1");
	db_bind_text(&q, 1, text_of(attempt->tenant_id));
	db_bind_text(&q, 2, text_of(attempt->device_id));
	r = list_read(&q, arena, &list, &n);
	if (r == 0 && n == 1)
		attempt->story_id = list[0].story_id;
	return r;
}

/* A discovery from the same address, lately, by the same client-request-id or by the name of the
 * user who is proved now. */
static int discovery_find(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct db_query q CLEANUP(db_query_done);
	char since[UUID_TEXT_LEN + 1];
	struct row_binder b;
	int r;

	uuid_write(uuid_ordered((attempt->at - STORY_DISCOVERY_S) * 1000), since);
	db_query_init(&q, conn,
		      "SELECT id FROM enrollments WHERE tenant_id = '' AND id >= $1"
		      " AND stage = 'discovery' AND source = $2 AND"
		      " (($3 <> '' AND client_request_id = $3)"
		      " OR ($4 <> '' AND lower(user_principal_name) = lower($4)))"
		      " ORDER BY id DESC LIMIT 1");
	row_bind_begin(&b, &q);
	row_bind_c(&b, since);
	row_bind_c(&b, attempt->source);
	row_bind_c(&b, attempt->client_request_id);
	row_bind_c(&b, attempt->user_principal_name);
	r = row_one(&q);
	if (r == 0)
		attempt->discovery_id = arena_cstr(arena, db_column_text(&q, 0));
	return r == STORE_E_NOT_FOUND ? 0 : r;
}

int store_story_place(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	int r = 0;

	if (is_set(attempt->story_id))
		return 0;
	attempt->discovery_id = "";
	/* A renewal belongs to no joining. */
	if (attempt->stage == STAGE_SESSION && attempt->device_id[0])
		r = by_device(conn, arena, attempt);
	else if (attempt->stage != STAGE_RENEWAL && is_set(attempt->client_request_id))
		r = by_request(conn, arena, attempt);
	if (r == 0 && !is_set(attempt->story_id) && attempt->stage < STAGE_RENEWAL &&
	    attempt->tenant_id[0] && is_set(user_of(attempt)))
		r = by_user(conn, arena, attempt);
	if (r == 0 && attempt->tenant_id[0] &&
	    (attempt->stage == STAGE_POLICY || attempt->stage == STAGE_REQUEST))
		r = discovery_find(conn, arena, attempt);
	if (r == 0 && !is_set(attempt->story_id))
		attempt->story_id = attempt->id;
	return r;
}

int store_story_find(struct db_conn *conn, struct arena *arena, struct text id,
		     const char **ret_tenant_id, const char **ret_story_id)
{
	static const char *const queries[] = {
	    "SELECT tenant_id, story_id FROM enrollments WHERE id = $1 LIMIT 1",
	    "SELECT tenant_id, story_id FROM enrollments WHERE story_id = $1 ORDER BY id LIMIT 1",
	    "SELECT tenant_id, story_id FROM enrollments WHERE trace_id = $1"
	    " ORDER BY id DESC LIMIT 1",
	    "SELECT tenant_id, story_id FROM enrollments WHERE client_request_id = $1"
	    " ORDER BY id DESC LIMIT 1",
	    "SELECT e.tenant_id, e.story_id FROM devices d JOIN enrollments e"
	    " ON e.tenant_id = d.tenant_id AND e.device_id = d.id"
	    " WHERE d.id = $1 ORDER BY e.id DESC LIMIT 1",
	    "SELECT e.tenant_id, e.story_id FROM tenants t JOIN enrollments e"
	    " ON e.tenant_id = t.tenant_id AND e.entra_device_id = $1 ORDER BY e.id DESC LIMIT 1",
	};
	int r = STORE_E_NOT_FOUND;

	for (size_t i = 0; i < ARRAY_LEN(queries) && r == STORE_E_NOT_FOUND; i++) {
		struct db_query q CLEANUP(db_query_done);

		db_query_init(&q, conn, queries[i]);
		db_bind_text(&q, 1, id);
		r = row_one(&q);
		if (r == 0) {
			*ret_tenant_id = arena_cstr(arena, db_column_text(&q, 0));
			*ret_story_id = arena_cstr(arena, db_column_text(&q, 1));
		}
	}
	return r;
}

int store_story_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		     struct text story_id, struct enrollment **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE story_id = $1"
		      " AND tenant_id = $2 ORDER BY at, id LIMIT $3");
	row_bind_begin(&b, &q);
	row_bind_text(&b, story_id);
	row_bind_text(&b, tenant_id);
	row_bind_int(&b, STORY_MAX);
	r = list_read(&q, arena, ret, ret_n);
	return r == 0 && *ret_n == 0 ? STORE_E_NOT_FOUND : r;
}

#define OF_STORY "a.story_id = h.id AND a.tenant_id = h.tenant_id"

int store_story_list(struct db_conn *conn, struct arena *arena, const struct story_filter *filter,
		     struct text after, size_t limit, struct enrollment **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(
	    &q, conn,
	    "SELECT " ENROLLMENT_COLUMNS " FROM enrollments h WHERE id < $1 AND story_id = id"
	    " AND ($3 = '' OR tenant_id = $3)"
	    " AND ($4 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND lower(a.user_principal_name) = lower($4)))"
	    " AND ($5 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.device_id = $5))"
	    " AND ($6 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.entra_device_id = $6))"
	    " AND ($7 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.error_code = $7))"
	    " AND ($8 = '' OR $8 = (SELECT CASE WHEN a.outcome <> 'ok' THEN a.outcome"
	    " WHEN a.stage = 'session' THEN 'joined' WHEN a.stage = 'request' THEN 'enrolled'"
	    " ELSE 'open' END FROM enrollments a WHERE " OF_STORY
	    " ORDER BY a.at DESC, a.id DESC LIMIT 1))"
	    " ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->user_principal_name);
	row_bind_text(&b, filter->device_id);
	row_bind_text(&b, filter->entra_device_id);
	row_bind_text(&b, filter->error_code);
	row_bind_text(&b, filter->state);
	return list_read(&q, arena, ret, ret_n);
}

int store_story_session_failed(struct db_conn *tx, const struct enrollment *attempt)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE enrollments SET outcome = 'failed', reason = $3, remedy = $4"
		      " WHERE tenant_id = $1 AND device_id = $2 AND stage = 'session' AND at = $5"
		      " AND outcome = 'ok'");
	row_bind_begin(&b, &q);
	row_bind_c(&b, attempt->tenant_id);
	row_bind_c(&b, attempt->device_id);
	row_bind_c(&b, attempt->reason);
	row_bind_c(&b, attempt->remedy);
	row_bind_int(&b, attempt->at);
	return row_write(&q);
}
