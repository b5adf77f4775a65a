/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.c: see crl.h. The number of a stored list only ever grows, whichever server of several on one
 * database made it.
 */
#include "store/crl.h"

#include "store/device_row.h"

int store_crl_list_revoked(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
			   int64_t valid_at, size_t limit, struct store_revoked **ret,
			   size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct store_revoked *list = NULL;
	struct row row;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT serial, state, revoked_at FROM certificates"
		      " WHERE issuer_key_id = $1 AND revoked_at > 0 AND not_after >= $2"
		      " AND sha256 <> '' LIMIT $3");
	db_bind_text(&q, 1, issuer_key_id);
	db_bind_int(&q, 2, valid_at);
	db_bind_int(&q, 3, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		row_begin(&row, &q, arena);
		list[n].serial = row_text(&row);
		list[n].state = ROW_ENUM(&row, certificate_state);
		list[n++].revoked_at = row_int(&row);
		if (row_end(&row))
			return row_end(&row);
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_crl_mark(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
		   const char **ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT COUNT(*), COALESCE(MAX(revoked_at), 0) FROM certificates"
		      " WHERE issuer_key_id = $1 AND revoked_at > 0");
	db_bind_text(&q, 1, issuer_key_id);
	r = row_one(&q);
	if (r)
		return r;
	*ret = arena_printf(arena, "%lld:%lld", (long long)db_column_int(&q, 0),
			    (long long)db_column_int(&q, 1));
	return 0;
}

int store_crl_list_unattributed(struct db_conn *conn, struct arena *arena, size_t limit,
				struct device_certificate **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct device_certificate *list = NULL;
	struct row row;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c"
		      " WHERE c.issuer_key_id = '' AND c.sha256 <> '' LIMIT $1");
	db_bind_int(&q, 1, (int64_t)limit);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		row_begin(&row, &q, arena);
		certificate_row_read(&row, &list[n++]);
		if (row_end(&row))
			return row_end(&row);
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_crl_attribute(struct db_conn *tx, struct text tenant_id, struct text id,
			struct text issuer_key_id)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE certificates SET issuer_key_id = $3 WHERE tenant_id = $1 AND id = $2"
		      " AND issuer_key_id = ''");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_text(&b, issuer_key_id);
	return row_write(&q);
}

static int crl_read(struct db_query *q, struct arena *arena, struct store_crl *ret)
{
	struct store_crl crl;
	struct row row;
	int r = row_one(q);

	if (r)
		return r;
	row_begin(&row, q, arena);
	crl.issuer_key_id = row_text(&row);
	crl.number = row_int(&row);
	crl.der = row_text(&row);
	crl.revoked = row_text(&row);
	crl.made_at = row_int(&row);
	crl.next_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = crl;
	return 0;
}

int store_crl_load(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
		   struct store_crl *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT issuer_key_id, number, der, revoked, made_at, next_at FROM crls"
		      " WHERE issuer_key_id = $1");
	db_bind_text(&q, 1, issuer_key_id);
	return crl_read(&q, arena, ret);
}

int store_crl_load_head(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
			struct store_crl *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT issuer_key_id, number, '', revoked, made_at, next_at FROM crls"
		      " WHERE issuer_key_id = $1");
	db_bind_text(&q, 1, issuer_key_id);
	return crl_read(&q, arena, ret);
}

int store_crl_put(struct db_conn *tx, const struct store_crl *crl)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO crls (issuer_key_id, number, der, revoked, made_at, next_at)"
		      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (issuer_key_id) DO UPDATE SET"
		      " number = excluded.number, der = excluded.der, revoked = excluded.revoked,"
		      " made_at = excluded.made_at, next_at = excluded.next_at"
		      " WHERE crls.number < excluded.number");
	row_bind_begin(&b, &q);
	row_bind_c(&b, crl->issuer_key_id);
	row_bind_int(&b, crl->number);
	row_bind_c(&b, crl->der);
	row_bind_c(&b, crl->revoked);
	row_bind_int(&b, crl->made_at);
	row_bind_int(&b, crl->next_at);
	return row_write_one(&q);
}
