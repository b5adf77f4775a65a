/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_apps.c: tenants, applications and consents of the control API.
 *
 * An application belongs to the tenant it is registered in and is present, as a principal with
 * consented roles, in every tenant that consented. Adding one consents at home at once, because
 * that is what nearly every test wants; `"consent": false` leaves it out.
 */
#include "sim/entra/control.h"

enum { TENANT_FIELDS = 5, APP_FIELDS = 6, PRINCIPAL_FIELDS = 3 };

static const char *const DEFAULT_ROLES[] = {"Device.ReadWrite.All", "User.Read.All",
					    "GroupMember.Read.All"};

static void tenant_write(struct call *call, struct json_writer *w, const struct tenant *tenant)
{
	json_begin_object(w, NULL);
	json_add_c(w, "tenantId", call_uuid(call->arena, tenant->id));
	json_add_c(w, "domain", tenant->domain);
	json_add_c(w, "displayName", tenant->name);
	json_add_bool(w, "deniesConsent", tenant->denies_consent);
	json_add_c(w, "signsIn", tenant->signs_in);
	json_add_bool(w, "deniesSignIn", tenant->denies_sign_in);
	json_end_object(w);
}

static size_t tenant_fields(struct tenant *tenant, struct control_field *ret)
{
	ret[0] = (struct control_field){"domain", CONTROL_STRING, &tenant->domain};
	ret[1] = (struct control_field){"displayName", CONTROL_STRING, &tenant->name};
	ret[2] = (struct control_field){"deniesConsent", CONTROL_BOOL, &tenant->denies_consent};
	ret[3] = (struct control_field){"signsIn", CONTROL_STRING, &tenant->signs_in};
	ret[4] = (struct control_field){"deniesSignIn", CONTROL_BOOL, &tenant->denies_sign_in};
	return TENANT_FIELDS;
}

static void tenant_answer(struct call *call, int status, const struct tenant *tenant)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	tenant_write(call, &w, tenant);
}

void control_tenant_add(struct call *call)
{
	static const char *const also[] = {"tenantId", NULL};
	static struct tenant none;
	struct control_field fields[TENANT_FIELDS];
	const struct json *body;
	struct tenant *tenant;
	struct uuid id;

	if (!control_body(call, fields, tenant_fields(&none, fields), also, &body) ||
	    !control_id(call, body, "tenantId", &id))
		return;
	if (state_tenant_by_id(&call->sim->state, id)) {
		control_fail(call, 409, "there is a tenant with that id");
		return;
	}
	tenant = state_add_tenant(&call->sim->state, id);
	control_apply(body, fields, tenant_fields(tenant, fields));
	tenant_answer(call, 201, tenant);
}

void control_tenant_list(struct call *call)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &call->sim->state.tenants)
		tenant_write(call, &w, LIST_OWNER(pos, struct tenant, list));
	json_end_array(&w);
}

static struct tenant *tenant_find(struct call *call)
{
	struct tenant *tenant = state_tenant(&call->sim->state, call->captures[0]);

	if (!tenant)
		control_fail(call, 404, "no such tenant");
	return tenant;
}

void control_tenant_change(struct call *call)
{
	struct tenant *tenant = tenant_find(call);
	struct control_field fields[TENANT_FIELDS];
	const struct json *body;

	if (!tenant || !control_body(call, fields, tenant_fields(tenant, fields), NULL, &body))
		return;
	control_apply(body, fields, ARRAY_LEN(fields));
	tenant_answer(call, 200, tenant);
}

void control_tenant_remove(struct call *call)
{
	struct tenant *tenant = tenant_find(call);

	if (!tenant)
		return;
	state_remove_tenant(&call->sim->state, tenant);
	call_empty(call, 204);
}

static size_t app_fields(struct app *app, struct control_field *ret)
{
	ret[0] = (struct control_field){"displayName", CONTROL_STRING, &app->name};
	ret[1] = (struct control_field){"appIdUris", CONTROL_STRINGS, &app->uris};
	ret[2] = (struct control_field){"redirectUris", CONTROL_STRINGS, &app->redirect_uris};
	ret[3] = (struct control_field){"requestedRoles", CONTROL_STRINGS, &app->roles};
	ret[4] = (struct control_field){"multiTenant", CONTROL_BOOL, &app->is_multi_tenant};
	ret[5] = (struct control_field){"publicClient", CONTROL_BOOL, &app->is_public_client};
	return APP_FIELDS;
}

