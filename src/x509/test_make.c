/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_make.c: see test_make.h. Uses the DER writer of this folder for the frame and OpenSSL for
 * keys and signatures.
 */
#include "x509/test_make.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/hex.h"
#include "x509/der.h"

enum { DER_PRINTABLE_STRING = 0x13 };

static void require(bool ok)
{
	if (!ok)
		abort();
}

EVP_PKEY *make_rsa(unsigned bits, unsigned long e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	BIGNUM *bn = BN_new();

	require(ctx && bn && BN_set_word(bn, e) && EVP_PKEY_keygen_init(ctx) == 1);
	require(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1);
	require(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, bn) == 1);
	require(EVP_PKEY_generate(ctx, &key) == 1);
	BN_free(bn);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *make_ec(const char *group)
{
	EVP_PKEY *key = EVP_EC_gen(group);

	require(key != NULL);
	return key;
}

struct text make_spki(struct arena *arena, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	struct text ret;

	require(len > 0);
	ret = text_make(arena_copy(arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	return ret;
}

struct text make_hex(struct arena *arena, const char *hex)
{
	struct text ret;

	require(hex_read(arena, text_of(hex), &ret) == 0);
	return ret;
}

struct text make_rsa_spki(struct arena *arena, struct text modulus, struct text exponent)
{
	struct text algorithm = make_hex(arena, "300d06092a864886f70d0101010500");
	struct text key = X509_DER_OF(arena, X509_DER_SEQUENCE, x509_der_unsigned(arena, modulus),
				      x509_der_unsigned(arena, exponent));

	return X509_DER_OF(arena, X509_DER_SEQUENCE, algorithm, x509_der_bits(arena, key));
}

struct text make_windows_subject(struct arena *arena)
{
	static const char cn[] = "0E4A3C70-8F1D-4A52-9C41-6B0F2D!7A51C0D3E94F82B60C1D2E3F4A5B6C7D";
	struct text value = x509_der_wrap(arena, (enum x509_der_tag)DER_PRINTABLE_STRING,
					  text_make(cn, sizeof(cn)));
	struct text pair =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, make_hex(arena, "0603550403"), value);

	return X509_DER_OF(arena, X509_DER_SEQUENCE, x509_der_wrap(arena, X509_DER_SET, pair));
}

struct text make_windows_attributes(struct arena *arena)
{
	static const char id[] = "7A51C0D3E94F82B60C1D2E3F4A5B6C7D";
	struct text extension =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, make_hex(arena, "060a2b060104018237420100"),
			x509_der_wrap(arena, X509_DER_OCTET_STRING, text_make(id, sizeof(id))));
	struct text set =
	    x509_der_wrap(arena, X509_DER_SET, x509_der_wrap(arena, X509_DER_SEQUENCE, extension));

	return X509_DER_OF(arena, X509_DER_SEQUENCE, make_hex(arena, "06092a864886f70d01090e"),
			   set);
}

struct text make_sign(struct arena *arena, EVP_PKEY *key, const char *digest, struct text data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[4096];
	size_t len = sizeof(signature);

	require(ctx && EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) == 1);
	require(EVP_DigestSign(ctx, signature, &len, (const unsigned char *)data.ptr, data.len) ==
		1);
	EVP_MD_CTX_free(ctx);
	return text_make(arena_copy(arena, signature, len), len);
}

struct text make_csr(struct arena *arena, const struct make_recipe *recipe)
{
	struct text version = make_hex(arena, "020100"), attributes, info, algorithm, signature;
	struct text subject = recipe->subject, spki = recipe->spki;

	if (subject.ptr == NULL)
		subject = make_windows_subject(arena);
	if (spki.ptr == NULL)
		spki = make_spki(arena, recipe->key);
	attributes = X509_DER_OF(arena, X509_DER_CONTEXT_0, make_windows_attributes(arena),
				 recipe->extra.ptr ? recipe->extra : TEXT_EMPTY);
	if (recipe->no_attributes)
		attributes = TEXT_EMPTY;
	info = X509_DER_OF(arena, X509_DER_SEQUENCE, version, subject, spki, attributes);
	signature = make_sign(arena, recipe->key, recipe->digest ? recipe->digest : "SHA256", info);
	algorithm = recipe->algorithm;
	if (algorithm.ptr == NULL)
		algorithm = make_hex(arena, "06092a864886f70d01010b0500");
	return X509_DER_OF(arena, X509_DER_SEQUENCE, info,
			   x509_der_wrap(arena, X509_DER_SEQUENCE, algorithm),
			   x509_der_bits(arena, signature));
}
