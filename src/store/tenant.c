/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant.c: rows of the table tenants. Removing one takes its rows in all other tables with it by
 * foreign keys; enrolment attempts have none, because those of unknown tenants are kept too.
 */
#include "store/tenant.h"

#include "store/json_columns.h"

#define COLUMNS                                                                                    \
	"tenant_id, domain, mode, cloud, login_url, graph_url, client_id, app_id_uris,"            \
	" is_v1_allowed, is_guest_allowed, is_enabled, is_terms_required, device_limit,"           \
	" graph_state, graph_state_at, graph_error, groups_error, version, created_at,"            \
	" updated_at, " RULES

/* What administrators set about joining. */
#define RULES                                                                                      \
	"domains, enrollment_methods, tenant_device_limit, is_in_maintenance, os_version_min,"     \
	" os_version_max, os_editions, license_group, is_personal_allowed, is_pin_required,"       \
	" is_winjs, redirect_uris, frame_ancestors, default_locale, closed_message"

static void rules_read(struct row *row, struct tenant *t)
{
	row_texts(row, t->domains, TENANT_DOMAINS, &t->domain_count);
	row_texts(row, t->enrollment_methods, TENANT_METHODS, &t->enrollment_method_count);
	t->tenant_device_limit = row_int(row);
	t->is_in_maintenance = row_bool(row);
	t->os_version_min = row_text(row);
	t->os_version_max = row_text(row);
	row_texts(row, t->os_editions, TENANT_EDITIONS, &t->os_edition_count);
	t->license_group = row_text(row);
	t->is_personal_allowed = row_bool(row);
	t->is_pin_required = row_bool(row);
	t->is_winjs = row_bool(row);
	row_texts(row, t->redirect_uris, TENANT_REDIRECT_URIS, &t->redirect_uri_count);
	t->frame_ancestors = row_text(row);
	t->default_locale = row_text(row);
	t->closed_message = row_text(row);
}

static int tenant_read(struct db_query *q, struct arena *arena, struct tenant *ret)
{
	struct tenant t = {0};
	struct row row;

	row_begin(&row, q, arena);
	t.tenant_id = row_text(&row);
	t.domain = row_text(&row);
	t.mode = ROW_ENUM(&row, tenant_mode);
	t.cloud = ROW_ENUM(&row, cloud);
	t.login_url = row_text(&row);
	t.graph_url = row_text(&row);
	t.client_id = row_text(&row);
	row_texts(&row, t.app_id_uris, TENANT_APP_ID_URIS, &t.app_id_uri_count);
	t.is_v1_allowed = row_bool(&row);
	t.is_guest_allowed = row_bool(&row);
	t.is_enabled = row_bool(&row);
	t.is_terms_required = row_bool(&row);
	t.device_limit = row_int(&row);
	t.graph_state = ROW_ENUM(&row, graph_state);
	t.graph_state_at = row_int(&row);
	t.graph_error = row_text(&row);
	t.groups_error = row_text(&row);
	t.version = row_int(&row);
	t.created_at = row_int(&row);
	t.updated_at = row_int(&row);
	rules_read(&row, &t);
	if (row_end(&row))
		return row_end(&row);
	*ret = t;
	return 0;
}

int store_tenant_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		      struct tenant *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM tenants WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	r = row_one(&q);
	return r ? r : tenant_read(&q, arena, ret);
}

int store_tenant_by_domain(struct db_conn *conn, struct arena *arena, struct text domain,
			   struct tenant *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	/* A domain has neither a quote nor a wildcard in it, so this is the element and nothing
	 * else; one that has finds nothing. */
	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM tenants"
		      " WHERE domains LIKE '%\"' || $1 || '\"%' AND $1 <> ''"
		      " AND $1 NOT LIKE '%\"%' AND $1 NOT LIKE '%\\%%' ESCAPE '\\'"
		      " AND $1 NOT LIKE '%\\_%' ESCAPE '\\' ORDER BY tenant_id LIMIT 1");
	db_bind_text(&q, 1, domain);
	r = row_one(&q);
	return r ? r : tenant_read(&q, arena, ret);
}

static int tenant_read_list(struct db_query *q, struct arena *arena, struct tenant **ret,
			    size_t *ret_n)
{
	struct tenant *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = tenant_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_tenant_only_with_method(struct db_conn *conn, struct arena *arena,
				  enum enrollment_method method, struct tenant *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct tenant *list;
	size_t n;
	int r;

	/* Names of methods hold neither a quote nor a wildcard. */
	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM tenants WHERE is_enabled = 1"
		      " AND enrollment_methods LIKE '%\"' || $1 || '\"%' LIMIT 2");
	db_bind_c(&q, 1, enrollment_method_name(method));
	r = tenant_read_list(&q, arena, &list, &n);
	if (r)
		return r;
	if (n != 1)
		return n == 0 ? STORE_E_NOT_FOUND : STORE_E_IN_USE;
	*ret = list[0];
	return 0;
}

