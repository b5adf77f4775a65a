/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal.c: see refusal.h.
 */
#include "edge/refusal.h"

#include "graph/member.h"

enum {
	MEMBER_AGE_S = 15 * 60, /* what Graph told about a member is good for so long */
	MEMBER_BUDGET_MS = 3000 /* Windows waits, and so does the user before the screen */
};

static enum soap_fault fault_of(enum enroll_outcome outcome)
{
	switch (outcome) {
	case ENROLL_E_CONTEXT:
		return SOAP_FAULT_MESSAGE_FORMAT;
	case ENROLL_E_TERMS:
		return SOAP_FAULT_INVALID_ENROLLMENT_DATA;
	case ENROLL_E_CSR:
	case ENROLL_E_KEY_IN_USE:
		return SOAP_FAULT_CERTIFICATE_REQUEST;
	case ENROLL_E_TOKEN_USED:
		return SOAP_FAULT_AUTHORIZATION;
	case ENROLL_E_DEVICE_CAP:
		return SOAP_FAULT_DEVICE_CAP_REACHED;
	case ENROLL_E_CONCURRENT:
	case ENROLL_E_LICENSE_UNKNOWN:
		return SOAP_FAULT_ENROLLMENT_SERVER;
	case ENROLL_E_MAINTENANCE:
		return SOAP_FAULT_IN_MAINTENANCE;
	case ENROLL_E_CLOSED:
		return SOAP_FAULT_CUSTOM_SERVER_ERROR;
	case ENROLL_E_DEVICE_NOT_SUPPORTED:
		return SOAP_FAULT_DEVICE_NOT_SUPPORTED;
	case ENROLL_E_NOT_SUPPORTED:
		return SOAP_FAULT_NOT_SUPPORTED;
	case ENROLL_E_LICENSE:
		return SOAP_FAULT_USER_LICENSE;
	}
	return SOAP_FAULT_INTERNAL_SERVICE;
}

void edge_refuse(struct soap_call *call, enum enroll_outcome outcome, const struct tenant *tenant)
{
	if (outcome == ENROLL_E_CLOSED)
		call->fault_message = tenant->closed_message;
	soap_call_fault(call, fault_of(outcome));
}

/* Refused already, whoever the user is. */
static bool is_shut(const struct op *op, const struct tenant *tenant)
{
	return op->config->is_in_maintenance ||
	       enroll_rules_early(tenant, ENROLL_LICENSE_OK) != ENROLL_RULE_OK;
}

int edge_license_find(struct op *op, const struct enroll_principal *principal,
		      const struct tenant *tenant, enum enroll_license *ret, const char **ret_why)
{
	int r;

	*ret = ENROLL_LICENSE_UNKNOWN;
	*ret_why = "";
	/* Nobody asks Graph for somebody who is turned away in any case. */
	if (!tenant->license_group[0] || is_shut(op, tenant))
		return 0;
	*ret = ENROLL_LICENSE_MISSING;
	if (!principal->object_id[0])
		return 0;
	r = graph_member_check(op, tenant, principal->object_id, tenant->license_group,
			       MEMBER_AGE_S, MEMBER_BUDGET_MS, ret_why);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	switch ((enum graph_member)r) {
	case GRAPH_MEMBER_YES:
		*ret = ENROLL_LICENSE_OK;
		break;
	case GRAPH_MEMBER_NO:
		break;
	case GRAPH_MEMBER_UNKNOWN:
		*ret = ENROLL_LICENSE_UNKNOWN;
		break;
	}
	return 0;
}

void edge_license_tell(struct op *op, struct enrollment *attempt, const char *why)
{
	if (why[0] && !strcmp(attempt->reason, "license_unknown"))
		attempt->remedy = arena_printf(op->arena, "%s %s", why, attempt->remedy);
}
