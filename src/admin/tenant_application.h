/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_application.h: what Graph tells of a tenant's MDM application that decides whether its
 * tokens are taken: their version and their audience. Private to src/admin.
 */
#ifndef MUSTER_ADMIN_TENANT_APPLICATION_H
#define MUSTER_ADMIN_TENANT_APPLICATION_H

#include "admin/tenants.h"
#include "model/op.h"

/* token: for Graph. That the application may not be read is no fault: it works without. */
void tenant_application_probe(struct op *op, const struct tenant *tenant, const char *token,
			      struct tenant_finding *ret);

#endif
