/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h: a server's certificate file as a client sees it that knows only the trust roots it came
 * with: whether the certificates in the file lead to one of them, are strong enough, in date, for a
 * server, and for which names. Pure; for the check of an installation. A served connection is
 * judged by TLS itself, not by this.
 */
#ifndef MUSTER_X509_CHAIN_H
#define MUSTER_X509_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"

enum x509_chain_outcome {
	X509_CHAIN_E_MALFORMED = 1, /* no certificate in the file, or one that cannot be read */
	X509_CHAIN_E_SELF_SIGNED,   /* the certificate is its own issuer and no root */
	X509_CHAIN_E_MISSING,       /* who issued `subject` is neither in the file nor a root */
	X509_CHAIN_E_ROOT_UNKNOWN,  /* the file leads to a root that is not among the known */
	X509_CHAIN_E_EXPIRED,
	X509_CHAIN_E_NOT_YET,
	X509_CHAIN_E_WEAK,       /* RSA below 2048 bits, or SHA-1 */
	X509_CHAIN_E_NOT_SERVER, /* not for TLS servers (extended key usage) */
	X509_CHAIN_E_OTHER       /* reason says what */
};

enum { X509_CHAIN_MAX = 16, X509_ROOTS_MAX = 4 * 1024 * 1024 };

struct x509_chain {
	const char *subject; /* the certificate the verdict is about, as a name for people */
	const char *issuer;  /* who should have issued it */
	const char *reason;  /* of X509_CHAIN_E_OTHER */
};

/* pem: the server's file, its own certificate first. roots: PEM. 0, or an outcome with *ret set. */
MUST_CHECK int x509_chain_check(struct arena *arena, struct text pem, struct text roots,
				int64_t now, struct x509_chain *ret);
/* Whether the first certificate of the file is for that host name or address. */
MUST_CHECK bool x509_chain_is_for(struct text pem, const char *host);

#endif
