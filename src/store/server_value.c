/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_value.c: see server_value.h.
 */
#include "store/server_value.h"

#include "store/row.h"

int store_server_value_load(struct db_conn *conn, struct arena *arena, const char *name,
			    const char **ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT value FROM server_values WHERE name = $1");
	db_bind_c(&q, 1, name);
	r = row_one(&q);
	if (r)
		return r;
	*ret = arena_cstr(arena, db_column_text(&q, 0));
	return 0;
}

int store_server_value_add(struct db_conn *tx, const char *name, const char *value)
{
	struct db_query q;

	db_query_init(&q, tx, "INSERT INTO server_values (name, value) VALUES ($1, $2)");
	db_bind_c(&q, 1, name);
	db_bind_c(&q, 2, value);
	return row_write(&q);
}
