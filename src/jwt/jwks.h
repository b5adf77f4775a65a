/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwks.h: a JSON Web Key Set: the RSA signature keys a token issuer publishes.
 *
 * Keys of another type or use are skipped: a set may hold what this program does not need. Key
 * material is taken from n and e alone; certificates (x5c, x5t) are not looked at, an alg member
 * is not believed. A key that is too small is kept and marked, so that a token made with it is
 * refused for the true reason. Pure. Specification: RFC 7517, 7518 6.3.
 */
#ifndef MUSTER_JWT_JWKS_H
#define MUSTER_JWT_JWKS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"

struct evp_pkey_st;

struct jwk {
	struct text key_id;
	struct text issuer;         /* as published, "{tenantid}" not replaced; ptr NULL: absent */
	struct text cloud_instance; /* cloud_instance_name; ptr NULL: absent */
	size_t bits;                /* of the modulus */
	size_t signature_len;       /* bytes of the modulus */
	bool is_weak;               /* below LIMIT_RSA_BITS_MIN, or an exponent below 65537 */
	struct evp_pkey_st *key;    /* owned by the set; NULL: not usable */
};

struct jwks {
	struct jwk *keys;
	size_t count;
	size_t skipped; /* members that are no usable RSA signature key */
};

enum jwks_outcome {
	JWKS_E_MALFORMED = 1, /* not JSON, or no "keys" array */
	JWKS_E_TOO_LARGE = 2, /* LIMIT_KEYS_DOCUMENT or LIMIT_KEYS_COUNT */
	JWKS_E_EMPTY = 3      /* no usable key in it */
};

/* The set and its texts are in the arena; end with jwks_done before the arena goes. */
MUST_CHECK int jwks_read(struct arena *arena, struct text json, struct jwks *ret);
void jwks_done(struct jwks *set);
/* Add a key of another set, copied into the arena; nothing happens when its id is there already. */
void jwks_add(struct arena *arena, struct jwks *set, const struct jwk *key);
/* NULL when there is none. Two keys of one id: the first. */
const struct jwk *jwks_get(const struct jwks *set, struct text key_id);

#endif
