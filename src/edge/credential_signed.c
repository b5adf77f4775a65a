/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential_signed.c: see credential_signed.h. The message that was read and the bytes that are
 * verified are both those of the request's body.
 */
#include "edge/credential_signed.h"

#include "edge/attempt.h"
#include "enroll/signed.h"

static enum soap_fault signed_fault(enum enroll_signed_outcome outcome)
{
	switch (outcome) {
	case ENROLL_SIGNED_E_FORM:
		return SOAP_FAULT_INVALID_SECURITY;
	case ENROLL_SIGNED_E_IDENTITY:
		return SOAP_FAULT_AUTHENTICATION;
	case ENROLL_SIGNED_E_PERMISSION:
		return SOAP_FAULT_AUTHORIZATION;
	case ENROLL_SIGNED_E_NOT_OFFERED:
		return SOAP_FAULT_NOT_SUPPORTED;
	}
	return SOAP_FAULT_AUTHENTICATION;
}

int credential_signed_prove(struct soap_call *call, const struct soap_security *security,
			    struct enroll_principal *ret, struct tenant *ret_tenant)
{
	int r = enroll_signed_prove(call->op, call->request->body, &call->message, security,
				    &call->attempt, ret, ret_tenant);

	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&call->op->trail, r));
	if (ret->tenant_id)
		edge_attempt_enroller(&call->attempt, ret);
	if (r == 0)
		return 0;
	soap_call_fault(call, signed_fault((enum enroll_signed_outcome)r));
	return 1;
}
