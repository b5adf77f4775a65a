/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.c: hashes and key derivation, all of it done by OpenSSL.
 *
 * Hashing memory can fail only when the library is broken or has no memory, and no caller could do
 * anything sensible then; the process ends. SHA-1 is here because Windows names a certificate by
 * it; nothing is trusted on account of one. Derivation is HKDF-SHA256 with an empty salt (RFC
 * 5869), the purpose being its info.
 */
#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/fatal.h"
#include "base/hex.h"

static void digest_one(const EVP_MD *md, struct text data, uint8_t *ret)
{
	if (EVP_Digest(data.ptr, data.len, ret, NULL, md, NULL) != 1)
		fatal_exit("the cryptographic library cannot hash");
}

void digest_sha256(struct text data, uint8_t ret[SHA256_LEN])
{
	digest_one(EVP_sha256(), data, ret);
}

void digest_sha1(struct text data, uint8_t ret[SHA1_LEN])
{
	digest_one(EVP_sha1(), data, ret);
}

void digest_hmac_sha256(struct text key, struct text data, uint8_t ret[SHA256_LEN])
{
	const char *key_ptr = key.len ? key.ptr : "";

	if (key.len > INT32_MAX || !HMAC(EVP_sha256(), key_ptr, (int)key.len,
					 (const unsigned char *)data.ptr, data.len, ret, NULL))
		fatal_exit("the cryptographic library cannot compute an HMAC");
}

void digest_derive(struct text secret, struct text purpose, uint8_t ret[SHA256_LEN])
{
	static char hash[] = "SHA256";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	/* The interface takes void * but only reads. */
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.ptr,
					      secret.len),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)purpose.ptr,
					      purpose.len),
	    OSSL_PARAM_construct_end(),
	};

	if (!ctx || EVP_KDF_derive(ctx, ret, SHA256_LEN, params) != 1)
		fatal_exit("the cryptographic library cannot derive a key");
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

char *digest_sha256_hex(struct arena *arena, struct text data)
{
	uint8_t hash[SHA256_LEN];

	digest_sha256(data, hash);
	return hex_write(arena, text_make(hash, sizeof(hash)));
}
