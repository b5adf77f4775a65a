/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h: the one kind of certificate this server issues, a device's TLS client certificate.
 *
 * The template is fixed: v3; CN = a GUID the server chose; the device's key; critical
 * basicConstraints CA:FALSE; critical keyUsage digitalSignature, keyEncipherment;
 * extendedKeyUsage clientAuth; subjectKeyIdentifier; authorityKeyIdentifier; where the CA has a
 * place for its CRL, cRLDistributionPoints with that one URL. There is no way to ask for anything
 * else, so nothing can leak in from a request (threats 10). Pure: the private key never comes here;
 * signer/ signs the bytes of x509_leaf_tbs and hands the signature back.
 *
 * x509_leaf_check is run by the signer on every request, also by the one in its own process: it
 * is what a compromised server cannot talk its way around.
 */
#ifndef MUSTER_X509_PROFILE_H
#define MUSTER_X509_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "x509/cert.h"

enum {
	X509_SERIAL_LEN = 16,
	X509_LEAF_BACKDATE_S = 5 * 60,          /* notBefore lies this far back */
	X509_LEAF_BACKDATE_MAX_S = 10 * 60,     /* refused beyond: a queue or a skewed clock */
	X509_LEAF_LIFETIME_S = 365 * 24 * 3600, /* notAfter counted from now */
	X509_LEAF_LIFETIME_MAX_S = 398 * 24 * 3600
};

struct x509_leaf_request {
	struct text spki_der;            /* of a CSR that x509_csr_read accepted */
	struct text subject_cn;          /* lower-case GUID, the device's id in this server */
	uint8_t serial[X509_SERIAL_LEN]; /* random, then x509_serial_shape */
	int64_t not_before;              /* both from x509_leaf_times */
	int64_t not_after;
};

enum x509_leaf_verdict {
	X509_LEAF_OK,
	X509_LEAF_ISSUER,   /* not a CA certificate, or a key kind we do not sign with */
	X509_LEAF_CLOCK,    /* the CA is not valid now */
	X509_LEAF_SUBJECT,  /* not a lower-case GUID */
	X509_LEAF_SERIAL,   /* not shaped */
	X509_LEAF_VALIDITY, /* not around now, too long, or beyond the CA's */
	X509_LEAF_KEY,      /* not a key that x509_rsa_read accepts */
	X509_LEAF_CA_KEY    /* the CA's own key */
};

/* "subject", "validity", ...: for logs. */
const char *x509_leaf_verdict_name(enum x509_leaf_verdict verdict);

/* Make 16 random bytes a serial number: positive and of full length whatever they are. Doing it
 * twice changes nothing, so that a serial can be stored before it is used. */
void x509_serial_shape(uint8_t serial[X509_SERIAL_LEN]);

/* Fill in not_before and not_after for a certificate issued now; never beyond the CA's life. */
void x509_leaf_times(struct x509_leaf_request *request, int64_t now, const struct x509_cert *ca);

/* Does the request keep to the template, now, under this CA? ERR_CRYPTO counts as a refusal. */
MUST_CHECK enum x509_leaf_verdict x509_leaf_check(const struct x509_leaf_request *request,
						  const struct x509_cert *ca, int64_t now);

/* The bytes to sign. The request must have passed x509_leaf_check. */
struct text x509_leaf_tbs(struct arena *arena, const struct x509_leaf_request *request,
			  const struct x509_cert *ca);
/* The digest that goes with the CA's key, by its OpenSSL name: "SHA256" or "SHA384". */
const char *x509_leaf_digest(const struct x509_cert *ca);
/* Its AlgorithmIdentifier, borrowed. */
struct text x509_leaf_algorithm(const struct x509_cert *ca);
/* Whether certificates and CRLs can be signed in the name of this certificate at all. */
MUST_CHECK bool x509_issuer_is_usable(const struct x509_cert *ca);
/* The certificate, or the CRL: tbs, algorithm, signature. */
struct text x509_leaf_assemble(struct arena *arena, struct text tbs, const struct x509_cert *ca,
			       struct text signature);

enum x509_leaf_lint_outcome { X509_LEAF_E_DIFFERS = 1 };

/* Read a finished certificate with an independent reader (OpenSSL) and compare every field with
 * the request and the template; verify its signature. The name of the first field that differs
 * goes to the trail. Run before a certificate leaves the signer. */
MUST_CHECK int x509_leaf_lint(struct text der, const struct x509_leaf_request *request,
			      const struct x509_cert *ca, struct trail *trail);

#endif
