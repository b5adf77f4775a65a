/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_rules.h: what an administrator may set as the rules about who may enrol: bounds of the
 * version of Windows, editions, the licence group, and the limit of the tenant.
 */
#ifndef MUSTER_ADMIN_TENANT_RULES_H
#define MUSTER_ADMIN_TENANT_RULES_H

#include "admin/admin.h"
#include "model/tenant.h"

/* 0, or ADMIN_E_INVALID. GUIDs are lower-cased in place. */
MUST_CHECK int admin_tenant_rules_check(struct admin *admin, struct tenant *tenant);

#endif
