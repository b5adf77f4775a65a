/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwks.c: a key set read into verification keys.
 *
 * Each member stands alone: what is not an RSA signature key, or cannot be one, is counted and
 * skipped, because a set is shared by many readers and may grow members at any time. Sizes are
 * checked before OpenSSL sees a number, so that a huge modulus costs nothing.
 *
 * Refuses: documents beyond their limits, and sets in which nothing usable is left (a refresh must
 * not replace good keys by none). Specification: protocol/entra.md 1.2, 1.3 step 7, 1.4;
 * threats 1.5.
 */
#include "jwt/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/limits.h"

enum { JWKS_DEPTH = 8, EXPONENT_BYTES_MAX = 4, BITS_MIN = 512 };

static void free_params(OSSL_PARAM **params)
{
	OSSL_PARAM_free(*params);
}

static void free_builder(OSSL_PARAM_BLD **builder)
{
	OSSL_PARAM_BLD_free(*builder);
}

static void free_context(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

static void free_number(BIGNUM **n)
{
	BN_free(*n);
}

static BIGNUM *read_number(struct text bytes)
{
	return BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
}

static EVP_PKEY *build_key(const BIGNUM *n, const BIGNUM *e)
{
	CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(free_params) OSSL_PARAM *params = NULL;
	CLEANUP(free_context) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (!builder || !ctx || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		return NULL;
	params = OSSL_PARAM_BLD_to_param(builder);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		ERR_clear_error();
		return NULL;
	}
	return key;
}

/* From the unsigned big-endian bytes of n and e; false when they are no RSA key of bearable size.
 */
static bool make_key(struct text n_bytes, struct text e_bytes, struct jwk *ret)
{
	CLEANUP(free_number) BIGNUM *n = NULL;
	CLEANUP(free_number) BIGNUM *e = NULL;

	if (n_bytes.len == 0 || n_bytes.len > LIMIT_RSA_BITS_MAX / 8 + 1 || e_bytes.len == 0 ||
	    e_bytes.len > EXPONENT_BYTES_MAX)
		return false;
	n = read_number(n_bytes);
	e = read_number(e_bytes);
	if (!n || !e || !BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e))
		return false;
	ret->bits = (size_t)BN_num_bits(n);
	if (ret->bits < BITS_MIN || ret->bits > LIMIT_RSA_BITS_MAX)
		return false;
	ret->signature_len = (ret->bits + 7) / 8;
	ret->is_weak = ret->bits < LIMIT_RSA_BITS_MIN || BN_get_word(e) < 65537;
	ret->key = build_key(n, e);
	return ret->key != NULL;
}

static bool read_key(struct arena *arena, const struct json *member, struct jwk *ret)
{
	struct text n, e, key_id = json_text(member, "kid");

	if (!text_eq(json_text(member, "kty"), TEXT("RSA")) || !key_id.ptr || key_id.len == 0 ||
	    key_id.len > LIMIT_TOKEN_KID)
		return false;
	if (json_has(member, "use") && !text_eq(json_text(member, "use"), TEXT("sig")))
		return false;
	/* A limit on the key that is there and cannot be read must not count as no limit. */
	if ((json_has(member, "issuer") && !json_text(member, "issuer").ptr) ||
	    (json_has(member, "cloud_instance_name") &&
	     !json_text(member, "cloud_instance_name").ptr))
		return false;
	if (b64url_read(arena, json_text(member, "n"), &n) != 0 ||
	    b64url_read(arena, json_text(member, "e"), &e) != 0)
		return false;
	*ret = (struct jwk){.key_id = key_id,
			    .issuer = json_text(member, "issuer"),
			    .cloud_instance = json_text(member, "cloud_instance_name")};
	return make_key(n, e, ret);
}

int jwks_read(struct arena *arena, struct text json, struct jwks *ret)
{
	const struct json *tree, *list;
	struct jwks set = {0};
	struct jwk key;

	if (json.len > LIMIT_KEYS_DOCUMENT)
		return JWKS_E_TOO_LARGE;
	if (json_read(arena, json, JWKS_DEPTH, &tree) != 0)
		return JWKS_E_MALFORMED;
	list = json_get(tree, "keys");
	if (!list || list->kind != JSON_ARRAY)
		return JWKS_E_MALFORMED;
	if (list->count > LIMIT_KEYS_COUNT)
		return JWKS_E_TOO_LARGE;
	set.keys = ARENA_ARRAY(arena, list->count, struct jwk);
	for (size_t i = 0; i < list->count; i++) {
		if (jwks_get(&set, json_text(&list->items[i], "kid")) ||
		    !read_key(arena, &list->items[i], &key)) {
			set.skipped++;
			continue;
		}
		set.keys[set.count++] = key;
	}
	if (set.count == 0)
		return JWKS_E_EMPTY;
	*ret = set;
	return 0;
}

void jwks_done(struct jwks *set)
{
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	*set = (struct jwks){0};
}

static struct text copy_text(struct arena *arena, struct text t)
{
	return t.ptr ? arena_text(arena, t) : t;
}

void jwks_add(struct arena *arena, struct jwks *set, const struct jwk *key)
{
	struct jwk *keys = ARENA_ARRAY(arena, set->count + 1, struct jwk);

	if (jwks_get(set, key->key_id) || EVP_PKEY_up_ref(key->key) != 1)
		return;
	for (size_t i = 0; i < set->count; i++)
		keys[i] = set->keys[i];
	keys[set->count] = *key;
	keys[set->count].key_id = copy_text(arena, key->key_id);
	keys[set->count].issuer = copy_text(arena, key->issuer);
	keys[set->count].cloud_instance = copy_text(arena, key->cloud_instance);
	set->keys = keys;
	set->count++;
}

const struct jwk *jwks_get(const struct jwks *set, struct text key_id)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_eq(set->keys[i].key_id, key_id))
			return &set->keys[i];
	return NULL;
}
