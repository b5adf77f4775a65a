/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_app.c: rolling an application's credentials, and its mobile device management policy.
 * entra.md sections 2.5, 3.9 and 8.3.
 *
 * addKey and removeKey need no permission but a proof: a JWT signed by a certificate the
 * application already has. An application with OwnedBy works on itself only. The policy is for
 * delegated tokens; an application's own token is refused whatever its roles are.
 */
#include "sim/entra/graph.h"

#include "base/b64.h"
#include "base/clock.h"
#include "sim/entra/assertion.h"
#include "sim/entra/credential.h"
#include "sim/entra/graph_auth.h"
#include "sim/entra/graph_error.h"
#include "sim/entra/odata.h"

#define PROOF_AUDIENCE "00000002-0000-0000-c000-000000000000"

enum { PROOF_LIFE_S = 600, SKEW_S = 300, YEARS_2_S = 2 * 365 * 24 * 3600 };

static const char *const MDM_URLS[] = {"termsOfUseUrl", "discoveryUrl", "complianceUrl"};

static bool bad(struct call *call, const char *message)
{
	return graph_fail(call, GRAPH_BAD_REQUEST, message);
}

/* A member that is a time, or absent or null. */
static bool time_read(struct call *call, const struct json *object, const char *name, int64_t *ret)
{
	const struct json *value = json_get(object, name);

	if (!value || value->kind == JSON_NULL)
		return true;
	if (value->kind == JSON_STRING && clock_read(value->text, ret))
		return true;
	return bad(call, "A date is not in ISO 8601 form.");
}

static void add_password(struct call *call, struct app *app, const struct json *body)
{
	const struct json *wish = json_get(body, "passwordCredential");
	const char *secret = credential_secret_text(call->arena);
	int64_t from = call->now;
	int64_t until = call->now + YEARS_2_S;
	struct credential *credential;
	struct json_writer w;

	if (!time_read(call, wish, "startDateTime", &from) ||
	    !time_read(call, wish, "endDateTime", &until))
		return;
	credential = credential_add_secret(app, text_of(secret), from, until);
	state_set(&credential->name, json_text(wish, "displayName"));
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "keyId", call_uuid(call->arena, credential->id));
	json_add_c(&w, "displayName", credential->name);
	json_add_c(&w, "hint", credential->hint);
	json_add_c(&w, "secretText", secret);
	json_add_time(&w, "startDateTime", from);
	json_add_time(&w, "endDateTime", until);
	json_end_object(&w);
}

static void credential_remove(struct call *call, struct app *app, enum credential_kind kind,
			      const struct json *body)
{
	struct text id = json_text(body, "keyId");
	struct credential *credential = id.ptr ? credential_find(app, kind, id) : NULL;

	if (!credential) {
		graph_fail(call, GRAPH_CREDENTIAL_NOT_FOUND, "No credential found to be removed.");
		return;
	}
	state_remove_credential(credential);
	call_empty(call, 204);
}

static void remove_password(struct call *call, struct app *app, const struct json *body)
{
	credential_remove(call, app, CREDENTIAL_SECRET, body);
}

static const char *proof_problem(struct call *call, const struct app *app, const struct json *body)
{
	struct text proof = json_text(body, "proof");
	const struct credential *credential;
	struct jose jose;
	struct text aud;
	struct text iss;
	int64_t nbf;
	int64_t exp;

	if (!proof.ptr || jose_read(call->arena, proof, &jose) != 0)
		return "The proof is missing or not a JWT.";
	credential = assertion_credential(call->arena, app, jose.header);
	if (!credential)
		return "The proof is signed with a certificate that is not registered.";
	if (assertion_signature_problem(&jose, credential, call->now))
		return "The signature of the proof does not verify.";
	aud = json_text(jose.payload, "aud");
	iss = json_text(jose.payload, "iss");
	if (!aud.ptr || !text_eq_c(aud, PROOF_AUDIENCE) || !iss.ptr ||
	    !text_eq_nocase(iss, text_of(call_uuid(call->arena, app->object_id))))
		return "aud or iss of the proof is wrong.";
	if (!json_int(jose.payload, "nbf", &nbf) || !json_int(jose.payload, "exp", &exp) ||
	    exp - nbf > PROOF_LIFE_S || nbf > call->now + SKEW_S || exp <= call->now - SKEW_S)
		return "The proof is not valid now or for too long.";
	return NULL;
}

static bool proof_check(struct call *call, const struct app *app, const struct json *body)
{
	const char *problem = proof_problem(call, app, body);

	return problem ? graph_fail(call, GRAPH_CREDENTIAL_NOT_FOUND, problem) : true;
}

static void add_key(struct call *call, struct app *app, const struct json *body)
{
	const struct json *wish = json_get(body, "keyCredential");
	struct text type = json_text(wish, "type");
	struct text usage = json_text(wish, "usage");
	struct text key = json_text(wish, "key");
	const struct credential *credential;
	struct json_writer w;
	struct text der;

	if (!proof_check(call, app, body))
		return;
	if (!type.ptr || !text_eq_c(type, "AsymmetricX509Cert") || !usage.ptr ||
	    !text_eq_c(usage, "Verify") || !key.ptr || b64_read(call->arena, key, &der) != 0 ||
	    !(credential = credential_add_certificate(app, der))) {
		bad(call, "keyCredential is not a certificate for verification.");
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "keyId", call_uuid(call->arena, credential->id));
	json_add_c(&w, "type", "AsymmetricX509Cert");
	json_add_c(&w, "usage", "Verify");
	json_add_time(&w, "startDateTime", credential->not_before);
	json_add_time(&w, "endDateTime", credential->not_after);
	json_end_object(&w);
}

