/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenants.h: tenants, their credentials, and the check of what an administrator typed against what
 * Entra says.
 */
#ifndef MUSTER_ADMIN_TENANTS_H
#define MUSTER_ADMIN_TENANTS_H

#include "admin/admin.h"
#include "model/tenant.h"

/* Add or change a tenant; every field of *tenant is checked and ids are lower-cased in place.
 * For an update created_at and the Graph state are kept. */
MUST_CHECK int admin_tenant_add(struct admin *admin, struct tenant *tenant);
MUST_CHECK int admin_tenant_update(struct admin *admin, struct tenant *tenant);
/* Refused while the tenant has enrolled devices. */
MUST_CHECK int admin_tenant_remove(struct admin *admin, const char *tenant_id);

/* The fields about the Terms of Use; they are put into their one spelling in place. */
MUST_CHECK int admin_tenant_check_terms(struct admin *admin, struct tenant *tenant);

/* In a transaction: what waited for a credential, a permission or a pause to end goes out again. */
MUST_CHECK int admin_tenant_release(struct db_conn *tx, const char *tenant_id, int64_t now);

/* The check of a tenant: one finding for each thing that must work. When all do and the tenant was
 * stopped, it is released. */
enum tenant_finding_state {
	FINDING_OK,
	FINDING_NOTICE, /* not good or not to be looked at, and joining does not depend on it */
	FINDING_PROBLEM
};
const char *tenant_finding_state_name(enum tenant_finding_state state);

struct tenant_finding {
	const char *what; /* signing keys, application token, Graph access, application, texts */
	enum tenant_finding_state state;
	const char *detail; /* what is wrong and what to do; may be "" when ok */
};
enum { TENANT_FINDINGS_MAX = 6 };
struct tenant_findings {
	struct tenant_finding items[TENANT_FINDINGS_MAX];
	size_t count; /* "licence group" is there only where the tenant has such a rule */
};
/* Whether everybody gets a text of the tenant where it has any; sets the verdict of one that is ok.
 */
MUST_CHECK int admin_tenant_texts_probe(struct op *op, const struct tenant *tenant,
					struct tenant_finding *ret);
MUST_CHECK int admin_tenant_check(struct admin *admin, const char *tenant_id,
				  struct tenant_findings *ret);
/* The address where an administrator of the customer consents; state is bound to nothing yet. */
MUST_CHECK int admin_tenant_consent_url(struct admin *admin, const char *tenant_id,
					const char **ret);

/* What a new credential is made of. secret: for CREDENTIAL_SECRET; the PEMs: for a certificate. */
struct credential_input {
	enum credential_kind kind;
	struct text secret;
	struct text certificate_pem;
	struct text key_pem;
	int64_t not_after; /* of a secret, when the administrator says; 0: unknown */
};
/* Sealed, active at once; what waited for a credential is sent again. */
MUST_CHECK int admin_credential_add(struct admin *admin, const char *tenant_id,
				    const struct credential_input *input, struct credential *ret);
MUST_CHECK int admin_credential_remove(struct admin *admin, const char *tenant_id, const char *id);
/* Make a credential the one that is used, and let the other active ones retire. */
MUST_CHECK int admin_credential_rotate(struct admin *admin, const char *tenant_id, const char *id,
				       struct credential *ret);

#endif
