/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_call.c: see soap_call.h.
 */
#include "edge/soap_call.h"

#include "edge/attempt.h"
#include "enroll/reason.h"

enum { PARAMS_MAX = 16, VERSION_MAX = 32 };

#define SOAP_TYPE "application/soap+xml; charset=utf-8"

static bool media_type_is_ok(const struct http_request *request)
{
	struct text type = http_request_header(request, "Content-Type");

	return type.ptr && (text_starts_nocase(type, TEXT("application/soap+xml")) ||
			    text_starts_nocase(type, TEXT("text/xml")));
}

/* What discovery has put into the address (ep_discovery.c): a claim, like all a device says. */
static void system_note(struct soap_call *call)
{
	struct http_param params[PARAMS_MAX];
	struct text version;
	size_t count, n;

	if (http_form_read(call->op->arena, call->request->query, false, params, PARAMS_MAX, &n))
		return;
	version = http_form_get(params, n, "os", &count);
	if (count == 1 && version.len <= VERSION_MAX && text_is_printable(version))
		call->attempt.os_version = arena_cstr(call->op->arena, version);
}

bool soap_call_open(struct soap_call *call, struct op *op, const struct http_request *request,
		    struct http_response *response, enum soap_phase phase,
		    enum enrollment_stage stage)
{
	int r;

	*call = (struct soap_call){
	    .op = op,
	    .request = request,
	    .response = response,
	    .phase = phase,
	    .reply = {.relates_to = TEXT_EMPTY, .activity_id = op->trace_id},
	};
	edge_attempt_init(op, request, stage, &call->attempt);
	system_note(call);
	if (request->body.len == 0) {
		soap_call_refuse(call, SOAP_FAULT_MESSAGE_FORMAT, "message_empty");
		return false;
	}
	if (!media_type_is_ok(request)) {
		soap_call_refuse(call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
		response->status = 415;
		return false;
	}
	r = soap_envelope_read(op->arena, request->body, &call->message);
	if (r == 0) {
		call->reply.relates_to = call->message.message_id;
		r = soap_phase_check(&call->message, phase);
	}
	if (r == 0)
		return true;
	soap_call_refuse(call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
	if (r == SOAP_E_XML)
		response->status = 400;
	return false;
}

bool soap_call_security(struct soap_call *call, struct soap_security *ret)
{
	if (soap_security_read(call->op->arena, &call->message, ret) == 0)
		return true;
	soap_call_refuse(call, SOAP_FAULT_INVALID_SECURITY, "security_malformed");
	return false;
}

void soap_call_fault(struct soap_call *call, enum soap_fault fault)
{
	struct http_response *response = call->response;

	call->attempt.error_code = soap_fault_hresult(fault);
	buf_clear(&response->body);
	soap_fault_write(&response->body, call->phase, &call->reply, fault, call->fault_message);
	http_response_set(response, SOAP_FAULT_HTTP_STATUS, SOAP_TYPE);
	edge_attempt_record(call->op, &call->attempt);
}

void soap_call_refuse(struct soap_call *call, enum soap_fault fault, const char *reason)
{
	enroll_attempt_refuse_known(&call->attempt, reason);
	soap_call_fault(call, fault);
}

int soap_call_failed(struct soap_call *call, int r)
{
	enroll_attempt_fail(&call->attempt);
	soap_call_fault(call, edge_failure_may_pass(r) ? SOAP_FAULT_ENROLLMENT_SERVER
						       : SOAP_FAULT_INTERNAL_SERVICE);
	return r;
}

void soap_call_answer(struct soap_call *call)
{
	http_response_set(call->response, 200, SOAP_TYPE);
	http_response_header(call->response, "Cache-Control", TEXT("no-store"));
}
