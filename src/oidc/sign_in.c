/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_in.c: see sign_in.h. What the browser brings back is checked from the outside in: the state
 * is ours, of this browser, in time, and of a provider that is still the tenant's; only then is
 * anything asked of the provider.
 */
#include "oidc/sign_in.h"

#include "base/b64.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/rand.h"
#include "entra/cloud.h"
#include "oidc/provider.h"
#include "oidc/sign_in_seal.h"
#include "store/identity_provider.h"
#include "store/tenant.h"

enum { RANDOM_BYTES = 32, RANDOM_TEXT = 43, HINT_MAX = 320 };

static const char *random_text(struct arena *arena)
{
	unsigned char bytes[RANDOM_BYTES];

	rand_bytes(bytes, sizeof(bytes));
	return b64url_write(arena, text_make(bytes, sizeof(bytes)));
}

const char *sign_in_binding_new(struct arena *arena)
{
	return random_text(arena);
}

bool sign_in_binding_is_ok(struct text t)
{
	if (!t.ptr || t.len != RANDOM_TEXT)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_'))
			return false;
	}
	return true;
}

bool sign_in_is_offered(const struct tenant *tenant)
{
	enum enrollment_method method;

	for (size_t i = 0; i < tenant->enrollment_method_count; i++)
		if (enrollment_method_read(text_of(tenant->enrollment_methods[i]), &method) &&
		    method == METHOD_FEDERATED)
			return true;
	return false;
}

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r, "%s", db_conn_error(db_reader(op->db)));
}

static const char *redirect_uri(struct op *op)
{
	return arena_printf(op->arena, "%s" SIGN_IN_PATH_RETURN, op->config->public.url);
}

static void param_add(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "&%s=", name);
	buf_add_url(buf, value);
}

/* PKCE with S256: RFC 7636 4.2. */
static const char *challenge_of(struct arena *arena, const char *verifier)
{
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(verifier), digest);
	return b64url_write(arena, text_make(digest, sizeof(digest)));
}

static const char *location_make(struct op *op, const struct identity_provider *provider,
				 const struct oidc_metadata *metadata,
				 const struct sign_in_state *state, struct text login_hint)
{
	const char *endpoint = metadata->authorization_endpoint;
	struct buf buf;

	buf_init(&buf, op->arena);
	buf_printf(&buf, "%s%cresponse_type=code", endpoint, strchr(endpoint, '?') ? '&' : '?');
	param_add(&buf, "client_id", text_of(provider->client_id));
	param_add(&buf, "redirect_uri", text_of(redirect_uri(op)));
	param_add(&buf, "scope", text_of(provider->scopes));
	param_add(&buf, "state", text_of(sign_in_state_seal(op, state)));
	param_add(&buf, "nonce", text_of(state->nonce));
	param_add(&buf, "code_challenge", text_of(challenge_of(op->arena, state->verifier)));
	param_add(&buf, "code_challenge_method", TEXT("S256"));
	if (login_hint.ptr && login_hint.len > 0 && login_hint.len <= HINT_MAX &&
	    text_is_utf8(login_hint))
		param_add(&buf, "login_hint", login_hint);
	return buf.data;
}

static const char *hint_of(struct arena *arena, struct text hint)
{
	return hint.ptr && hint.len <= HINT_MAX && text_is_printable(hint) ? arena_cstr(arena, hint)
									   : "";
}

int sign_in_begin(struct op *op, const struct tenant *tenant, const struct sign_in_start *start,
		  const char **ret)
{
	struct identity_provider provider;
	struct oidc_metadata metadata;
	struct sign_in_state state;
	int r;

	if (!sign_in_is_offered(tenant))
		return SIGN_IN_E_METHOD;
	r = store_identity_provider_load(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
					 &provider);
	if (r)
		return r < 0 ? store_failed(op, r) : SIGN_IN_E_METHOD;
	r = oidc_metadata_get(op, tenant, &provider, &metadata);
	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : SIGN_IN_E_PROVIDER;
	state = (struct sign_in_state){
	    .tenant_id = tenant->tenant_id,
	    .provider_version = provider.version,
	    .appru = start->appru,
	    .login_hint = hint_of(op->arena, start->login_hint),
	    .nonce = random_text(op->arena),
	    .verifier = random_text(op->arena),
	    .binding_sha256 = digest_sha256_hex(op->arena, text_of(start->binding)),
	    .expires_at = op->now + LIMIT_SIGN_IN_S,
	};
	*ret = location_make(op, &provider, &metadata, &state, start->login_hint);
	return 0;
}

/* The state is of this server, this browser, and not too old. */
static int state_check(struct op *op, const struct sign_in_answer *answer,
		       struct sign_in_state *ret)
{
	if (!sign_in_binding_is_ok(answer->binding) || !answer->state.ptr)
		return SIGN_IN_E_STATE;
	if (sign_in_state_open(op, answer->state, ret))
		return SIGN_IN_E_STATE;
	if (!text_eq_secret(text_of(digest_sha256_hex(op->arena, answer->binding)),
			    text_of(ret->binding_sha256)))
		return SIGN_IN_E_STATE;
	return op->now >= ret->expires_at ? SIGN_IN_E_EXPIRED : 0;
}

static int parties_load(struct op *op, const struct sign_in_state *state, struct tenant *tenant,
			struct identity_provider *provider)
{
	struct db_conn *conn = db_reader(op->db);
	int r;

