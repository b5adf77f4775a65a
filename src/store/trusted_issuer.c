/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trusted_issuer.c: rows of the table trusted_issuers.
 */
#include "store/trusted_issuer.h"

#include "store/row.h"

#define COLUMNS "tenant_id, id, name, certificate, sha256, subject_sha256, not_after, created_at"

static int issuer_read(struct db_query *q, struct arena *arena, struct trusted_issuer *ret)
{
	struct trusted_issuer issuer = {0};
	struct row row;

	row_begin(&row, q, arena);
	issuer.tenant_id = row_text(&row);
	issuer.id = row_text(&row);
	issuer.name = row_text(&row);
	issuer.certificate = row_text(&row);
	issuer.sha256 = row_text(&row);
	issuer.subject_sha256 = row_text(&row);
	issuer.not_after = row_int(&row);
	issuer.created_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = issuer;
	return 0;
}

static int list_read(struct db_query *q, struct arena *arena, struct trusted_issuer **ret,
		     size_t *ret_n)
{
	struct trusted_issuer *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = issuer_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_trusted_issuer_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			      struct trusted_issuer **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM trusted_issuers WHERE tenant_id = $1"
		      " ORDER BY created_at, id");
	db_bind_text(&q, 1, tenant_id);
	return list_read(&q, arena, ret, ret_n);
}

int store_trusted_issuer_by_subject(struct db_conn *conn, struct arena *arena,
				    struct text subject_sha256, size_t limit,
				    struct trusted_issuer **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM trusted_issuers WHERE subject_sha256 = $1"
		      " ORDER BY tenant_id, created_at, id LIMIT $2");
	db_bind_text(&q, 1, subject_sha256);
	db_bind_int(&q, 2, (int64_t)limit);
	return list_read(&q, arena, ret, ret_n);
}

int store_trusted_issuer_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			      struct text id, struct trusted_issuer *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM trusted_issuers WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : issuer_read(&q, arena, ret);
}

int store_trusted_issuer_add(struct db_conn *tx, const struct trusted_issuer *issuer)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO trusted_issuers (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, issuer->tenant_id);
	row_bind_c(&b, issuer->id);
	row_bind_c(&b, issuer->name);
	row_bind_c(&b, issuer->certificate);
	row_bind_c(&b, issuer->sha256);
	row_bind_c(&b, issuer->subject_sha256);
	row_bind_int(&b, issuer->not_after);
	row_bind_int(&b, issuer->created_at);
	return row_write(&q);
}

int store_trusted_issuer_remove(struct db_conn *tx, struct text tenant_id, struct text id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM trusted_issuers WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return row_write_one(&q);
}
