/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_code.c: see token_code.h. A code is taken from the application it was made for, with its
 * redirect URI and PKCE verifier, once; the answer has an ID token where the nonce is the one that
 * was asked with. RFC 6749 4.1.3, RFC 7636 4.6.
 */
#include "sim/entra/token_code.h"

#include "base/b64.h"
#include "sim/entra/mint.h"
#include "sim/entra/oauth.h"

static bool verifier_is_right(struct call *call, const struct code *code, struct text verifier)
{
	uint8_t digest[SHA256_LEN];

	if (!code->challenge)
		return !verifier.ptr;
	if (!verifier.ptr)
		return false;
	if (code->is_plain)
		return text_eq_c(verifier, code->challenge);
	digest_sha256(verifier, digest);
	return text_eq_c(text_of(b64url_write(call->arena, text_make(digest, sizeof(digest)))),
			 code->challenge);
}

static bool code_check(struct call *call, const struct token_code_request *request,
		       struct code **ret)
{
	struct code *code;

	if (text_is_empty(request->code))
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("code"));
	if (text_is_empty(request->redirect_uri))
		return oauth_fail(call, OAUTH_PARAMETER_MISSING, TEXT("redirect_uri"));
	code = codes_get(&call->sim->codes, request->code);
	if (!code || !state_same_id(code->client_id, call->principal->app->client_id))
		return oauth_fail(call, OAUTH_CODE_UNKNOWN, TEXT("code"));
	if (!state_same_id(code->tenant, call->tenant->id))
		return oauth_fail(call, OAUTH_CODE_TENANT, call->captures[0]);
	if (code->is_used)
		return oauth_fail(call, OAUTH_CODE_USED, TEXT_EMPTY);
	if (call->now >= code->expires_at)
		return oauth_fail(call, OAUTH_CODE_EXPIRED, TEXT_EMPTY);
	if (!text_eq_c(request->redirect_uri, code->redirect_uri))
		return oauth_fail(call, OAUTH_CODE_REDIRECT, request->redirect_uri);
	if (!verifier_is_right(call, code, request->verifier))
		return oauth_fail(call, OAUTH_CODE_VERIFIER, TEXT_EMPTY);
	*ret = code;
	return true;
}

static int tokens_mint(struct call *call, const struct code *code, const struct user *user,
		       int64_t lifetime, struct text *ret_access, struct text *ret_id)
{
	struct mint_request access = {
	    .tenant = call->tenant,
	    .user = user,
	    .client_app = call->client_id,
	    .scp = TEXT("openid profile email"),
	    .lifetime = lifetime,
	    .key = KEY_GRAPH,
	    .alg = JOSE_ALG_RS256,
	};
	struct mint_request id = {
	    .tenant = call->tenant,
	    .app = call->principal->app,
	    .version = 2,
	    .user = user,
	    .is_id_token = true,
	    .nonce = code->nonce ? text_of(code->nonce) : (struct text){.ptr = NULL},
	    .lifetime = 3600,
	    .key = KEY_CURRENT,
	    .alg = JOSE_ALG_RS256,
	};
	int r = mint_token(call->sim, call->arena, &access, ret_access, call->trail);

	return r < 0 ? r : mint_token(call->sim, call->arena, &id, ret_id, call->trail);
}

void token_code_answer(struct call *call, const struct token_code_request *request)
{
	int64_t forced = call->sim->settings.expires_in;
	int64_t lifetime = forced ? forced : 3600;
	struct text access, id;
	struct json_writer w;
	struct user *user;
	struct code *code = NULL;

	if (!code_check(call, request, &code) || !code)
		return;
	code->is_used = true;
	user = state_user(call->tenant, text_of(call_uuid(call->arena, code->user)));
	if (!user || !user->is_enabled) {
		oauth_fail(call, OAUTH_USER_DISABLED, TEXT_EMPTY);
		return;
	}
	if (tokens_mint(call, code, user, lifetime, &access, &id) < 0) {
		oauth_fail(call, OAUTH_TRANSIENT, TEXT_EMPTY);
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_c(&w, "token_type", "Bearer");
	json_add_c(&w, "scope", code->scope);
	json_add_int(&w, "expires_in", lifetime);
	json_add_int(&w, "ext_expires_in", lifetime);
	json_add_text(&w, "access_token", access);
	json_add_text(&w, "id_token", id);
	json_end_object(&w);
	call_header(call, "Cache-Control", "no-store, no-cache");
	call_header(call, "Pragma", "no-cache");
}
