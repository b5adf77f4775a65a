/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_license.h: whether the rule of a tenant that only members of an Entra group may enrol can
 * let anybody in: the group is there, and Graph may be asked who is in it. Private to src/admin.
 */
#ifndef MUSTER_ADMIN_TENANT_LICENSE_H
#define MUSTER_ADMIN_TENANT_LICENSE_H

#include "admin/tenants.h"
#include "model/op.h"

/* token: for Graph. Only where the tenant names a group. */
void tenant_license_probe(struct op *op, const struct tenant *tenant, const char *token,
			  struct tenant_finding *ret);

#endif
