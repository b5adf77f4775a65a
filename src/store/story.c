/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.c: see story.h. Which story an attempt goes on is in story_place.c.
 */
#include "store/story.h"

#include "base/buf.h"
#include "store/enrollment_row.h"
#include "store/row.h"

int story_rows_read(struct db_query *q, struct arena *arena, struct enrollment **ret, size_t *ret_n)
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

/* A device is asked for to see how it joined; it renews many times after that. */
#define JOINING_FIRST "CASE WHEN e.stage = 'renewal' THEN 1 ELSE 0 END"

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
	    " WHERE d.id = $1 ORDER BY " JOINING_FIRST ", e.id DESC LIMIT 1",
	    /* CROSS: SQLite takes the tables in this order, and so the index. */
	    "SELECT e.tenant_id, e.story_id FROM tenants t CROSS JOIN enrollments e"
	    " WHERE e.tenant_id = t.tenant_id AND e.entra_device_id = $1"
	    " ORDER BY " JOINING_FIRST ", e.id DESC LIMIT 1",
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
		      "SELECT " ENROLLMENT_COLUMNS
		      " FROM (SELECT * FROM enrollments WHERE story_id = $1 AND tenant_id = $2"
		      " ORDER BY at DESC, id DESC LIMIT $3) AS newest ORDER BY at, id");
	row_bind_begin(&b, &q);
	row_bind_text(&b, story_id);
	row_bind_text(&b, tenant_id);
	row_bind_int(&b, STORY_MAX);
	r = story_rows_read(&q, arena, ret, ret_n);
	return r == 0 && *ret_n == 0 ? STORE_E_NOT_FOUND : r;
}

/* "|request/ok|": the last attempts after which a story is in that state; "" without a state. */
static const char *endings_of(struct arena *arena, struct text state)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_c(&buf, state.len > 0 ? "|" : "");
	for (int i = 0; state.len > 0 && i < ENROLLMENT_STAGES * ENROLLMENT_OUTCOMES; i++) {
		enum enrollment_stage stage = (enum enrollment_stage)(i / ENROLLMENT_OUTCOMES);
		enum enrollment_outcome outcome =
		    (enum enrollment_outcome)(i % ENROLLMENT_OUTCOMES);

		if (text_eq_c(state, story_state_name(story_state_after(stage, outcome))))
			buf_printf(&buf, "%s/%s|", enrollment_stage_name(stage),
				   enrollment_outcome_name(outcome));
	}
	return buf.data;
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
	    " AND stage <> 'renewal'"
	    " AND ($3 = '' OR tenant_id = $3)"
	    " AND ($4 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND lower(a.user_principal_name) = lower($4)))"
	    " AND ($5 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.device_id = $5))"
	    " AND ($6 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.entra_device_id = $6))"
	    " AND ($7 = '' OR EXISTS (SELECT 1 FROM enrollments a WHERE " OF_STORY
	    " AND a.error_code = $7))"
	    " AND ($8 = '' OR $8 LIKE (SELECT '%|' || a.stage || '/' || a.outcome || '|%'"
	    " FROM enrollments a WHERE " OF_STORY " ORDER BY a.at DESC, a.id DESC LIMIT 1))"
	    " ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->user_principal_name);
	row_bind_text(&b, filter->device_id);
	row_bind_text(&b, filter->entra_device_id);
	row_bind_text(&b, filter->error_code);
	row_bind_c(&b, endings_of(arena, filter->state));
	return story_rows_read(&q, arena, ret, ret_n);
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
