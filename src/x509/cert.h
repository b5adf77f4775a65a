/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h: what the program needs to know about one certificate, and PEM <-> DER.
 *
 * Reads a single X.509 v3 certificate with nothing after it. It describes; it does not judge:
 * chains are verified by TLS, validity by whoever knows what time it is.
 */
#ifndef MUSTER_X509_CERT_H
#define MUSTER_X509_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum x509_cert_outcome { X509_CERT_E_MALFORMED = 1 };

enum x509_key_kind { X509_KEY_OTHER, X509_KEY_RSA, X509_KEY_P256, X509_KEY_P384 };

enum {
	X509_CERT_MAX = 8 * 1024, /* bytes of DER */
	X509_NAME_MAX = 512,      /* bytes of x509_name_text */
	X509_PEM_MAX = 64 * 1024  /* bytes of text; what comes after the first certificate counts */
};

struct x509_cert {
	struct text der;         /* all texts are in the arena */
	struct text subject_der; /* the Name, as encoded */
	struct text issuer_der;
	struct text subject_cn; /* UTF-8; ptr NULL unless there is exactly one */
	struct text spki_der;
	struct text subject_key_id; /* ptr NULL when absent */
	struct text authority_key_id;
	/* Of a CA, not read from its certificate: where its CRL is fetched, as the certificates it
	 * issues say; ptr NULL: they say nothing. */
	struct text crl_url;
	enum x509_key_kind key_kind;
	bool is_ca;
	int64_t not_before; /* Unix seconds */
	int64_t not_after;
	const char *sha256;      /* of der, lower-case hex: how the store names it */
	const char *sha1;        /* of der, upper-case hex: how Windows names it */
	const char *spki_sha256; /* of spki_der, lower-case hex */
	const char *serial;      /* lower-case hex, whole bytes */
};

MUST_CHECK int x509_cert_read(struct arena *arena, struct text der, struct x509_cert *ret);
/* The first CERTIFICATE of a PEM text. */
MUST_CHECK int x509_cert_read_pem(struct arena *arena, struct text pem, struct x509_cert *ret);

/* Whether the key of ca signed the certificate and its names agree; nothing else is looked at. */
MUST_CHECK bool x509_cert_is_signed_by(const struct x509_cert *cert, const struct x509_cert *ca);

/* A Name in one line, "CN=Contoso CA,O=Contoso" (RFC 2253), for people to read; "" where it cannot
 * be read or is longer than X509_NAME_MAX. */
const char *x509_name_text(struct arena *arena, struct text name_der);

/* DER of the first CERTIFICATE of a PEM text, and back. */
MUST_CHECK int x509_pem_read(struct arena *arena, struct text pem, struct text *ret_der);
struct text x509_pem_write(struct arena *arena, struct text der);

#endif
