/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.c: rows of the table pins. A PIN leaves the state `open` by one statement, so that of many
 * who bring it at the same moment one gets it.
 */
#include "store/pin.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, id, label, user_principal_name, mac, state, created_at, expires_at, used_at,"  \
	" used_by"

static int pin_read(struct db_query *q, struct arena *arena, struct pin *ret)
{
	struct pin p = {0};
	struct row row;

	row_begin(&row, q, arena);
	p.tenant_id = row_text(&row);
	p.id = row_text(&row);
	p.label = row_text(&row);
	p.user_principal_name = row_text(&row);
	p.mac = row_text(&row);
	p.state = ROW_ENUM(&row, pin_state);
	p.created_at = row_int(&row);
	p.expires_at = row_int(&row);
	p.used_at = row_int(&row);
	p.used_by = row_text(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = p;
	return 0;
}

int store_pin_add(struct db_conn *tx, const struct pin *pin)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO pins (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, pin->tenant_id);
	row_bind_c(&b, pin->id);
	row_bind_c(&b, pin->label);
	row_bind_c(&b, pin->user_principal_name);
	row_bind_c(&b, pin->mac);
	row_bind_c(&b, pin_state_name(pin->state));
	row_bind_int(&b, pin->created_at);
	row_bind_int(&b, pin->expires_at);
	row_bind_int(&b, pin->used_at);
	row_bind_c(&b, pin->used_by);
	return row_write(&q);
}

int store_pin_load(struct db_conn *conn, struct arena *arena, struct text tenant_id, struct text id,
		   struct pin *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM pins WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : pin_read(&q, arena, ret);
}

int store_pin_list(struct db_conn *conn, struct arena *arena, const struct pin_filter *filter,
		   struct text after, size_t limit, struct pin **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;
	struct pin *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM pins WHERE tenant_id = $3 AND id < $1"
		      " AND ($4 = '' OR state = $4) AND ($5 = '' OR user_principal_name = $5)"
		      " ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->state);
	row_bind_text(&b, filter->user_principal_name);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = pin_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_pin_count_open(struct db_conn *conn, struct text tenant_id, int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM pins WHERE tenant_id = $1 AND state = 'open'");
	db_bind_text(&q, 1, tenant_id);
	return row_count(&q, ret);
}

/* row_stale tells one that is there from one that is not. */
static int pin_is_closed(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;
	int r;

	db_query_init(&q, tx, "SELECT COUNT(*) FROM pins WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_stale(&q);
	return r == STORE_E_STALE ? STORE_E_IN_USE : r;
}

int store_pin_revoke(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "UPDATE pins SET state = 'revoked'"
		      " WHERE tenant_id = $1 AND id = $2 AND state = 'open'");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_write_one(&q);
	return r == STORE_E_NOT_FOUND ? pin_is_closed(tx, tenant_id, id) : r;
}

int store_pin_use(struct db_conn *tx, struct arena *arena, struct text tenant_id, struct text mac,
		  struct text user_name, struct text user_object_id, int64_t now, const char **ret)
{
	struct db_query q CLEANUP(db_query_done);
	const char *id;
	int r;

	db_query_init(&q, tx,
		      "UPDATE pins SET state = 'used', used_at = $5, used_by = $4"
		      " WHERE tenant_id = $1 AND mac = $2 AND state = 'open'"
		      " AND (expires_at = 0 OR expires_at > $5)"
		      " AND (user_principal_name = '' OR user_principal_name = $3)"
		      " RETURNING id");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, mac);
	db_bind_text(&q, 3, user_name);
	db_bind_text(&q, 4, user_object_id);
	db_bind_int(&q, 5, now);
	r = db_step(&q);
	if (r == DB_DONE)
		return STORE_E_NOT_FOUND;
	if (r != DB_ROW)
		return r;
	id = arena_cstr(arena, db_column_text(&q, 0));
	r = db_step(&q);
	if (r != DB_DONE)
		return r == DB_ROW ? STORE_E_CONFLICT : r;
	*ret = id;
	return 0;
}
