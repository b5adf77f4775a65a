/* SPDX-License-Identifier: Apache-2.0 */
/*
 * applied.c: rows of the table applied_settings: the memory that keeps an unchanged setting from
 * being sent again.
 */
#include "store/applied.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, device_id, user_object_id, locuri, policy_id, value_sha256, state, status,"    \
	" tries, updated_at"

static int applied_read(struct db_query *q, struct arena *arena, struct applied_setting *ret)
{
	struct applied_setting a = {0};
	struct row row;

	row_begin(&row, q, arena);
	a.tenant_id = row_text(&row);
	a.device_id = row_text(&row);
	a.user_object_id = row_text(&row);
	a.locuri = row_text(&row);
	a.policy_id = row_text(&row);
	a.value_sha256 = row_text(&row);
	a.state = ROW_ENUM(&row, applied_state);
	a.status = row_int(&row);
	a.tries = row_int(&row);
	a.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = a;
	return 0;
}

int store_applied_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text device_id, struct applied_setting **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct applied_setting *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM applied_settings"
		      " WHERE tenant_id = $1 AND device_id = $2 ORDER BY user_object_id, locuri");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = applied_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_applied_put(struct db_conn *tx, const struct applied_setting *applied)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO applied_settings (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
		      " ON CONFLICT (tenant_id, device_id, user_object_id, locuri) DO UPDATE SET"
		      " policy_id = excluded.policy_id, value_sha256 = excluded.value_sha256,"
		      " state = excluded.state, status = excluded.status, tries = excluded.tries,"
		      " updated_at = excluded.updated_at");
	row_bind_begin(&b, &q);
	row_bind_c(&b, applied->tenant_id);
	row_bind_c(&b, applied->device_id);
	row_bind_c(&b, applied->user_object_id);
	row_bind_c(&b, applied->locuri);
	row_bind_c(&b, applied->policy_id);
	row_bind_c(&b, applied->value_sha256);
	row_bind_c(&b, applied_state_name(applied->state));
	row_bind_int(&b, applied->status);
	row_bind_int(&b, applied->tries);
	row_bind_int(&b, applied->updated_at);
	return row_write(&q);
}

int store_applied_remove(struct db_conn *tx, struct text tenant_id, struct text device_id,
			 struct text user_object_id, struct text locuri)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM applied_settings WHERE tenant_id = $1 AND device_id = $2"
		      " AND user_object_id = $3 AND locuri = $4");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, user_object_id);
	row_bind_text(&b, locuri);
	return row_write(&q);
}

int store_applied_remove_all(struct db_conn *tx, struct text tenant_id, struct text device_id)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM applied_settings WHERE tenant_id = $1 AND device_id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return row_write(&q);
}
