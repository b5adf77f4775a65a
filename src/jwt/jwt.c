/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.c: the compact form taken apart, and the signature check.
 *
 * A token has one spelling: three segments of canonical base64url, JSON objects in strict UTF-8
 * without duplicate members. The header is judged before the payload is looked at, and whatever in
 * it could steer verification (another algorithm, an embedded or linked key, a critical extension,
 * compression) refuses the token instead of being ignored. Claims are only copied out by type;
 * whether they are acceptable is not decided here.
 *
 * Specification: threats 1.5 (RFC 8725), protocol/entra.md 1.3 steps 1-3 and 8; abuse cases 2,
 * 3, 6.
 */
#include "jwt/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stddef.h>

#include "base/b64.h"
#include "base/limits.h"
#include "jwt/check.h"

enum { SEGMENTS = 3 };

/* Exactly three non-empty segments. */
static bool split_token(struct text token, struct text ret[SEGMENTS])
{
	struct text rest = token;

	for (size_t i = 0; i < SEGMENTS; i++) {
		if (!rest.ptr)
			return false;
		ret[i] = text_cut(&rest, '.');
		if (text_is_empty(ret[i]))
			return false;
	}
	return !rest.ptr;
}

/* Providers put all kinds of things there, addresses too. It is compared and nothing else, so that
 * it cannot be a path, a statement or an address here. */
static bool is_key_id(struct text t)
{
	return t.ptr && t.len > 0 && t.len <= LIMIT_TOKEN_KID && text_is_printable(t);
}

/* Header members that would change how the token has to be read or verified. */
static const struct {
	const char *name;
	int outcome;
	const char *check;
} refused_members[] = {
    {"crit", JWT_E_CRITICAL, "critical"},        {"b64", JWT_E_CRITICAL, "critical"},
    {"zip", JWT_E_CRITICAL, "critical"},         {"jku", JWT_E_EMBEDDED_KEY, "embedded_key"},
    {"x5u", JWT_E_EMBEDDED_KEY, "embedded_key"}, {"jwk", JWT_E_EMBEDDED_KEY, "embedded_key"},
    {"x5c", JWT_E_EMBEDDED_KEY, "embedded_key"}, {"nonce", JWT_E_NONCE, "graph_nonce"},
};

static int judge_header(const struct json *header, struct text *ret_key_id)
{
	struct text key_id = json_text(header, "kid");

	if (header->kind != JSON_OBJECT)
		return JWT_E_HEADER;
	if (check_is_on("algorithm") && !text_eq(json_text(header, "alg"), TEXT("RS256")))
		return JWT_E_ALGORITHM;
	if (check_is_on("type") && json_has(header, "typ") &&
	    !text_eq(json_text(header, "typ"), TEXT("JWT")))
		return JWT_E_TYPE;
	for (size_t i = 0; i < ARRAY_LEN(refused_members); i++)
		if (check_is_on(refused_members[i].check) &&
		    json_has(header, refused_members[i].name))
			return refused_members[i].outcome;
	if (check_is_on("key_id") && !is_key_id(key_id))
		return JWT_E_KEY_ID;
	*ret_key_id = key_id;
	return 0;
}

static const struct {
	const char *name;
	size_t offset;
} text_claims[] = {
    {"ver", offsetof(struct jwt_claims, version)},
    {"tid", offsetof(struct jwt_claims, tenant_id)},
    {"iss", offsetof(struct jwt_claims, issuer)},
    {"aud", offsetof(struct jwt_claims, audience)},
    {"oid", offsetof(struct jwt_claims, object_id)},
    {"sub", offsetof(struct jwt_claims, subject)},
    {"scp", offsetof(struct jwt_claims, scope)},
    {"idtyp", offsetof(struct jwt_claims, kind)},
    {"deviceid", offsetof(struct jwt_claims, device_id)},
    {"appid", offsetof(struct jwt_claims, app_v1)},
    {"azp", offsetof(struct jwt_claims, app_v2)},
    {"upn", offsetof(struct jwt_claims, upn)},
    {"preferred_username", offsetof(struct jwt_claims, preferred_username)},
    {"idp", offsetof(struct jwt_claims, identity_provider)},
    {"uti", offsetof(struct jwt_claims, token_id)},
};

