/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compliance.h: compliance policies. Key: (tenant_id, id); the name is unique in its tenant.
 * Rules and assignments are kept as JSON in the row.
 */
#ifndef MUSTER_STORE_COMPLIANCE_H
#define MUSTER_STORE_COMPLIANCE_H

#include "model/compliance.h"
#include "store/store.h"

/* At version 1. STORE_E_CONFLICT: the id or the name exists, or the tenant does not. */
MUST_CHECK int store_compliance_add(struct db_conn *tx, const struct compliance_policy *policy);
/* Everything but the key and created_at; raises version by one. STORE_E_STALE: the row is not at
 * the version of the struct. STORE_E_NOT_FOUND, STORE_E_CONFLICT: the name. */
MUST_CHECK int store_compliance_update(struct db_conn *tx, const struct compliance_policy *policy);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_compliance_remove(struct db_conn *tx, struct text tenant_id, struct text id);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_compliance_load(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text id,
				     struct compliance_policy *ret);
/* By id alone, for the API, whose routes name no tenant. STORE_E_NOT_FOUND. */
MUST_CHECK int store_compliance_find(struct db_conn *conn, struct arena *arena, struct text id,
				     struct compliance_policy *ret);
MUST_CHECK int store_compliance_find_name(struct db_conn *conn, struct arena *arena,
					  struct text tenant_id, struct text name,
					  struct compliance_policy *ret);
/* By id, after the id `after`; tenant_id empty: all tenants. */
MUST_CHECK int store_compliance_list(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text after, size_t limit,
				     struct compliance_policy **ret, size_t *ret_n);

#endif
