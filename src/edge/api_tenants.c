/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_tenants.c: /api/v1/tenants and their credentials.
 */
#include "edge/api_resources.h"

#include "admin/tenants.h"
#include "entra/cloud.h"
#include "store/credential.h"
#include "store/tenant.h"

static const char *const modes[] = {"on-premises", "cloud", NULL};
static const char *const clouds[] = {"global", "usgov", "china", "custom", NULL};
static const char *const no_filters[] = {NULL};

static void texts_write(struct json_writer *w, const char *name, const char *const *texts, size_t n)
{
	json_begin_array(w, name);
	for (size_t i = 0; i < n; i++)
		json_add_c(w, NULL, texts[i]);
	json_end_array(w);
}

/* What the administrator set about joining. */
static void tenant_write_rules(struct json_writer *w, const struct tenant *t)
{
	json_add_int(w, "tenant_device_limit", t->tenant_device_limit);
	texts_write(w, "domains", t->domains, t->domain_count);
	texts_write(w, "enrollment_methods", t->enrollment_methods, t->enrollment_method_count);
	json_add_bool(w, "maintenance", t->is_in_maintenance);
	json_add_c(w, "os_version_min", t->os_version_min);
	json_add_c(w, "os_version_max", t->os_version_max);
	texts_write(w, "os_editions", t->os_editions, t->os_edition_count);
	json_add_c(w, "license_group", t->license_group);
	json_add_bool(w, "personal_devices_allowed", t->is_personal_allowed);
	json_add_bool(w, "pin_required", t->is_pin_required);
	json_add_bool(w, "winjs", t->is_winjs);
	texts_write(w, "redirect_uris", t->redirect_uris, t->redirect_uri_count);
	json_add_c(w, "frame_ancestors", t->frame_ancestors);
	json_add_c(w, "default_locale", t->default_locale);
	json_add_c(w, "closed_message", t->closed_message);
}

static void tenant_write(struct json_writer *w, const struct tenant *t)
{
	json_begin_object(w, NULL);
	json_add_c(w, "tenant_id", t->tenant_id);
	json_add_c(w, "domain", t->domain);
	json_add_c(w, "mode", tenant_mode_name(t->mode));
	json_add_c(w, "cloud", cloud_name(t->cloud));
	json_add_c(w, "login_url",
		   t->cloud == CLOUD_CUSTOM ? t->login_url : cloud_login_url(t->cloud));
	json_add_c(w, "graph_url",
		   t->cloud == CLOUD_CUSTOM ? t->graph_url : cloud_graph_url(t->cloud));
	json_add_c(w, "client_id", t->client_id);
	texts_write(w, "app_id_uris", t->app_id_uris, t->app_id_uri_count);
	json_add_bool(w, "v1_tokens_allowed", t->is_v1_allowed);
	json_add_bool(w, "guests_allowed", t->is_guest_allowed);
	json_add_bool(w, "enabled", t->is_enabled);
	json_add_bool(w, "terms_required", t->is_terms_required);
	json_add_int(w, "device_limit", t->device_limit);
	tenant_write_rules(w, t);
	json_add_c(w, "graph_state", graph_state_name(t->graph_state));
	json_add_time(w, "graph_state_at", t->graph_state_at);
	json_add_c(w, "graph_error", t->graph_error);
	json_add_c(w, "groups_error", t->groups_error);
	json_add_time(w, "created_at", t->created_at);
	json_add_time(w, "updated_at", t->updated_at);
	json_end_object(w);
}

static void tenant_fields_rules(struct api_call *call, struct tenant *t)
{
	api_field_int(call, "tenant_device_limit", &t->tenant_device_limit);
	api_field_texts(call, "domains", t->domains, TENANT_DOMAINS, &t->domain_count);
	api_field_texts(call, "enrollment_methods", t->enrollment_methods, TENANT_METHODS,
			&t->enrollment_method_count);
	api_field_bool(call, "maintenance", &t->is_in_maintenance);
	api_field_text(call, "os_version_min", &t->os_version_min);
	api_field_text(call, "os_version_max", &t->os_version_max);
	api_field_texts(call, "os_editions", t->os_editions, TENANT_EDITIONS, &t->os_edition_count);
	api_field_text(call, "license_group", &t->license_group);
	api_field_bool(call, "personal_devices_allowed", &t->is_personal_allowed);
	api_field_bool(call, "pin_required", &t->is_pin_required);
	api_field_bool(call, "winjs", &t->is_winjs);
	api_field_texts(call, "redirect_uris", t->redirect_uris, TENANT_REDIRECT_URIS,
			&t->redirect_uri_count);
	api_field_text(call, "frame_ancestors", &t->frame_ancestors);
	api_field_text(call, "default_locale", &t->default_locale);
	api_field_text(call, "closed_message", &t->closed_message);
}