int store_tenant_list(struct db_conn *conn, struct arena *arena, struct text after, size_t limit,
		      struct tenant **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM tenants WHERE tenant_id > $1"
		      " ORDER BY tenant_id LIMIT $2");
	db_bind_text(&q, 1, after);
	db_bind_int(&q, 2, (int64_t)limit);
	return tenant_read_list(&q, arena, ret, ret_n);
}

int store_tenant_list_stopped(struct db_conn *conn, struct arena *arena, int64_t before,
			      struct tenant **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM tenants"
		      " WHERE graph_state IN ('not_authorised', 'credential_fault')"
		      " AND graph_state_at <= $1 ORDER BY tenant_id");
	db_bind_int(&q, 1, before);
	return tenant_read_list(&q, arena, ret, ret_n);
}

static char *tenant_uris(struct arena *arena, const struct tenant *tenant)
{
	return json_column_texts(arena, tenant->app_id_uris, tenant->app_id_uri_count);
}

/* Absent texts of a tenant that was made without rules are their defaults. */
static void rules_bind(struct row_binder *b, struct arena *arena, const struct tenant *t)
{
	row_bind_c(b, json_column_texts(arena, t->domains, t->domain_count));
	row_bind_c(b, json_column_texts(arena, t->enrollment_methods, t->enrollment_method_count));
	row_bind_int(b, t->tenant_device_limit);
	row_bind_bool(b, t->is_in_maintenance);
	row_bind_c(b, t->os_version_min);
	row_bind_c(b, t->os_version_max);
	row_bind_c(b, json_column_texts(arena, t->os_editions, t->os_edition_count));
	row_bind_c(b, t->license_group);
	row_bind_bool(b, t->is_personal_allowed);
	row_bind_bool(b, t->is_pin_required);
	row_bind_bool(b, t->is_winjs);
	row_bind_c(b, json_column_texts(arena, t->redirect_uris, t->redirect_uri_count));
	row_bind_c(b, t->frame_ancestors);
	row_bind_c(b, t->default_locale ? t->default_locale : "en");
	row_bind_c(b, t->closed_message);
}

int store_tenant_add(struct db_conn *tx, const struct tenant *tenant)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "INSERT INTO tenants (" COLUMNS ", graph_pause_until, groups_pause_until)"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
		      " $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,"
		      " $31, $32, $33, $34, $35, 0, 0)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, tenant->tenant_id);
	row_bind_c(&b, tenant->domain);
	row_bind_c(&b, tenant_mode_name(tenant->mode));
	row_bind_c(&b, cloud_name(tenant->cloud));
	row_bind_c(&b, tenant->login_url);
	row_bind_c(&b, tenant->graph_url);
	row_bind_c(&b, tenant->client_id);
	row_bind_c(&b, tenant_uris(&arena, tenant));
	row_bind_bool(&b, tenant->is_v1_allowed);
	row_bind_bool(&b, tenant->is_guest_allowed);
	row_bind_bool(&b, tenant->is_enabled);
	row_bind_bool(&b, tenant->is_terms_required);
	row_bind_int(&b, tenant->device_limit);
	row_bind_c(&b, graph_state_name(tenant->graph_state));
	row_bind_int(&b, tenant->graph_state_at);
	row_bind_c(&b, tenant->graph_error);
	row_bind_c(&b, tenant->groups_error);
	row_bind_int(&b, 1);
	row_bind_int(&b, tenant->created_at);
	row_bind_int(&b, tenant->updated_at);
	rules_bind(&b, &arena, tenant);
	return row_write(&q);
}

