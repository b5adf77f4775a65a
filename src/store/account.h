/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.h: accounts that enrol with a user name and a password kept here. Key: (tenant_id, id);
 * a user name is unique in its tenant. The hash of the password is never a filter or an order.
 */
#ifndef MUSTER_STORE_ACCOUNT_H
#define MUSTER_STORE_ACCOUNT_H

#include "model/account.h"
#include "store/store.h"

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_account_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text id, struct enrollment_account *ret);
/* user_name in lower case. STORE_E_NOT_FOUND. */
MUST_CHECK int store_account_by_name(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text user_name,
				     struct enrollment_account *ret);
/* Of a tenant, by id, after `after`. */
MUST_CHECK int store_account_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text user_name, struct text after, size_t limit,
				  struct enrollment_account **ret, size_t *ret_n);
/* At version 1. STORE_E_CONFLICT: the id or the name exists, or the tenant does not. */
MUST_CHECK int store_account_add(struct db_conn *tx, const struct enrollment_account *account);
/* Everything but the keys, created_at and last_used_at; raises version by one. STORE_E_STALE,
 * STORE_E_NOT_FOUND, STORE_E_CONFLICT: the name exists. */
MUST_CHECK int store_account_update(struct db_conn *tx, const struct enrollment_account *account);
/* It was used, and its password hashed again where hash is not "". An account whose hash has
 * changed meanwhile keeps it. STORE_E_NOT_FOUND. */
MUST_CHECK int store_account_used(struct db_conn *tx, const struct enrollment_account *account,
				  struct text hash, int64_t now);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_account_remove(struct db_conn *tx, struct text tenant_id, struct text id);

#endif
