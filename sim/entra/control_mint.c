/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_mint.c: POST /_ctl/mint, any access token a test wants. entra.md section 8.2.
 *
 * Reading the wish is strict, making the token is not: what the wish says is signed as it is.
 */
#include "sim/entra/control.h"

#include "sim/entra/mint.h"

static const char *const MEMBERS[] = {"tenant",          "app",        "user",        "device",
				      "clientApp",       "scp",        "key",         "alg",
				      "tamper",          "overrides",  "extra",       "groups",
				      "headerOverrides", "roles",      "headerExtra", "ver",
				      "lifetime",        "rawPayload", "rawHeader",   NULL};

static bool app_read(struct call *call, const struct json *body, struct mint_request *request)
{
	struct text name = json_text(body, "app");
	struct app *app;

	if (name.ptr && text_eq_c(name, "graph")) {
		request->key = KEY_GRAPH;
		return true;
	}
	if (!control_app(call, body, &app))
		return false;
	request->app = app;
	return true;
}

/* The tenant defaults to the application's home. */
static bool tenant_read(struct call *call, const struct json *body, struct mint_request *request)
{
	struct tenant *tenant;

	if (!json_has(body, "tenant") && request->app) {
		request->tenant = state_tenant_by_id(&call->sim->state, request->app->home);
		return true;
	}
	if (!control_tenant(call, body, &tenant))
		return false;
	request->tenant = tenant;
	return true;
}

static bool user_read(struct call *call, const struct json *body, struct mint_request *request)
{
	struct text name = json_text(body, "user");

	if (!json_has(body, "user"))
		return true;
	if (name.ptr)
		request->user = state_user(request->tenant, name);
	return request->user ? true : control_fail(call, 404, "no such user in the tenant");
}

/* An app-only token for Graph needs to be somebody's. */
static bool client_read(struct call *call, const struct json *body, struct mint_request *request)
{
	request->client_app = json_text(body, "clientApp");
	if (request->app || request->user || request->device_id.ptr)
		return true;
	if (request->client_app.ptr)
		request->client = state_principal_by_client(request->tenant, request->client_app);
	return request->client
		   ? true
		   : control_fail(call, 400, "clientApp must be an application of the tenant");
}

static bool names_read(struct call *call, const struct json *body, struct mint_request *request)
{
	struct text key = json_text(body, "key");
	struct text alg = json_text(body, "alg");
	struct text tamper = json_text(body, "tamper");

	request->alg = JOSE_ALG_RS256;
	if (json_has(body, "key") && (!key.ptr || !keys_role_read(key, &request->key)))
		return control_fail(call, 400, "key is not a known role");
	if (json_has(body, "alg") && (!alg.ptr || !jose_alg_read(alg, &request->alg)))
		return control_fail(call, 400, "alg is not known");
	if (json_has(body, "tamper") &&
	    (!tamper.ptr || !mint_tamper_read(tamper, &request->tamper)))
		return control_fail(call, 400, "tamper is not known");
	if (request->alg == JOSE_ALG_ES256)
		request->key = KEY_EC;
	else if (request->key == KEY_EC && request->alg != JOSE_ALG_NONE &&
		 request->alg != JOSE_ALG_HS256)
		return control_fail(call, 400, "the key ec signs ES256 only");
	return true;
}

static bool version_read(struct call *call, const struct json *body, struct mint_request *request)
{
	int64_t version = 0;

	if (json_has(body, "ver") &&
	    (!json_int(body, "ver", &version) || version < 1 || version > 2))
		return control_fail(call, 400, "ver is 1 or 2");
	request->version = (int)version;
	if (json_has(body, "lifetime") && !json_int(body, "lifetime", &request->lifetime))
		return control_fail(call, 400, "lifetime is a number of seconds");
	return true;
}

static bool objects_read(struct call *call, const struct json *body, struct mint_request *request)
{
	const struct {
		const char *name;
		const struct json **field;
	} rows[] = {
	    {"overrides", &request->overrides},
	    {"extra", &request->extra},
	    {"headerOverrides", &request->header_overrides},
	    {"headerExtra", &request->header_extra},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *value = json_get(body, rows[i].name);

		if (value && value->kind != JSON_OBJECT)
			return control_fail(call, 400, "overrides and extras are objects");
		*rows[i].field = value;
	}
	request->roles = json_get(body, "roles");
	request->groups = json_get(body, "groups");
	if (request->groups && request->groups->kind != JSON_ARRAY &&
	    (request->groups->kind != JSON_BOOL || !request->groups->integer || !request->user))
		return control_fail(call, 400, "groups is an array, or true with a user");
	return true;
}

static void token_write(struct call *call, struct text token)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_text(&w, "token", token);
	json_end_object(&w);
}

void control_mint(struct call *call)
{
	struct mint_request request = {.key = KEY_CURRENT};
	const struct json *body;
	struct text token;

	if (!control_body(call, NULL, 0, MEMBERS, &body) || !app_read(call, body, &request) ||
	    !tenant_read(call, body, &request) || !user_read(call, body, &request))
		return;
	request.device_id = json_text(body, "device");
	request.scp = json_text(body, "scp");
	request.raw_payload = json_text(body, "rawPayload");
	request.raw_header = json_text(body, "rawHeader");
	if (!client_read(call, body, &request) || !names_read(call, body, &request) ||
	    !version_read(call, body, &request) || !objects_read(call, body, &request))
		return;
	if (mint_token(call->sim, call->arena, &request, &token, call->trail) < 0)
		control_fail(call, 500, call->trail->cause);
	else
		token_write(call, token);
}
