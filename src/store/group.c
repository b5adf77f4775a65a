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
	    " AND group_id <> '' ORDER BY group_id");
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
		      "SELECT COUNT(*) FROM user_groups WHERE tenant_id = $1"
		      " AND user_object_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n > 0;
	return 0;
}

static int group_add(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
		     struct text group, int64_t now)
{
	CLEANUP(db_query_done) struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO user_groups (tenant_id, user_object_id, group_id, fetched_at)"
		      " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	db_bind_text(&q, 3, group);
	db_bind_int(&q, 4, now);
	return row_write(&q);
}

static int groups_remove(struct db_conn *tx, struct text tenant_id, struct text user_object_id)
{
	CLEANUP(db_query_done) struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM user_groups WHERE tenant_id = $1 AND user_object_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_object_id);
	return row_write(&q);
}

int store_group_replace(struct db_conn *tx, struct text tenant_id, struct text user_object_id,
			const struct text *groups, size_t n, int64_t now)
{
	int r;

	r = groups_remove(tx, tenant_id, user_object_id);
	if (r == 0)
		r = group_add(tx, tenant_id, user_object_id, TEXT_EMPTY, now);
	for (size_t i = 0; i < n && r == 0; i++)
		r = group_add(tx, tenant_id, user_object_id, groups[i], now);
	return r;
}
