/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_set.h: one tenant's signing keys of one token version as they were at one time. Immutable
 * once made and counted, so that a thread can use a key while another swaps the set. Only keys.c
 * and what it is made of use this header.
 */
#ifndef MUSTER_ENTRA_KEY_SET_H
#define MUSTER_ENTRA_KEY_SET_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"
#include "jwt/jwks.h"
#include "model/tenant.h"

enum { KEY_SET_ABSENCES = 2 }; /* refreshes in a row without a key after which it is gone */

struct entra_key_set {
	atomic_size_t holders;
	struct arena arena; /* owns every text below */
	struct jwks jwks;
	int64_t *seen_at;   /* by index of the key: when a document last listed it */
	unsigned *absences; /* by index of the key */
	struct text issuer;
	struct text cloud_instance; /* ptr NULL: not stated */
	int64_t fetched_at;
};

/* The two documents of a tenant's issuer, as received. */
struct key_documents {
	struct text metadata;
	struct text jwks;
	int64_t fetched_at;
};

enum key_set_outcome {
	KEY_SET_E_UNUSABLE = 1 /* a document is wrong; why is in the trail */
};

/* What the metadata says, checked against the tenant's cloud. Texts are in the arena. */
struct key_metadata {
	struct text issuer;
	struct text cloud_instance;
	struct text jwks_uri;
};
MUST_CHECK int key_metadata_read(struct arena *arena, const struct tenant *tenant,
				 bool is_version_2, struct text metadata, struct key_metadata *ret,
				 struct trail *trail);

/* Build a set, held once. old (NULL: none) lends the keys that are missing from the new document
 * for less than KEY_SET_ABSENCES refreshes and seen within LIMIT_KEYS_TTL_S; its issuer must be
 * stated again. */
MUST_CHECK int key_set_new(struct entra_key_set **ret, const struct tenant *tenant,
			   bool is_version_2, const struct key_documents *documents,
			   const struct entra_key_set *old, struct trail *trail);
/* The key of that id if its time is not over; NULL otherwise. */
const struct jwk *key_set_get(const struct entra_key_set *set, struct text key_id, int64_t now);
/* Has any key whose time is not over. */
bool key_set_is_usable(const struct entra_key_set *set, int64_t now);

struct entra_key_set *key_set_hold(struct entra_key_set *set);
void key_set_release(struct entra_key_set *set); /* NULL is allowed */

#endif
