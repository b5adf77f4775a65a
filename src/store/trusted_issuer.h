/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trusted_issuer.h: the CAs whose certificates let a device of a tenant enrol. Certificates are
 * public and stored as they were given. A tenant names a CA at most once; several tenants may
 * name the same.
 */
#ifndef MUSTER_STORE_TRUSTED_ISSUER_H
#define MUSTER_STORE_TRUSTED_ISSUER_H

#include "model/tenant.h"
#include "store/store.h"

/* All of a tenant, oldest first. */
MUST_CHECK int store_trusted_issuer_list(struct db_conn *conn, struct arena *arena,
					 struct text tenant_id, struct trusted_issuer **ret,
					 size_t *ret_n);
/* All of all tenants whose subject has this hash, by tenant and age; at most limit. */
MUST_CHECK int store_trusted_issuer_by_subject(struct db_conn *conn, struct arena *arena,
					       struct text subject_sha256, size_t limit,
					       struct trusted_issuer **ret, size_t *ret_n);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_trusted_issuer_load(struct db_conn *conn, struct arena *arena,
					 struct text tenant_id, struct text id,
					 struct trusted_issuer *ret);
/* STORE_E_CONFLICT: the tenant names this CA already, or there is no such tenant. */
MUST_CHECK int store_trusted_issuer_add(struct db_conn *tx, const struct trusted_issuer *issuer);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_trusted_issuer_remove(struct db_conn *tx, struct text tenant_id,
					   struct text id);

#endif
