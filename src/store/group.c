/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.c: see group.h.
 */
#include "store/group.h"

#include "store/row.h"

int store_group_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		     struct text user_object_id, const char ***ret, size_t *ret_n)
{
	CLEANUP(db_query_done) struct db_query q;
	const char **groups = NULL;
	size_t n = 0;
	int r;

	db_query_init(
	    &q, conn,
	    "SELECT group_id FROM user_groups WHERE tenant_id = $1 AND user_object_id = $2"
	    " ORDER BY group_id");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	while ((r = db_step(&q)) == DB_ROW) {
		groups = ROW_GROW(arena, groups, n);
		groups[n++] = arena_cstr(arena, db_column_text(&q, 0));
	}
	if (r)
		return r;
	*ret = groups;
	*ret_n = n;
	return 0;
}

int store_group_is_known(struct db_conn *conn, struct text tenant_id, struct text user_object_id,
			 bool *ret)
{
	struct db_query q;
	int64_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND user_object_id = $2"
		      " AND groups_fetched_at > 0");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n > 0;
	return 0;
}

int store_group_fetched_at(struct db_conn *conn, struct text tenant_id, struct text user_object_id,
			   int64_t *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT groups_fetched_at FROM users WHERE tenant_id = $1"
		      " AND user_object_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	r = row_one(&q);
	if (r < 0)
		return r;
	*ret = r == STORE_E_NOT_FOUND ? 0 : db_column_int(&q, 0);
	return 0;
}

int store_group_confirm(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
			int64_t now, int64_t next_at)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE users SET groups_fetched_at = $3, groups_next_at = $4"
		      " WHERE tenant_id = $1 AND user_object_id = $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, user_object_id);
	row_bind_int(&b, now);
	row_bind_int(&b, next_at);
	return row_write_one(&q);
}

int store_group_is_fresh(struct db_conn *conn, struct text tenant_id, struct text user_object_id,
			 int64_t since, bool *ret)
{
	struct db_query q;
	int64_t n;
	int r;

	/* Told times are only ever of the last success: a failure leaves them. */
	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND user_object_id = $2"
		      " AND groups_fetched_at > 0 AND groups_fetched_at >= $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	db_bind_int(&q, 3, since);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n > 0;
	return 0;
}

int store_group_is_paused(struct db_conn *conn, struct text tenant_id, int64_t now, bool *ret)
{
	struct db_query q;
	int64_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM tenants WHERE tenant_id = $1 AND is_enabled = 1"
		      " AND graph_pause_until <= $2 AND groups_pause_until <= $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, now);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n == 0;
	return 0;
}

int store_group_want(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
		     int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO users (tenant_id, user_object_id, seen_at, groups_fetched_at,"
		      " groups_next_at) VALUES ($1, $2, $3, 0, 0)"
		      " ON CONFLICT (tenant_id, user_object_id) DO UPDATE SET"
		      " seen_at = excluded.seen_at");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	db_bind_int(&q, 3, now);
	return row_write(&q);
}

int store_group_due(struct db_conn *conn, struct arena *arena, struct text tenant_id, int64_t now,
		    int64_t seen_since, size_t limit, const char ***ret, size_t *ret_n)
{
	CLEANUP(db_query_done) struct db_query q;
	const char **users = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT user_object_id FROM users WHERE tenant_id = $1"
		      " AND groups_next_at <= $2 AND seen_at >= $3"
		      " ORDER BY groups_next_at, user_object_id LIMIT $4");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, now);
	db_bind_int(&q, 3, seen_since);
	db_bind_int(&q, 4, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		users = ROW_GROW(arena, users, n);
		users[n++] = arena_cstr(arena, db_column_text(&q, 0));
	}
	if (r)
		return r;
	*ret = users;
	*ret_n = n;
	return 0;
}

static int user_put(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
		    int64_t now, int64_t next_at)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO users (tenant_id, user_object_id, seen_at, groups_fetched_at,"
		      " groups_next_at) VALUES ($1, $2, $3, $3, $4)"
		      " ON CONFLICT (tenant_id, user_object_id) DO UPDATE SET"
		      " groups_fetched_at = excluded.groups_fetched_at,"
		      " groups_next_at = excluded.groups_next_at");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, user_object_id);
	row_bind_int(&b, now);
	row_bind_int(&b, next_at);
	return row_write(&q);
}

static int group_add(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
		     struct text group)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO user_groups (tenant_id, user_object_id, group_id)"
		      " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	db_bind_text(&q, 3, group);
	return row_write(&q);
}

static int groups_remove(struct db_conn *tx, struct text tenant_id, struct text user_object_id)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM user_groups WHERE tenant_id = $1 AND user_object_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	return row_write(&q);
}

int store_group_replace(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
			const struct text *groups, size_t n, int64_t now, int64_t next_at)
{
	int r = user_put(tx, tenant_id, user_object_id, now, next_at);

	if (r == 0)
		r = groups_remove(tx, tenant_id, user_object_id);
	for (size_t i = 0; i < n && r == 0; i++)
		r = group_add(tx, tenant_id, user_object_id, groups[i]);
	return r;
}

int store_group_retry_at(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
			 int64_t at)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE users SET groups_next_at = $3"
		      " WHERE tenant_id = $1 AND user_object_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	db_bind_int(&q, 3, at);
	return row_write_one(&q);
}
