/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jose.c: see jose.h. RFC 7515 and 7518; entra.md sections 1.1, 2.2 and 8.2.
 *
 * The stand-in has its own implementation so that a mistake in the server's verifier is not made
 * alike here. A token that is read must be in the one canonical form: three non-empty parts of
 * base64url without padding, JSON objects without duplicate members. Verification answers yes for
 * RS256 and PS256 under a key of the right type and no for everything else.
 */
#include "sim/entra/jose.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "base/b64.h"
#include "base/digest.h"
#include "sim/entra/cert.h"

enum { JOSE_DEPTH = 16, ES256_HALF = 32, ES256_LEN = 64 };

static const struct {
	const char *name;
	const char *digest;
	bool is_pss;
} ALGORITHMS[] = {
    [JOSE_ALG_NONE] = {"none", NULL, false},       [JOSE_ALG_HS256] = {"HS256", NULL, false},
    [JOSE_ALG_RS256] = {"RS256", "SHA256", false}, [JOSE_ALG_RS384] = {"RS384", "SHA384", false},
    [JOSE_ALG_RS512] = {"RS512", "SHA512", false}, [JOSE_ALG_PS256] = {"PS256", "SHA256", true},
    [JOSE_ALG_ES256] = {"ES256", "SHA256", false},
};

bool jose_alg_read(struct text name, enum jose_alg *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(ALGORITHMS); i++)
		if (text_eq_c(name, ALGORITHMS[i].name)) {
			*ret = (enum jose_alg)i;
			return true;
		}
	return false;
}

const char *jose_alg_name(enum jose_alg alg)
{
	return ALGORITHMS[alg].name;
}

static bool padding_set(EVP_PKEY_CTX *context, enum jose_alg alg)
{
	if (!ALGORITHMS[alg].is_pss)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

/* JOSE wants r and s side by side where OpenSSL gives a DER sequence. */
static bool es256_flatten(struct arena *arena, struct text *signature)
{
	const unsigned char *in = (const unsigned char *)signature->ptr;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &in, (long)signature->len);
	unsigned char *out = arena_alloc(arena, ES256_LEN);
	bool ok;

	if (!pair)
		return false;
	ok = BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, ES256_HALF) == ES256_HALF &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + ES256_HALF, ES256_HALF) == ES256_HALF;
	ECDSA_SIG_free(pair);
	*signature = text_make(out, ES256_LEN);
	return ok;
}

static int signature_make(struct arena *arena, enum jose_alg alg, EVP_PKEY *key, struct text data,
			  struct text *ret, struct trail *trail)
{
	CLEANUP(ossl_md_ctx_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
	const EVP_MD *digest = EVP_get_digestbyname(ALGORITHMS[alg].digest);
	EVP_PKEY_CTX *key_context = NULL;
	size_t len = (size_t)EVP_PKEY_get_size(key);
	unsigned char *out = arena_alloc(arena, len);

	if (!context || EVP_DigestSignInit(context, &key_context, digest, NULL, key) != 1 ||
	    !padding_set(key_context, alg) ||
	    EVP_DigestSign(context, out, &len, (const unsigned char *)data.ptr, data.len) != 1)
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot sign with %s", ALGORITHMS[alg].name);
	*ret = text_make(out, len);
	if (alg == JOSE_ALG_ES256 && !es256_flatten(arena, ret))
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot encode an ES256 signature");
	return 0;
}

static int mac_make(struct arena *arena, EVP_PKEY *key, struct text data, struct text *ret,
		    struct trail *trail)
{
	uint8_t *mac = arena_alloc(arena, SHA256_LEN);
	struct text pem;
	int r = cert_public_pem(arena, key, &pem, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	digest_hmac_sha256(pem, data, mac);
	*ret = text_make(mac, SHA256_LEN);
	return 0;
}

int jose_sign(struct arena *arena, enum jose_alg alg, EVP_PKEY *key, struct text header,
	      struct text payload, struct text *ret, struct trail *trail)
{
	struct text signature = TEXT_EMPTY;
	struct buf buf;
	int r = 0;

	buf_init(&buf, arena);
	buf_add_c(&buf, b64url_write(arena, header));
	buf_add_byte(&buf, '.');
	buf_add_c(&buf, b64url_write(arena, payload));
	if (alg == JOSE_ALG_HS256)
		r = mac_make(arena, key, buf_text(&buf), &signature, trail);
	else if (alg != JOSE_ALG_NONE)
		r = signature_make(arena, alg, key, buf_text(&buf), &signature, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	buf_add_byte(&buf, '.');
	buf_add_c(&buf, b64url_write(arena, signature));
	*ret = buf_text(&buf);
	return 0;
}

static bool part_read(struct arena *arena, struct text part, const struct json **ret)
{
	struct text raw;

	if (text_is_empty(part) || b64url_read(arena, part, &raw) != 0)
		return false;
	return json_read(arena, raw, JOSE_DEPTH, ret) == 0 && (*ret)->kind == JSON_OBJECT;
}

int jose_read(struct arena *arena, struct text token, struct jose *ret)
{
	struct text rest = token;
	struct text header = text_cut(&rest, '.');
	struct text payload;
	struct jose jose;

	if (!rest.ptr)
		return JOSE_E_MALFORMED;
	payload = text_cut(&rest, '.');
	if (!rest.ptr || text_has_byte(rest, '.') || text_is_empty(rest))
		return JOSE_E_MALFORMED;
	jose.signed_part = text_make(token.ptr, header.len + 1 + payload.len);
	if (!part_read(arena, header, &jose.header) || !part_read(arena, payload, &jose.payload) ||
	    b64url_read(arena, rest, &jose.signature) != 0)
		return JOSE_E_MALFORMED;
	*ret = jose;
	return 0;
}

bool jose_verify(const struct jose *jose, enum jose_alg alg, EVP_PKEY *key)
{
	CLEANUP(ossl_md_ctx_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context = NULL;

	if ((alg != JOSE_ALG_RS256 && alg != JOSE_ALG_PS256) || !EVP_PKEY_is_a(key, "RSA"))
		return false;
	return context &&
	       EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), NULL, key) == 1 &&
	       padding_set(key_context, alg) &&
	       EVP_DigestVerify(context, (const unsigned char *)jose->signature.ptr,
				jose->signature.len, (const unsigned char *)jose->signed_part.ptr,
				jose->signed_part.len) == 1;
}
