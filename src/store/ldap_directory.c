/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap_directory.c: rows of the table ldap_directories.
 */
#include "store/ldap_directory.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, url, is_start_tls, ca_certificate, bind_dn, sealed, search_base, user_filter," \
	" group_dn, netbios_domain, version, created_at, updated_at"

static int directory_read(struct db_query *q, struct arena *arena, struct ldap_directory *ret)
{
	struct ldap_directory d = {0};
	struct row row;

	row_begin(&row, q, arena);
	d.tenant_id = row_text(&row);
	d.url = row_text(&row);
	d.is_start_tls = row_bool(&row);
	d.ca_certificate = row_text(&row);
	d.bind_dn = row_text(&row);
	d.sealed = row_text(&row);
	d.search_base = row_text(&row);
	d.user_filter = row_text(&row);
	d.group_dn = row_text(&row);
	d.netbios_domain = row_text(&row);
	d.version = row_int(&row);
	d.created_at = row_int(&row);
	d.updated_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = d;
	return 0;
}

int store_ldap_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		    struct ldap_directory *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM ldap_directories WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	r = row_one(&q);
	return r ? r : directory_read(&q, arena, ret);
}

int store_ldap_tenant_by_netbios(struct db_conn *conn, struct arena *arena, struct text name,
				 const char **ret_tenant_id)
{
	struct db_query q CLEANUP(db_query_done);
	const char *found;
	int r;

	db_query_init(&q, conn,
		      "SELECT tenant_id FROM ldap_directories WHERE $1 <> ''"
		      " AND lower(netbios_domain) = lower($1) LIMIT 2");
	db_bind_text(&q, 1, name);
	r = row_one(&q);
	if (r)
		return r;
	found = arena_cstr(arena, db_column_text(&q, 0));
	r = db_step(&q);
	if (r)
		return r == DB_ROW ? STORE_E_NOT_FOUND : r;
	*ret_tenant_id = found;
	return 0;
}

static void directory_bind(struct row_binder *b, const struct ldap_directory *d)
{
	row_bind_c(b, d->tenant_id);
	row_bind_c(b, d->url);
	row_bind_bool(b, d->is_start_tls);
	row_bind_c(b, d->ca_certificate);
	row_bind_c(b, d->bind_dn);
	row_bind_c(b, d->sealed);
	row_bind_c(b, d->search_base);
	row_bind_c(b, d->user_filter);
	row_bind_c(b, d->group_dn);
	row_bind_c(b, d->netbios_domain);
	row_bind_int(b, d->updated_at);
}

int store_ldap_add(struct db_conn *tx, const struct ldap_directory *directory)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO ldap_directories (" COLUMNS ")"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $12, $11)");
	row_bind_begin(&b, &q);
	directory_bind(&b, directory);
	row_bind_int(&b, directory->created_at);
	return row_write(&q);
}

int store_ldap_update(struct db_conn *tx, const struct ldap_directory *directory)
{
	struct row_binder b;
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "UPDATE ldap_directories SET url = $2, is_start_tls = $3,"
		      " ca_certificate = $4, bind_dn = $5, sealed = $6, search_base = $7,"
		      " user_filter = $8, group_dn = $9, netbios_domain = $10, updated_at = $11,"
		      " version = version + 1 WHERE tenant_id = $1 AND version = $12");
	row_bind_begin(&b, &q);
	directory_bind(&b, directory);
	row_bind_int(&b, directory->version);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx, "SELECT COUNT(*) FROM ldap_directories WHERE tenant_id = $1");
	db_bind_c(&q, 1, directory->tenant_id);
	return row_stale(&q);
}

int store_ldap_remove(struct db_conn *tx, struct text tenant_id)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM ldap_directories WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	return row_write_one(&q);
}
