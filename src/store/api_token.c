/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_token.c: rows of the table api_tokens.
 */
#include "store/api_token.h"

#include "store/row.h"

#define COLUMNS "id, name, sha256, role, created_at, expires_at, last_used_at"

static int api_token_read(struct db_query *q, struct arena *arena, struct api_token *ret)
{
	struct api_token t = {0};
	struct row row;

	row_begin(&row, q, arena);
	t.id = row_text(&row);
	t.name = row_text(&row);
	t.sha256 = row_text(&row);
	t.role = ROW_ENUM(&row, api_role);
	t.created_at = row_int(&row);
	t.expires_at = row_int(&row);
	t.last_used_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = t;
	return 0;
}

int store_api_token_add(struct db_conn *tx, const struct api_token *token)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO api_tokens (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, token->id);
	row_bind_c(&b, token->name);
	row_bind_c(&b, token->sha256);
	row_bind_c(&b, api_role_name(token->role));
	row_bind_int(&b, token->created_at);
	row_bind_int(&b, token->expires_at);
	row_bind_int(&b, token->last_used_at);
	return row_write(&q);
}

int store_api_token_find(struct db_conn *conn, struct arena *arena, struct text sha256,
			 struct api_token *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM api_tokens WHERE sha256 = $1");
	db_bind_text(&q, 1, sha256);
	r = row_one(&q);
	return r ? r : api_token_read(&q, arena, ret);
}

int store_api_token_load(struct db_conn *conn, struct arena *arena, struct text id,
			 struct api_token *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM api_tokens WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : api_token_read(&q, arena, ret);
}

int store_api_token_list(struct db_conn *conn, struct arena *arena, struct text after, size_t limit,
			 struct api_token **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct api_token *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM api_tokens WHERE id > $1 ORDER BY id LIMIT $2");
	db_bind_text(&q, 1, after);
	db_bind_int(&q, 2, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = api_token_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_api_token_remove(struct db_conn *tx, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM api_tokens WHERE id = $1");
	db_bind_text(&q, 1, id);
	return row_write_one(&q);
}

int store_api_token_touch(struct db_conn *tx, struct text id, int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE api_tokens SET last_used_at ="
		      " CASE WHEN last_used_at < $2 THEN $2 ELSE last_used_at END WHERE id = $1");
	db_bind_text(&q, 1, id);
	db_bind_int(&q, 2, now);
	return row_write_one(&q);
}

int store_api_token_sweep(struct db_conn *tx, int64_t expired_before)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM api_tokens WHERE expires_at > 0 AND expires_at < $1");
	db_bind_int(&q, 1, expired_before);
	return row_write(&q);
}
