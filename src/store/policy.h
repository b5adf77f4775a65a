/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h: what administrators want on devices. Key: (tenant_id, id); the name is unique in its
 * tenant. Settings and assignments are kept as JSON in the row.
 */
#ifndef MUSTER_STORE_POLICY_H
#define MUSTER_STORE_POLICY_H

#include "model/policy.h"
#include "store/store.h"

/* STORE_E_CONFLICT: the id or the name exists, or the tenant does not. */
MUST_CHECK int store_policy_add(struct db_conn *tx, const struct policy *policy);
/* Name, scope, settings, assignments, updated_at; raises version by one. STORE_E_STALE: the row is
 * not at the version of the struct. STORE_E_NOT_FOUND, STORE_E_CONFLICT: the name. */
MUST_CHECK int store_policy_update(struct db_conn *tx, const struct policy *policy);
/* STORE_E_NOT_FOUND. What devices were told stays in their applied settings. */
MUST_CHECK int store_policy_remove(struct db_conn *tx, struct text tenant_id, struct text id);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_policy_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct text id, struct policy *ret);
/* By id alone, for the API, whose routes name no tenant. STORE_E_NOT_FOUND. */
MUST_CHECK int store_policy_find(struct db_conn *conn, struct arena *arena, struct text id,
				 struct policy *ret);
MUST_CHECK int store_policy_find_name(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct text name, struct policy *ret);
/* By id, after the id `after`; tenant_id empty: all tenants. */
MUST_CHECK int store_policy_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct text after, size_t limit, struct policy **ret,
				 size_t *ret_n);

#endif
