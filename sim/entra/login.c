/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login.c: see login.h. entra.md sections 1.2, 3.8 and 8.1.
 *
 * A tenant is named by its GUID or its domain; `common` and `organizations` keep the literal
 * `{tenantid}` in what they publish, and the consumer tenant has metadata without being a tenant
 * anybody can be added to. The trap answers 404 and counts: tokens carry addresses under it that a
 * careful server never visits.
 */
#include "sim/entra/login.h"

#include "sim/entra/authorize.h"
#include "sim/entra/keys.h"
#include "sim/entra/oauth.h"
#include "sim/entra/token.h"

#define TEMPLATE_TENANT "{tenantid}"

enum { DAY_S = 86400 };

void login_identify(struct call *call)
{
	struct text rest = text_from(call->path, 1);

	call->tenant = state_tenant(&call->sim->state, text_cut(&rest, '/'));
}

/* The tenant as documents spell it; NULL: there is none of that name. */
static const char *tenant_spelling(struct call *call, struct text name)
{
	if (text_eq_c(name, "common") || text_eq_c(name, "organizations"))
		return TEMPLATE_TENANT;
	if (text_eq_c(name, "consumers") || text_eq_nocase(name, TEXT(KEYS_CONSUMER_TENANT)))
		return KEYS_CONSUMER_TENANT;
	return call->tenant ? call_uuid(call->arena, call->tenant->id) : NULL;
}

static void add_strings(struct json_writer *w, const char *name, const char *const *values)
{
	json_begin_array(w, name);
	for (; *values; values++)
		json_add_c(w, NULL, *values);
	json_end_array(w);
}

