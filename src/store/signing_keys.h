/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signing_keys.h: the last good metadata and signing keys of a tenant's issuer, as fetched. Kept
 * so that a restart while Entra cannot be reached does not stop enrolment; how old a row may be
 * is the reader's decision.
 */
#ifndef MUSTER_STORE_SIGNING_KEYS_H
#define MUSTER_STORE_SIGNING_KEYS_H

#include "store/store.h"

struct signing_keys_row {
	const char *tenant_id;
	int64_t version;      /* of the endpoint: 1 or 2 */
	const char *metadata; /* the OpenID metadata document, as received */
	const char *jwks;     /* the key set document, as received */
	int64_t fetched_at;
};

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_signing_keys_load(struct db_conn *conn, struct arena *arena,
				       struct text tenant_id, int64_t version,
				       struct signing_keys_row *ret);
/* Adds or replaces. STORE_E_CONFLICT: no such tenant. */
MUST_CHECK int store_signing_keys_save(struct db_conn *tx, const struct signing_keys_row *row);

#endif
