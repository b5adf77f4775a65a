/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_make.h: keys and certificate requests for tests, good ones and every bad one threats.md
 * (cases 10 and 11) names. Requests are assembled element by element, so that each can be wrong
 * in one place only. Everything ends the test when the library fails.
 */
#ifndef MUSTER_X509_TEST_MAKE_H
#define MUSTER_X509_TEST_MAKE_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/text.h"

struct make_recipe {
	EVP_PKEY *key;         /* signs; its public half is the SPKI unless that is given */
	struct text spki;      /* ptr NULL: the key's */
	struct text subject;   /* a Name; ptr NULL: the one Windows sends */
	struct text extra;     /* further content of the attributes */
	struct text algorithm; /* content of the AlgorithmIdentifier; ptr NULL: RSA with SHA-256 */
	const char *digest;    /* NULL: SHA256 */
	bool no_attributes;
};

EVP_PKEY *make_rsa(unsigned bits, unsigned long e);
EVP_PKEY *make_ec(const char *group);
struct text make_spki(struct arena *arena, EVP_PKEY *key);
/* An RSA SPKI of any two numbers, big-endian. */
struct text make_rsa_spki(struct arena *arena, struct text modulus, struct text exponent);
/* The Name Windows sends: one PrintableString of 64 bytes with a `!` and a trailing NUL. */
struct text make_windows_subject(struct arena *arena);
/* Attributes as Windows sends them: a device id that is not wrapped in DER. */
struct text make_windows_attributes(struct arena *arena);
struct text make_sign(struct arena *arena, EVP_PKEY *key, const char *digest, struct text data);
struct text make_csr(struct arena *arena, const struct make_recipe *recipe);
/* The bytes of "30 82 01" and the like. */
struct text make_hex(struct arena *arena, const char *hex);

#endif
