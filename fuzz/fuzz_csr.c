/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_csr.c: the readers of x509/ on any bytes: a certificate request, a public key, a
 * certificate.
 *
 * What our own walk accepts is shown to OpenSSL, which must see the same key in it. What the
 * certificate reader accepts must come out of PEM again unchanged.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/limits.h"
#include "x509/cert.h"
#include "x509/csr.h"
#include "x509/rsa_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void key_compare(struct text spki, int bits)
{
	const unsigned char *p = (const unsigned char *)spki.ptr;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.len);

	require(key != NULL && p == (const unsigned char *)spki.ptr + spki.len);
	require(EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) == bits);
	require(bits >= LIMIT_RSA_BITS_MIN && bits <= LIMIT_RSA_BITS_MAX);
	EVP_PKEY_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = text_make(data, size), der;
	struct x509_rsa_key key;
	struct x509_cert cert;
	struct arena arena;
	struct trail trail;
	struct x509_csr csr;

	arena_init(&arena);
	trail_reset(&trail);
	if (x509_csr_read(&arena, in, &csr, &trail) == 0) {
		require(csr.spki_der.ptr > in.ptr &&
			csr.spki_der.ptr + csr.spki_der.len < in.ptr + in.len);
		key_compare(csr.spki_der, csr.key_bits);
	}
	if (x509_rsa_read(in, &key, &trail) == 0)
		key_compare(in, key.bits);
	if (x509_cert_read(&arena, in, &cert) == 0) {
		require(x509_pem_read(&arena, x509_pem_write(&arena, in), &der) == 0);
		require(text_eq(der, in) && text_eq(cert.der, in));
	}
	require(trail.len == 0);
	arena_done(&arena);
	return 0;
}
