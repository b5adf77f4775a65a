/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.c: who is behind an enrolment request: one prover for each kind of credential the
 * WS-Security header can hold (MS-MDE2 3.1.4), chosen by the kind alone. A credential of one kind
 * is never tried as another.
 */
#include "edge/soap_call.h"

#include "base/digest.h"
#include "edge/attempt.h"
#include "edge/credential_signed.h"
#include "enroll/password.h"
#include "enroll/reason.h"
#include "entra/cloud.h"
#include "entra/tokens.h"
#include "oidc/sign_in.h"
#include "store/tenant.h"

static enum soap_fault token_fault(enum entra_verdict verdict)
{
	switch (entra_verdict_refusal(verdict)) {
	case ENTRA_REFUSED_FORM:
		return SOAP_FAULT_INVALID_SECURITY;
	case ENTRA_REFUSED_IDENTITY:
		return SOAP_FAULT_AUTHENTICATION;
	case ENTRA_REFUSED_PERMISSION:
		return SOAP_FAULT_AUTHORIZATION;
	case ENTRA_REFUSED_FOR_THE_MOMENT:
		return SOAP_FAULT_ENROLLMENT_SERVER;
	case ENTRA_ACCEPTED:
		break;
	}
	return SOAP_FAULT_AUTHENTICATION;
}

static void principal_fill(struct op *op, const struct entra_principal *from, struct text token,
			   struct enroll_principal *ret)
{
	*ret = (struct enroll_principal){
	    .auth = ENROLL_AUTH_ENTRA,
	    .tenant_id = from->tenant_id,
	    .user_key = from->object_id,
	    .object_id = from->object_id,
	    .device_id = from->device_id,
	    .user_name = from->user_name,
	    .is_version_2 = from->is_version_2,
	    .proof_sha256 = digest_sha256_hex(op->arena, token),
	};
}

static int entra_prove(struct soap_call *call, struct text token, struct enroll_principal *ret,
		       struct tenant *ret_tenant)
{
	struct entra_principal principal;
	struct entra_token_note note;
	enum soap_fault fault;
	int r;

	r = entra_token_check(call->op, ENTRA_ENROLL, token, &principal, ret_tenant, &note);
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&call->op->trail, r));
	if (r == ENTRA_TOKEN_OK) {
		principal_fill(call->op, &principal, token, ret);
		edge_attempt_enroller(&call->attempt, ret);
		return 0;
	}
	fault = token_fault((enum entra_verdict)r);
	edge_attempt_token(call->op, &call->attempt, (enum entra_verdict)r, &note,
			   soap_fault_hresult(fault));
	if (fault == SOAP_FAULT_ENROLLMENT_SERVER)
		http_response_header(call->response, "Retry-After", TEXT("60"));
	soap_call_fault(call, fault);
	return 1;
}

static enum soap_fault password_fault(enum enroll_password_outcome outcome)
{
	switch (outcome) {
	case ENROLL_PASSWORD_E_REFUSED:
		return SOAP_FAULT_AUTHENTICATION;
	case ENROLL_PASSWORD_E_NOT_OFFERED:
		return SOAP_FAULT_NOT_SUPPORTED;
	case ENROLL_PASSWORD_E_UNAVAILABLE:
		return SOAP_FAULT_ENROLLMENT_SERVER;
	}
	return SOAP_FAULT_AUTHENTICATION;
}

static int password_prove(struct soap_call *call, const struct soap_security *security,
			  struct enroll_principal *ret, struct tenant *ret_tenant)
{
	int r;

	r = enroll_password_check(call->op, security->username, security->password, &call->attempt,
				  ret, ret_tenant);
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&call->op->trail, r));
	if (r == 0) {
		edge_attempt_enroller(&call->attempt, ret);
		return 0;
	}
	if (r == ENROLL_PASSWORD_E_UNAVAILABLE)
		http_response_header(call->response, "Retry-After", TEXT("60"));
	soap_call_fault(call, password_fault((enum enroll_password_outcome)r));
	return 1;
}

/* A token of this server's own sign-in page. The client encodes it as base64; a program that hands
 * Windows one may have done so before. */
static int page_token_open(struct op *op, const struct soap_security *security,
			   struct sign_in_token *ret, struct text *ret_sealed)
{
	int r = sign_in_token_open(op, security->token, ret);

	*ret_sealed = security->token;
	if (r == SIGN_IN_TOKEN_E_FORGED && security->token_again.ptr) {
		*ret_sealed = security->token_again;
		r = sign_in_token_open(op, security->token_again, ret);
	}
	return r;
}

static int federated_refuse(struct soap_call *call, enum soap_fault fault, const char *reason)
{
	soap_call_refuse(call, fault, reason);
	return 1;
}

static int federated_prove(struct soap_call *call, const struct soap_security *security,
			   struct enroll_principal *ret, struct tenant *ret_tenant)
{
	struct op *op = call->op;
	struct sign_in_token token;
	struct text sealed;
	int r = page_token_open(op, security, &token, &sealed);

	if (r == SIGN_IN_TOKEN_E_FORGED)
		return federated_refuse(call, SOAP_FAULT_AUTHENTICATION, "device_token_forged");
	*ret = (struct enroll_principal){
	    .auth = ENROLL_AUTH_FEDERATED,
	    .tenant_id = token.tenant_id,
	    .user_key = token.user_key,
	    .object_id = token.object_id,
	    .device_id = "",
	    .user_name = token.user_name,
	    .proof_sha256 = digest_sha256_hex(op->arena, sealed),
	};
	edge_attempt_enroller(&call->attempt, ret);
	/* Whatever the device calls it: this is the joining that the sign-in began. */
	call->attempt.client_request_id = token.id;
	if (r == SIGN_IN_TOKEN_E_EXPIRED)
		return federated_refuse(call, SOAP_FAULT_AUTHENTICATION, "device_token_expired");
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(token.tenant_id), ret_tenant);
	if (r < 0)
		return soap_call_failed(
		    call, ERR_FAIL(&op->trail, r, "%s", db_conn_error(db_reader(op->db))));
	if (r > 0 || !tenant_is_served(op->config, ret_tenant) || !sign_in_is_offered(ret_tenant))
		return federated_refuse(call, SOAP_FAULT_AUTHORIZATION, "device_token_tenant");
	return 0;
}

int soap_call_authenticate(struct soap_call *call, const struct soap_security *security,
			   struct enroll_principal *ret, struct tenant *ret_tenant)
{
	switch (security->kind) {
	case SOAP_SECURITY_JWT:
		return entra_prove(call, security->token, ret, ret_tenant);
	case SOAP_SECURITY_NONE:
		soap_call_refuse(call, SOAP_FAULT_INVALID_SECURITY, "security_missing");
		return 1;
	case SOAP_SECURITY_DEVICE_TOKEN:
		return federated_prove(call, security, ret, ret_tenant);
	case SOAP_SECURITY_USERNAME:
		return password_prove(call, security, ret, ret_tenant);
	case SOAP_SECURITY_X509:
		return credential_signed_prove(call, security, ret, ret_tenant);
	}
	soap_call_refuse(call, SOAP_FAULT_AUTHENTICATION, "security_kind");
	return 1;
}
