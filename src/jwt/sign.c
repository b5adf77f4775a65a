/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.c: RSASSA-PSS with SHA-256 and a salt as long as the digest, which is what RFC 7518 calls
 * PS256. The private key is parsed for each signature and freed at once: an assertion is made
 * about once an hour, and a key that is not in memory cannot leak. A key protected by a passphrase
 * is refused instead of asking for one on the terminal.
 */
#include "jwt/sign.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/b64.h"
#include "base/digest.h"
#include "base/limits.h"

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

static void free_digest(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static int no_passphrase(char *buf UNUSED, int size UNUSED, int writing UNUSED, void *data UNUSED)
{
	return -1;
}

int jwt_certificate_thumbprint(struct arena *arena, struct text pem, char **ret)
{
	CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	CLEANUP(free_certificate) X509 *certificate = NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (bio)
		certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	if (!certificate || X509_digest(certificate, EVP_sha256(), digest, &len) != 1) {
		ERR_clear_error();
		return JWT_SIGN_E_CERTIFICATE;
	}
	*ret = b64url_write(arena, text_make(digest, len));
	return 0;
}

static EVP_PKEY *read_key(struct text pem)
{
	CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	CLEANUP(free_key) EVP_PKEY *key = NULL;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (!key || !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) < LIMIT_RSA_BITS_MIN ||
	    EVP_PKEY_get_bits(key) > LIMIT_RSA_BITS_MAX)
		return NULL;
	return steal(&key);
}

int jwt_sign(struct arena *arena, struct text header, struct text payload, struct text key_pem,
	     char **ret)
{
	CLEANUP(free_key) EVP_PKEY *key = read_key(key_pem);
	CLEANUP(free_digest) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[LIMIT_RSA_BITS_MAX / 8];
	char *input =
	    arena_printf(arena, "%s.%s", b64url_write(arena, header), b64url_write(arena, payload));
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *options;

	if (!key || !ctx || EVP_DigestSignInit(ctx, &options, EVP_sha256(), NULL, key) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, (const unsigned char *)input, strlen(input)) !=
		1) {
		ERR_clear_error();
		return JWT_SIGN_E_KEY;
	}
	*ret = arena_printf(arena, "%s.%s", input, b64url_write(arena, text_make(signature, len)));
	return 0;
}