static void read_claims(const struct json *object, struct jwt_claims *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(text_claims); i++) {
		struct text *field = (void *)((char *)ret + text_claims[i].offset);

		*field = json_text(object, text_claims[i].name);
	}
	ret->has_expires_at = json_int(object, "exp", &ret->expires_at);
	ret->has_not_before = json_int(object, "nbf", &ret->not_before);
	ret->has_issued_at = json_int(object, "iat", &ret->issued_at);
	ret->has_account_kind = json_has(object, "acct");
	if (!json_int(object, "acct", &ret->account_kind))
		ret->account_kind = -1;
	ret->has_scope = json_has(object, "scp");
	ret->has_kind = json_has(object, "idtyp");
	ret->has_device_id = json_has(object, "deviceid");
	ret->has_roles = json_has(object, "roles");
	ret->has_nonce = json_has(object, "nonce");
	ret->has_identity_provider = json_has(object, "idp");
}

/* "tid" and "Tid" together would let two readers see two tenants. */
static bool has_twin(const struct json *object)
{
	for (size_t i = 0; i < object->count; i++)
		for (size_t k = 0; k < ARRAY_LEN(text_claims); k++) {
			struct text claim = text_of(text_claims[k].name);

			if (text_eq_nocase(object->items[i].name, claim) &&
			    !text_eq(object->items[i].name, claim))
				return true;
		}
	return false;
}

static int judge_claims(const struct json *object, struct jwt_claims *ret)
{
	if (object->kind != JSON_OBJECT)
		return JWT_E_CLAIMS;
	if (check_is_on("claim_twin") && has_twin(object))
		return JWT_E_CLAIM_TWICE;
	read_claims(object, ret);
	return 0;
}

int jwt_read(struct arena *arena, struct text token, const struct jwt **ret)
{
	struct text segments[SEGMENTS], header, payload;
	struct jwt *jwt = ARENA_NEW(arena, struct jwt);
	const struct json *tree;
	int r;

	if (check_is_on("length") && token.len > LIMIT_TOKEN)
		return JWT_E_TOO_LONG;
	if (!split_token(token, segments))
		return JWT_E_SEGMENTS;
	if (b64url_read(arena, segments[0], &header) != 0)
		return JWT_E_BASE64;
	if (check_is_on("header_length") && header.len > LIMIT_TOKEN_HEADER)
		return JWT_E_HEADER;
	if (json_read(arena, header, LIMIT_TOKEN_DEPTH, &tree) != 0)
		return JWT_E_HEADER;
	r = judge_header(tree, &jwt->key_id);
	if (r != 0)
		return r;
	if (b64url_read(arena, segments[1], &payload) != 0 ||
	    b64url_read(arena, segments[2], &jwt->signature) != 0)
		return JWT_E_BASE64;
	if (json_read(arena, payload, LIMIT_TOKEN_DEPTH, &tree) != 0)
		return JWT_E_CLAIMS;
	r = judge_claims(tree, &jwt->claims);
	if (r != 0)
		return r;
	jwt->payload = tree;
	jwt->signed_part = text_take(token, segments[0].len + 1 + segments[1].len);
	*ret = jwt;
	return 0;
}

static void free_digest(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

enum jwt_verdict jwt_verify(const struct jwt *jwt, const struct jwk *key)
{
	CLEANUP(free_digest) EVP_MD_CTX *ctx = NULL;
	int verified;

	if (!key->key)
		return JWT_KEY_UNUSABLE;
	if (!check_is_on("signature"))
		return JWT_VERIFIED;
	if (jwt->signature.len != key->signature_len)
		return JWT_BAD_SIGNATURE;
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->key) != 1)
		return JWT_KEY_UNUSABLE;
	verified =
	    EVP_DigestVerify(ctx, (const unsigned char *)jwt->signature.ptr, jwt->signature.len,
			     (const unsigned char *)jwt->signed_part.ptr, jwt->signed_part.len);
	ERR_clear_error(); /* a forged token must not leave its traces to a later failure */
	return verified == 1 ? JWT_VERIFIED : JWT_BAD_SIGNATURE;
}
