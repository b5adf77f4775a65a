/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.c: brings to the rules what they need: the tenant from the store, the key from the cache.
 *
 * Nothing of a token is logged or kept but the ids in the note, and a refused token changes
 * nothing. The tenant's name in the token only selects which settings and keys to check it with;
 * a tenant that is not configured is refused before any key is looked for, so that strangers'
 * tokens cause no traffic. Specification: protocol/entra.md 1.3.
 */
#include "entra/tokens.h"

#include "base/uuid.h"

#include "base/limits.h"
#include "entra/cloud.h"
#include "entra/keys.h"
#include "store/tenant.h"

static const char *short_label(struct arena *arena, struct text t)
{
	return t.ptr && t.len <= LIMIT_TOKEN_KID && text_is_printable(t) ? arena_cstr(arena, t)
									 : "";
}

/* *ret is NULL when the token names no configured tenant. */
static int load_tenant(struct op *op, const struct jwt *jwt, struct tenant **ret)
{
	const char *tenant_id = entra_rules_tenant_id(op->arena, jwt);
	struct tenant *tenant;
	int r;

	*ret = NULL;
	if (!tenant_id)
		return 0;
	tenant = ARENA_NEW(op->arena, struct tenant);
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), tenant);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "tenant: %s", db_conn_error(db_reader(op->db)));
	if (r == STORE_E_NOT_FOUND)
		return 0;
	/* The configuration can withdraw what a row still says. */
	tenant->is_enabled = tenant_is_served(op->config, tenant);
	*ret = tenant;
	return 0;
}

static int judge_token(struct op *op, enum entra_channel channel, const struct jwt *jwt,
		       const struct tenant *tenant, struct entra_principal *ret)
{
	struct entra_judgement judgement = {
	    .jwt = jwt, .tenant = tenant, .channel = channel, .now = op->now};
	enum entra_verdict verdict;
	struct entra_key key;
	int r = entra_keys_get(op, tenant, entra_rules_is_version_2(jwt), jwt->key_id, &key);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == ENTRA_KEYS_E_UNAVAILABLE)
		return ENTRA_TOKEN_KEYS_UNAVAILABLE;
	if (r != 0)
		return ENTRA_TOKEN_KEY_UNKNOWN;
	judgement.key = key.key;
	judgement.issuer = key.issuer;
	judgement.cloud_instance = key.cloud_instance;
	verdict = entra_rules_judge(op->arena, &judgement, ret);
	entra_key_release(&key);
	return (int)verdict;
}

static const char *claimed_user(struct arena *arena, const struct jwt_claims *claims)
{
	return short_label(arena, claims->upn.ptr ? claims->upn : claims->preferred_username);
}

static void note_claims(struct arena *arena, const struct jwt_claims *claims,
			struct entra_token_note *note)
{
	note->claimed_name = claimed_user(arena, claims);
	note->claimed_tenant_id =
	    uuid_is(claims->tenant_id) ? arena_cstr(arena, claims->tenant_id) : "";
	note->claimed_issuer = short_label(arena, claims->issuer);
}

static void note_user(struct arena *arena, const struct jwt_claims *claims,
		      struct entra_token_note *note)
{
	note->claimed_name = note->claimed_tenant_id = note->claimed_issuer = "";
	note->is_proved = true;
	note->object_id = uuid_is(claims->object_id) ? arena_cstr(arena, claims->object_id) : "";
	note->device_id = uuid_is(claims->device_id) ? arena_cstr(arena, claims->device_id) : "";
	note->user_name = claimed_user(arena, claims);
}

int entra_token_check(struct op *op, enum entra_channel channel, struct text token,
		      struct entra_principal *ret, struct tenant *ret_tenant,
		      struct entra_token_note *note)
{
	struct entra_token_note nothing = {.tenant_id = "",
					   .key_id = "",
					   .token_id = "",
					   .object_id = "",
					   .device_id = "",
					   .user_name = "",
					   .claimed_name = "",
					   .claimed_tenant_id = "",
					   .claimed_issuer = ""};
	const struct jwt *jwt;
	struct tenant *tenant;
	int verdict;
	int r;

	if (note)
		*note = nothing;
	verdict = entra_rules_read(op->arena, token, &jwt);
	if (verdict != ENTRA_TOKEN_OK)
		return verdict;
	r = load_tenant(op, jwt, &tenant);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (note) {
		note->tenant_id = tenant ? tenant->tenant_id : "";
		note->key_id = short_label(op->arena, jwt->key_id);
		note->token_id = short_label(op->arena, jwt->claims.token_id);
		note_claims(op->arena, &jwt->claims, note);
	}
	verdict = entra_rules_select(jwt, tenant);
	if (verdict != ENTRA_TOKEN_OK)
		return verdict;
	if (!tenant)
		return ENTRA_TOKEN_TENANT_UNKNOWN;
	r = judge_token(op, channel, jwt, tenant, ret);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == ENTRA_TOKEN_OK && ret_tenant)
		*ret_tenant = *tenant;
	if (note && r == ENTRA_TOKEN_AUDIENCE)
		note->audience = jwt->claims.audience;
	if (note && (r == ENTRA_TOKEN_OK || entra_verdict_is_proved((enum entra_verdict)r)))
		note_user(op->arena, &jwt->claims, note);
	return r;
}
