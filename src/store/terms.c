/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c: rows of the table terms: the texts in force.
 */
#include "store/terms.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, id, locale, mode, group_id, title, body, html, sha256, version, created_at,"   \
	" updated_at"

static int terms_read(struct db_query *q, struct arena *arena, struct terms_text *ret)
{
	struct terms_text t = {0};
	struct row row;

	row_begin(&row, q, arena);
	t.tenant_id = row_text(&row);
	t.id = row_text(&row);
	t.locale = row_text(&row);
	t.audience = ROW_ENUM(&row, terms_audience);
	t.group_id = row_text(&row);
	t.title = row_text(&row);
	t.body = row_text(&row);
	t.html = row_text(&row);
	t.sha256 = row_text(&row);
	t.version = row_int(&row);
	t.created_at = row_int(&row);
	t.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = t;
	return 0;
}

int store_terms_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		     struct terms_text **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct terms_text *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT tenant_id, id, locale, mode, group_id, title, '', '', sha256,"
		      " version, created_at, updated_at FROM terms WHERE tenant_id = $1"
		      " ORDER BY locale, mode, group_id");
	db_bind_text(&q, 1, tenant_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = terms_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_terms_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		     struct text id, struct terms_text *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM terms WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : terms_read(&q, arena, ret);
}

int store_terms_add(struct db_conn *tx, const struct terms_text *text)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO terms (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, text->tenant_id);
	row_bind_c(&b, text->id);
	row_bind_c(&b, text->locale);
	row_bind_c(&b, terms_audience_name(text->audience));
	row_bind_c(&b, text->group_id);
	row_bind_c(&b, text->title);
	row_bind_c(&b, text->body);
	row_bind_c(&b, text->html);
	row_bind_c(&b, text->sha256);
	row_bind_int(&b, text->created_at);
	row_bind_int(&b, text->updated_at);
	return row_write(&q);
}

static int terms_stale(struct db_conn *tx, const struct terms_text *text)
{
	struct db_query q;

	db_query_init(&q, tx, "SELECT COUNT(*) FROM terms WHERE tenant_id = $1 AND id = $2");
	db_bind_c(&q, 1, text->tenant_id);
	db_bind_c(&q, 2, text->id);
	return row_stale(&q);
}

int store_terms_update(struct db_conn *tx, const struct terms_text *text)
{
	struct row_binder b;
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "UPDATE terms SET locale = $3, mode = $4, group_id = $5, title = $6,"
		      " body = $7, html = $8, sha256 = $9, updated_at = $10, version = version + 1"
		      " WHERE tenant_id = $1 AND id = $2 AND version = $11");
	row_bind_begin(&b, &q);
	row_bind_c(&b, text->tenant_id);
	row_bind_c(&b, text->id);
	row_bind_c(&b, text->locale);
	row_bind_c(&b, terms_audience_name(text->audience));
	row_bind_c(&b, text->group_id);
	row_bind_c(&b, text->title);
	row_bind_c(&b, text->body);
	row_bind_c(&b, text->html);
	row_bind_c(&b, text->sha256);
	row_bind_int(&b, text->updated_at);
	row_bind_int(&b, text->version);
	r = row_write_one(&q);
	return r == STORE_E_NOT_FOUND ? terms_stale(tx, text) : r;
}

int store_terms_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM terms WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}

int store_terms_count(struct db_conn *conn, struct text tenant_id, int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, conn, "SELECT COUNT(*) FROM terms WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	return row_count(&q, ret);
}
