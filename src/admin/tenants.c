/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenants.c: see tenants.h. A custom cloud lets a tenant name its own login and Graph addresses;
 * that is off unless the server's configuration turns it on, because whoever may name them decides
 * whose tokens are believed.
 */
#include "admin/tenants.h"
#include "admin/tenant_joining.h"

#include "admin/tenant_rules.h"
#include "base/json.h"
#include "base/limits.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "entra/keys.h"
#include "model/frame_ancestors.h"
#include "store/outbox.h"
#include "store/tenant.h"

enum { DOMAIN_MAX = 253, URI_MAX = 255, DEVICE_LIMIT_MAX = 10000 };

/* Entra's tenant for personal accounts is nobody's organisation. */
#define CONSUMER_TENANT "9188040d-6c67-4c5b-b112-36a304b66dad"

static int urls_check(struct admin *admin, const struct tenant *tenant)
{
	if (tenant->cloud != CLOUD_CUSTOM) {
		if (tenant->login_url[0] || tenant->graph_url[0])
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "login_url and graph_url are for cloud 'custom' only");
		return 0;
	}
	if (!admin->op->config->allow_custom_cloud)
		return admin_refuse(
		    admin, ADMIN_E_INVALID,
		    "cloud 'custom' is off; set allow_custom_cloud = yes in section "
		    "[entra] of the configuration");
	if (!cloud_base_url_is_ok(text_of(tenant->login_url)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "login_url must be https://host[:port] without a path");
	if (!cloud_base_url_is_ok(text_of(tenant->graph_url)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "graph_url must be https://host[:port] without a path");
	return 0;
}

static int uris_check(struct admin *admin, const struct tenant *tenant)
{
	int r = 0;

	for (size_t i = 0; i < tenant->app_id_uri_count && r == 0; i++) {
		struct text uri = text_of(tenant->app_id_uris[i]);

		r = admin_check_text(admin, "app_id_uris", tenant->app_id_uris[i], 1, URI_MAX);
		if (r == 0 && !text_starts(uri, TEXT("https://")) &&
		    !text_starts(uri, TEXT("api://")))
			r = admin_refuse(admin, ADMIN_E_INVALID,
					 "app_id_uris must begin with https:// or api://");
	}
	return r;
}

static int tenant_check(struct admin *admin, struct tenant *tenant)
{
	int r;

	r = admin_check_guid(admin, "tenant_id", tenant->tenant_id);
	if (r == 0)
		r = admin_check_guid(admin, "client_id", tenant->client_id);
	if (r == 0)
		r = admin_check_text(admin, "domain", tenant->domain, 0, DOMAIN_MAX);
	if (r)
		return r;
	tenant->tenant_id = admin_lower(admin, tenant->tenant_id);
	tenant->client_id = admin_lower(admin, tenant->client_id);
	if (!strcmp(tenant->tenant_id, CONSUMER_TENANT))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "tenant_id is the tenant of personal Microsoft accounts");
	if (tenant->device_limit < 1 || tenant->device_limit > DEVICE_LIMIT_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID, "device_limit must be from 1 to %d",
				    DEVICE_LIMIT_MAX);
	if (!frame_ancestors_is_ok(text_of(tenant->frame_ancestors)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "frame_ancestors must be origins like https://host or "
				    "https://*.host:port, one blank between two, or empty");
	r = admin_tenant_rules_check(admin, tenant);
	if (r == 0)
		r = urls_check(admin, tenant);
	if (r == 0)
		r = uris_check(admin, tenant);
	if (r == 0)
		r = admin_tenant_ways_check(admin, tenant);
	return r ? r : admin_tenant_check_terms(admin, tenant);
}

static void names_add(struct json_writer *w, const char *name, const char *const *names, size_t n)
{
	json_begin_array(w, name);
	for (size_t i = 0; i < n; i++)
		json_add_c(w, NULL, names[i]);
	json_end_array(w);
}

static const char *detail_of(struct admin *admin, const struct tenant *tenant)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "domain", tenant->domain);
	json_add_c(&w, "client_id", tenant->client_id);
	json_add_c(&w, "cloud", cloud_name(tenant->cloud));
	json_add_c(&w, "login_url", tenant->login_url);
	json_add_c(&w, "graph_url", tenant->graph_url);
	json_add_bool(&w, "enabled", tenant->is_enabled);
	json_add_bool(&w, "terms_required", tenant->is_terms_required);
	json_add_int(&w, "device_limit", tenant->device_limit);
	json_add_int(&w, "tenant_device_limit", tenant->tenant_device_limit);
	json_add_bool(&w, "maintenance", tenant->is_in_maintenance);
	json_add_c(&w, "closed_message", tenant->closed_message);
	json_add_c(&w, "os_version_min", tenant->os_version_min);
	json_add_c(&w, "os_version_max", tenant->os_version_max);
	json_add_c(&w, "license_group", tenant->license_group);
	json_add_bool(&w, "personal_devices_allowed", tenant->is_personal_allowed);
	names_add(&w, "domains", tenant->domains, tenant->domain_count);
	names_add(&w, "enrollment_methods", tenant->enrollment_methods,
		  tenant->enrollment_method_count);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(struct admin *admin, const struct tenant *tenant,
				     const char *action)
{
	return (struct admin_record){
	    .tenant_id = tenant->tenant_id,
	    .action = action,
	    .object_kind = "tenant",
	    .object_id = tenant->tenant_id,
	    .detail = detail_of(admin, tenant),
	};
}

/* A tenant to be written, and which of its domains another one has. */
struct tenant_change {
	struct tenant *tenant;
	int taken; /* -1: none */
};

