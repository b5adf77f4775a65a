/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential_signed.c: see credential_signed.h. The message that was read and the bytes that are
 * verified are both those of the request's body.
 *
 * A signature says who, not to whom: what somebody signed for another service, or for another step
 * of this one, would be as good here. So the address that was signed must be that of the service
 * that got the message.
 */
#include "edge/credential_signed.h"

#include "edge/attempt.h"
#include "enroll/reason.h"
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

/* host or host:port; 443 is as good as nothing. */
static struct text authority_bare(struct text authority)
{
	return text_ends(authority, TEXT(":443")) ? text_take(authority, authority.len - 4)
						  : authority;
}

static bool is_of_url(const char *url, struct text authority)
{
	struct text own = text_from(text_of(url), sizeof("https://") - 1);

	return text_eq_nocase(authority_bare(own), authority_bare(authority));
}

/* Windows writes the address as it was told or as it put it together, so case and the port of
 * https may differ, and the query is what discovery has added. */
static bool is_for_us(const struct soap_call *call)
{
	const struct config *config = call->op->config;
	struct text rest = call->message.to;
	struct text authority;

	if (!rest.ptr || !text_starts_nocase(rest, TEXT("https://")))
		return false;
	rest = text_from(rest, sizeof("https://") - 1);
	authority = text_cut(&rest, '/');
	if (!rest.ptr || !text_eq_nocase(text_cut(&rest, '?'), text_from(call->request->path, 1)))
		return false;
	for (size_t i = 0; i < config->manage_previous.count; i++)
		if (is_of_url(config->manage_previous.items[i], authority))
			return true;
	return is_of_url(config->public.url, authority) || is_of_url(config->manage.url, authority);
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
	if (r > 0) {
		soap_call_fault(call, signed_fault((enum enroll_signed_outcome)r));
		return 1;
	}
	if (is_for_us(call))
		return 0;
	enroll_attempt_refuse_known(&call->attempt, "signature_address");
	edge_attempt_seen(call->op, &call->attempt, "The message was signed for", call->message.to);
	soap_call_fault(call, SOAP_FAULT_AUTHENTICATION);
	return 1;
}
