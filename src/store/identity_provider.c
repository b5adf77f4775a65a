/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_provider.c: rows of the table identity_providers. The sealed part goes in and out as it
 * is; nothing here can open it.
 */
#include "store/identity_provider.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, issuer, client_id, sealed, scopes, user_claim, required_claim, version,"       \
	" created_at, updated_at"

int store_identity_provider_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct identity_provider *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct identity_provider p = {0};
	struct row row;
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM identity_providers WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	r = row_one(&q);
	if (r)
		return r;
	row_begin(&row, &q, arena);
	p.tenant_id = row_text(&row);
	p.issuer = row_text(&row);
	p.client_id = row_text(&row);
	p.sealed = row_text(&row);
	p.scopes = row_text(&row);
	p.user_claim = row_text(&row);
	p.required_claim = row_text(&row);
	p.version = row_int(&row);
	p.created_at = row_int(&row);
	p.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = p;
	return 0;
}

static void settings_bind(struct row_binder *b, const struct identity_provider *p)
{
	row_bind_c(b, p->tenant_id);
	row_bind_c(b, p->issuer);
	row_bind_c(b, p->client_id);
	row_bind_c(b, p->sealed);
	row_bind_c(b, p->scopes);
	row_bind_c(b, p->user_claim);
	row_bind_c(b, p->required_claim);
}

int store_identity_provider_add(struct db_conn *tx, const struct identity_provider *provider)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO identity_providers (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)");
	row_bind_begin(&b, &q);
	settings_bind(&b, provider);
	row_bind_int(&b, provider->created_at);
	row_bind_int(&b, provider->updated_at);
	return row_write(&q);
}

int store_identity_provider_update(struct db_conn *tx, const struct identity_provider *provider)
{
	struct row_binder b;
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "UPDATE identity_providers SET issuer = $2, client_id = $3, sealed = $4,"
		      " scopes = $5, user_claim = $6, required_claim = $7, updated_at = $8,"
		      " version = version + 1 WHERE tenant_id = $1 AND version = $9");
	row_bind_begin(&b, &q);
	settings_bind(&b, provider);
	row_bind_int(&b, provider->updated_at);
	row_bind_int(&b, provider->version);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx, "SELECT COUNT(*) FROM identity_providers WHERE tenant_id = $1");
	db_bind_c(&q, 1, provider->tenant_id);
	return row_stale(&q);
}

int store_identity_provider_remove(struct db_conn *tx, struct text tenant_id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM identity_providers WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	return row_write_one(&q);
}
