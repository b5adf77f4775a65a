/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.c: rows of the table policies. The version rises in the statement itself, so that two
 * changes never leave the same number.
 */
#include "store/policy.h"

#include "store/json_columns.h"

#define COLUMNS "tenant_id, id, name, scope, settings, assignments, version, created_at, updated_at"

static int policy_read(struct db_query *q, struct arena *arena, struct policy *ret)
{
	struct policy p = {0};
	struct row row;

	row_begin(&row, q, arena);
	p.tenant_id = row_text(&row);
	p.id = row_text(&row);
	p.name = row_text(&row);
	p.scope = ROW_ENUM(&row, scope);
	row_settings(&row, &p.settings, &p.setting_count);
	row_assignments(&row, &p.assignments, &p.assignment_count);
	p.version = row_int(&row);
	p.created_at = row_int(&row);
	p.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = p;
	return 0;
}

int store_policy_add(struct db_conn *tx, const struct policy *policy)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "INSERT INTO policies (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, policy->tenant_id);
	row_bind_c(&b, policy->id);
	row_bind_c(&b, policy->name);
	row_bind_c(&b, scope_name(policy->scope));
	row_bind_c(&b, json_column_settings(&arena, policy->settings, policy->setting_count));
	row_bind_c(&b,
		   json_column_assignments(&arena, policy->assignments, policy->assignment_count));
	row_bind_int(&b, policy->version);
	row_bind_int(&b, policy->created_at);
	row_bind_int(&b, policy->updated_at);
	return row_write(&q);
}

int store_policy_update(struct db_conn *tx, const struct policy *policy)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;
	int r;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "UPDATE policies SET name = $3, scope = $4, settings = $5, assignments = $6,"
		      " updated_at = $7, version = version + 1"
		      " WHERE tenant_id = $1 AND id = $2 AND version = $8");
	row_bind_begin(&b, &q);
	row_bind_c(&b, policy->tenant_id);
	row_bind_c(&b, policy->id);
	row_bind_c(&b, policy->name);
	row_bind_c(&b, scope_name(policy->scope));
	row_bind_c(&b, json_column_settings(&arena, policy->settings, policy->setting_count));
	row_bind_c(&b,
		   json_column_assignments(&arena, policy->assignments, policy->assignment_count));
	row_bind_int(&b, policy->updated_at);
	row_bind_int(&b, policy->version);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx, "SELECT COUNT(*) FROM policies WHERE tenant_id = $1 AND id = $2");
	db_bind_c(&q, 1, policy->tenant_id);
	db_bind_c(&q, 2, policy->id);
	return row_stale(&q);
}

int store_policy_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM policies WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}

int store_policy_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		      struct text id, struct policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM policies WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : policy_read(&q, arena, ret);
}

int store_policy_find(struct db_conn *conn, struct arena *arena, struct text id, struct policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM policies WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : policy_read(&q, arena, ret);
}

int store_policy_find_name(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct text name, struct policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM policies WHERE tenant_id = $1 AND name = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, name);
	r = row_one(&q);
	return r ? r : policy_read(&q, arena, ret);
}

int store_policy_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		      struct text after, size_t limit, struct policy **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct policy *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM policies WHERE ($1 = '' OR tenant_id = $1)"
		      " AND id > $2 ORDER BY id LIMIT $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, after);
	db_bind_int(&q, 3, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = policy_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
