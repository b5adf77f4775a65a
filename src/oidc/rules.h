/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: the rules an ID token of a tenant's identity provider is judged by. Pure: the caller
 * brings the key, what was expected, and the time.
 *
 * Only a verdict of OIDC_TOKEN_OK makes anything in the token true. OpenID Connect Core 3.1.3.7,
 * RFC 8725; abuse case 21.
 */
#ifndef MUSTER_OIDC_RULES_H
#define MUSTER_OIDC_RULES_H

#include "base/arena.h"
#include "base/attr.h"
#include "jwt/jwt.h"
#include "model/identity_provider.h"
#include "model/tenant.h"

enum oidc_verdict {
	OIDC_TOKEN_OK = 0,
	OIDC_TOKEN_MALFORMED,
	OIDC_TOKEN_ALGORITHM, /* not RS256 */
	OIDC_TOKEN_HEADER,    /* a type, key or extension that would steer the check */
	OIDC_TOKEN_KEY_UNKNOWN,
	OIDC_TOKEN_KEY_WEAK,
	OIDC_TOKEN_SIGNATURE,
	OIDC_TOKEN_ISSUER,
	OIDC_TOKEN_AUDIENCE,
	OIDC_TOKEN_AUTHORIZED_PARTY,
	OIDC_TOKEN_TIMES, /* exp or iat missing, not an integer, or not a plausible span */
	OIDC_TOKEN_EXPIRED,
	OIDC_TOKEN_NOT_YET,
	OIDC_TOKEN_NONCE,
	OIDC_TOKEN_SUBJECT,
	OIDC_TOKEN_TENANT,    /* Entra: of another tenant */
	OIDC_TOKEN_OBJECT_ID, /* Entra: no oid */
	OIDC_TOKEN_GUEST,     /* Entra: homed elsewhere, and the tenant lets no guests in */
	OIDC_TOKEN_REQUIRED_CLAIM,
	OIDC_VERDICT_COUNT
};

/* "nonce", "audience", ...; "ok". */
const char *oidc_verdict_name(enum oidc_verdict verdict);

/* Read the compact form; says which key is needed. *ret is set on OIDC_TOKEN_OK. */
MUST_CHECK enum oidc_verdict oidc_rules_read(struct arena *arena, struct text token,
					     const struct jwt **ret);

struct oidc_judgement {
	const struct jwt *jwt;
	const struct jwk *key; /* found by kid in the provider's set; NULL: not found */
	const struct tenant *tenant;
	const struct identity_provider *provider;
	bool is_entra; /* the provider is Entra's issuer of this very tenant */
	struct text nonce;
	int64_t now;
};

/* Who signed in. */
struct oidc_user {
	const char *user_key;  /* the Entra object id, or "oidc:" and a hash of iss and sub */
	const char *object_id; /* Entra's; "" for other providers */
	const char *name;      /* a label; "" when the token has none */
};

/* *ret is set from OIDC_TOKEN_NONCE on, where issuer and audience are proved: for the record of a
 * refusal. Only with OIDC_TOKEN_OK may anybody be let in. */
MUST_CHECK enum oidc_verdict oidc_rules_judge(struct arena *arena,
					      const struct oidc_judgement *judgement,
					      struct oidc_user *ret);

/* NAME=VALUE, as administrators write it. False: not of that form. */
bool oidc_required_claim_read(struct text t, struct text *ret_name, struct text *ret_value);

#endif
