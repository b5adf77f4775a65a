/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c: see token.h. entra.md sections 2.1, 2.3 and 8.1.
 *
 * Checks go from the outside in: form of the request, tenant, application, scope, and the
 * credential last, so that a wrong secret is never the answer to a request that had another
 * mistake. A token for Graph is signed with a key that is never published; a token for another
 * application of the tenant is an app-only token without scopes, which a careful API refuses.
 */
#include "sim/entra/token.h"

#include "base/b64.h"
#include "base/rand.h"
#include "sim/entra/assertion.h"
#include "sim/entra/mint.h"
#include "sim/entra/oauth.h"
#include "sim/entra/token_code.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define FORM_TYPE      "application/x-www-form-urlencoded"
#define DEFAULT_SCOPE  "/.default"

enum { FORM_PARAMS = 32, EXPIRES_LOW = 3600, EXPIRES_SPAN = 1800, BASIC_PARTS = 2 };

struct token_form {
	struct http_param params[FORM_PARAMS];
	size_t count;
	struct text client_id;
	struct text secret;
	struct text assertion;
	struct text assertion_type;
	struct text scope;
	bool is_code; /* the grant authorization_code */
};

static const char *const SINGLE[] = {"grant_type", "client_id",        "client_secret",
				     "scope",      "client_assertion", "client_assertion_type",
				     "code",       "redirect_uri",     "code_verifier"};

static struct text form_get(const struct token_form *form, const char *name)
{
	return http_form_get(form->params, form->count, name, NULL);
}

static bool content_type_is_form(struct text type)
{
	return type.ptr && text_eq_nocase(text_trim(text_cut(&type, ';')), TEXT(FORM_TYPE));
}

static bool form_decode(struct call *call, struct token_form *form)
{
	if (call->method != HTTP_POST)
		return oauth_fail(call, OAUTH_POST_ONLY, text_of(method_name(call->method)));
	if (!content_type_is_form(call->content_type))
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("grant_type"));
	if (http_form_read(call->arena, call->body, true, form->params, FORM_PARAMS,
			   &form->count) != 0)
		return oauth_fail(call, OAUTH_REQUEST_INVALID, TEXT("malformed form"));
	for (size_t i = 0; i < ARRAY_LEN(SINGLE); i++) {
		size_t count = 0;

		http_form_get(form->params, form->count, SINGLE[i], &count);
		if (count > 1)
			return oauth_fail(call, OAUTH_PARAMETER_DUPLICATE, text_of(SINGLE[i]));
	}
	form->client_id = form_get(form, "client_id");
	form->secret = form_get(form, "client_secret");
	form->assertion = form_get(form, "client_assertion");
	form->assertion_type = form_get(form, "client_assertion_type");
	form->scope = form_get(form, "scope");
	return true;
}

/* RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
static bool basic_read(struct call *call, struct token_form *form)
{
	static const struct text scheme = {"Basic ", 6};
	struct http_param parts[BASIC_PARTS];
	struct text id;
	struct text rest;
	size_t count;

	if (!call->authorization.ptr)
		return true;
	if (!text_starts_nocase(call->authorization, scheme) ||
	    b64_read(call->arena, text_trim(text_from(call->authorization, scheme.len)), &rest) !=
		0)
		return oauth_fail(call, OAUTH_REQUEST_INVALID, TEXT("Authorization is not Basic"));
	id = text_cut(&rest, ':');
	if (!rest.ptr ||
	    http_form_read(
		call->arena,
		text_of(arena_printf(call->arena, "i=%.*s&s=%.*s", TEXT_ARG(id), TEXT_ARG(rest))),
		true, parts, BASIC_PARTS, &count) != 0 ||
	    count != BASIC_PARTS)
		return oauth_fail(call, OAUTH_REQUEST_INVALID, TEXT("malformed Basic credential"));
	if (form->secret.ptr ||
	    (form->client_id.ptr && !text_eq_nocase(form->client_id, parts[0].value)))
		return oauth_fail(call, OAUTH_REQUEST_INVALID,
				  TEXT("two client credentials in one request"));
	form->client_id = parts[0].value;
	form->secret = parts[1].value;
	return true;
}

static bool grant_check(struct call *call, struct token_form *form)
{
	struct text grant = form_get(form, "grant_type");

	if (!grant.ptr || text_is_empty(grant))
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("grant_type"));
	form->is_code = text_eq_c(grant, "authorization_code");
	if (!form->is_code && !text_eq_c(grant, "client_credentials"))
		return oauth_fail(call, OAUTH_GRANT_UNSUPPORTED, grant);
	return true;
}

static bool tenant_check(struct call *call)
{
	static const char *const shared[] = {"common", "consumers", "organizations"};

	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (text_eq_c(call->captures[0], shared[i]))
			return oauth_fail(call, OAUTH_TENANT_COMMON, call->captures[0]);
	if (!call->tenant)
		return oauth_fail(call, OAUTH_TENANT_UNKNOWN, call->captures[0]);
	return true;
}

static bool app_check(struct call *call, const struct token_form *form)
{
	if (!form->client_id.ptr || text_is_empty(form->client_id))
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("client_id"));
	call->client_id = form->client_id;
	call->principal = state_principal_by_client(call->tenant, form->client_id);
	if (!call->principal)
		return oauth_fail(call, OAUTH_APP_UNKNOWN, form->client_id);
	if (!call->principal->is_enabled)
		return oauth_fail(call, OAUTH_APP_DISABLED, form->client_id);
	return true;
}

/* *ret_resource: the application the token is for; NULL for Graph. */
static bool scope_check(struct call *call, struct text scope, struct principal **ret_resource)
{
	struct text name;

	if (!scope.ptr)
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("scope"));
	scope = text_trim(scope);
	if (text_is_empty(scope))
		return oauth_fail(call, OAUTH_SCOPE_EMPTY, scope);
	if (text_has_byte(scope, ' '))
		return oauth_fail(call, OAUTH_SCOPE_TWO_RESOURCES, scope);
	if (!text_ends(scope, TEXT(DEFAULT_SCOPE)) || scope.len == strlen(DEFAULT_SCOPE))
		return oauth_fail(call, OAUTH_SCOPE_INVALID, scope);
	name = text_take(scope, scope.len - strlen(DEFAULT_SCOPE));
	*ret_resource = NULL;
	if (text_eq_c(name, call->sim->urls[LISTENER_GRAPH]))
		return true;
	*ret_resource = state_resource(call->tenant, name);
	return *ret_resource ? true : oauth_fail(call, OAUTH_RESOURCE_UNKNOWN, name);
}