static size_t principal_fields(struct principal *principal, struct control_field *ret)
{
	ret[0] = (struct control_field){"roles", CONTROL_STRINGS, &principal->roles};
	ret[1] = (struct control_field){"enabled", CONTROL_BOOL, &principal->is_enabled};
	ret[2] = (struct control_field){"approvedMdm", CONTROL_BOOL, &principal->is_approved_mdm};
	return PRINCIPAL_FIELDS;
}

static void principal_write(struct json_writer *w, const struct principal *principal)
{
	control_strings(w, "roles", &principal->roles);
	json_add_bool(w, "enabled", principal->is_enabled);
	json_add_bool(w, "approvedMdm", principal->is_approved_mdm);
}

static struct principal *home_principal(struct call *call, const struct app *app)
{
	struct tenant *home = state_tenant_by_id(&call->sim->state, app->home);

	return home ? state_principal(home, app) : NULL;
}

static void app_write(struct call *call, struct json_writer *w, const struct app *app)
{
	const struct principal *principal = home_principal(call, app);

	json_begin_object(w, NULL);
	json_add_c(w, "clientId", call_uuid(call->arena, app->client_id));
	json_add_c(w, "objectId", call_uuid(call->arena, app->object_id));
	json_add_c(w, "tenant", call_uuid(call->arena, app->home));
	json_add_c(w, "displayName", app->name);
	control_strings(w, "appIdUris", &app->uris);
	control_strings(w, "redirectUris", &app->redirect_uris);
	control_strings(w, "requestedRoles", &app->roles);
	json_add_bool(w, "multiTenant", app->is_multi_tenant);
	json_add_bool(w, "publicClient", app->is_public_client);
	if (app->token_version)
		json_add_int(w, "requestedAccessTokenVersion", app->token_version);
	else
		json_add_null(w, "requestedAccessTokenVersion");
	json_add_bool(w, "consented", principal != NULL);
	if (principal)
		principal_write(w, principal);
	json_end_object(w);
}

static void app_answer(struct call *call, int status, const struct app *app)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	app_write(call, &w, app);
}

/* null, 1 or 2; absent leaves *ret. */
static bool token_version_read(struct call *call, const struct json *body, int *ret)
{
	const struct json *value = json_get(body, "requestedAccessTokenVersion");

	if (!value)
		return true;
	if (value->kind == JSON_NULL) {
		*ret = 0;
		return true;
	}
	if (value->kind != JSON_INTEGER || value->integer < 1 || value->integer > 2)
		return control_fail(call, 400, "requestedAccessTokenVersion is null, 1 or 2");
	*ret = (int)value->integer;
	return true;
}

static void principal_add(struct tenant *tenant, struct app *app, const struct json *body)
{
	struct control_field fields[PRINCIPAL_FIELDS];
	struct principal *principal = state_add_principal(tenant, app);

	principal->is_approved_mdm = true;
	for (size_t i = 0; i < app->roles.count; i++)
		texts_add(&principal->roles, text_of(app->roles.items[i]));
	control_apply(body, fields, principal_fields(principal, fields));
}

/* The fields of an application and of its principal at home, in one body. */
static bool app_body(struct call *call, const struct json **ret, int *ret_version,
		     bool *ret_consent)
{
	static const char *const also[] = {"tenant", "clientId", "requestedAccessTokenVersion",
					   "consent", NULL};
	static struct app no_app;
	static struct principal no_principal;
	struct control_field fields[APP_FIELDS + PRINCIPAL_FIELDS];

	app_fields(&no_app, fields);
	principal_fields(&no_principal, fields + APP_FIELDS);
	if (!control_body(call, fields, ARRAY_LEN(fields), also, ret) ||
	    !token_version_read(call, *ret, ret_version))
		return false;
	if (json_has(*ret, "consent") && !json_bool(*ret, "consent", ret_consent))
		return control_fail(call, 400, "consent is true or false");
	return true;
}

void control_app_add(struct call *call)
{
	struct control_field fields[APP_FIELDS];
	const struct json *body;
	struct tenant *tenant;
	struct app *app;
	struct uuid id;
	int version = 0;
	bool has_consent = true;

	if (!app_body(call, &body, &version, &has_consent) ||
	    !control_tenant(call, body, &tenant) || !control_id(call, body, "clientId", &id))
		return;
	if (state_app(&call->sim->state, text_of(call_uuid(call->arena, id)))) {
		control_fail(call, 409, "there is an application with that client id");
		return;
	}
	app = state_add_app(&call->sim->state, id, tenant->id);
	app->token_version = version;
	for (size_t i = 0; i < ARRAY_LEN(DEFAULT_ROLES); i++)
		texts_add(&app->roles, text_of(DEFAULT_ROLES[i]));
	control_apply(body, fields, app_fields(app, fields));
	if (has_consent)
		principal_add(tenant, app, body);
	app_answer(call, 201, app);
}

