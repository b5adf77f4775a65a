/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.h: what the server proves itself with at Entra, for each tenant. The secret part is
 * stored sealed and is opened by the caller; it never appears in a filter or an order.
 */
#ifndef MUSTER_STORE_CREDENTIAL_H
#define MUSTER_STORE_CREDENTIAL_H

#include "model/tenant.h"
#include "store/store.h"

/* All of a tenant, oldest first. */
MUST_CHECK int store_credential_list(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct credential **ret, size_t *ret_n);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_credential_load(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text id, struct credential *ret);
/* STORE_E_CONFLICT: the id exists, or the tenant does not. */
MUST_CHECK int store_credential_add(struct db_conn *tx, const struct credential *credential);
/* STORE_E_NOT_FOUND. last_error is kept as given, "" clears it. */
MUST_CHECK int store_credential_set_state(struct db_conn *tx, struct text tenant_id, struct text id,
					  enum credential_state state, struct text last_error);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_credential_remove(struct db_conn *tx, struct text tenant_id, struct text id);

#endif
