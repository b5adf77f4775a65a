/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.c: rows of the table outbox. A report that is on its way while a newer verdict arrives
 * must not close the row: every move after delivery names the seq that was sent.
 */
#include "store/outbox.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, id, device_id, entra_device_id, is_managed, is_compliant, seq, state, tries,"  \
	" next_try_at, last_error, created_at, updated_at, done_at"

#define IS_OPEN "state IN ('pending', 'held')"

static int outbox_read(struct db_query *q, struct arena *arena, struct outbox_row *ret)
{
	struct outbox_row o = {0};
	struct row row;

	row_begin(&row, q, arena);
	o.tenant_id = row_text(&row);
	o.id = row_text(&row);
	o.device_id = row_text(&row);
	o.entra_device_id = row_text(&row);
	o.is_managed = row_bool(&row);
	o.is_compliant = row_bool(&row);
	o.seq = row_int(&row);
	o.state = ROW_ENUM(&row, outbox_state);
	o.tries = row_int(&row);
	o.next_try_at = row_int(&row);
	o.last_error = row_text(&row);
	o.created_at = row_int(&row);
	o.updated_at = row_int(&row);
	o.done_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = o;
	return 0;
}

static int outbox_read_list(struct db_query *q, struct arena *arena, struct outbox_row **ret,
			    size_t *ret_n)
{
	struct outbox_row *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = outbox_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_outbox_put(struct db_conn *tx, const struct outbox_row *row)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO outbox (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, 1,"
		      " 'pending', 0, $7, '', $7, $7, 0)"
		      " ON CONFLICT (tenant_id, device_id) WHERE " IS_OPEN " DO UPDATE SET"
		      " entra_device_id = excluded.entra_device_id,"
		      " is_managed = excluded.is_managed, is_compliant = excluded.is_compliant,"
		      " seq = outbox.seq + 1, state = 'pending', tries = 0,"
		      " next_try_at = excluded.next_try_at, last_error = '',"
		      " updated_at = excluded.updated_at");
	row_bind_begin(&b, &q);
	row_bind_c(&b, row->tenant_id);
	row_bind_c(&b, row->id);
	row_bind_c(&b, row->device_id);
	row_bind_c(&b, row->entra_device_id);
	row_bind_bool(&b, row->is_managed);
	row_bind_bool(&b, row->is_compliant);
	row_bind_int(&b, row->created_at);
	return row_write(&q);
}

int store_outbox_due(struct db_conn *conn, struct arena *arena, int64_t now, size_t limit,
		     struct outbox_row **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM (SELECT o.*, t.graph_pause_until AS rest,"
		      " ROW_NUMBER() OVER (PARTITION BY o.tenant_id ORDER BY o.next_try_at, o.id)"
		      " AS place FROM outbox o JOIN tenants t ON t.tenant_id = o.tenant_id"
		      " WHERE o.state = 'pending' AND o.next_try_at <= $1"
		      " AND t.graph_pause_until <= $1) AS due WHERE place <= $3"
		      " ORDER BY place, rest, next_try_at, id LIMIT $2");
	db_bind_int(&q, 1, now);
	db_bind_int(&q, 2, (int64_t)limit);
	db_bind_int(&q, 3, OUTBOX_TENANT_ROWS);
	return outbox_read_list(&q, arena, ret, ret_n);
}

int store_outbox_done(struct db_conn *tx, struct text tenant_id, struct text id, int64_t seq,
		      int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE outbox SET state = 'done', last_error = '', updated_at = $4,"
		      " done_at = $4 WHERE tenant_id = $1 AND id = $2 AND seq = $3 AND " IS_OPEN);
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_int(&b, seq);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_outbox_retry_at(struct db_conn *tx, struct text tenant_id, struct text id, int64_t seq,
			  int64_t at, struct text error, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE outbox SET state = 'pending', tries = tries + 1, next_try_at = $4,"
		      " last_error = $5, updated_at = $6"
		      " WHERE tenant_id = $1 AND id = $2 AND seq = $3 AND " IS_OPEN);
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_int(&b, seq);
	row_bind_int(&b, at);
	row_bind_text(&b, error);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_outbox_hold(struct db_conn *tx, struct text tenant_id, struct text id, int64_t seq,
		      struct text error, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE outbox SET state = 'held', last_error = $4, updated_at = $5"
		      " WHERE tenant_id = $1 AND id = $2 AND seq = $3 AND " IS_OPEN);
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_int(&b, seq);
	row_bind_text(&b, error);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_outbox_release_tenant(struct db_conn *tx, struct text tenant_id, int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE outbox SET state = 'pending', tries = 0, next_try_at = $2,"
		      " updated_at = $2 WHERE tenant_id = $1 AND state = 'held'");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, now);
	return row_write(&q);
}

int store_outbox_retry(struct db_conn *tx, struct text tenant_id, struct text id, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE outbox SET state = 'pending', tries = 0, next_try_at = $3,"
		      " updated_at = $3 WHERE tenant_id = $1 AND id = $2 AND " IS_OPEN);
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_outbox_drop(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM outbox WHERE tenant_id = $1 AND id = $2 AND " IS_OPEN);
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}

int store_outbox_load(struct db_conn *conn, struct arena *arena, struct text id,
		      struct outbox_row *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM outbox WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : outbox_read(&q, arena, ret);
}

int store_outbox_list(struct db_conn *conn, struct arena *arena, const struct outbox_filter *filter,
		      struct text after, size_t limit, struct outbox_row **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM outbox WHERE id < $1"
		      " AND ($3 = '' OR tenant_id = $3) AND ($4 = '' OR device_id = $4)"
		      " AND ($5 = '' OR state = $5) ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->device_id);
	row_bind_text(&b, filter->state);
	return outbox_read_list(&q, arena, ret, ret_n);
}

int store_outbox_count(struct db_conn *conn, struct outbox_counts *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct outbox_counts counts = {0};
	int r;

	db_query_init(&q, conn,
		      "SELECT state, COUNT(*), MIN(next_try_at) FROM outbox GROUP BY state");
	while ((r = db_step(&q)) == DB_ROW) {
		enum outbox_state state;

		if (!outbox_state_read(db_column_text(&q, 0), &state))
			return ERR_STORE;
		counts.by_state[state] = db_column_int(&q, 1);
		if (state == OUTBOX_PENDING)
			counts.next_due_at = db_column_int(&q, 2);
	}
	if (!r)
		*ret = counts;
	return r;
}

int store_outbox_sweep(struct db_conn *tx, int64_t done_before)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM outbox WHERE state = 'done' AND done_at < $1");
	db_bind_int(&q, 1, done_before);
	return row_write(&q);
}
