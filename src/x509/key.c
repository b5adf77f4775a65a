/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.c: see key.h. Compares the public half, as SubjectPublicKeyInfo, byte for byte.
 */
#include "x509/key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* No prompt: an encrypted key is refused instead of waiting for a terminal. */
static int no_password(char *buf, int size, int is_writing, void *user)
{
	(void)buf;
	(void)size;
	(void)is_writing;
	(void)user;
	return -1;
}

bool x509_key_matches(struct text key_pem, const struct x509_cert *certificate)
{
	BIO *bio = BIO_new_mem_buf(key_pem.ptr, (int)key_pem.len);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	unsigned char *der = NULL;
	int len = key ? i2d_PUBKEY(key, &der) : -1;
	bool is_match = len > 0 && text_eq(text_make(der, (size_t)len), certificate->spki_der);

	OPENSSL_free(der);
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return is_match;
}