static int tenant_fields(struct api_call *call, struct tenant *t, bool is_new)
{
	static const char *const fields[] = {"tenant_id",
					     "domain",
					     "mode",
					     "cloud",
					     "login_url",
					     "graph_url",
					     "client_id",
					     "app_id_uris",
					     "v1_tokens_allowed",
					     "guests_allowed",
					     "enabled",
					     "terms_required",
					     "device_limit",
					     "tenant_device_limit",
					     "domains",
					     "enrollment_methods",
					     "maintenance",
					     "os_version_min",
					     "os_version_max",
					     "os_editions",
					     "license_group",
					     "personal_devices_allowed",
					     "pin_required",
					     "winjs",
					     "redirect_uris",
					     "frame_ancestors",
					     "default_locale",
					     "closed_message",
					     NULL};
	int mode = t->mode, cloud = t->cloud;
	const char *id = t->tenant_id;

	api_fields_known(call, fields);
	api_field_text(call, "tenant_id", &id);
	api_field_text(call, "domain", &t->domain);
	api_field_enum(call, "mode", modes, &mode);
	api_field_enum(call, "cloud", clouds, &cloud);
	api_field_text(call, "login_url", &t->login_url);
	api_field_text(call, "graph_url", &t->graph_url);
	api_field_text(call, "client_id", &t->client_id);
	api_field_texts(call, "app_id_uris", t->app_id_uris, TENANT_APP_ID_URIS,
			&t->app_id_uri_count);
	api_field_bool(call, "v1_tokens_allowed", &t->is_v1_allowed);
	api_field_bool(call, "guests_allowed", &t->is_guest_allowed);
	api_field_bool(call, "enabled", &t->is_enabled);
	api_field_bool(call, "terms_required", &t->is_terms_required);
	api_field_int(call, "device_limit", &t->device_limit);
	tenant_fields_rules(call, t);
	if (!is_new && strcmp(id, t->tenant_id) != 0)
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "tenant_id cannot be changed");
	t->tenant_id = id;
	t->mode = (enum tenant_mode)mode;
	t->cloud = (enum cloud)cloud;
	return api_fields_done(call);
}

static int tenant_load(struct api_call *call, struct tenant *ret)
{
	return admin_found(&call->admin, "tenant",
			   store_tenant_load(db_reader(call->op->db), call->op->arena,
					     text_of(call->args[0]), ret));
}

int api_tenant_list(struct api_call *call)
{
	struct tenant *list;
	struct api_page page;
	int r;

	r = api_page_read(call, no_filters, &page);
	if (r)
		return r;
	r = admin_found(&call->admin, "tenant",
			store_tenant_list(db_reader(call->op->db), call->op->arena, page.after,
					  page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		tenant_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].tenant_id;
	}
	return r;
}

int api_tenant_show(struct api_call *call)
{
	struct tenant tenant;
	int r = tenant_load(call, &tenant);

	if (r)
		return r;
	api_begin(call, 200);
	tenant_write(&call->json, &tenant);
	return 0;
}

int api_tenant_add(struct api_call *call)
{
	struct tenant tenant = {
	    .tenant_id = "",
	    .domain = "",
	    .login_url = "",
	    .graph_url = "",
	    .client_id = "",
	    .is_v1_allowed = true,
	    .is_enabled = true,
	    .is_terms_required = true,
	    .device_limit = LIMIT_DEVICES_PER_USER,
	    .os_version_min = "",
	    .os_version_max = "",
	    .license_group = "",
	    .closed_message = "",
	    .is_personal_allowed = true,
	    .frame_ancestors = "",
	    .default_locale = "en",
	};
	int r;

	r = tenant_fields(call, &tenant, true);
	if (r == 0)
		r = admin_tenant_add(&call->admin, &tenant);
	if (r)
		return r;
	api_begin(call, 201);
	tenant_write(&call->json, &tenant);
	return 0;
}

/* What the row holds now, with what the call changes put over it. */
static int tenant_change(struct api_call *call, struct tenant *ret)
{
	int r = tenant_load(call, ret);

	if (r == 0 && ret->cloud != CLOUD_CUSTOM)
		ret->login_url = ret->graph_url = "";
	if (r == 0)
		r = tenant_fields(call, ret, false);
	return r ? r : admin_tenant_update(&call->admin, ret);
}

