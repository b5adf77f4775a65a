/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h: certificates that somebody outside proves an identity with, and the CAs that issue
 * them. Device certificates of this server are not judged here: those are known by their hash.
 *
 * A client's certificate is a leaf for signing: RSA of 2048 to 4096 bits, keyUsage with
 * digitalSignature, extendedKeyUsage with clientAuth or none at all. It must be issued directly by
 * the CA that is trusted: a chain is never built from what a client sends or a certificate names,
 * and nothing is fetched. Revocation is not asked about; see doc/traditional-enrollment.md.
 */
#ifndef MUSTER_X509_CLIENT_H
#define MUSTER_X509_CLIENT_H

#include "x509/cert.h"

enum x509_client_outcome {
	X509_CLIENT_E_MALFORMED = 1, /* not one X.509 v3 certificate */
	X509_CLIENT_E_CA,            /* the certificate of a CA */
	X509_CLIENT_E_KEY,           /* not an acceptable RSA key, see x509/rsa_key.h */
	X509_CLIENT_E_USAGE          /* not for signatures, or for another purpose */
};

enum x509_chain_outcome {
	X509_CHAIN_E_UNTRUSTED = 1, /* not issued by that CA, or not as it may issue */
	X509_CHAIN_E_TIME           /* issued by it, but one of the two is not valid now */
};

enum { X509_LABEL_MAX = 256 /* bytes of a name that is taken from a certificate */ };

struct x509_client {
	struct x509_cert cert;
	/* Of subjectAltName, the first of each kind; "" where there is none that is UTF-8,
	 * without control characters and at most X509_LABEL_MAX bytes long. */
	const char *upn;
	const char *email;
};

/* Outcomes of the first enum; ERR_CRYPTO. *ret is set unless it is malformed. */
MUST_CHECK int x509_client_read(struct arena *arena, struct text der, struct x509_client *ret,
				struct trail *trail);
/* Did this CA issue the client's certificate, and is it good at `now`? Outcomes of the second
 * enum; ERR_CRYPTO. */
MUST_CHECK int x509_client_check(const struct x509_client *client, const struct x509_cert *issuer,
				 int64_t now, struct trail *trail);

/* Can this be the certificate of an issuing CA: basicConstraints, keyCertSign, and a key that
 * is strong enough to believe (RSA from 2048 bits, P-256, P-384)? */
bool x509_is_issuer(const struct x509_cert *cert);

/* The same rule for every name from a certificate: "" unless it is a usable label. */
const char *x509_label(struct arena *arena, struct text name);

#endif
