/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_provider.h: the OpenID provider at which users of a tenant sign in who enrol without
 * Entra's join, and the check of what an administrator typed against what the provider says.
 */
#ifndef MUSTER_ADMIN_IDENTITY_PROVIDER_H
#define MUSTER_ADMIN_IDENTITY_PROVIDER_H

#include "admin/admin.h"
#include "model/identity_provider.h"

/* secret.ptr NULL: as it is (none for a new one); empty: a public client. The provider's fields are
 * checked and completed; sealed is set here. */
MUST_CHECK int admin_identity_provider_add(struct admin *admin, struct identity_provider *provider,
					   struct text secret);
MUST_CHECK int admin_identity_provider_update(struct admin *admin,
					      struct identity_provider *provider,
					      struct text secret);
MUST_CHECK int admin_identity_provider_remove(struct admin *admin, const char *tenant_id);

/* One finding for each thing that must work; redirect_uri is what the provider must know. */
struct provider_finding {
	const char *what;
	bool is_ok;
	const char *detail; /* what is wrong and what to do; "" when ok */
};
enum { PROVIDER_FINDINGS = 4 };
MUST_CHECK int admin_identity_provider_check(struct admin *admin, const char *tenant_id,
					     struct provider_finding ret[PROVIDER_FINDINGS]);

/* Where the provider sends users back to: to be registered there. */
const char *admin_identity_provider_redirect_uri(struct admin *admin);

#endif