int api_tenant_update(struct api_call *call)
{
	struct tenant tenant;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = tenant_change(call, &tenant);
	if (r)
		return r;
	api_begin(call, 200);
	tenant_write(&call->json, &tenant);
	return 0;
}

int api_tenant_remove(struct api_call *call)
{
	int r = admin_tenant_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

int api_tenant_check(struct api_call *call)
{
	struct tenant_findings findings;
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_tenant_check(&call->admin, call->args[0], &findings);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_begin_array(&call->json, "findings");
	for (size_t i = 0; i < findings.count; i++) {
		const struct tenant_finding *finding = &findings.items[i];

		json_begin_object(&call->json, NULL);
		json_add_c(&call->json, "what", finding->what);
		json_add_bool(&call->json, "ok", finding->state != FINDING_PROBLEM);
		json_add_c(&call->json, "state", tenant_finding_state_name(finding->state));
		json_add_c(&call->json, "detail", finding->detail);
		json_end_object(&call->json);
	}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return 0;
}

int api_tenant_consent_url(struct api_call *call)
{
	const char *url;
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_tenant_consent_url(&call->admin, call->args[0], &url);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_add_c(&call->json, "url", url);
	json_end_object(&call->json);
	return 0;
}

/* The secret part has no place here. */
static void credential_write(struct json_writer *w, const struct credential *c)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", c->id);
	json_add_c(w, "tenant_id", c->tenant_id);
	json_add_c(w, "kind", credential_kind_name(c->kind));
	json_add_c(w, "state", credential_state_name(c->state));
	json_add_time(w, "not_after", c->not_after);
	json_add_c(w, "last_error", c->last_error);
	json_add_time(w, "created_at", c->created_at);
	json_end_object(w);
}

int api_credential_list(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct credential *list;
	struct tenant tenant;
	int r;

	r = tenant_load(call, &tenant);
	if (r == 0)
		r = admin_found(&call->admin, "credential",
				store_credential_list(db_reader(call->op->db), call->op->arena,
						      text_of(tenant.tenant_id), &list, &page.n));
	while (r == 0 && api_page_next(call, &page))
		credential_write(&call->json, &list[page.i]);
	return r;
}

int api_credential_show(struct api_call *call)
{
	struct credential credential;
	int r = admin_found(&call->admin, "credential",
			    store_credential_load(db_reader(call->op->db), call->op->arena,
						  text_of(call->args[0]), text_of(call->args[1]),
						  &credential));

	if (r)
		return r;
	api_begin(call, 200);
	credential_write(&call->json, &credential);
	return 0;
}

int api_credential_add(struct api_call *call)
{
	static const char *const fields[] = {"kind", "secret",    "certificate",
					     "key",  "not_after", NULL};
	static const char *const kinds[] = {"secret", "certificate", NULL};
	struct credential_input input = {0};
	const char *secret = NULL, *certificate = NULL, *key = NULL;
	struct credential credential;
	int kind = -1, r;

	api_fields_known(call, fields);
	api_field_enum(call, "kind", kinds, &kind);
	api_field_text(call, "secret", &secret);
	api_field_text(call, "certificate", &certificate);
	api_field_text(call, "key", &key);
	api_field_time(call, "not_after", &input.not_after);
	r = api_fields_done(call);
	if (r)
		return r;
	if (kind < 0)
		return admin_refuse(&call->admin, ADMIN_E_INVALID,
				    "kind must be secret or certificate");
	input.kind = kind == 0 ? CREDENTIAL_SECRET : CREDENTIAL_CERTIFICATE;
	input.secret = secret ? text_of(secret) : (struct text){NULL, 0};
	input.certificate_pem = certificate ? text_of(certificate) : (struct text){NULL, 0};
	input.key_pem = key ? text_of(key) : (struct text){NULL, 0};
	r = admin_credential_add(&call->admin, call->args[0], &input, &credential);
	if (r)
		return r;
	api_begin(call, 201);
	credential_write(&call->json, &credential);
	return 0;
}

int api_credential_remove(struct api_call *call)
{
	int r = admin_credential_remove(&call->admin, call->args[0], call->args[1]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

int api_credential_rotate(struct api_call *call)
{
	struct credential credential;
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_credential_rotate(&call->admin, call->args[0], call->args[1],
					    &credential);
	if (r)
		return r;
	api_begin(call, 202);
	credential_write(&call->json, &credential);
	return 0;
}
