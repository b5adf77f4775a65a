/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h: Entra's signing keys, cached for each tenant and token version, shared by all threads.
 *
 * What a lookup returns is an immutable snapshot it holds until entra_key_release; a refresh makes
 * a new one and swaps it. The last good set is kept in the store, so that tokens can be checked
 * after a restart while Entra's login host is down. A token with an unknown key id can cause at
 * most one fetch in LIMIT_KEYS_FORCED_REFRESH_S for its tenant and version, and not more than a
 * fixed number an hour for all tenants together, counted when tried, so that neither garbage nor
 * an outage can be turned into traffic.
 */
#ifndef MUSTER_ENTRA_KEYS_H
#define MUSTER_ENTRA_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/text.h"
#include "jwt/jwks.h"
#include "model/op.h"
#include "model/tenant.h"

struct entra_key_set;

enum entra_fetch_outcome {
	ENTRA_FETCH_E_FAILED = 1 /* no usable answer; why is in op->trail */
};

/* GET url, at most limit bytes, into op->arena. Positive: enum entra_fetch_outcome. */
typedef int (*entra_fetch)(struct op *op, const char *url, size_t limit, struct text *ret);
/* The real one, over op->http. */
MUST_CHECK int entra_fetch_https(struct op *op, const char *url, size_t limit, struct text *ret);

struct entra_keys *entra_keys_new(entra_fetch fetch);
void entra_keys_free(struct entra_keys *keys);

struct entra_key {
	const struct jwk *key;
	struct text issuer;         /* the metadata's, literal */
	struct text cloud_instance; /* ptr NULL: the metadata states none */
	struct entra_key_set *held;
};

enum entra_keys_outcome {
	ENTRA_KEYS_E_UNKNOWN = 1,    /* the set is there and has no such key */
	ENTRA_KEYS_E_UNAVAILABLE = 2 /* no set, and none can be had at present */
};

/* May fetch, on the calling thread, for at most 2 * LIMIT_KEYS_FETCH_S. Only one caller does at a
 * time, for whatever tenant; the others answer within a moment, with what there is. */
MUST_CHECK int entra_keys_get(struct op *op, const struct tenant *tenant, bool is_version_2,
			      struct text key_id, struct entra_key *ret);
void entra_key_release(struct entra_key *key);

/* Forget the keys of one tenant, in memory and in the store: the next token fetches anew. */
MUST_CHECK int entra_keys_purge(struct op *op, const char *tenant_id);

/* One turn of the background loop: refresh every set that is due. An outage is not a failure. */
MUST_CHECK int entra_keys_refresh_due(struct op *op);

/* Fetch both sets now and report: for the check of a tenant's settings. 0, or
 * ENTRA_KEYS_E_UNAVAILABLE with the reason in op->trail. */
MUST_CHECK int entra_keys_probe(struct op *op, const struct tenant *tenant);

struct entra_keys_stats {
	size_t sets;
	uint64_t refreshes; /* tried */
	uint64_t failures;  /* of these */
	uint64_t unknown_key_ids;
	int64_t oldest_success; /* Unix seconds of the set longest not refreshed; 0: none */
};
void entra_keys_stats_get(struct entra_keys *keys, struct entra_keys_stats *ret);

#endif