/* STORE_E_CONFLICT with change->taken set. */
static int domains_claim(struct db_conn *tx, struct tenant_change *change)
{
	int r = admin_tenant_domain_taken(tx, change->tenant, &change->taken);

	return r == 0 && change->taken >= 0 ? STORE_E_CONFLICT : r;
}

static int change_run(struct admin *admin, const struct admin_record *record, admin_change run,
		      struct tenant_change *change)
{
	int r = admin_transact(admin, "tenant", record, run, change);

	if (r == ADMIN_E_CONFLICT && change->taken >= 0)
		return admin_refuse(admin, ADMIN_E_CONFLICT,
				    "domains: %s belongs to another tenant already",
				    change->tenant->domains[change->taken]);
	return r;
}

static int tenant_insert(struct db_conn *tx, void *argument)
{
	struct tenant_change *change = argument;
	int r = domains_claim(tx, change);

	return r ? r : store_tenant_add(tx, change->tenant);
}

int admin_tenant_add(struct admin *admin, struct tenant *tenant)
{
	struct tenant_change change = {tenant, -1};
	struct admin_record record;
	int r;

	r = tenant_check(admin, tenant);
	if (r)
		return r;
	tenant->graph_state = GRAPH_UNKNOWN;
	tenant->graph_error = "";
	tenant->groups_error = "";
	tenant->version = 1;
	tenant->created_at = tenant->updated_at = admin->op->now;
	record = record_of(admin, tenant, "tenant.add");
	return change_run(admin, &record, tenant_insert, &change);
}

/* What was stopped is tried again, though not before the time that Graph may have named. */
static int tenant_resume(struct db_conn *tx, const char *tenant_id, int64_t now)
{
	struct text tenant = text_of(tenant_id);
	int r;

	r = store_tenant_set_graph_state(tx, tenant, GRAPH_UNKNOWN, TEXT_EMPTY, now);
	if (r == 0)
		r = store_tenant_set_groups_state(tx, tenant, TEXT_EMPTY, 0);
	return r ? r : store_outbox_release_tenant(tx, tenant, now);
}

int admin_tenant_release(struct db_conn *tx, const char *tenant_id, int64_t now)
{
	int r = store_tenant_set_graph_pause(tx, text_of(tenant_id), 0);

	return r ? r : tenant_resume(tx, tenant_id, now);
}

/* Whether Graph is asked as before: the same place, as the same application. */
static bool is_same_caller(const struct tenant *a, const struct tenant *b)
{
	return a->cloud == b->cloud && !strcmp(a->login_url, b->login_url) &&
	       !strcmp(a->graph_url, b->graph_url) && !strcmp(a->client_id, b->client_id);
}

static int tenant_write(struct db_conn *tx, void *argument)
{
	struct tenant_change *change = argument;
	const struct tenant *tenant = change->tenant;
	struct arena arena CLEANUP(arena_done);
	bool is_same = false;
	struct tenant old;
	int r;

	arena_init(&arena);
	r = domains_claim(tx, change);
	if (r)
		return r;
	r = store_tenant_load(tx, &arena, text_of(tenant->tenant_id), &old);
	if (r == 0) {
		is_same = is_same_caller(&old, tenant);
		r = store_tenant_update(tx, tenant);
	}
	if (r)
		return r;
	return is_same ? tenant_resume(tx, tenant->tenant_id, tenant->updated_at)
		       : admin_tenant_release(tx, tenant->tenant_id, tenant->updated_at);
}

int admin_tenant_update(struct admin *admin, struct tenant *tenant)
{
	struct tenant_change change = {tenant, -1};
	struct admin_record record;
	int r;

	r = tenant_check(admin, tenant);
	if (r)
		return r;
	tenant->updated_at = admin->op->now;
	record = record_of(admin, tenant, "tenant.update");
	r = change_run(admin, &record, tenant_write, &change);
	if (r == 0) {
		tenant->version++;
		/* Another cloud, client or address: nothing that was cached may outlive it. */
		entra_app_token_drop(admin->op, tenant);
		r = entra_keys_purge(admin->op, tenant->tenant_id);
	}
	return r < 0 ? ERR_TRACE(&admin->op->trail, r) : r;
}

static int tenant_delete(struct db_conn *tx, void *argument)
{
	return store_tenant_remove(tx, text_of(argument));
}

int admin_tenant_remove(struct admin *admin, const char *tenant_id)
{
	const char *id = admin_lower(admin, tenant_id);
	const struct admin_record record = {
	    .tenant_id = id,
	    .action = "tenant.remove",
	    .object_kind = "tenant",
	    .object_id = id,
	};
	struct tenant tenant;
	int r;

	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(admin->op->db), admin->op->arena, text_of(id), &tenant));
	if (r == 0)
		r = admin_transact(admin, "tenant", &record, tenant_delete, (void *)(uintptr_t)id);
	if (r == 0) {
		entra_app_token_drop(admin->op, &tenant);
		r = entra_keys_purge(admin->op, id);
	}
	return r < 0 ? ERR_TRACE(&admin->op->trail, r) : r;
}

int admin_tenant_consent_url(struct admin *admin, const char *tenant_id, const char **ret)
{
	struct op *op = admin->op;
	struct tenant tenant;
	struct buf buf;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, tenant_id)), &tenant));
	if (r)
		return r;
	buf_init(&buf, op->arena);
	buf_printf(&buf, "%s/%s/adminconsent?client_id=%s&redirect_uri=",
		   tenant_login_url(op->arena, &tenant), tenant.tenant_id, tenant.client_id);
	buf_add_url(&buf, text_of(op->config->console.url));
	buf_add_c(&buf, "%2Fconsole%2F");
	*ret = buf.data;
	return 0;
}
