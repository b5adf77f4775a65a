/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.h: a signed token in compact form: taken apart strictly, and verified with a given key.
 *
 * Reading proves nothing about who made a token; jwt_verify proves that the holder of the key did.
 * Which key, and whether the claims are acceptable, is the caller's to decide (entra/rules.h).
 * The algorithm is RS256 because this code says so; the header is only compared with it.
 * Pure: no network, no clock. Specification: RFC 7515, RFC 7519, RFC 8725.
 */
#ifndef MUSTER_JWT_JWT_H
#define MUSTER_JWT_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/json.h"
#include "base/text.h"
#include "jwt/jwks.h"

enum jwt_outcome {
	JWT_E_TOO_LONG = 1,     /* longer than LIMIT_TOKEN */
	JWT_E_SEGMENTS = 2,     /* not three segments */
	JWT_E_BASE64 = 3,       /* a segment is not canonical base64url */
	JWT_E_HEADER = 4,       /* not a JSON object within its limits, or a duplicate member */
	JWT_E_TYPE = 5,         /* typ is there and is not "JWT" */
	JWT_E_ALGORITHM = 6,    /* alg is not "RS256" */
	JWT_E_CRITICAL = 7,     /* crit, b64 or zip */
	JWT_E_EMBEDDED_KEY = 8, /* jku, x5u, jwk or x5c */
	JWT_E_NONCE = 9,        /* nonce in the header: a token for Microsoft Graph */
	JWT_E_KEY_ID = 10,      /* kid missing, too long, or not printable ASCII */
	JWT_E_CLAIMS = 11,      /* the payload is not a JSON object within its limits */
	JWT_E_CLAIM_TWICE = 12  /* two claims whose names differ only in case */
};

/* The claims this program reads. A text is {NULL, 0} when the claim is absent or not a string;
 * has_... tells that it was there at all, for claims where that makes a difference. */
struct jwt_claims {
	struct text version;   /* ver */
	struct text tenant_id; /* tid */
	struct text issuer;    /* iss */
	struct text audience;  /* aud; an array counts as not a string */
	struct text object_id; /* oid */
	struct text subject;   /* sub */
	struct text scope;     /* scp */
	struct text kind;      /* idtyp */
	struct text device_id; /* deviceid */
	struct text app_v1;    /* appid */
	struct text app_v2;    /* azp */
	struct text upn;
	struct text preferred_username;
	struct text identity_provider; /* idp */
	struct text token_id;          /* uti */
	int64_t expires_at;            /* exp, nbf, iat: integers only */
	int64_t not_before;
	int64_t issued_at;
	int64_t account_kind; /* acct: 0 member, 1 guest; -1 when it is no integer */
	bool has_expires_at, has_not_before, has_issued_at, has_account_kind;
	bool has_scope, has_kind, has_device_id, has_roles, has_nonce, has_identity_provider;
};

struct jwt {
	struct text signed_part; /* "header.payload" as received */
	struct text signature;   /* decoded */
	struct text key_id;
	struct jwt_claims claims;
	const struct json *payload; /* all claims, for rules that know others: an object */
};

/* Everything in *ret is in the arena or borrowed from token. Positive: enum jwt_outcome. */
MUST_CHECK int jwt_read(struct arena *arena, struct text token, const struct jwt **ret);

enum jwt_verdict {
	JWT_VERIFIED = 0,
	JWT_BAD_SIGNATURE = 1, /* also: of another length than the modulus */
	JWT_KEY_UNUSABLE = 2   /* the key could not be built */
};

MUST_CHECK enum jwt_verdict jwt_verify(const struct jwt *jwt, const struct jwk *key);

#endif
