/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms.h: the signed message that asks for a renewal (RFC 5652, 5; MS-WSTEP 3.1.4.1.3.3): CMS
 * SignedData with one signer around a PKCS#10 request.
 *
 * Two steps, so that whose certificate counts is decided by the caller: x509_cms_read looks at the
 * shape and says by which issuer and serial number the signer is called; x509_cms_verify checks
 * the signature under a certificate the caller knows. Certificates that come in the message are
 * never looked at, no chain is built, and nothing is trusted for being in it.
 *
 * Refused: detached or empty content, content that is not plain data, no or several signers, a
 * signer named by key identifier, digests other than SHA-1 and SHA-2, signatures other than RSA
 * (PKCS#1), signed attributes without or with a second content type or digest, revocation lists.
 * Lenient where it is safe: BER framing, no signed attributes at all, unsigned attributes (they
 * are dropped), SHA-1 (the content is what the device itself made; is_sha1 says so).
 */
#ifndef MUSTER_X509_CMS_H
#define MUSTER_X509_CMS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "x509/cert.h"

enum x509_cms_outcome {
	X509_CMS_E_TOO_LARGE = 1, /* above LIMIT_CMS */
	X509_CMS_E_MALFORMED,     /* not one SignedData */
	X509_CMS_E_DETACHED,      /* nothing is inside */
	X509_CMS_E_CONTENT_TYPE,  /* not id-data */
	X509_CMS_E_SIGNERS,       /* none or several */
	X509_CMS_E_SIGNER_ID,     /* not named by issuer and serial number */
	X509_CMS_E_ALGORITHM,
	X509_CMS_E_ATTRIBUTES, /* the signed ones */
	X509_CMS_E_SIGNATURE   /* x509_cms_verify only */
};

struct x509_cms {
	struct text content;    /* what was signed: all texts are in the arena */
	struct text issuer_der; /* the Name of the signer's issuer */
	const char *serial;     /* of the signer's certificate, as in struct x509_cert */
	bool is_sha1;
	struct text bare; /* the message without certificates and unsigned attributes */
};

MUST_CHECK int x509_cms_read(struct arena *arena, struct text in, struct x509_cms *ret);

/* X509_CMS_E_SIGNATURE: not signed by the key of this certificate, or it is not the one the
 * message names; ERR_CRYPTO. */
MUST_CHECK int x509_cms_verify(const struct x509_cms *cms, const struct x509_cert *signer,
			       struct trail *trail);

/* "malformed", "detached", ...: for logs; "" for a value that is no outcome. */
const char *x509_cms_outcome_name(enum x509_cms_outcome outcome);

#endif
