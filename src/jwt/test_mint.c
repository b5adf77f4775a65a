/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mint.c: tokens for tests, made with OpenSSL directly. A failing library call ends the test
 * program: there is nothing to test without a token. The base64url used here is OpenSSL's own, not
 * the one in base/, so that a mistake made alike cannot hide.
 */
#include "jwt/test_mint.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { SIGNATURE_MAX = 1024, MATERIAL_MAX = 2048 };

static void must(int ok)
{
	if (!ok)
		abort();
}

static char *encode(struct arena *arena, const void *data, size_t len)
{
	char *out = arena_alloc(arena, len / 3 * 4 + 8);
	size_t n = (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)len);

	for (size_t i = 0; i < n; i++) {
		if (out[i] == '+')
			out[i] = '-';
		if (out[i] == '/')
			out[i] = '_';
		if (out[i] == '=')
			out[i] = '\0';
	}
	return out;
}

static const struct mint_member *find_change(const struct mint_member *changes, const char *name)
{
	for (size_t i = 0; changes && changes[i].name; i++)
		if (strcmp(changes[i].name, name) == 0)
			return &changes[i];
	return NULL;
}

static void add_member(struct buf *buf, bool *comma, const char *name, const char *raw)
{
	buf_printf(buf, "%s\"%s\":%s", *comma ? "," : "", name, raw);
	*comma = true;
}

char *mint_object(struct arena *arena, const struct mint_member *base,
		  const struct mint_member *changes)
{
	const struct mint_member *before = find_change(changes, "^");
	const struct mint_member *after = find_change(changes, "$");
	const struct mint_member *whole = find_change(changes, "=");
	struct buf buf;
	bool comma = false;

	if (whole)
		return arena_string(arena, whole->raw);
	buf_init(&buf, arena);
	buf_add_c(&buf, before ? before->raw : "");
	buf_add_byte(&buf, '{');
	for (size_t i = 0; base[i].name; i++)
		if (!find_change(changes, base[i].name))
			add_member(&buf, &comma, base[i].name, base[i].raw);
	for (size_t i = 0; changes && changes[i].name; i++) {
		const char *name = changes[i].name;

		if (!changes[i].raw || strchr("^$=", name[0]))
			continue;
		add_member(&buf, &comma, name + (name[0] == '+'), changes[i].raw);
	}
	buf_add_byte(&buf, '}');
	buf_add_c(&buf, after ? after->raw : "");
	return arena_copy(arena, buf.data, buf.len);
}

EVP_PKEY *mint_rsa_key(unsigned bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	must(ctx && e && BN_set_word(e, exponent) == 1 && EVP_PKEY_keygen_init(ctx) == 1 &&
	     EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1 &&
	     EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1 && EVP_PKEY_generate(ctx, &key) == 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *mint_ec_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	must(key != NULL);
	return key;
}

void mint_key_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}

static char *take_pem(struct arena *arena, BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	char *copy;

	must(data != NULL && len > 0);
	copy = arena_copy(arena, data, (size_t)len);
	BIO_free(bio);
	return copy;
}

char *mint_certificate(struct arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x509 = X509_new();

	must(bio && x509 && X509_set_version(x509, X509_VERSION_3) == 1 &&
	     ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1 &&
	     X509_gmtime_adj(X509_getm_notBefore(x509), 0) != NULL &&
	     X509_gmtime_adj(X509_getm_notAfter(x509), 3600) != NULL &&
	     X509_set_pubkey(x509, key) == 1 && X509_sign(x509, key, EVP_sha256()) > 0 &&
	     PEM_write_bio_X509(bio, x509) == 1);
	X509_free(x509);
	return take_pem(arena, bio);
}

char *mint_key(struct arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	return take_pem(arena, bio);
}

