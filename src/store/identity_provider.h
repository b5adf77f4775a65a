/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_provider.h: the OpenID provider of a tenant. Key: tenant_id.
 */
#ifndef MUSTER_STORE_IDENTITY_PROVIDER_H
#define MUSTER_STORE_IDENTITY_PROVIDER_H

#include "model/identity_provider.h"
#include "store/store.h"

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_identity_provider_load(struct db_conn *conn, struct arena *arena,
					    struct text tenant_id, struct identity_provider *ret);
/* At version 1. STORE_E_CONFLICT: the tenant has one, or there is no such tenant. */
MUST_CHECK int store_identity_provider_add(struct db_conn *tx,
					   const struct identity_provider *provider);
/* Everything but created_at; raises version by one. STORE_E_STALE: the row is not at the version
 * of the struct. STORE_E_NOT_FOUND. */
MUST_CHECK int store_identity_provider_update(struct db_conn *tx,
					      const struct identity_provider *provider);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_identity_provider_remove(struct db_conn *tx, struct text tenant_id);

#endif
