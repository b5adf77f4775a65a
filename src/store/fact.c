/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact.c: rows of the table facts.
 */
#include "store/fact.h"

#include "store/row.h"

static int fact_put(struct db_conn *tx, struct text tenant_id, struct text device_id,
		    const struct fact *fact)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO facts (tenant_id, device_id, name, value, at)"
		      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, device_id, name)"
		      " DO UPDATE SET value = excluded.value, at = excluded.at");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_c(&b, fact->name);
	row_bind_c(&b, fact->value);
	row_bind_int(&b, fact->at);
	return row_write(&q);
}

int store_fact_put(struct db_conn *tx, struct text tenant_id, struct text device_id,
		   const struct fact *facts, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = fact_put(tx, tenant_id, device_id, &facts[i]);
	return r;
}

int store_fact_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		    struct text device_id, struct fact **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct fact *list = NULL;
	struct row row;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT name, value, at FROM facts WHERE tenant_id = $1 AND device_id = $2"
		      " ORDER BY name");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		row_begin(&row, &q, arena);
		list[n].name = row_text(&row);
		list[n].value = row_text(&row);
		list[n].at = row_int(&row);
		n++;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_fact_remove_all(struct db_conn *tx, struct text tenant_id, struct text device_id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM facts WHERE tenant_id = $1 AND device_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return row_write(&q);
}
