/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c: the text of every enum that is stored or shown. One table for each; the text is what
 * the database, the API and the command line use, so a row here never changes, only new ones come.
 */
#include "model/audit.h"
#include "model/compliance.h"
#include "model/terms.h"

static bool name_read(const char *const *names, size_t n, struct text t, int *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (text_eq_c(t, names[i])) {
			*ret = (int)i;
			return true;
		}
	}
	return false;
}

#define NAMES(type, ...)                                                                           \
	static const char *const type##_names[] = {__VA_ARGS__, NULL};                             \
	const char *const *type##_list(void)                                                       \
	{                                                                                          \
		return type##_names;                                                               \
	}                                                                                          \
	const char *type##_name(enum type value)                                                   \
	{                                                                                          \
		return (size_t)value < ARRAY_LEN(type##_names) - 1 ? type##_names[value] : "";     \
	}                                                                                          \
	bool type##_read(struct text t, enum type *ret)                                            \
	{                                                                                          \
		int i;                                                                             \
                                                                                                   \
		if (!name_read(type##_names, ARRAY_LEN(type##_names) - 1, t, &i))                  \
			return false;                                                              \
		*ret = (enum type)i;                                                               \
		return true;                                                                       \
	}

NAMES(tenant_mode, "on-premises", "cloud")
NAMES(cloud, "global", "usgov", "china", "custom")
NAMES(graph_state, "unknown", "ok", "not_authorised", "credential_fault")
NAMES(credential_kind, "secret", "certificate", "federated")
NAMES(credential_state, "pending", "active", "retiring", "expired")
NAMES(enrollment_method, "federated", "on-premises", "certificate")
NAMES(enrollment_type, "device", "full")
NAMES(enroll_auth, "entra", "federated", "on-premises", "certificate")
NAMES(device_state, "enrolled", "retired")
NAMES(compliance_state, "unknown", "compliant", "noncompliant", "grace")
NAMES(certificate_state, "intended", "active", "superseded", "revoked")
NAMES(enrollment_stage, "terms", "discovery", "sign-in", "policy", "request", "renewal", "session")
NAMES(enrollment_outcome, "ok", "refused", "failed")
NAMES(story_state, "open", "enrolled", "joined", "refused", "failed")
NAMES(scope, "device", "user")
NAMES(applied_state, "sent", "ok", "failed", "removing")
NAMES(command_verb, "Add", "Replace", "Delete", "Get", "Exec")
NAMES(command_state, "queued", "sent", "answered", "cancelled")
NAMES(rule_operator, "eq", "ne", "ge", "le", "gt", "lt", "in", "exists")
NAMES(outbox_state, "pending", "held", "done")
NAMES(api_role, "reader", "administrator")
NAMES(terms_audience, "organization", "personal", "any")
NAMES(terms_choice, "accepted", "declined")
NAMES(pin_state, "open", "used", "revoked")
