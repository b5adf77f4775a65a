/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c: see rules.h: every rule for an ID token, in the order they are applied. The signature
 * goes before any claim, and what the provider proved (who signed, for whom, when) before who the
 * user is. A name is a label and decides nothing.
 */
#include "oidc/rules.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/uuid.h"

enum { SUBJECT_MAX = 255, LABEL_MAX = 320 };

static const char *const names[OIDC_VERDICT_COUNT] = {
    [OIDC_TOKEN_OK] = "ok",
    [OIDC_TOKEN_MALFORMED] = "malformed",
    [OIDC_TOKEN_ALGORITHM] = "algorithm",
    [OIDC_TOKEN_HEADER] = "header",
    [OIDC_TOKEN_KEY_UNKNOWN] = "key_unknown",
    [OIDC_TOKEN_KEY_WEAK] = "key_weak",
    [OIDC_TOKEN_SIGNATURE] = "signature",
    [OIDC_TOKEN_ISSUER] = "issuer",
    [OIDC_TOKEN_AUDIENCE] = "audience",
    [OIDC_TOKEN_AUTHORIZED_PARTY] = "authorized_party",
    [OIDC_TOKEN_TIMES] = "times",
    [OIDC_TOKEN_EXPIRED] = "expired",
    [OIDC_TOKEN_NOT_YET] = "not_yet",
    [OIDC_TOKEN_NONCE] = "nonce",
    [OIDC_TOKEN_SUBJECT] = "subject",
    [OIDC_TOKEN_TENANT] = "tenant",
    [OIDC_TOKEN_OBJECT_ID] = "object_id",
    [OIDC_TOKEN_GUEST] = "guest",
    [OIDC_TOKEN_REQUIRED_CLAIM] = "required_claim",
};

const char *oidc_verdict_name(enum oidc_verdict verdict)
{
	return verdict < OIDC_VERDICT_COUNT ? names[verdict] : "?";
}

enum oidc_verdict oidc_rules_read(struct arena *arena, struct text token, const struct jwt **ret)
{
	int r = jwt_read(arena, token, ret);

	if (r == 0)
		return OIDC_TOKEN_OK;
	if (r == JWT_E_ALGORITHM)
		return OIDC_TOKEN_ALGORITHM;
	if (r == JWT_E_TYPE || r == JWT_E_CRITICAL || r == JWT_E_EMBEDDED_KEY || r == JWT_E_NONCE ||
	    r == JWT_E_KEY_ID)
		return OIDC_TOKEN_HEADER;
	return OIDC_TOKEN_MALFORMED;
}

/* One string, or a list of strings that has it. *ret_count: how many are named. */
static bool has_audience(const struct json *payload, struct text client_id, size_t *ret_count)
{
	const struct json *audience = json_get(payload, "aud");
	bool is_found = false;

	*ret_count = 1;
	if (!audience)
		return false;
	if (audience->kind == JSON_STRING)
		return text_eq(audience->text, client_id);
	if (audience->kind != JSON_ARRAY)
		return false;
	*ret_count = audience->count;
	for (size_t i = 0; i < audience->count; i++) {
		if (audience->items[i].kind != JSON_STRING)
			return false;
		is_found = is_found || text_eq(audience->items[i].text, client_id);
	}
	return is_found;
}

static enum oidc_verdict judge_origin(const struct oidc_judgement *j)
{
	const struct json *payload = j->jwt->payload;
	struct text client_id = text_of(j->provider->client_id);
	size_t audiences;

	if (!j->key)
		return OIDC_TOKEN_KEY_UNKNOWN;
	if (j->key->is_weak)
		return OIDC_TOKEN_KEY_WEAK;
	if (jwt_verify(j->jwt, j->key) != JWT_VERIFIED)
		return OIDC_TOKEN_SIGNATURE;
	if (!text_eq(json_text(payload, "iss"), text_of(j->provider->issuer)))
		return OIDC_TOKEN_ISSUER;
	if (text_is_empty(client_id) || !has_audience(payload, client_id, &audiences))
		return OIDC_TOKEN_AUDIENCE;
	if ((audiences != 1 || json_has(payload, "azp")) &&
	    !text_eq(json_text(payload, "azp"), client_id))
		return OIDC_TOKEN_AUTHORIZED_PARTY;
	return OIDC_TOKEN_OK;
}

/* Differences from now only: a claim may be as large as an integer gets. */
static enum oidc_verdict judge_time(const struct json *payload, int64_t now)
{
	int64_t expires, issued, before = 0;

	if (!json_int(payload, "exp", &expires) || !json_int(payload, "iat", &issued) ||
	    issued < 0 || expires <= issued || expires - issued > LIMIT_TOKEN_LIFETIME_S)
		return OIDC_TOKEN_TIMES;
	if (json_has(payload, "nbf") && !json_int(payload, "nbf", &before))
		return OIDC_TOKEN_TIMES;
	if (now - LIMIT_TOKEN_SKEW_S >= expires)
		return OIDC_TOKEN_EXPIRED;
	if (issued > now + LIMIT_TOKEN_SKEW_S)
		return OIDC_TOKEN_NOT_YET;
	if (before > now + LIMIT_TOKEN_SKEW_S)
		return OIDC_TOKEN_NOT_YET;
	return OIDC_TOKEN_OK;
}

static bool is_subject(struct text t)
{
	return t.ptr && t.len > 0 && t.len <= SUBJECT_MAX && text_is_printable(t);
}

bool oidc_required_claim_read(struct text t, struct text *ret_name, struct text *ret_value)
{
	struct text rest = t;
	struct text name = text_cut(&rest, '=');

	if (name.len == 0 || !rest.ptr || rest.len == 0)
		return false;
	*ret_name = name;
	*ret_value = rest;
	return true;
}

