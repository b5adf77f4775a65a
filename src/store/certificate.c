/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.c: rows of the table certificates, and the moves between their states. Each move
 * names the states it may start from, so that a revoked certificate never comes back.
 */
#include "store/certificate.h"

#include "store/device_row.h"

void certificate_row_read(struct row *row, struct device_certificate *ret)
{
	ret->tenant_id = row_text(row);
	ret->id = row_text(row);
	ret->device_id = row_text(row);
	ret->serial = row_text(row);
	ret->spki_sha256 = row_text(row);
	ret->token_sha256 = row_text(row);
	ret->consent_id = row_text(row);
	ret->sha256 = row_text(row);
	ret->der = row_text(row);
	ret->state = ROW_ENUM(row, certificate_state);
	ret->not_before = row_int(row);
	ret->not_after = row_int(row);
	ret->created_at = row_int(row);
	ret->renews_id = row_text(row);
	ret->first_used_at = row_int(row);
	ret->issuer_key_id = row_text(row);
	ret->revoked_at = row_int(row);
}

static int certificate_read(struct db_query *q, struct arena *arena, struct device_certificate *ret)
{
	struct device_certificate certificate = {0};
	struct row row;

	row_begin(&row, q, arena);
	certificate_row_read(&row, &certificate);
	if (row_end(&row))
		return row_end(&row);
	*ret = certificate;
	return 0;
}

static int certificate_read_one(struct db_query *q, struct arena *arena,
				struct device_certificate *ret)
{
	int r = row_one(q);

	return r ? r : certificate_read(q, arena, ret);
}

static int certificate_read_list(struct db_query *q, struct arena *arena,
				 struct device_certificate **ret, size_t *ret_n)
{
	struct device_certificate *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = certificate_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_certificate_add(struct db_conn *tx, const struct device_certificate *certificate)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(
	    &q, tx,
	    "INSERT INTO certificates (tenant_id, id, device_id, serial, spki_sha256,"
	    " token_sha256, consent_id, sha256, der, state, not_before, not_after, created_at,"
	    " renews_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, certificate->tenant_id);
	row_bind_c(&b, certificate->id);
	row_bind_c(&b, certificate->device_id);
	row_bind_c(&b, certificate->serial);
	row_bind_c(&b, certificate->spki_sha256);
	row_bind_c(&b, certificate->token_sha256);
	row_bind_c(&b, certificate->consent_id ? certificate->consent_id : "");
	row_bind_c(&b, certificate->sha256);
	row_bind_c(&b, certificate->der);
	row_bind_c(&b, certificate_state_name(certificate->state));
	row_bind_int(&b, certificate->not_before);
	row_bind_int(&b, certificate->not_after);
	row_bind_int(&b, certificate->created_at);
	row_bind_c(&b, certificate->renews_id ? certificate->renews_id : "");
	return row_write(&q);
}

int store_certificate_activate(struct db_conn *tx, struct text tenant_id, struct text id,
			       const struct certificate_issue *issue)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE certificates SET state = 'active', sha256 = $3, serial = $4,"
		      " der = $5, not_before = $6, not_after = $7, device_id = $8,"
		      " issuer_key_id = $9"
		      " WHERE tenant_id = $1 AND id = $2 AND state = 'intended'");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_text(&b, issue->sha256);
	row_bind_text(&b, issue->serial);
	row_bind_text(&b, issue->der);
	row_bind_int(&b, issue->not_before);
	row_bind_int(&b, issue->not_after);
	row_bind_text(&b, issue->device_id);
	row_bind_text(&b, issue->issuer_key_id);
	return row_write_one(&q);
}

int store_certificate_find(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct text token_sha256, struct text spki_sha256,
			   struct device_certificate *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c WHERE c.tenant_id = $1"
		      " AND c.token_sha256 = $2 AND c.token_sha256 <> '' AND c.spki_sha256 = $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, token_sha256);
	db_bind_text(&q, 3, spki_sha256);
	return certificate_read_one(&q, arena, ret);
}