static void metadata_lists(struct json_writer *w)
{
	static const struct {
		const char *name;
		const char *values[24];
	} lists[] = {
	    {"token_endpoint_auth_methods_supported",
	     {"client_secret_post", "private_key_jwt", "client_secret_basic"}},
	    {"response_modes_supported", {"query", "fragment", "form_post"}},
	    {"subject_types_supported", {"pairwise"}},
	    {"id_token_signing_alg_values_supported", {"RS256"}},
	    {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
	    {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
	    {"claims_supported",
	     {"sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
	      "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
	      "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"}},
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		add_strings(w, lists[i].name, lists[i].values);
}

/* Members that are an address below the tenant: name and what follows. */
static void metadata_addresses(struct call *call, struct json_writer *w, const char *tenant,
			       const char *v2)
{
	const struct {
		const char *name, *infix, *rest;
	} rows[] = {
	    {"token_endpoint", "/oauth2", "/token"},
	    {"authorization_endpoint", "/oauth2", "/authorize"},
	    {"device_authorization_endpoint", "/oauth2", "/devicecode"},
	    {"end_session_endpoint", "/oauth2", "/logout"},
	    {"kerberos_endpoint", "/kerberos", ""},
	};
	const char *segment = text_eq_c(text_of(tenant), TEMPLATE_TENANT) ? "common" : tenant;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		json_add_c(w, rows[i].name,
			   arena_printf(call->arena, "%s/%s%s%s%s", call->sim->urls[LISTENER_LOGIN],
					segment, rows[i].infix, i < 4 ? v2 : "", rows[i].rest));
}

static const char *metadata_issuer(const struct call *call, const char *tenant, int version)
{
	if (call->fault.kind == FAULT_WRONG_ISSUER)
		return call->fault.location
			   ? call->fault.location
			   : arena_printf(call->arena, "https://login.evil.example/%s/v2.0",
					  tenant);
	if (version == 1)
		return arena_printf(call->arena, SIM_V1_ISSUER "/%s/", tenant);
	return arena_printf(call->arena, "%s/%s/v2.0", call->sim->urls[LISTENER_LOGIN], tenant);
}

static const char *metadata_jwks_uri(const struct call *call, const char *tenant, const char *v2)
{
	struct text appid = call_query(call, "appid");
	const char *segment = text_eq_c(text_of(tenant), TEMPLATE_TENANT) ? "common" : tenant;

	if (call->fault.kind == FAULT_FOREIGN_JWKS)
		return call->fault.location ? call->fault.location
					    : "https://keys.evil.example/discovery/keys";
	return arena_printf(call->arena, "%s/%s/discovery%s/keys%s%.*s",
			    call->sim->urls[LISTENER_LOGIN], segment, v2,
			    appid.ptr ? "?appid=" : "", TEXT_ARG(appid));
}

static void metadata_answer(struct call *call, int version)
{
	const char *tenant = tenant_spelling(call, call->captures[0]);
	const char *v2 = version == 2 ? "/v2.0" : "";
	struct json_writer w;

	if (!tenant) {
		oauth_fail(call, OAUTH_TENANT_UNKNOWN_METADATA, call->captures[0]);
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	metadata_addresses(call, &w, tenant, v2);
	json_add_c(&w, "jwks_uri", metadata_jwks_uri(call, tenant, v2));
	json_add_c(&w, "issuer", metadata_issuer(call, tenant, version));
	metadata_lists(&w);
	json_add_bool(&w, "request_uri_parameter_supported", false);
	json_add_bool(&w, "http_logout_supported", true);
	json_add_bool(&w, "frontchannel_logout_supported", true);
	json_add_c(&w, "userinfo_endpoint",
		   arena_printf(call->arena, "%s/oidc/userinfo", call->sim->urls[LISTENER_GRAPH]));
	json_add_null(&w, "tenant_region_scope");
	json_add_c(&w, "cloud_instance_name", SIM_CLOUD_NAME);
	json_add_c(&w, "cloud_graph_host_name", "graph.windows.net");
	json_add_c(&w, "msgraph_host", call->sim->urls[LISTENER_GRAPH] + strlen("https://"));
	json_add_c(&w, "rbac_url", "https://pas.windows.net");
	json_end_object(&w);
	call_header(call, "Cache-Control", "max-age=86400, private");
}

static void metadata_v1(struct call *call)
{
	metadata_answer(call, 1);
}

static void metadata_v2(struct call *call)
{
	metadata_answer(call, 2);
}

static void keys_answer(struct call *call, int version)
{
	struct keys_document document = {
	    .version = version,
	    .login_url = call->sim->urls[LISTENER_LOGIN],
	    .tenant = tenant_spelling(call, call->captures[0]),
	    .cloud_instance = call->sim->settings.names_cloud ? SIM_CLOUD_NAME : NULL,
	};

	if (!document.tenant) {
		oauth_fail(call, OAUTH_TENANT_UNKNOWN_METADATA, call->captures[0]);
		return;
	}
	if (call->fault.kind == FAULT_EMPTY_KEYS)
		buf_add_c(call_json(call, 200), "{\"keys\":[]}");
	else if (keys_write(&call->sim->keys, call->arena, &document, call_json(call, 200),
			    call->trail) < 0)
		call_empty(call, 500);
	call_header(call, "Cache-Control", "max-age=86400, private");
}

static void keys_v1(struct call *call)
{
	keys_answer(call, 1);
}

static void keys_v2(struct call *call)
{
	keys_answer(call, 2);
}

static void redirect_to(struct call *call, struct text base, const char *query)
{
	call_empty(call, 302);
	call_header(call, "Location",
		    arena_printf(call->arena, "%.*s%c%s", TEXT_ARG(base),
				 text_has_byte(base, '?') ? '&' : '?', query));
}

static struct tenant *consent_tenant(struct call *call)
{
	struct sim *sim = call->sim;

	if (!text_eq_c(call->captures[0], "common") &&
	    !text_eq_c(call->captures[0], "organizations"))
		return call->tenant;
	return sim->settings.has_common_tenant
		   ? state_tenant_by_id(&sim->state, sim->settings.common_tenant)
		   : NULL;
}

static void consent_grant(struct tenant *tenant, struct app *app)
{
	struct principal *principal = state_add_principal(tenant, app);

	texts_clear(&principal->roles);
	for (size_t i = 0; i < app->roles.count; i++)
		texts_add(&principal->roles, text_of(app->roles.items[i]));
}

static void consent_answer(struct call *call)
{
	struct tenant *tenant = consent_tenant(call);
	struct text client_id = call_query(call, "client_id");
	struct text redirect_uri = call_query(call, "redirect_uri");
	struct text state = call_query(call, "state");
	struct app *app = state_app(&call->sim->state, client_id);
	struct buf query;

	if (!tenant) {
		oauth_fail(call, OAUTH_TENANT_UNKNOWN, call->captures[0]);
		return;
	}
	if (!app || (!app->is_multi_tenant && !state_same_id(app->home, tenant->id))) {
		oauth_fail(call, OAUTH_APP_UNKNOWN, client_id);
		return;
	}
	if (!redirect_uri.ptr || !texts_has(&app->redirect_uris, redirect_uri)) {
		oauth_fail(call, OAUTH_REDIRECT_URI, redirect_uri);
		return;
	}
	buf_init(&query, call->arena);
	if (tenant->denies_consent) {
		buf_add_c(&query, "error=permission_denied&error_description="
				  "AADSTS65004%3A%20The%20admin%20declined%20to%20consent.");
	} else {
		consent_grant(tenant, app);
		buf_printf(&query, "tenant=%s&admin_consent=True",
			   call_uuid(call->arena, tenant->id));
	}
	if (state.ptr) {
		buf_add_c(&query, "&state=");
		buf_add_url(&query, state);
	}
	redirect_to(call, redirect_uri, query.data);
}

static void error_answer(struct call *call)
{
	struct text code = call_query(call, "code");

	call_text(
	    call, 200, "text/plain; charset=utf-8",
	    text_of(arena_printf(call->arena, "AADSTS%.*s: see the error table of the stand-in.\n",
				 TEXT_ARG(code))));
}

static void trap_answer(struct call *call)
{
	throttle_violate(&call->sim->throttle, VIOLATION_TRAP, arena_cstr(call->arena, call->path),
			 0);
	call_empty(call, 404);
}

void login_answer(struct call *call)
{
	static const struct {
		unsigned methods; /* 0: any */
		const char *pattern;
		void (*answer)(struct call *call);
	} routes[] = {
	    {0, "/trap/*", trap_answer},
	    {HTTP_GET, "/error", error_answer},
	    {HTTP_GET, "/{}/.well-known/openid-configuration", metadata_v1},
	    {HTTP_GET, "/{}/v2.0/.well-known/openid-configuration", metadata_v2},
	    {HTTP_GET, "/{}/discovery/keys", keys_v1},
	    {HTTP_GET, "/{}/discovery/v2.0/keys", keys_v2},
	    {0, "/{}/oauth2/v2.0/token", token_answer},
	    {HTTP_GET, "/{}/oauth2/v2.0/authorize", authorize_answer},
	    {HTTP_GET, "/{}/adminconsent", consent_answer},
	};

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!call_match(call, call->path, routes[i].pattern))
			continue;
		if (routes[i].methods && !(routes[i].methods & (unsigned)call->method)) {
			call_empty(call, 405);
			return;
		}
		routes[i].answer(call);
		return;
	}
	call_text(call, 404, "text/plain", TEXT("not an address of the login service\n"));
}
