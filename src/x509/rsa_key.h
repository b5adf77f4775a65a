/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rsa_key.h: is this public key one that a device certificate may carry?
 *
 * Judges a SubjectPublicKeyInfo by arithmetic on public numbers only. The order matters: form,
 * then sizes, and nothing that costs more than a glance before both are accepted, so that a huge
 * key is refused for the price of reading its length. Accepted are RSA keys of 2048 to 4096 bits
 * with an odd exponent from 65537 up to 64 bits. Refused besides: a small factor, the fingerprint
 * of the ROCA generator (CVE-2017-15361), primes close together (Fermat). Keys made weak by the
 * 2008 Debian generator are not listed here: no Windows device ever made one.
 */
#ifndef MUSTER_X509_RSA_KEY_H
#define MUSTER_X509_RSA_KEY_H

#include "base/err.h"
#include "base/text.h"

enum x509_rsa_outcome {
	X509_RSA_E_TYPE = 1,     /* not rsaEncryption */
	X509_RSA_E_MALFORMED,    /* not the DER of an RSA public key */
	X509_RSA_E_SIZE,         /* LIMIT_RSA_BITS_MIN .. LIMIT_RSA_BITS_MAX */
	X509_RSA_E_EXPONENT,     /* even, below 65537, or longer than 64 bits */
	X509_RSA_E_SMALL_FACTOR, /* an even modulus included */
	X509_RSA_E_ROCA,
	X509_RSA_E_CLOSE_PRIMES
};

struct x509_rsa_key {
	struct text spki_der; /* borrowed from the input */
	struct text modulus;  /* big-endian, no leading zero */
	struct text exponent;
	int bits;
};

/* spki_der must be exactly one SubjectPublicKeyInfo. Outcomes as above; ERR_CRYPTO. */
MUST_CHECK int x509_rsa_read(struct text spki_der, struct x509_rsa_key *ret, struct trail *trail);

#endif
