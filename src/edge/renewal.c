/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal.c: see renewal.h. The security header is not looked at: Windows sends a user name with an
 * empty password there, or nothing, and neither proves anything. Every refusal is the fault
 * NotEligibleToRenew; the reason is in the attempt. On the listener that authenticates devices by
 * certificate the connection's must be the one that signed.
 */
#include "edge/renewal.h"

#include "base/hex.h"
#include "enroll/account.h"
#include "enroll/renew.h"

static enum soap_fault refusal_fault(enum renew_outcome outcome)
{
	switch (outcome) {
	case RENEW_E_REFUSED:
		return SOAP_FAULT_NOT_ELIGIBLE_TO_RENEW;
	case RENEW_E_CONCURRENT:
		return SOAP_FAULT_ENROLLMENT_SERVER;
	}
	return SOAP_FAULT_INTERNAL_SERVICE;
}

/* NULL where the listener asks for no certificate; "" where one was asked for and is not proved. */
static const char *peer_sha256(const struct soap_call *call)
{
	const struct http_peer *peer = &call->request->peer;

	if (call->request->listener != EDGE_MANAGE)
		return NULL;
	if (!peer->is_verified)
		return "";
	return hex_write(call->op->arena, text_make(peer->certificate_sha256, SHA256_LEN));
}

static void answer(struct soap_call *call, const struct renew_result *result)
{
	struct op *op = call->op;
	struct buf document;

	buf_init(&document, op->arena);
	enroll_provision_write_renewal(op, result, &document);
	soap_token_write(op->arena, &call->response->body, &call->reply, buf_text(&document),
			 op->now);
	soap_call_answer(call);
}

int edge_renew(struct soap_call *call, const struct soap_token_request *request)
{
	struct op *op = call->op;
	struct renew_request renew = {
	    .dm_device_id = soap_context_get(request, "DeviceID"),
	    .os_version = soap_context_get(request, "OSVersion"),
	    .peer_sha256 = peer_sha256(call),
	};
	struct renew_result result;
	int r;

	call->attempt.stage = STAGE_RENEWAL;
	if (soap_token_evidence(op->arena, request, &renew.cms)) {
		soap_call_refuse(call, SOAP_FAULT_NOT_ELIGIBLE_TO_RENEW, "renew_malformed");
		return 0;
	}
	r = enroll_renew(op, &renew, &call->attempt, &result);
	op->log_device = call->attempt.device_id;
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&op->trail, r));
	if (r > 0)
		soap_call_fault(call, refusal_fault((enum renew_outcome)r));
	else
		answer(call, &result);
	return 0;
}
