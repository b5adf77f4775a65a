/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h: why an Entra token was refused, in words for programs and for administrators.
 *
 * The reason goes to logs, the list of attempts and the audit; it is never told to who sent the
 * token. What the sender may learn is the coarse kind of refusal only.
 */
#ifndef MUSTER_ENTRA_VERDICT_H
#define MUSTER_ENTRA_VERDICT_H

#include <stdbool.h>

enum entra_verdict {
	ENTRA_TOKEN_OK = 0,
	ENTRA_TOKEN_MALFORMED,
	ENTRA_TOKEN_TYPE,
	ENTRA_TOKEN_ALGORITHM,
	ENTRA_TOKEN_CRITICAL,
	ENTRA_TOKEN_EMBEDDED_KEY,
	ENTRA_TOKEN_GRAPH, /* header nonce: made for Microsoft Graph */
	ENTRA_TOKEN_KEY_ID,
	ENTRA_TOKEN_DUPLICATE_CLAIM,
	ENTRA_TOKEN_TENANT_MALFORMED,
	ENTRA_TOKEN_TENANT_CONSUMER,
	ENTRA_TOKEN_TENANT_UNKNOWN,
	ENTRA_TOKEN_TENANT_DISABLED,
	ENTRA_TOKEN_VERSION,
	ENTRA_TOKEN_KEYS_UNAVAILABLE,
	ENTRA_TOKEN_KEY_UNKNOWN,
	ENTRA_TOKEN_KEY_WEAK,
	ENTRA_TOKEN_KEY_ISSUER,
	ENTRA_TOKEN_KEY_CLOUD,
	ENTRA_TOKEN_SIGNATURE,
	ENTRA_TOKEN_ISSUER,
	ENTRA_TOKEN_AUDIENCE,
	ENTRA_TOKEN_TIMES, /* exp, nbf or iat missing, not an integer, or not a plausible span */
	ENTRA_TOKEN_EXPIRED,
	ENTRA_TOKEN_NOT_YET,
	ENTRA_TOKEN_CLASS, /* not a user's access token: app-only, device-only, ID token */
	ENTRA_TOKEN_SCOPE,
	ENTRA_TOKEN_OBJECT_ID,
	ENTRA_TOKEN_DEVICE_ID_MISSING,
	ENTRA_TOKEN_DEVICE_ID_MALFORMED,
	ENTRA_TOKEN_GUEST,
	ENTRA_VERDICT_COUNT
};

/* What a protocol layer may show: InvalidSecurity, Authentication, Authorization; 503. */
enum entra_refusal {
	ENTRA_ACCEPTED,
	ENTRA_REFUSED_FORM,          /* cannot be read as a token */
	ENTRA_REFUSED_IDENTITY,      /* not proved to be a user of a managed tenant */
	ENTRA_REFUSED_PERMISSION,    /* proved, and not allowed */
	ENTRA_REFUSED_FOR_THE_MOMENT /* the signing keys cannot be had: try again later */
};

/* A stable lower-case word: "audience", "key_unknown", ... ; "ok". */
const char *entra_verdict_name(enum entra_verdict verdict);
/* One sentence: what was wrong. */
const char *entra_verdict_reason(enum entra_verdict verdict);
/* One sentence for an administrator: what to do about it. */
const char *entra_verdict_remedy(enum entra_verdict verdict);
enum entra_refusal entra_verdict_refusal(enum entra_verdict verdict);
/* Refused, but only after signature, issuer and audience had been proved: what the token says of
 * its user is true, and may be recorded beside the refusal. */
bool entra_verdict_is_proved(enum entra_verdict verdict);

#endif
