/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap_directory.h: the LDAP directory whose users may enrol in a tenant. Key: tenant_id. The bind
 * password is stored sealed and is opened by the caller.
 */
#ifndef MUSTER_STORE_LDAP_DIRECTORY_H
#define MUSTER_STORE_LDAP_DIRECTORY_H

#include "model/account.h"
#include "store/store.h"

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_ldap_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			       struct ldap_directory *ret);
/* The tenant whose directory has this NetBIOS name, in any case. STORE_E_NOT_FOUND: none has, or
 * more than one. */
MUST_CHECK int store_ldap_tenant_by_netbios(struct db_conn *conn, struct arena *arena,
					    struct text name, const char **ret_tenant_id);
/* At version 1. STORE_E_CONFLICT: the tenant has one, or does not exist. */
MUST_CHECK int store_ldap_add(struct db_conn *tx, const struct ldap_directory *directory);
/* Everything but the key and created_at; raises version by one. STORE_E_STALE, STORE_E_NOT_FOUND.
 */
MUST_CHECK int store_ldap_update(struct db_conn *tx, const struct ldap_directory *directory);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_ldap_remove(struct db_conn *tx, struct text tenant_id);

#endif