int store_certificate_find_token(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct text token_sha256, struct device_certificate *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c WHERE c.tenant_id = $1"
		      " AND c.token_sha256 = $2 AND c.token_sha256 <> ''");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, token_sha256);
	return certificate_read_one(&q, arena, ret);
}

int store_certificate_find_serial(struct db_conn *conn, struct arena *arena, struct text serial,
				  struct device_certificate *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c WHERE c.serial = $1"
		      " AND c.serial <> '' AND c.state <> 'intended'"
		      " ORDER BY c.tenant_id, c.id LIMIT 1");
	db_bind_text(&q, 1, serial);
	return certificate_read_one(&q, arena, ret);
}

int store_certificate_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct text id, struct device_certificate *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c"
		      " WHERE c.tenant_id = $1 AND c.id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	return certificate_read_one(&q, arena, ret);
}

int store_certificate_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			   struct text device_id, struct device_certificate **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c"
		      " WHERE c.tenant_id = $1 AND c.device_id = $2"
		      " ORDER BY c.created_at DESC, c.id DESC");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return certificate_read_list(&q, arena, ret, ret_n);
}

int store_certificate_find_spki(struct db_conn *conn, struct arena *arena, struct text spki_sha256,
				struct text tenant_id, struct text device_id,
				struct device_certificate *ret)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " CERTIFICATE_COLUMNS " FROM certificates c WHERE c.spki_sha256 = $1"
		      " AND (c.tenant_id <> $2 OR c.device_id <> $3)"
		      " ORDER BY c.created_at DESC, c.id DESC LIMIT 1");
	db_bind_text(&q, 1, spki_sha256);
	db_bind_text(&q, 2, tenant_id);
	db_bind_text(&q, 3, device_id);
	return certificate_read_one(&q, arena, ret);
}

int store_certificate_consent_exists(struct db_conn *conn, struct text tenant_id,
				     struct text consent_id, bool *ret)
{
	struct db_query q;
	int64_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM certificates WHERE tenant_id = $1"
		      " AND consent_id = $2 AND consent_id <> ''");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, consent_id);
	r = row_count(&q, &n);
	if (r)
		return r;
	*ret = n > 0;
	return 0;
}

int store_certificate_supersede_all(struct db_conn *tx, struct text tenant_id,
				    struct text device_id, struct text except_id, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(
	    &q, tx,
	    "UPDATE certificates SET state = 'superseded', revoked_at = $4 WHERE tenant_id = $1"
	    " AND device_id = $2 AND id <> $3 AND state = 'active'");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, except_id);
	row_bind_int(&b, now);
	return row_write(&q);
}

int store_certificate_supersede_unused(struct db_conn *tx, struct text tenant_id,
				       struct text renews_id, struct text except_id, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(
	    &q, tx,
	    "UPDATE certificates SET state = 'superseded', revoked_at = $4 WHERE tenant_id = $1"
	    " AND renews_id = $2 AND renews_id <> '' AND id <> $3 AND state = 'active'"
	    " AND first_used_at = 0");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, renews_id);
	row_bind_text(&b, except_id);
	row_bind_int(&b, now);
	return row_write(&q);
}

int store_certificate_first_use(struct db_conn *tx, struct text tenant_id, struct text id,
				int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE certificates SET first_used_at = $3 WHERE tenant_id = $1"
		      " AND id = $2 AND state = 'active' AND first_used_at = 0");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, id);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_certificate_revoke_all(struct db_conn *tx, struct text tenant_id, struct text device_id,
				 int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE certificates SET state = 'revoked',"
		      " revoked_at = CASE WHEN revoked_at = 0 THEN $3 ELSE revoked_at END"
		      " WHERE tenant_id = $1 AND device_id = $2 AND state <> 'revoked'");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_int(&q, 3, now);
	return row_write(&q);
}

int store_certificate_sweep_intended(struct db_conn *tx, int64_t older_than)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM certificates WHERE state = 'intended' AND created_at < $1");
	db_bind_int(&q, 1, older_than);
	return row_write(&q);
}
