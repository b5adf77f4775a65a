/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h: make private keys and X.509 certificates for the stand-in: its CA, its TLS server
 * certificates (the right one and the wrong ones tests ask for) and the self-signed certificates
 * that its token signing keys publish as x5c. Nothing here reads a certificate of the server
 * under test.
 */
#ifndef MUSTER_SIM_ENTRA_CERT_H
#define MUSTER_SIM_ENTRA_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "sim/entra/ossl.h"

struct cert_profile {
	const char *common_name;
	const char *alt_names; /* OpenSSL's notation, "DNS:localhost,IP:127.0.0.1"; NULL: none */
	bool is_ca;
	int64_t not_before; /* Unix seconds */
	int64_t not_after;
};

/* bits 0 gives a P-256 key, anything else an RSA key of that size. The caller frees *ret. */
MUST_CHECK int cert_key_new(EVP_PKEY **ret, unsigned bits, struct trail *trail);

/* A certificate for `key`; issuer and issuer_key NULL make it self-signed. */
MUST_CHECK int cert_new(X509 **ret, const struct cert_profile *profile, EVP_PKEY *key, X509 *issuer,
			EVP_PKEY *issuer_key, struct trail *trail);

/* DER and PEM in the arena. */
MUST_CHECK int cert_der(struct arena *arena, X509 *cert, struct text *ret, struct trail *trail);
MUST_CHECK int cert_pem(struct arena *arena, X509 *cert, struct text *ret, struct trail *trail);
MUST_CHECK int cert_key_pem(struct arena *arena, EVP_PKEY *key, struct text *ret,
			    struct trail *trail);
MUST_CHECK int cert_public_pem(struct arena *arena, EVP_PKEY *key, struct text *ret,
			       struct trail *trail);

#endif
