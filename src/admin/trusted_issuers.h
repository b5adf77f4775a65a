/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trusted_issuers.h: the CAs whose certificates let a device of a tenant enrol.
 */
#ifndef MUSTER_ADMIN_TRUSTED_ISSUERS_H
#define MUSTER_ADMIN_TRUSTED_ISSUERS_H

#include "admin/admin.h"
#include "model/tenant.h"

/* name NULL or "": the common name of the CA. The PEM must hold the certificate of a CA that is
 * valid, strong enough, and not this server's own. */
MUST_CHECK int admin_trusted_issuer_add(struct admin *admin, const char *tenant_id,
					const char *name, struct text certificate_pem,
					struct trusted_issuer *ret);
/* Devices that enrolled with its certificates stay. */
MUST_CHECK int admin_trusted_issuer_remove(struct admin *admin, const char *tenant_id,
					   const char *id);

#endif
