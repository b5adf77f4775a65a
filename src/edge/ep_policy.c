/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_policy.c: POST /EnrollmentServer/Policy.svc (MS-XCEP). The policy is the same for everybody
 * and not secret, and a renewal asks without a token; but a token that is sent must be good, so
 * that a device that cannot enrol learns it here, with the right error.
 */
#include "edge/attempt.h"
#include "edge/ep_enrollment.h"
#include "edge/refusal.h"
#include "edge/soap_call.h"
#include "soap/xcep.h"

/* Answers that stand in the policy for completeness; Windows takes its own from the certificate. */
enum { DAY_S = 24 * 3600 };

/* Whoever would be refused whatever the device says learns it before it makes a key. 0: go on; 1:
 * answered; negative: the program failed, answered too. */
static int admission_check(struct soap_call *call, const struct enroll_principal *principal,
			   const struct tenant *tenant)
{
	enum enroll_license license;
	const char *why;
	int r = edge_license_find(call->op, principal, tenant, &license, &why);

	if (r == 0)
		r = enroll_foresee(call->op, principal, tenant, license, &call->attempt);
	if (r > 0)
		edge_license_tell(call->op, &call->attempt, why);
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&call->op->trail, r));
	if (r == 0)
		return 0;
	edge_refuse(call, (enum enroll_outcome)r, tenant);
	return 1;
}

static int credential_check(struct soap_call *call)
{
	struct enroll_principal principal;
	struct soap_security security;
	struct tenant tenant;
	int r;

	if (!soap_call_security(call, &security))
		return 1;
	if (security.kind == SOAP_SECURITY_NONE)
		return 0;
	/* An empty password is what a renewal sends. */
	if (security.kind == SOAP_SECURITY_USERNAME && text_is_empty(security.password))
		return 0;
	r = soap_call_authenticate(call, &security, &principal, &tenant);
	return r ? r : admission_check(call, &principal, &tenant);
}

int ep_policy(struct op *op, const struct http_request *request, struct http_response *response)
{
	const struct soap_policies_response answer = {
	    .policy_id = "",
	    .common_name = "Muster device certificate",
	    .minimal_key_length = LIMIT_RSA_BITS_MIN,
	    .validity_s = (int64_t)op->config->certificate_days * DAY_S,
	    .renewal_s = (int64_t)op->config->renew_days * DAY_S,
	};
	struct soap_policies policies;
	struct soap_call call;
	int r;

	if (!soap_call_open(&call, op, request, response, SOAP_POLICIES, STAGE_POLICY))
		return 0;
	if (soap_policies_read(&call.message, &policies)) {
		soap_call_refuse(&call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
		return 0;
	}
	r = credential_check(&call);
	if (r)
		return r < 0 ? r : 0;
	/* A device that renews proves nobody and is not on its way in. */
	if (call.attempt.tenant_id[0])
		edge_attempt_record(op, &call.attempt);
	soap_policies_write(&response->body, &call.reply, &answer);
	soap_call_answer(&call);
	return 0;
}
