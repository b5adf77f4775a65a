/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c: rows of the table sessions. A session that ended keeps what a list shows; its state
 * and its last reply are of no use once another begins, and are emptied then.
 */
#include "store/session.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, device_id, id, session_id, client_msg_id, server_msg_id, state,"               \
	" user_object_id, login_status, origin, started_at, updated_at, ended_at, end_reason,"     \
	" last_reply, last_request_sha256"

#define COLUMNS_LISTED                                                                             \
	"tenant_id, device_id, id, session_id, client_msg_id, server_msg_id, '',"                  \
	" user_object_id, login_status, origin, started_at, updated_at, ended_at, end_reason,"     \
	" '', last_request_sha256"

static void session_read(struct db_query *q, struct arena *arena, struct session_row *ret)
{
	struct row row;

	row_begin(&row, q, arena);
	ret->tenant_id = row_text(&row);
	ret->device_id = row_text(&row);
	ret->id = row_text(&row);
	ret->session_id = row_text(&row);
	ret->client_msg_id = row_int(&row);
	ret->server_msg_id = row_int(&row);
	ret->state = row_text(&row);
	ret->user_object_id = row_text(&row);
	ret->login_status = row_text(&row);
	ret->origin = row_text(&row);
	ret->started_at = row_int(&row);
	ret->updated_at = row_int(&row);
	ret->ended_at = row_int(&row);
	ret->end_reason = row_text(&row);
	ret->last_reply = row_text(&row);
	ret->last_request_sha256 = row_text(&row);
}

int store_session_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text device_id, struct text session_id, struct session_row *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM sessions WHERE tenant_id = $1 AND device_id = $2"
		      " AND session_id = $3 AND ended_at = 0");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_text(&q, 3, session_id);
	r = row_one(&q);
	if (!r)
		session_read(&q, arena, ret);
	return r;
}

int store_session_latest(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			 struct text device_id, struct session_row *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM sessions WHERE tenant_id = $1 AND device_id = $2"
		      " ORDER BY CASE WHEN ended_at = 0 THEN 0 WHEN last_reply <> '' THEN 1 ELSE 2"
		      " END, id DESC LIMIT 1");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	r = row_one(&q);
	if (!r)
		session_read(&q, arena, ret);
	return r;
}

static int session_replace(struct db_conn *tx, const struct session_row *session)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE sessions SET state = '{}', last_reply = '',"
		      " ended_at = CASE WHEN ended_at = 0 THEN $3 ELSE ended_at END,"
		      " end_reason = CASE WHEN ended_at = 0 THEN 'replaced' ELSE end_reason END"
		      " WHERE tenant_id = $1 AND device_id = $2"
		      " AND (ended_at = 0 OR last_reply <> '')");
	row_bind_begin(&b, &q);
	row_bind_c(&b, session->tenant_id);
	row_bind_c(&b, session->device_id);
	row_bind_int(&b, session->started_at);
	return row_write(&q);
}

static int session_insert(struct db_conn *tx, const struct session_row *session)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO sessions (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
		      " $9, $10, $11, $12, $13, $14, $15, $16)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, session->tenant_id);
	row_bind_c(&b, session->device_id);
	row_bind_c(&b, session->id);
	row_bind_c(&b, session->session_id);
	row_bind_int(&b, session->client_msg_id);
	row_bind_int(&b, session->server_msg_id);
	row_bind_c(&b, session->state);
	row_bind_c(&b, session->user_object_id);
	row_bind_c(&b, session->login_status);
	row_bind_c(&b, session->origin);
	row_bind_int(&b, session->started_at);
	row_bind_int(&b, session->updated_at);
	row_bind_int(&b, session->ended_at);
	row_bind_c(&b, session->end_reason);
	row_bind_c(&b, session->last_reply);
	row_bind_c(&b, session->last_request_sha256);
	return row_write(&q);
}

static int session_prune(struct db_conn *tx, const struct session_row *session)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM sessions WHERE tenant_id = $1 AND device_id = $2"
		      " AND ended_at <> 0 AND id <= (SELECT id FROM sessions WHERE tenant_id = $1"
		      " AND device_id = $2 AND ended_at <> 0 ORDER BY id DESC LIMIT 1 OFFSET $3)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, session->tenant_id);
	row_bind_c(&b, session->device_id);
	row_bind_int(&b, SESSION_HISTORY_KEPT);
	return row_write(&q);
}

int store_session_begin(struct db_conn *tx, const struct session_row *session)
{
	int r = session_replace(tx, session);

	if (!r)
		r = session_insert(tx, session);
	return r ? r : session_prune(tx, session);
}

int store_session_save(struct db_conn *tx, const struct session_row *session,
		       int64_t expected_client_msg_id)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE sessions SET client_msg_id = $4, server_msg_id = $5, state = $6,"
		      " user_object_id = $7, login_status = $8, origin = $9, updated_at = $10,"
		      " last_reply = $11, last_request_sha256 = $12, ended_at = $14,"
		      " end_reason = $15 WHERE tenant_id = $1"
		      " AND device_id = $2 AND id = $3 AND ended_at = 0 AND client_msg_id = $13");
	row_bind_begin(&b, &q);
	row_bind_c(&b, session->tenant_id);
	row_bind_c(&b, session->device_id);
	row_bind_c(&b, session->id);
	row_bind_int(&b, session->client_msg_id);
	row_bind_int(&b, session->server_msg_id);
	row_bind_c(&b, session->state);
	row_bind_c(&b, session->user_object_id);
	row_bind_c(&b, session->login_status);
	row_bind_c(&b, session->origin);
	row_bind_int(&b, session->updated_at);
	row_bind_c(&b, session->last_reply);
	row_bind_c(&b, session->last_request_sha256);
	row_bind_int(&b, expected_client_msg_id);
	row_bind_int(&b, session->ended_at);
	row_bind_c(&b, session->end_reason);
	return row_write_one(&q);
}

int store_session_end(struct db_conn *tx, struct text tenant_id, struct text device_id,
		      struct text id, struct text reason, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE sessions SET ended_at = $4, end_reason = $5, state = '{}',"
		      " last_reply = '' WHERE tenant_id = $1 AND device_id = $2 AND id = $3"
		      " AND ended_at = 0");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, id);
	row_bind_int(&b, now);
	row_bind_text(&b, reason);
	return row_write_one(&q);
}

int store_session_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text device_id, struct text after, size_t limit,
		       struct session_row **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct session_row *list = NULL;
	struct row_binder b;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS_LISTED " FROM sessions WHERE tenant_id = $1"
		      " AND device_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		session_read(&q, arena, &list[n++]);
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
