/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compliance.c: rows of the table compliance_policies. The rules are kept as they were given; what
 * they mean is the business of comply/.
 */
#include "store/compliance.h"

#include "store/json_columns.h"

#define COLUMNS "tenant_id, id, name, rules, grace, assignments, version, created_at, updated_at"

static int compliance_read(struct db_query *q, struct arena *arena, struct compliance_policy *ret)
{
	struct compliance_policy p = {0};
	struct row row;

	row_begin(&row, q, arena);
	p.tenant_id = row_text(&row);
	p.id = row_text(&row);
	p.name = row_text(&row);
	row_rules(&row, &p.rules, &p.rule_count);
	p.grace = row_int(&row);
	row_assignments(&row, &p.assignments, &p.assignment_count);
	p.version = row_int(&row);
	p.created_at = row_int(&row);
	p.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = p;
	return 0;
}

int store_compliance_add(struct db_conn *tx, const struct compliance_policy *policy)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "INSERT INTO compliance_policies (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, policy->tenant_id);
	row_bind_c(&b, policy->id);
	row_bind_c(&b, policy->name);
	row_bind_c(&b, json_column_rules(&arena, policy->rules, policy->rule_count));
	row_bind_int(&b, policy->grace);
	row_bind_c(&b,
		   json_column_assignments(&arena, policy->assignments, policy->assignment_count));
	row_bind_int(&b, 1);
	row_bind_int(&b, policy->created_at);
	row_bind_int(&b, policy->updated_at);
	return row_write(&q);
}

int store_compliance_update(struct db_conn *tx, const struct compliance_policy *policy)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;
	int r;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "UPDATE compliance_policies SET name = $3, rules = $4, grace = $5,"
		      " assignments = $6, updated_at = $7, version = version + 1"
		      " WHERE tenant_id = $1 AND id = $2 AND version = $8");
	row_bind_begin(&b, &q);
	row_bind_c(&b, policy->tenant_id);
	row_bind_c(&b, policy->id);
	row_bind_c(&b, policy->name);
	row_bind_c(&b, json_column_rules(&arena, policy->rules, policy->rule_count));
	row_bind_int(&b, policy->grace);
	row_bind_c(&b,
		   json_column_assignments(&arena, policy->assignments, policy->assignment_count));
	row_bind_int(&b, policy->updated_at);
	row_bind_int(&b, policy->version);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx,
		      "SELECT COUNT(*) FROM compliance_policies WHERE tenant_id = $1 AND id = $2");
	db_bind_c(&q, 1, policy->tenant_id);
	db_bind_c(&q, 2, policy->id);
	return row_stale(&q);
}

int store_compliance_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM compliance_policies WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}

int store_compliance_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text id, struct compliance_policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM compliance_policies"
		      " WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : compliance_read(&q, arena, ret);
}

int store_compliance_find(struct db_conn *conn, struct arena *arena, struct text id,
			  struct compliance_policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM compliance_policies WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : compliance_read(&q, arena, ret);
}

int store_compliance_find_name(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			       struct text name, struct compliance_policy *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM compliance_policies"
		      " WHERE tenant_id = $1 AND name = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, name);
	r = row_one(&q);
	return r ? r : compliance_read(&q, arena, ret);
}

int store_compliance_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text after, size_t limit, struct compliance_policy **ret,
			  size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct compliance_policy *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM compliance_policies"
		      " WHERE ($1 = '' OR tenant_id = $1) AND id > $2 ORDER BY id LIMIT $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, after);
	db_bind_int(&q, 3, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = compliance_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