void control_app_list(struct call *call)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &call->sim->state.apps) {
		const struct app *app = LIST_OWNER(pos, struct app, list);

		if (control_wants_tenant(call, state_tenant_by_id(&call->sim->state, app->home)))
			app_write(call, &w, app);
	}
	json_end_array(&w);
}

static struct app *app_find(struct call *call, struct text client_id)
{
	struct app *app = state_app(&call->sim->state, client_id);

	if (!app)
		control_fail(call, 404, "no such application");
	return app;
}

void control_app_show(struct call *call)
{
	const struct app *app = app_find(call, call->captures[0]);

	if (app)
		app_answer(call, 200, app);
}

void control_app_change(struct call *call)
{
	struct app *app = app_find(call, call->captures[0]);
	struct control_field fields[APP_FIELDS];
	struct control_field own[PRINCIPAL_FIELDS];
	struct principal *principal;
	const struct json *body;
	bool has_consent = true;

	if (!app || !app_body(call, &body, &app->token_version, &has_consent))
		return;
	if (json_has(body, "tenant") || json_has(body, "clientId") || json_has(body, "consent")) {
		control_fail(call, 400, "tenant, clientId and consent cannot be changed");
		return;
	}
	control_apply(body, fields, app_fields(app, fields));
	principal = home_principal(call, app);
	if (principal)
		control_apply(body, own, principal_fields(principal, own));
	app_answer(call, 200, app);
}

void control_app_remove(struct call *call)
{
	struct app *app = app_find(call, call->captures[0]);

	if (!app)
		return;
	state_remove_app(&call->sim->state, app);
	call_empty(call, 204);
}

static void consent_write(struct call *call, struct json_writer *w, const struct tenant *tenant,
			  const struct principal *principal)
{
	json_begin_object(w, NULL);
	json_add_c(w, "tenant", call_uuid(call->arena, tenant->id));
	json_add_c(w, "app", call_uuid(call->arena, principal->app->client_id));
	json_add_c(w, "id", call_uuid(call->arena, principal->id));
	principal_write(w, principal);
	json_end_object(w);
}

static void consent_answer(struct call *call, int status, const struct tenant *tenant,
			   const struct principal *principal)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	consent_write(call, &w, tenant, principal);
}

void control_consent_add(struct call *call)
{
	static const char *const also[] = {"tenant", "app", NULL};
	static struct principal none;
	struct control_field fields[PRINCIPAL_FIELDS];
	const struct json *body;
	struct tenant *tenant;
	struct app *app;

	if (!control_body(call, fields, principal_fields(&none, fields), also, &body) ||
	    !control_tenant(call, body, &tenant) || !control_app(call, body, &app))
		return;
	if (!app->is_multi_tenant && !state_same_id(app->home, tenant->id)) {
		control_fail(call, 400, "the application is not multi-tenant");
		return;
	}
	if (state_principal(tenant, app)) {
		control_fail(call, 409, "the tenant has consented already");
		return;
	}
	principal_add(tenant, app, body);
	consent_answer(call, 201, tenant, state_principal(tenant, app));
}

void control_consent_list(struct call *call)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &call->sim->state.tenants) {
		const struct tenant *tenant = LIST_OWNER(pos, struct tenant, list);

		if (!control_wants_tenant(call, tenant))
			continue;
		LIST_EACH (inner, &tenant->principals)
			consent_write(call, &w, tenant, LIST_OWNER(inner, struct principal, list));
	}
	json_end_array(&w);
}

static struct principal *consent_find(struct call *call, struct tenant **ret_tenant)
{
	struct principal *principal;

	*ret_tenant = tenant_find(call);
	if (!*ret_tenant)
		return NULL;
	principal = state_principal_by_client(*ret_tenant, call->captures[1]);
	if (!principal)
		control_fail(call, 404, "the tenant has not consented to that application");
	return principal;
}

void control_consent_change(struct call *call)
{
	struct tenant *tenant;
	struct principal *principal = consent_find(call, &tenant);
	struct control_field fields[PRINCIPAL_FIELDS];
	const struct json *body;

	if (!principal ||
	    !control_body(call, fields, principal_fields(principal, fields), NULL, &body))
		return;
	control_apply(body, fields, ARRAY_LEN(fields));
	consent_answer(call, 200, tenant, principal);
}

void control_consent_remove(struct call *call)
{
	struct tenant *tenant;
	struct principal *principal = consent_find(call, &tenant);

	if (!principal)
		return;
	state_remove_principal(principal);
	call_empty(call, 204);
}