/* The claim is that string, or a list that has it, or true for "true". */
static bool has_required_claim(struct arena *arena, const struct json *payload,
			       const char *required)
{
	struct text name, value;
	const struct json *claim;

	if (!required[0])
		return true;
	if (!oidc_required_claim_read(text_of(required), &name, &value))
		return false;
	claim = json_get(payload, arena_cstr(arena, name));
	if (!claim)
		return false;
	if (claim->kind == JSON_STRING)
		return text_eq(claim->text, value);
	if (claim->kind == JSON_BOOL)
		return text_eq_c(value, claim->integer ? "true" : "false");
	for (size_t i = 0; claim->kind == JSON_ARRAY && i < claim->count; i++)
		if (claim->items[i].kind == JSON_STRING && text_eq(claim->items[i].text, value))
			return true;
	return false;
}

static bool has_guest_mark(struct text name)
{
	static const struct text mark = TEXT("#EXT#");

	for (size_t i = 0; i + mark.len <= name.len; i++)
		if (text_eq_nocase(text_take(text_from(name, i), mark.len), mark))
			return true;
	return false;
}

/* An issuer of Entra has the tenant as a whole segment of its path. */
static bool is_home_issuer(struct text issuer, struct text tenant_id)
{
	if (!issuer.ptr || !text_starts(issuer, TEXT("https://")))
		return false;
	while (issuer.ptr)
		if (text_eq(text_cut(&issuer, '/'), tenant_id))
			return true;
	return false;
}

/* The same marks as in an access token (entra/rules.c); each can only make the answer stricter. */
static bool is_guest(const struct oidc_judgement *j)
{
	const struct jwt_claims *c = &j->jwt->claims;

	return (c->has_account_kind && c->account_kind != 0) ||
	       (c->has_identity_provider &&
		!is_home_issuer(c->identity_provider, text_of(j->tenant->tenant_id))) ||
	       has_guest_mark(c->upn) || has_guest_mark(c->preferred_username);
}

static enum oidc_verdict judge_entra(const struct oidc_judgement *j)
{
	const struct jwt_claims *c = &j->jwt->claims;

	if (!j->is_entra)
		return OIDC_TOKEN_OK;
	if (!c->tenant_id.ptr || !text_eq_nocase(c->tenant_id, text_of(j->tenant->tenant_id)))
		return OIDC_TOKEN_TENANT;
	if (!c->object_id.ptr || !uuid_is(c->object_id))
		return OIDC_TOKEN_OBJECT_ID;
	return is_guest(j) && !j->tenant->is_guest_allowed ? OIDC_TOKEN_GUEST : OIDC_TOKEN_OK;
}

static const char *label_read(struct arena *arena, struct text t)
{
	if (!t.ptr || t.len == 0 || t.len > LABEL_MAX || !text_is_utf8(t))
		return "";
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.ptr[i] < 0x20 || t.ptr[i] == 0x7f)
			return "";
	return arena_cstr(arena, t);
}

static const char *user_name(struct arena *arena, const struct oidc_judgement *j)
{
	static const char *const usual[] = {"preferred_username", "upn", "email"};
	const char *name = "";

	if (j->provider->user_claim[0])
		return label_read(arena, json_text(j->jwt->payload, j->provider->user_claim));
	for (size_t i = 0; i < ARRAY_LEN(usual) && !name[0]; i++)
		name = label_read(arena, json_text(j->jwt->payload, usual[i]));
	return name;
}

static void user_read(struct arena *arena, const struct oidc_judgement *j, struct oidc_user *ret)
{
	struct text subject = json_text(j->jwt->payload, "sub");
	struct text object_id = j->jwt->claims.object_id;
	char lower[UUID_TEXT_LEN + 1];
	struct uuid id;

	*ret = (struct oidc_user){.user_key = "", .object_id = "", .name = user_name(arena, j)};
	if (j->is_entra && object_id.ptr && uuid_read(object_id, &id)) {
		uuid_write(id, lower);
		ret->user_key = ret->object_id = arena_string(arena, lower);
	} else if (!j->is_entra && is_subject(subject)) {
		/* Neither part has a line end in it, so no two users share a text. */
		const char *joined =
		    arena_printf(arena, "%s\n%.*s", j->provider->issuer, TEXT_ARG(subject));

		ret->user_key =
		    arena_printf(arena, "oidc:%s", digest_sha256_hex(arena, text_of(joined)));
	}
}

enum oidc_verdict oidc_rules_judge(struct arena *arena, const struct oidc_judgement *judgement,
				   struct oidc_user *ret)
{
	const struct json *payload = judgement->jwt->payload;
	enum oidc_verdict verdict = judge_origin(judgement);
	struct text nonce = json_text(payload, "nonce");

	*ret = (struct oidc_user){.user_key = "", .object_id = "", .name = ""};
	if (verdict == OIDC_TOKEN_OK)
		verdict = judge_time(payload, judgement->now);
	if (verdict != OIDC_TOKEN_OK)
		return verdict;
	user_read(arena, judgement, ret);
	if (!nonce.ptr || text_is_empty(judgement->nonce) ||
	    !text_eq_secret(nonce, judgement->nonce))
		return OIDC_TOKEN_NONCE;
	if (!is_subject(json_text(payload, "sub")))
		return OIDC_TOKEN_SUBJECT;
	verdict = judge_entra(judgement);
	if (verdict != OIDC_TOKEN_OK)
		return verdict;
	if (!has_required_claim(arena, payload, judgement->provider->required_claim))
		return OIDC_TOKEN_REQUIRED_CLAIM;
	/* No rule above leaves a user without a key; should one, nobody gets in. */
	return ret->user_key[0] ? OIDC_TOKEN_OK : OIDC_TOKEN_SUBJECT;
}