	r = store_tenant_load(conn, op->arena, text_of(state->tenant_id), tenant);
	if (r == 0)
		r = store_identity_provider_load(conn, op->arena, text_of(state->tenant_id),
						 provider);
	if (r < 0)
		return store_failed(op, r);
	if (r > 0 || !tenant_is_served(op->config, tenant) || !sign_in_is_offered(tenant) ||
	    provider->version != state->provider_version)
		return SIGN_IN_E_TENANT;
	return 0;
}

static bool is_denial(struct text error)
{
	static const char *const names[] = {"access_denied", "login_required", "consent_required",
					    "interaction_required", "account_selection_required"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq_c(error, names[i]))
			return true;
	return false;
}

/* What the provider says went wrong, and whether it is this provider that speaks. */
static int answer_check(struct op *op, const struct sign_in_answer *answer,
			const struct identity_provider *provider, const char **ret_said)
{
	if (answer->issuer.ptr && !text_eq_c(answer->issuer, provider->issuer))
		return SIGN_IN_E_STATE;
	if (answer->error.ptr) {
		*ret_said = oidc_said(op->arena, answer->error, answer->error_description);
		(void)ERR_FAIL(&op->trail, SIGN_IN_E_FAILED, "%s answers %s", provider->issuer,
			       *ret_said);
		return is_denial(answer->error) ? SIGN_IN_E_DENIED : SIGN_IN_E_FAILED;
	}
	if (text_is_empty(answer->code) || answer->code.len > LIMIT_SIGN_IN_CODE ||
	    !text_is_printable(answer->code))
		return SIGN_IN_E_FAILED;
	return 0;
}

static int token_get(struct op *op, const struct tenant *tenant,
		     const struct identity_provider *provider, const struct sign_in_state *state,
		     struct text code, struct text *ret, const char **ret_said)
{
	const struct oidc_exchange exchange = {
	    .code = arena_cstr(op->arena, code),
	    .redirect_uri = redirect_uri(op),
	    .verifier = state->verifier,
	};
	int r = oidc_code_exchange(op, tenant, provider, &exchange, ret, ret_said);

	if (r <= 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : 0;
	switch ((enum oidc_provider_outcome)r) {
	case OIDC_PROVIDER_E_CLIENT:
		return SIGN_IN_E_CLIENT;
	case OIDC_PROVIDER_E_CODE:
		return SIGN_IN_E_CODE;
	case OIDC_PROVIDER_E_REFUSED:
		return SIGN_IN_E_EXCHANGE;
	case OIDC_PROVIDER_E_UNAVAILABLE:
		break;
	}
	return SIGN_IN_E_PROVIDER;
}

static int token_judge(struct op *op, const struct tenant *tenant,
		       const struct identity_provider *provider, const struct sign_in_state *state,
		       struct text token, struct sign_in_result *ret)
{
	struct oidc_judgement judgement = {
	    .tenant = tenant,
	    .provider = provider,
	    .is_entra = oidc_provider_is_entra(op, tenant, provider),
	    .nonce = text_of(state->nonce),
	    .now = op->now,
	};
	struct jwks keys;
	int r;

	ret->verdict = oidc_rules_read(op->arena, token, &judgement.jwt);
	if (ret->verdict != OIDC_TOKEN_OK)
		return SIGN_IN_E_TOKEN;
	r = oidc_key_get(op, tenant, provider, judgement.jwt->key_id, &keys, &judgement.key);
	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : SIGN_IN_E_PROVIDER;
	ret->verdict = oidc_rules_judge(op->arena, &judgement, &ret->user);
	jwks_done(&keys);
	ret->is_proved = ret->user.user_key[0] != '\0';
	return ret->verdict == OIDC_TOKEN_OK ? 0 : SIGN_IN_E_TOKEN;
}

int sign_in_end(struct op *op, const struct sign_in_answer *answer, struct sign_in_result *ret)
{
	struct identity_provider provider;
	struct sign_in_state state;
	struct tenant tenant;
	struct text token;
	bool is_expired;
	int r;

	*ret = (struct sign_in_result){
	    .appru = "",
	    .tenant_id = "",
	    .login_hint = "",
	    .said = "",
	    .joining_id = "",
	    .user = {.user_key = "", .object_id = "", .name = ""},
	    .wresult = "",
	};
	r = state_check(op, answer, &state);
	if (r == SIGN_IN_E_STATE)
		return r;
	ret->appru = state.appru;
	ret->login_hint = state.login_hint;
	is_expired = r == SIGN_IN_E_EXPIRED;
	r = parties_load(op, &state, &tenant, &provider);
	if (r == 0) {
		ret->tenant_id = tenant.tenant_id;
		r = is_expired ? SIGN_IN_E_EXPIRED
			       : answer_check(op, answer, &provider, &ret->said);
	}
	if (r == 0)
		r = token_get(op, &tenant, &provider, &state, answer->code, &token, &ret->said);
	if (r == 0)
		r = token_judge(op, &tenant, &provider, &state, token, ret);
	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : r;
	ret->joining_id = store_new_id(op->arena);
	ret->wresult = sign_in_token_seal(op, &(struct sign_in_token){
						  .id = ret->joining_id,
						  .tenant_id = tenant.tenant_id,
						  .user_key = ret->user.user_key,
						  .object_id = ret->user.object_id,
						  .user_name = ret->user.name,
						  .expires_at = op->now + LIMIT_SIGN_IN_TOKEN_S,
					      });
	return 0;
}
