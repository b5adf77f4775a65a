/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.c: rows of the table credentials. The sealed part goes in and out as it is; nothing
 * here can open it.
 */
#include "store/credential.h"

#include "store/row.h"

#define COLUMNS "tenant_id, id, kind, state, sealed, certificate, not_after, last_error, created_at"

static int credential_read(struct db_query *q, struct arena *arena, struct credential *ret)
{
	struct credential c = {0};
	struct row row;

	row_begin(&row, q, arena);
	c.tenant_id = row_text(&row);
	c.id = row_text(&row);
	c.kind = ROW_ENUM(&row, credential_kind);
	c.state = ROW_ENUM(&row, credential_state);
	c.sealed = row_text(&row);
	c.certificate = row_text(&row);
	c.not_after = row_int(&row);
	c.last_error = row_text(&row);
	c.created_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = c;
	return 0;
}

int store_credential_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct credential **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct credential *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM credentials WHERE tenant_id = $1"
		      " ORDER BY created_at, id");
	db_bind_text(&q, 1, tenant_id);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = credential_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_credential_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text id, struct credential *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM credentials WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : credential_read(&q, arena, ret);
}

int store_credential_add(struct db_conn *tx, const struct credential *credential)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO credentials (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, credential->tenant_id);
	row_bind_c(&b, credential->id);
	row_bind_c(&b, credential_kind_name(credential->kind));
	row_bind_c(&b, credential_state_name(credential->state));
	row_bind_c(&b, credential->sealed);
	row_bind_c(&b, credential->certificate);
	row_bind_int(&b, credential->not_after);
	row_bind_c(&b, credential->last_error);
	row_bind_int(&b, credential->created_at);
	return row_write(&q);
}

int store_credential_set_state(struct db_conn *tx, struct text tenant_id, struct text id,
			       enum credential_state state, struct text last_error)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE credentials SET state = $3, last_error = $4"
		      " WHERE tenant_id = $1 AND id = $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_c(&b, credential_state_name(state));
	row_bind_text(&b, last_error);
	return row_write_one(&q);
}

int store_credential_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM credentials WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}
