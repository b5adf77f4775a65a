/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts.h: who may enrol with a user name and a password: accounts kept here, and the LDAP
 * directory of a tenant. Passwords go in and never come out.
 */
#ifndef MUSTER_ADMIN_ACCOUNTS_H
#define MUSTER_ADMIN_ACCOUNTS_H

#include "admin/admin.h"
#include "ldap/directory.h"
#include "model/account.h"

/* password: ptr NULL keeps the one there is; a new account needs one. The name is lower-cased in
 * place. A new password also ends whatever wait wrong ones had brought. */
MUST_CHECK int admin_account_add(struct admin *admin, const char *tenant_id,
				 struct enrollment_account *account, struct text password);
MUST_CHECK int admin_account_update(struct admin *admin, struct enrollment_account *account,
				    struct text password);
/* Devices that it enrolled stay. */
MUST_CHECK int admin_account_remove(struct admin *admin, const char *tenant_id, const char *id);

/* password: of bind_dn; ptr NULL keeps the one there is. */
MUST_CHECK int admin_ldap_add(struct admin *admin, const char *tenant_id,
			      struct ldap_directory *directory, struct text password);
MUST_CHECK int admin_ldap_update(struct admin *admin, struct ldap_directory *directory,
				 struct text password);
MUST_CHECK int admin_ldap_remove(struct admin *admin, const char *tenant_id);
/* Connect, bind, and look for user_name, "" for nobody. */
MUST_CHECK int admin_ldap_check(struct admin *admin, const char *tenant_id, const char *user_name,
				struct directory_finding ret[DIRECTORY_FINDINGS]);

#endif
