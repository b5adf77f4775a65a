/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr.h: PKCS#10 as Windows sends it (RFC 2986; MS-WSTEP; protocol notes on the CSR).
 *
 * Of a request only two things count: the public key, and the signature that proves possession
 * of its private half. Subject and attributes are stepped over unread, so neither a `!` and a NUL
 * in a PrintableString nor a demand for CA:TRUE has any effect. The bytes that were received are
 * what is verified, never a re-encoding.
 *
 * Order of checks: size, form, key, algorithm, and the signature last; a key of 16384 bits costs
 * nothing. SHA-1 is accepted for the self-signature alone (Windows uses it where no policy names
 * a hash; the certificate never does), MD5 is not.
 */
#ifndef MUSTER_X509_CSR_H
#define MUSTER_X509_CSR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum x509_csr_outcome {
	X509_CSR_E_TOO_LARGE = 1,       /* above LIMIT_CSR */
	X509_CSR_E_MALFORMED,           /* not DER, or not a CertificationRequest */
	X509_CSR_E_TRAILING,            /* bytes after the request */
	X509_CSR_E_SIGNATURE_ALGORITHM, /* not RSA with SHA-256 or SHA-1 */
	X509_CSR_E_KEY_TYPE,
	X509_CSR_E_KEY_MALFORMED,
	X509_CSR_E_KEY_SIZE,
	X509_CSR_E_KEY_EXPONENT,
	X509_CSR_E_KEY_SMALL_FACTOR,
	X509_CSR_E_KEY_ROCA,
	X509_CSR_E_KEY_CLOSE_PRIMES,
	X509_CSR_E_SIGNATURE /* does not verify: no proof of possession */
};

struct x509_csr {
	struct text spki_der;    /* borrowed from the input */
	const char *spki_sha256; /* lower-case hex of SHA-256 over spki_der; in the arena */
	int key_bits;
	bool is_sha1; /* the self-signature uses SHA-1; worth a word in the audit */
};

/* der must hold exactly one request. Outcomes as above; ERR_CRYPTO. */
MUST_CHECK int x509_csr_read(struct arena *arena, struct text der, struct x509_csr *ret,
			     struct trail *trail);

/* "key_size", "roca", ...: the reason in audit entries; "" for a value that is no outcome. */
const char *x509_csr_outcome_name(enum x509_csr_outcome outcome);

#endif
