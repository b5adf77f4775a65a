/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.c: rows of the table enrollment_accounts.
 */
#include "store/account.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, id, user_name, display_name, password_hash, is_enabled, version, created_at,"  \
	" updated_at, last_used_at"

static int account_read(struct db_query *q, struct arena *arena, struct enrollment_account *ret)
{
	struct enrollment_account a = {0};
	struct row row;

	row_begin(&row, q, arena);
	a.tenant_id = row_text(&row);
	a.id = row_text(&row);
	a.user_name = row_text(&row);
	a.display_name = row_text(&row);
	a.password_hash = row_text(&row);
	a.is_enabled = row_bool(&row);
	a.version = row_int(&row);
	a.created_at = row_int(&row);
	a.updated_at = row_int(&row);
	a.last_used_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = a;
	return 0;
}

int store_account_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text id, struct enrollment_account *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM enrollment_accounts"
		      " WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : account_read(&q, arena, ret);
}

int store_account_by_name(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text user_name, struct enrollment_account *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM enrollment_accounts"
		      " WHERE tenant_id = $1 AND user_name = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_name);
	r = row_one(&q);
	return r ? r : account_read(&q, arena, ret);
}

int store_account_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text user_name, struct text after, size_t limit,
		       struct enrollment_account **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment_account *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM enrollment_accounts WHERE tenant_id = $1"
		      " AND id > $2 AND ($4 = '' OR user_name = $4) ORDER BY id LIMIT $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, after);
	db_bind_int(&q, 3, (int64_t)limit);
	db_bind_text(&q, 4, user_name);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = account_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_account_add(struct db_conn *tx, const struct enrollment_account *account)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO enrollment_accounts (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, 0)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, account->tenant_id);
	row_bind_c(&b, account->id);
	row_bind_c(&b, account->user_name);
	row_bind_c(&b, account->display_name);
	row_bind_c(&b, account->password_hash);
	row_bind_bool(&b, account->is_enabled);
	row_bind_int(&b, account->created_at);
	row_bind_int(&b, account->updated_at);
	return row_write(&q);
}

int store_account_update(struct db_conn *tx, const struct enrollment_account *account)
{
	struct row_binder b;
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "UPDATE enrollment_accounts SET user_name = $4, display_name = $5,"
		      " password_hash = $6, is_enabled = $7, updated_at = $8,"
		      " version = version + 1"
		      " WHERE tenant_id = $1 AND id = $2 AND version = $3");
	row_bind_begin(&b, &q);
	row_bind_c(&b, account->tenant_id);
	row_bind_c(&b, account->id);
	row_bind_int(&b, account->version);
	row_bind_c(&b, account->user_name);
	row_bind_c(&b, account->display_name);
	row_bind_c(&b, account->password_hash);
	row_bind_bool(&b, account->is_enabled);
	row_bind_int(&b, account->updated_at);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx,
		      "SELECT COUNT(*) FROM enrollment_accounts"
		      " WHERE tenant_id = $1 AND id = $2");
	db_bind_c(&q, 1, account->tenant_id);
	db_bind_c(&q, 2, account->id);
	return row_stale(&q);
}

int store_account_used(struct db_conn *tx, const struct enrollment_account *account,
		       struct text hash, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE enrollment_accounts SET last_used_at = $4, password_hash ="
		      " CASE WHEN $5 <> '' AND password_hash = $3 THEN $5 ELSE password_hash END"
		      " WHERE tenant_id = $1 AND id = $2");
	row_bind_begin(&b, &q);
	row_bind_c(&b, account->tenant_id);
	row_bind_c(&b, account->id);
	row_bind_c(&b, account->password_hash);
	row_bind_int(&b, now);
	row_bind_text(&b, hash);
	return row_write_one(&q);
}

int store_account_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM enrollment_accounts WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}
