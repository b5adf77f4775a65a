/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.c: keys and certificates over OpenSSL (see cert.h).
 *
 * Serial numbers are 128 random bits. A CA certificate carries keyCertSign and a path length of
 * zero; every other one is an end entity with the extended key usage of a TLS server, which the
 * self-signed certificates of signing keys do not need and nobody reads there.
 * It refuses nothing on purpose: a weak key or an expired certificate is what some tests want.
 */
#include "sim/entra/cert.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/rand.h"

enum { SERIAL_LEN = 16 };

int cert_key_new(EVP_PKEY **ret, unsigned bits, struct trail *trail)
{
	EVP_PKEY *key = bits ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256");

	if (!key)
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot generate a key of %u bits", bits);
	*ret = key;
	return 0;
}

static bool extension_add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	CLEANUP(ossl_extension_free) X509_EXTENSION *extension = NULL;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	return extension && X509_add_ext(cert, extension, -1) == 1;
}

static bool extensions_add(X509 *cert, X509 *issuer, const struct cert_profile *profile)
{
	const struct {
		int nid;
		const char *value;
	} rows[] = {
	    {NID_basic_constraints, profile->is_ca ? "critical,CA:TRUE,pathlen:0" : "CA:FALSE"},
	    {NID_key_usage,
	     profile->is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"},
	    {NID_ext_key_usage, profile->is_ca ? NULL : "serverAuth"},
	    {NID_subject_alt_name, profile->alt_names},
	    {NID_subject_key_identifier, "hash"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].value && !extension_add(cert, issuer, rows[i].nid, rows[i].value))
			return false;
	return true;
}

static bool serial_set(X509 *cert)
{
	CLEANUP(ossl_bn_free) BIGNUM *number = NULL;
	unsigned char serial[SERIAL_LEN];

	rand_bytes(serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x40;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	return number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
}

static bool names_set(X509 *cert, X509 *issuer, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(cert);

	if (!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					(const unsigned char *)common_name, -1, -1, 0))
		return false;
	return X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name) == 1;
}

int cert_new(X509 **ret, const struct cert_profile *profile, EVP_PKEY *key, X509 *issuer,
	     EVP_PKEY *issuer_key, struct trail *trail)
{
	CLEANUP(ossl_x509_free) X509 *cert = X509_new();

	if (!cert || !X509_set_version(cert, X509_VERSION_3) || !serial_set(cert) ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), profile->not_before) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), profile->not_after) ||
	    !X509_set_pubkey(cert, key) || !names_set(cert, issuer, profile->common_name) ||
	    !extensions_add(cert, issuer ? issuer : cert, profile) ||
	    !X509_sign(cert, issuer_key ? issuer_key : key, EVP_sha256()))
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot make a certificate for %s",
				profile->common_name);
	*ret = steal(&cert);
	return 0;
}

int cert_der(struct arena *arena, X509 *cert, struct text *ret, struct trail *trail)
{
	unsigned char *out = NULL;
	int len = i2d_X509(cert, NULL);

	if (len <= 0)
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot encode a certificate");
	*ret = text_make(out = arena_alloc(arena, (size_t)len), (size_t)len);
	if (i2d_X509(cert, &out) != len)
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot encode a certificate");
	return 0;
}

static int pem_take(struct arena *arena, BIO *bio, int written, struct text *ret,
		    struct trail *trail)
{
	if (!bio || written != 1)
		return ERR_FAIL(trail, ERR_CRYPTO, "cannot write PEM");
	*ret = arena_text(arena, ossl_bio_text(bio));
	return 0;
}

int cert_pem(struct arena *arena, X509 *cert, struct text *ret, struct trail *trail)
{
	CLEANUP(ossl_bio_free) BIO *bio = BIO_new(BIO_s_mem());

	return pem_take(arena, bio, bio ? PEM_write_bio_X509(bio, cert) : 0, ret, trail);
}

int cert_key_pem(struct arena *arena, EVP_PKEY *key, struct text *ret, struct trail *trail)
{
	CLEANUP(ossl_bio_free) BIO *bio = BIO_new(BIO_s_mem());

	return pem_take(arena, bio,
			bio ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) : 0,
			ret, trail);
}

int cert_public_pem(struct arena *arena, EVP_PKEY *key, struct text *ret, struct trail *trail)
{
	CLEANUP(ossl_bio_free) BIO *bio = BIO_new(BIO_s_mem());

	return pem_take(arena, bio, bio ? PEM_write_bio_PUBKEY(bio, key) : 0, ret, trail);
}
