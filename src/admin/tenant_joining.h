/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_joining.h: checks of what a tenant says about who may find it and how devices enrol.
 */
#ifndef MUSTER_ADMIN_TENANT_JOINING_H
#define MUSTER_ADMIN_TENANT_JOINING_H

#include "admin/admin.h"
#include "model/tenant.h"

/* Domains are lower-cased in place; each is a DNS name of two labels or more, each method one that
 * there is, none named twice. ADMIN_E_INVALID. */
MUST_CHECK int admin_tenant_ways_check(struct admin *admin, struct tenant *tenant);

/* In the transaction that writes the tenant: the first of its domains that another tenant has, as
 * an index, or -1. A domain leads to one tenant only. */
MUST_CHECK int admin_tenant_domain_taken(struct db_conn *tx, const struct tenant *tenant, int *ret);

#endif
