/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag.c: rows of the table device_tags.
 */
#include "store/tag.h"

#include "store/row.h"

int store_tag_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		   struct text device_id, const char ***ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	const char **list = NULL;
	struct row row;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT tag FROM device_tags WHERE tenant_id = $1 AND device_id = $2"
		      " ORDER BY tag");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		row_begin(&row, &q, arena);
		list[n++] = row_text(&row);
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_tag_add(struct db_conn *tx, struct text tenant_id, struct text device_id, struct text tag)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO device_tags (tenant_id, device_id, tag) VALUES ($1, $2, $3)"
		      " ON CONFLICT (tenant_id, device_id, tag) DO NOTHING");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_text(&q, 3, tag);
	return row_write(&q);
}

int store_tag_remove(struct db_conn *tx, struct text tenant_id, struct text device_id,
		     struct text tag)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM device_tags WHERE tenant_id = $1 AND device_id = $2"
		      " AND tag = $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_text(&q, 3, tag);
	return row_write_one(&q);
}