static bool secret_check(struct call *call, const struct app *app, struct text secret)
{
	uint8_t hash[SHA256_LEN];
	bool is_expired = false;

	digest_sha256(secret, hash);
	LIST_EACH (pos, &app->credentials) {
		const struct credential *credential = LIST_OWNER(pos, struct credential, list);

		if (credential->kind != CREDENTIAL_SECRET ||
		    !text_eq_secret(text_make(hash, sizeof(hash)),
				    text_make(credential->hash, sizeof(credential->hash))))
			continue;
		if (call->now >= credential->not_before && call->now < credential->not_after)
			return true;
		is_expired = true;
	}
	return oauth_fail(call, is_expired ? OAUTH_SECRET_EXPIRED : OAUTH_SECRET_WRONG,
			  call->client_id);
}

static bool credential_check(struct call *call, const struct token_form *form)
{
	const struct app *app = call->principal->app;
	bool is_none = !form->secret.ptr && !form->assertion.ptr;

	if (app->is_public_client && !is_none)
		return oauth_fail(call, OAUTH_PUBLIC_CREDENTIAL, TEXT_EMPTY);
	if (form->is_code && app->is_public_client)
		return true;
	if (form->is_code && is_none)
		return oauth_fail(call, OAUTH_CODE_NO_CREDENTIAL, TEXT_EMPTY);
	if (form->secret.ptr && form->assertion.ptr)
		return oauth_fail(call, OAUTH_REQUEST_INVALID,
				  TEXT("both a secret and an assertion"));
	if (form->secret.ptr)
		return secret_check(call, app, form->secret);
	if (!form->assertion.ptr)
		return oauth_fail(call, OAUTH_CREDENTIAL_MISSING, TEXT("client_credentials"));
	if (!form->assertion_type.ptr)
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("client_assertion_type"));
	if (!text_eq_c(form->assertion_type, ASSERTION_TYPE))
		return oauth_fail(call, OAUTH_ASSERTION_TYPE, form->assertion_type);
	return assertion_check(call, app, form->assertion);
}

static void token_issue(struct call *call, const struct principal *resource, bool is_secret)
{
	int64_t forced = call->sim->settings.expires_in;
	int64_t lifetime = forced ? forced : EXPIRES_LOW + (int64_t)rand_below(EXPIRES_SPAN);
	struct mint_request request = {
	    .tenant = call->tenant,
	    .app = resource ? resource->app : NULL,
	    .client = call->principal,
	    .is_secret = is_secret,
	    .lifetime = lifetime,
	    .key = resource ? KEY_CURRENT : KEY_GRAPH,
	    .alg = JOSE_ALG_RS256,
	};
	struct json_writer w;
	struct text token;

	if (mint_token(call->sim, call->arena, &request, &token, call->trail) < 0) {
		oauth_fail(call, OAUTH_TRANSIENT, TEXT_EMPTY);
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "token_type", "Bearer");
	json_add_int(&w, "expires_in", lifetime);
	json_add_int(&w, "ext_expires_in", lifetime);
	json_add_text(&w, "access_token", token);
	json_end_object(&w);
	call_header(call, "Cache-Control", "no-store, no-cache");
	call_header(call, "Pragma", "no-cache");
}

void token_answer(struct call *call)
{
	struct token_form form = {0};
	struct principal *resource = NULL;

	if (!form_decode(call, &form) || !basic_read(call, &form) || !grant_check(call, &form) ||
	    !tenant_check(call) || !app_check(call, &form))
		return;
	if (form.is_code) {
		if (credential_check(call, &form))
			token_code_answer(call, &(struct token_code_request){
						    .code = form_get(&form, "code"),
						    .redirect_uri = form_get(&form, "redirect_uri"),
						    .verifier = form_get(&form, "code_verifier"),
						});
		return;
	}
	if (!scope_check(call, form.scope, &resource) || !credential_check(call, &form))
		return;
	token_issue(call, resource, form.secret.ptr != NULL);
}