static void remove_key(struct call *call, struct app *app, const struct json *body)
{
	if (proof_check(call, app, body))
		credential_remove(call, app, CREDENTIAL_CERTIFICATE, body);
}

static bool action_is_allowed(struct call *call, const struct app *app, bool needs_role)
{
	static const char *const all[] = {"Application.ReadWrite.All", NULL};
	static const char *const owned[] = {"Application.ReadWrite.All",
					    "Application.ReadWrite.OwnedBy", NULL};
	static const char *const none[] = {NULL};
	bool is_own = call->principal && call->principal->app == app;

	if (!is_own)
		return graph_require(call, all);
	return graph_require(call, needs_role ? owned : none);
}

static void app_action(struct call *call, struct app *app)
{
	static const struct {
		const char *name;
		bool needs_role;
		void (*run)(struct call *call, struct app *app, const struct json *body);
	} actions[] = {
	    {"addPassword", true, add_password},
	    {"removePassword", true, remove_password},
	    {"addKey", false, add_key},
	    {"removeKey", false, remove_key},
	};
	const struct json *body;

	if (!app || !state_same_id(app->home, call->tenant->id)) {
		graph_fail_missing(call, call->captures[0]);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!text_eq_c(call->captures[1], actions[i].name))
			continue;
		if (action_is_allowed(call, app, actions[i].needs_role) && odata_body(call, &body))
			actions[i].run(call, app, body);
		return;
	}
	bad(call, "Resource not found for the segment.");
}

void graph_app_action(struct call *call)
{
	app_action(call, state_app_by_object(&call->sim->state, call->captures[0]));
}

void graph_app_action_by_client(struct call *call)
{
	app_action(call, state_app(&call->sim->state, call->captures[0]));
}

/* Its registration, which only its home tenant has. */
void graph_app_get_by_client(struct call *call)
{
	const struct app *app = state_app(&call->sim->state, call->captures[0]);
	struct json_writer w;

	if (!app || memcmp(&app->home, &call->tenant->id, sizeof(app->home)) != 0) {
		graph_fail_missing(call, call->captures[0]);
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "id", call_uuid(call->arena, app->object_id));
	json_add_c(&w, "appId", call_uuid(call->arena, app->client_id));
	json_add_c(&w, "displayName", app->name);
	json_begin_array(&w, "identifierUris");
	for (size_t i = 0; i < app->uris.count; i++)
		json_add_c(&w, NULL, app->uris.items[i]);
	json_end_array(&w);
	json_begin_object(&w, "api");
	if (app->token_version)
		json_add_int(&w, "requestedAccessTokenVersion", app->token_version);
	else
		json_add_null(&w, "requestedAccessTokenVersion");
	json_end_object(&w);
	json_end_object(&w);
}

static struct app *mobility_find(struct call *call)
{
	struct app *app = state_app_by_object(&call->sim->state, call->captures[0]);

	if (!graph_require_delegated(call, "Policy.ReadWrite.MobilityManagement"))
		return NULL;
	if (!app || !state_principal(call->tenant, app)) {
		graph_fail_missing(call, call->captures[0]);
		return NULL;
	}
	return app;
}

void graph_mobility_get(struct call *call)
{
	const struct app *app = mobility_find(call);
	struct json_writer w;

	if (!app)
		return;
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "@odata.context",
		   odata_context(call, "policies/mobileDeviceManagementPolicies/$entity"));
	json_add_c(&w, "id", call_uuid(call->arena, app->object_id));
	json_add_c(&w, "displayName", app->name);
	json_add_c(&w, "appliesTo", app->mdm_applies_to);
	json_add_bool(&w, "isValid", true);
	for (size_t i = 0; i < ARRAY_LEN(MDM_URLS); i++)
		json_add_c(&w, MDM_URLS[i], app->mdm_urls[i]);
	json_end_object(&w);
}

/* The field a member stands for; NULL: none that may be written. */
static char **mobility_field(struct app *app, struct text name)
{
	if (text_eq_c(name, "appliesTo"))
		return &app->mdm_applies_to;
	for (size_t i = 0; i < ARRAY_LEN(MDM_URLS); i++)
		if (text_eq_c(name, MDM_URLS[i]))
			return &app->mdm_urls[i];
	return NULL;
}

static bool mobility_check(struct call *call, struct app *app, const struct json *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct json *item = &body->items[i];
		bool is_applies_to = text_eq_c(item->name, "appliesTo");

		if (!mobility_field(app, item->name) || item->kind != JSON_STRING)
			return bad(call, "A property cannot be written.");
		if (is_applies_to && body->count != 1)
			return bad(call, "appliesTo must be written alone.");
		if (is_applies_to && !text_eq_c(item->text, "none") &&
		    !text_eq_c(item->text, "all") && !text_eq_c(item->text, "selected"))
			return bad(call, "appliesTo is none, all or selected.");
	}
	return true;
}

void graph_mobility_patch(struct call *call)
{
	struct app *app = mobility_find(call);
	const struct json *body;

	if (!app || !odata_body(call, &body) || !mobility_check(call, app, body))
		return;
	for (size_t i = 0; i < body->count; i++)
		state_set(mobility_field(app, body->items[i].name), body->items[i].text);
	call_empty(call, 204);
}
