/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant.h: the tenants this server serves. Key: tenant_id, the Entra GUID in lower case. There
 * is no default tenant, and a tenant that is not in the table does not exist.
 */
#ifndef MUSTER_STORE_TENANT_H
#define MUSTER_STORE_TENANT_H

#include "model/tenant.h"
#include "store/store.h"

/* STORE_E_NOT_FOUND. A disabled tenant is found: look at is_enabled. */
MUST_CHECK int store_tenant_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct tenant *ret);
/* The tenant that has this domain, in lower case, among its domains. STORE_E_NOT_FOUND. */
MUST_CHECK int store_tenant_by_domain(struct db_conn *conn, struct arena *arena, struct text domain,
				      struct tenant *ret);
/* The one enabled tenant that offers this method. STORE_E_NOT_FOUND: none does; STORE_E_IN_USE:
 * more than one. */
MUST_CHECK int store_tenant_only_with_method(struct db_conn *conn, struct arena *arena,
					     enum enrollment_method method, struct tenant *ret);
/* By tenant_id, after `after`. */
MUST_CHECK int store_tenant_list(struct db_conn *conn, struct arena *arena, struct text after,
				 size_t limit, struct tenant **ret, size_t *ret_n);
/* At version 1. STORE_E_CONFLICT: the tenant exists. */
MUST_CHECK int store_tenant_add(struct db_conn *tx, const struct tenant *tenant);
/* Everything but tenant_id, created_at and the Graph state; raises version by one.
 * STORE_E_STALE: the row is not at the version of the struct. STORE_E_NOT_FOUND. */
MUST_CHECK int store_tenant_update(struct db_conn *tx, const struct tenant *tenant);
/* Removes the tenant and all its rows but the audit. STORE_E_NOT_FOUND; STORE_E_IN_USE while a
 * device of it is enrolled or a report to Graph is owed. */
MUST_CHECK int store_tenant_remove(struct db_conn *tx, struct text tenant_id);
/* What Graph last said about this tenant; error "" when all is well. STORE_E_NOT_FOUND. */
MUST_CHECK int store_tenant_set_graph_state(struct db_conn *tx, struct text tenant_id,
					    enum graph_state state, struct text error, int64_t now);
/* Nothing is sent to this tenant's Graph before `until`; see store_outbox_due.
 * STORE_E_NOT_FOUND. */
/* Graph answered: a pause that has passed is forgotten. While it is not, the tenant's turn comes
 * after those without; one that still lasts is not touched. */
MUST_CHECK int store_tenant_graph_answered(struct db_conn *tx, struct text tenant_id, int64_t now);
MUST_CHECK int store_tenant_set_graph_pause(struct db_conn *tx, struct text tenant_id,
					    int64_t until);
/* Tenants whose Graph state is one of a stop (not_authorised, credential_fault) since a time at or
 * before `before`. */
MUST_CHECK int store_tenant_list_stopped(struct db_conn *conn, struct arena *arena, int64_t before,
					 struct tenant **ret, size_t *ret_n);

/* Why the groups of users cannot be read, "" when they can; and not before when to ask again. This
 * is a permission of its own: reports to Graph go on. STORE_E_NOT_FOUND. */
MUST_CHECK int store_tenant_set_groups_state(struct db_conn *tx, struct text tenant_id,
					     struct text error, int64_t pause_until);
/* Enabled tenants that assign something to an Entra group and whose Graph is not paused. */
MUST_CHECK int store_tenant_list_groups_due(struct db_conn *conn, struct arena *arena, int64_t now,
					    struct tenant **ret, size_t *ret_n);

#endif
