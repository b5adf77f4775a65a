/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signing_keys.c: rows of the table signing_keys, one for each tenant and endpoint version. The
 * documents are kept as received and are checked again by whoever reads them.
 */
#include "store/signing_keys.h"

#include "store/row.h"

int store_signing_keys_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			    int64_t version, struct signing_keys_row *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct row row;
	int r;

	db_query_init(&q, conn,
		      "SELECT tenant_id, version, metadata, jwks, fetched_at FROM signing_keys"
		      " WHERE tenant_id = $1 AND version = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, version);
	r = row_one(&q);
	if (r)
		return r;
	row_begin(&row, &q, arena);
	ret->tenant_id = row_text(&row);
	ret->version = row_int(&row);
	ret->metadata = row_text(&row);
	ret->jwks = row_text(&row);
	ret->fetched_at = row_int(&row);
	return 0;
}

int store_signing_keys_save(struct db_conn *tx, const struct signing_keys_row *keys)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO signing_keys (tenant_id, version, metadata, jwks, fetched_at)"
		      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, version) DO UPDATE SET"
		      " metadata = excluded.metadata, jwks = excluded.jwks,"
		      " fetched_at = excluded.fetched_at");
	row_bind_begin(&b, &q);
	row_bind_c(&b, keys->tenant_id);
	row_bind_int(&b, keys->version);
	row_bind_c(&b, keys->metadata);
	row_bind_c(&b, keys->jwks);
	row_bind_int(&b, keys->fetched_at);
	return row_write(&q);
}