int store_tenant_update(struct db_conn *tx, const struct tenant *tenant)
{
	struct arena arena CLEANUP(arena_done);
	struct row_binder b;
	struct db_query q;
	int r;

	arena_init(&arena);
	db_query_init(&q, tx,
		      "UPDATE tenants SET domain = $2, mode = $3, cloud = $4, login_url = $5,"
		      " graph_url = $6, client_id = $7, app_id_uris = $8, is_v1_allowed = $9,"
		      " is_guest_allowed = $10, is_enabled = $11, is_terms_required = $12,"
		      " device_limit = $13, updated_at = $14, version = version + 1,"
		      " domains = $16, enrollment_methods = $17, tenant_device_limit = $18,"
		      " is_in_maintenance = $19, os_version_min = $20, os_version_max = $21,"
		      " os_editions = $22, license_group = $23, is_personal_allowed = $24,"
		      " is_pin_required = $25, is_winjs = $26, redirect_uris = $27,"
		      " frame_ancestors = $28, default_locale = $29, closed_message = $30"
		      " WHERE tenant_id = $1 AND version = $15");
	row_bind_begin(&b, &q);
	row_bind_c(&b, tenant->tenant_id);
	row_bind_c(&b, tenant->domain);
	row_bind_c(&b, tenant_mode_name(tenant->mode));
	row_bind_c(&b, cloud_name(tenant->cloud));
	row_bind_c(&b, tenant->login_url);
	row_bind_c(&b, tenant->graph_url);
	row_bind_c(&b, tenant->client_id);
	row_bind_c(&b, tenant_uris(&arena, tenant));
	row_bind_bool(&b, tenant->is_v1_allowed);
	row_bind_bool(&b, tenant->is_guest_allowed);
	row_bind_bool(&b, tenant->is_enabled);
	row_bind_bool(&b, tenant->is_terms_required);
	row_bind_int(&b, tenant->device_limit);
	row_bind_int(&b, tenant->updated_at);
	row_bind_int(&b, tenant->version);
	rules_bind(&b, &arena, tenant);
	r = row_write_one(&q);
	if (r != STORE_E_NOT_FOUND)
		return r;
	db_query_init(&q, tx, "SELECT COUNT(*) FROM tenants WHERE tenant_id = $1");
	db_bind_c(&q, 1, tenant->tenant_id);
	return row_stale(&q);
}

/* Devices that are enrolled, and reports that Graph has not had: both end with the tenant's rows.
 */
static int tenant_needs(struct db_conn *tx, struct text tenant_id, int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "SELECT COUNT(*) FROM (SELECT 1 FROM devices WHERE tenant_id = $1"
		      " AND state = 'enrolled' UNION ALL SELECT 1 FROM outbox WHERE tenant_id = $1"
		      " AND state IN ('pending', 'held') LIMIT 1) AS needed");
	db_bind_text(&q, 1, tenant_id);
	return row_count(&q, ret);
}

int store_tenant_remove(struct db_conn *tx, struct text tenant_id)
{
	int64_t needs = 0;
	struct db_query q;
	int r = tenant_needs(tx, tenant_id, &needs);

	if (r)
		return r;
	if (needs)
		return STORE_E_IN_USE;
	/* "" is the rows of no tenant: not this function's to remove. */
	db_query_init(&q, tx, "DELETE FROM enrollments WHERE tenant_id = $1 AND tenant_id <> ''");
	db_bind_text(&q, 1, tenant_id);
	r = row_write(&q);
	if (r)
		return r;
	db_query_init(&q, tx, "DELETE FROM tenants WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	return row_write_one(&q);
}

int store_tenant_set_graph_state(struct db_conn *tx, struct text tenant_id, enum graph_state state,
				 struct text error, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE tenants SET graph_state = $2, graph_error = $3, graph_state_at = $4"
		      " WHERE tenant_id = $1");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_c(&b, graph_state_name(state));
	row_bind_text(&b, error);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_tenant_set_graph_pause(struct db_conn *tx, struct text tenant_id, int64_t until)
{
	struct db_query q;

	db_query_init(&q, tx, "UPDATE tenants SET graph_pause_until = $2 WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, until);
	return row_write_one(&q);
}

int store_tenant_graph_answered(struct db_conn *tx, struct text tenant_id, int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE tenants SET graph_pause_until = 0 WHERE tenant_id = $1"
		      " AND graph_pause_until > 0 AND graph_pause_until <= $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_int(&q, 2, now);
	return row_write(&q);
}

int store_tenant_set_groups_state(struct db_conn *tx, struct text tenant_id, struct text error,
				  int64_t pause_until)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE tenants SET groups_error = $2, groups_pause_until = $3"
		      " WHERE tenant_id = $1");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, error);
	db_bind_int(&q, 3, pause_until);
	return row_write_one(&q);
}

int store_tenant_list_groups_due(struct db_conn *conn, struct arena *arena, int64_t now,
				 struct tenant **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	/* Quotes inside a JSON string are escaped, so this is the member and nothing else. */
	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM tenants WHERE is_enabled = 1"
		      " AND graph_pause_until <= $1 AND groups_pause_until <= $1"
		      " AND (EXISTS (SELECT 1 FROM policies p WHERE p.tenant_id = tenants.tenant_id"
		      " AND p.assignments LIKE '%\"entra_group\":%')"
		      " OR EXISTS (SELECT 1 FROM compliance_policies c"
		      " WHERE c.tenant_id = tenants.tenant_id"
		      " AND c.assignments LIKE '%\"entra_group\":%'))"
		      " ORDER BY graph_pause_until, tenant_id");
	db_bind_int(&q, 1, now);
	return tenant_read_list(&q, arena, ret, ret_n);
}
