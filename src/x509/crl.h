/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h: the certificate revocation list of a device CA (RFC 5280, 5).
 *
 * v2, complete for its issuer, with authorityKeyIdentifier and cRLNumber, and for each certificate
 * its serial number, time and reason. As with certificates, the form is fixed and pure: the caller
 * brings entries and times, x509_crl_check judges them, signer/ signs the bytes of x509_crl_tbs.
 * The check is made again on the side that holds the key; it bounds the list and its times, it does
 * not know who is revoked.
 *
 * The number is the time in milliseconds, or one more than the last where that is larger, so that a
 * restored backup does not take it back (threats 5.6).
 */
#ifndef MUSTER_X509_CRL_H
#define MUSTER_X509_CRL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/profile.h"

enum {
	X509_CRL_BACKDATE_S = 5 * 60, /* thisUpdate lies this far back, for slow clocks */
	X509_CRL_BACKDATE_MAX_S = 10 * 60,
	X509_CRL_LIFETIME_S = 48 * 3600, /* nextUpdate counted from now */
	X509_CRL_LIFETIME_MAX_S = 7 * 24 * 3600,
	X509_CRL_NUMBER_SLACK_S = 24 * 3600 /* between the number and the time it stands for */
};

/* CRLReason. */
enum x509_crl_reason { X509_CRL_SUPERSEDED = 4, X509_CRL_CESSATION = 5 };

/* One certificate. Goes to the signing process as it is: no padding, no pointers. */
struct x509_crl_entry {
	uint8_t serial[X509_SERIAL_LEN];
	int64_t revoked_at;
	uint32_t reason;
	uint32_t unused; /* zero */
};

_Static_assert(sizeof(struct x509_crl_entry) == X509_SERIAL_LEN + 16, "an entry has no padding");

struct x509_crl_request {
	const struct x509_crl_entry *entries; /* by serial, ascending, none twice */
	size_t count;                         /* at most LIMIT_CRL_ENTRIES */
	int64_t number;
	int64_t this_update;
	int64_t next_update;
};

enum x509_crl_verdict {
	X509_CRL_OK,
	X509_CRL_ISSUER, /* not a CA certificate, or a key kind we do not sign with */
	X509_CRL_CLOCK,  /* the CA is not valid now */
	X509_CRL_NUMBER, /* not around now */
	X509_CRL_TIMES,  /* not around now, or too long */
	X509_CRL_COUNT,  /* more than a list may have */
	X509_CRL_ENTRY   /* not sorted, a serial that is none of ours, time or reason */
};

/* "issuer", "times", ...: for logs. */
const char *x509_crl_verdict_name(enum x509_crl_verdict verdict);

/* Sort the entries for x509_crl_request. */
void x509_crl_sort(struct x509_crl_entry *entries, size_t count);
/* Fill in number and times for a list made now, after one with the number last (0: none). */
void x509_crl_times(struct x509_crl_request *request, int64_t now, int64_t last);

MUST_CHECK enum x509_crl_verdict x509_crl_check(const struct x509_crl_request *request,
						const struct x509_cert *ca, int64_t now);
/* The bytes to sign. The request must have passed x509_crl_check. x509_leaf_assemble makes the list
 * of it; the digest is x509_leaf_digest's. */
struct text x509_crl_tbs(struct arena *arena, const struct x509_crl_request *request,
			 const struct x509_cert *ca);

enum x509_crl_lint_outcome { X509_CRL_E_DIFFERS = 1 };

/* As x509_leaf_lint: read by OpenSSL, compared with the request, signature verified. */
MUST_CHECK int x509_crl_lint(struct text der, const struct x509_crl_request *request,
			     const struct x509_cert *ca, struct trail *trail);

/* Whether it is a list that this CA signed; whoever may have handed it out. */
bool x509_crl_is_of(struct text der, const struct x509_cert *ca);

#endif
