/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_error.h: why Active Directory refused a bind. The result code is always invalidCredentials;
 * the reason is a Windows error number in the diagnostic message: "80090308: LdapErr: DSID-0C09...,
 * comment: AcceptSecurityContext error, data 532, v4563".
 */
#ifndef MUSTER_LDAP_BIND_ERROR_H
#define MUSTER_LDAP_BIND_ERROR_H

#include "ldap/directory.h"

/* DIRECTORY_E_PASSWORD for everything that is not known to be something else. */
enum directory_outcome bind_error_read(struct text diagnostic);

#endif
