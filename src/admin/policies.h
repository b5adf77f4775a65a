/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h: policies and compliance policies. A changed policy reaches a device in its next
 * session; a changed compliance policy makes every device of the tenant due for a new verdict.
 */
#ifndef MUSTER_ADMIN_POLICIES_H
#define MUSTER_ADMIN_POLICIES_H

#include "admin/admin.h"
#include "model/compliance.h"

/* Every setting is checked against its LocURI's scope and its format. */
MUST_CHECK int admin_policy_add(struct admin *admin, struct policy *policy);
MUST_CHECK int admin_policy_update(struct admin *admin, struct policy *policy);
MUST_CHECK int admin_policy_remove(struct admin *admin, const char *id);

/* Every rule must name a fact that devices report and a value its operator can use. */
MUST_CHECK int admin_compliance_add(struct admin *admin, struct compliance_policy *policy);
MUST_CHECK int admin_compliance_update(struct admin *admin, struct compliance_policy *policy);
MUST_CHECK int admin_compliance_remove(struct admin *admin, const char *id);

#endif
