/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms_record.c: rows of the tables terms_texts and terms_decisions: what was shown and what was
 * decided. Nothing here changes or removes one.
 */
#include "store/terms.h"

#include "store/row.h"

static int shown_read(struct db_query *q, struct arena *arena, struct terms_shown *ret)
{
	struct terms_shown s = {0};
	struct row row;

	row_begin(&row, q, arena);
	s.tenant_id = row_text(&row);
	s.version = row_text(&row);
	s.locale = row_text(&row);
	s.title = row_text(&row);
	s.html = row_text(&row);
	s.created_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = s;
	return 0;
}

int store_terms_shown_put(struct db_conn *tx, const struct terms_shown *shown)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO terms_texts (tenant_id, version, locale, title, html,"
		      " created_at) VALUES ($1, $2, $3, $4, $5, $6)"
		      " ON CONFLICT (tenant_id, version) DO NOTHING");
	row_bind_begin(&b, &q);
	row_bind_c(&b, shown->tenant_id);
	row_bind_c(&b, shown->version);
	row_bind_c(&b, shown->locale);
	row_bind_c(&b, shown->title);
	row_bind_c(&b, shown->html);
	row_bind_int(&b, shown->created_at);
	return row_write(&q);
}

int store_terms_shown_exists(struct db_conn *conn, struct text tenant_id, struct text version,
			     bool *ret)
{
	struct db_query q;
	int64_t n;
	int r;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM terms_texts WHERE tenant_id = $1 AND version = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, version);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n > 0;
	return 0;
}

int store_terms_shown_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct text version, struct terms_shown *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT tenant_id, version, locale, title, html, created_at FROM terms_texts"
		      " WHERE tenant_id = $1 AND version = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, version);
	r = row_one(&q);
	return r ? r : shown_read(&q, arena, ret);
}

int store_terms_shown_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct terms_shown **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct terms_shown *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT tenant_id, version, locale, title, '', created_at FROM terms_texts"
		      " WHERE tenant_id = $1 ORDER BY created_at DESC, version");
	db_bind_text(&q, 1, tenant_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = shown_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

#define COLUMNS                                                                                    \
	"tenant_id, id, at, user_object_id, user_principal_name, decision, version, locale, mode," \
	" client_request_id, redirect_uri, source, user_agent"

static int record_read(struct db_query *q, struct arena *arena, struct terms_record *ret)
{
	struct terms_record d = {0};
	struct row row;

	row_begin(&row, q, arena);
	d.tenant_id = row_text(&row);
	d.id = row_text(&row);
	d.at = row_int(&row);
	d.user_object_id = row_text(&row);
	d.user_principal_name = row_text(&row);
	d.choice = ROW_ENUM(&row, terms_choice);
	d.version = row_text(&row);
	d.locale = row_text(&row);
	d.mode = row_text(&row);
	d.client_request_id = row_text(&row);
	d.redirect_uri = row_text(&row);
	d.source = row_text(&row);
	d.user_agent = row_text(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = d;
	return 0;
}

int store_terms_record_add(struct db_conn *tx, const struct terms_record *record)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO terms_decisions (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, record->tenant_id);
	row_bind_c(&b, record->id);
	row_bind_int(&b, record->at);
	row_bind_c(&b, record->user_object_id);
	row_bind_c(&b, record->user_principal_name);
	row_bind_c(&b, terms_choice_name(record->choice));
	row_bind_c(&b, record->version);
	row_bind_c(&b, record->locale);
	row_bind_c(&b, record->mode);
	row_bind_c(&b, record->client_request_id);
	row_bind_c(&b, record->redirect_uri);
	row_bind_c(&b, record->source);
	row_bind_c(&b, record->user_agent);
	return row_write(&q);
}

int store_terms_record_load(struct db_conn *conn, struct arena *arena, struct text id,
			    struct terms_record *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM terms_decisions WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : record_read(&q, arena, ret);
}

int store_terms_record_list(struct db_conn *conn, struct arena *arena,
			    const struct terms_record_filter *filter, struct text after,
			    size_t limit, struct terms_record **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct terms_record *list = NULL;
	struct row_binder b;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM terms_decisions WHERE id < $1"
		      " AND ($3 = '' OR tenant_id = $3) AND ($4 = '' OR user_object_id = $4)"
		      " AND ($5 = '' OR user_principal_name = $5) AND ($6 = '' OR version = $6)"
		      " AND ($7 = '' OR decision = $7) AND ($8 = '' OR client_request_id = $8)"
		      " ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->tenant_id);
	row_bind_text(&b, filter->user_object_id);
	row_bind_text(&b, filter->user_principal_name);
	row_bind_text(&b, filter->version);
	row_bind_text(&b, filter->decision);
	row_bind_text(&b, filter->client_request_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = record_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
