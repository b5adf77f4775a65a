/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.c: rows of the table audit. Only INSERT and SELECT stand in this file.
 */
#include "store/audit.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, id, at, actor, action, object_kind, object_id, outcome, source, trace_id,"     \
	" detail"

static void audit_read(struct db_query *q, struct arena *arena, struct audit_entry *ret)
{
	struct row row;

	row_begin(&row, q, arena);
	ret->tenant_id = row_text(&row);
	ret->id = row_text(&row);
	ret->at = row_int(&row);
	ret->actor = row_text(&row);
	ret->action = row_text(&row);
	ret->object_kind = row_text(&row);
	ret->object_id = row_text(&row);
	ret->outcome = row_text(&row);
	ret->source = row_text(&row);
	ret->trace_id = row_text(&row);
	ret->detail = row_text(&row);
}

int store_audit_add(struct db_conn *tx, const struct audit_entry *entry)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO audit (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, entry->tenant_id);
	row_bind_c(&b, entry->id);
	row_bind_int(&b, entry->at);
	row_bind_c(&b, entry->actor);
	row_bind_c(&b, entry->action);
	row_bind_c(&b, entry->object_kind);
	row_bind_c(&b, entry->object_id);
	row_bind_c(&b, entry->outcome);
	row_bind_c(&b, entry->source);
	row_bind_c(&b, entry->trace_id);
	row_bind_c(&b, entry->detail ? entry->detail : "{}");
	return row_write(&q);
}

int store_audit_list(struct db_conn *conn, struct arena *arena, const struct audit_filter *filter,
		     struct text after, size_t limit, struct audit_entry **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct audit_entry *list = NULL;
	struct row_binder b;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM audit WHERE id < $1"
		      " AND ($3 = '' OR tenant_id = $3) AND ($4 = '' OR actor = $4)"
		      " AND ($5 = '' OR action = $5) AND ($6 = '' OR object_kind = $6)"
		      " AND ($7 = '' OR object_id = $7) AND ($8 = '' OR outcome = $8)"
		      " AND ($9 = '' OR trace_id = $9) ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->actor);
	row_bind_text(&b, filter->action);
	row_bind_text(&b, filter->object_kind);
	row_bind_text(&b, filter->object_id);
	row_bind_text(&b, filter->outcome);
	row_bind_text(&b, filter->trace_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		audit_read(&q, arena, &list[n++]);
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_audit_load(struct db_conn *conn, struct arena *arena, struct text id,
		     struct audit_entry *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM audit WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	if (!r)
		audit_read(&q, arena, ret);
	return r;
}