static size_t sign(EVP_PKEY *key, const EVP_MD *digest, bool is_pss, const char *input,
		   unsigned char *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	size_t len = SIGNATURE_MAX;

	must(ctx && EVP_DigestSignInit(ctx, &options, digest, NULL, key) == 1);
	if (is_pss)
		must(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		     EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
	must(EVP_DigestSign(ctx, ret, &len, (const unsigned char *)input, strlen(input)) == 1);
	EVP_MD_CTX_free(ctx);
	return len;
}

/* The public half in the spelling an attacker would try as an HMAC key. */
static size_t key_material(EVP_PKEY *key, enum mint_algorithm algorithm, unsigned char *ret)
{
	unsigned char *out = ret;
	BIGNUM *n = NULL;
	size_t len = 0;
	BIO *bio;

	if (algorithm == MINT_HS256_EMPTY)
		return 0;
	if (algorithm == MINT_HS256_DER) {
		must(i2d_PUBKEY(key, NULL) < MATERIAL_MAX);
		return (size_t)i2d_PUBKEY(key, &out);
	}
	if (algorithm == MINT_HS256_MODULUS) {
		must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
		len = (size_t)BN_bn2bin(n, ret);
		BN_free(n);
		return len;
	}
	bio = BIO_new(BIO_s_mem());
	must(bio && PEM_write_bio_PUBKEY(bio, key) == 1 &&
	     BIO_read_ex(bio, ret, MATERIAL_MAX, &len) == 1);
	BIO_free(bio);
	return len;
}

static size_t authenticate(EVP_PKEY *key, enum mint_algorithm algorithm, const EVP_MD *digest,
			   const char *input, unsigned char *ret)
{
	unsigned char material[MATERIAL_MAX];
	size_t n = key_material(key, algorithm, material);
	unsigned len = SIGNATURE_MAX;

	must(HMAC(digest, material, (int)n, (const unsigned char *)input, strlen(input), ret,
		  &len) != NULL);
	return len;
}

static size_t make_signature(EVP_PKEY *key, enum mint_algorithm algorithm, const char *input,
			     unsigned char *ret)
{
	switch (algorithm) {
	case MINT_RS256:
	case MINT_ES256:
		return sign(key, EVP_sha256(), false, input, ret);
	case MINT_RS384:
		return sign(key, EVP_sha384(), false, input, ret);
	case MINT_RS512:
		return sign(key, EVP_sha512(), false, input, ret);
	case MINT_RS1:
		return sign(key, EVP_sha1(), false, input, ret);
	case MINT_PS256:
		return sign(key, EVP_sha256(), true, input, ret);
	case MINT_HS256_PEM:
	case MINT_HS256_DER:
	case MINT_HS256_MODULUS:
	case MINT_HS256_EMPTY:
		return authenticate(key, algorithm, EVP_sha256(), input, ret);
	case MINT_HS384_PEM:
		return authenticate(key, algorithm, EVP_sha384(), input, ret);
	case MINT_HS512_PEM:
		return authenticate(key, algorithm, EVP_sha512(), input, ret);
	case MINT_GARBAGE:
		memset(ret, 0x5a, 256);
		return 256;
	case MINT_NONE:
		return 0;
	}
	return 0;
}

char *mint_token(struct arena *arena, const char *header, const char *payload, EVP_PKEY *key,
		 enum mint_algorithm algorithm)
{
	unsigned char signature[SIGNATURE_MAX];
	char *input = arena_printf(arena, "%s.%s", encode(arena, header, strlen(header)),
				   encode(arena, payload, strlen(payload)));
	size_t len = make_signature(key, algorithm, input, signature);

	return arena_printf(arena, "%s.%s", input, encode(arena, signature, len));
}

static char *encode_number(struct arena *arena, EVP_PKEY *key, const char *name)
{
	unsigned char bytes[MATERIAL_MAX];
	BIGNUM *n = NULL;
	char *text;

	must(EVP_PKEY_get_bn_param(key, name, &n) == 1);
	text = encode(arena, bytes, (size_t)BN_bn2bin(n, bytes));
	BN_free(n);
	return text;
}

void mint_jwk(struct buf *buf, struct arena *arena, const char *key_id, EVP_PKEY *key,
	      const char *extra)
{
	buf_printf(buf,
		   "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}",
		   key_id, encode_number(arena, key, OSSL_PKEY_PARAM_RSA_N),
		   encode_number(arena, key, OSSL_PKEY_PARAM_RSA_E), extra);
}
