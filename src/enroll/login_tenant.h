/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login_tenant.h: which tenant a user name leads to, before anything about the user is proved. The
 * name is what somebody typed: "user@domain" or "DOMAIN\user".
 */
#ifndef MUSTER_ENROLL_LOGIN_TENANT_H
#define MUSTER_ENROLL_LOGIN_TENANT_H

#include "model/op.h"
#include "model/tenant.h"

enum { LOGIN_NAME_MAX_LEN = 256 };

enum login_tenant_outcome {
	LOGIN_TENANT_E_NONE = 1,   /* it leads nowhere, and several tenants offer the method */
	LOGIN_TENANT_E_NOT_OFFERED /* no tenant offers the method, or the one it leads to does not;
				    * *ret is that one, its tenant_id "" where there is none */
};

/* The tenant of the mail domain, or of the directory with that NetBIOS name; where the name leads
 * nowhere the only tenant that offers the method. */
MUST_CHECK int login_tenant_find(struct op *op, struct text name, enum enrollment_method method,
				 struct tenant *ret);

/* The part before '@' or behind '\', and the other one, "" where the name has none. */
void login_name_split(struct text name, struct text *ret_user, struct text *ret_domain,
		      bool *ret_is_netbios);

#endif
