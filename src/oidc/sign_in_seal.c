/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_in_seal.c: see sign_in_seal.h and sign_in.h. Both values are one JSON object, sealed under
 * one key for different places, so that a state is never taken for a token or the other way round.
 */
#include "oidc/sign_in_seal.h"

#include "base/json.h"
#include "base/limits.h"
#include "oidc/sign_in.h"

#define PLACE_STATE TEXT("federated|state|1")
#define PLACE_TOKEN TEXT("federated|token|1")

static char *plain_seal(struct op *op, struct text place, struct buf *plain)
{
	char *sealed = secret_seal(op->arena, &op->keys->federated, place, buf_text(plain));

	secret_wipe(plain->data, plain->len);
	return sealed;
}

static bool plain_open(struct op *op, struct text place, struct text sealed,
		       const struct json **ret)
{
	struct text plain;

	if (text_is_empty(sealed) || sealed.len > LIMIT_SIGN_IN_STATE)
		return false;
	return secret_open(op->arena, &op->keys->federated, place, sealed, &plain) == 0 &&
	       json_read(op->arena, plain, 2, ret) == 0;
}

/* What this server sealed has all its members; without one it is not what this version makes. */
static bool member_read(struct op *op, const struct json *object, const char *name,
			const char **ret)
{
	struct text t = json_text(object, name);

	if (!t.ptr)
		return false;
	*ret = arena_cstr(op->arena, t);
	return true;
}

char *sign_in_state_seal(struct op *op, const struct sign_in_state *state)
{
	struct json_writer w;
	struct buf plain;

	buf_init(&plain, op->arena);
	json_writer_init(&w, &plain);
	json_begin_object(&w, NULL);
	json_add_c(&w, "t", state->tenant_id);
	json_add_int(&w, "p", state->provider_version);
	json_add_c(&w, "a", state->appru);
	json_add_c(&w, "h", state->login_hint);
	json_add_c(&w, "n", state->nonce);
	json_add_c(&w, "v", state->verifier);
	json_add_c(&w, "b", state->binding_sha256);
	json_add_int(&w, "e", state->expires_at);
	json_end_object(&w);
	return plain_seal(op, PLACE_STATE, &plain);
}

int sign_in_state_open(struct op *op, struct text sealed, struct sign_in_state *ret)
{
	const struct json *object;
	struct sign_in_state state;

	if (!plain_open(op, PLACE_STATE, sealed, &object) ||
	    !member_read(op, object, "t", &state.tenant_id) ||
	    !json_int(object, "p", &state.provider_version) ||
	    !member_read(op, object, "a", &state.appru) ||
	    !member_read(op, object, "h", &state.login_hint) ||
	    !member_read(op, object, "n", &state.nonce) ||
	    !member_read(op, object, "v", &state.verifier) ||
	    !member_read(op, object, "b", &state.binding_sha256) ||
	    !json_int(object, "e", &state.expires_at))
		return SIGN_IN_STATE_E_FORGED;
	*ret = state;
	return 0;
}

char *sign_in_token_seal(struct op *op, const struct sign_in_token *token)
{
	struct json_writer w;
	struct buf plain;

	buf_init(&plain, op->arena);
	json_writer_init(&w, &plain);
	json_begin_object(&w, NULL);
	json_add_c(&w, "i", token->id);
	json_add_c(&w, "t", token->tenant_id);
	json_add_c(&w, "k", token->user_key);
	json_add_c(&w, "o", token->object_id);
	json_add_c(&w, "u", token->user_name);
	json_add_int(&w, "e", token->expires_at);
	json_end_object(&w);
	return plain_seal(op, PLACE_TOKEN, &plain);
}

int sign_in_token_open(struct op *op, struct text sealed, struct sign_in_token *ret)
{
	const struct json *object;
	struct sign_in_token token;

	if (!plain_open(op, PLACE_TOKEN, sealed, &object) ||
	    !member_read(op, object, "i", &token.id) ||
	    !member_read(op, object, "t", &token.tenant_id) ||
	    !member_read(op, object, "k", &token.user_key) ||
	    !member_read(op, object, "o", &token.object_id) ||
	    !member_read(op, object, "u", &token.user_name) ||
	    !json_int(object, "e", &token.expires_at) || !token.user_key[0])
		return SIGN_IN_TOKEN_E_FORGED;
	*ret = token;
	return op->now >= token.expires_at ? SIGN_IN_TOKEN_E_EXPIRED : 0;
}
