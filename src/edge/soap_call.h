/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_call.h: what the three enrolment endpoints have in common: a message that is read, a
 * credential that is judged, an attempt that is recorded, and an answer or a fault.
 *
 * Every fault goes out with HTTP 500 and the trace id; the sender learns the kind of refusal, the
 * attempt holds the reason.
 */
#ifndef MUSTER_EDGE_SOAP_CALL_H
#define MUSTER_EDGE_SOAP_CALL_H

#include "edge/run.h"
#include "model/device.h"
#include "soap/fault.h"
#include "soap/wsse.h"

struct soap_call {
	struct op *op;
	const struct http_request *request;
	struct http_response *response;
	enum soap_phase phase;
	struct soap_message message;
	struct soap_reply reply;
	const char *fault_message; /* shown to the user in place of the fault's own; NULL: that */
	struct enrollment attempt;
};

/* Start the call: attempt, media type, envelope, action of this phase. False: answered. */
MUST_CHECK bool soap_call_open(struct soap_call *call, struct op *op,
			       const struct http_request *request, struct http_response *response,
			       enum soap_phase phase, enum enrollment_stage stage);

/* The security header. False: answered with InvalidSecurity. */
MUST_CHECK bool soap_call_security(struct soap_call *call, struct soap_security *ret);

/* Prove whatever credential the security header brought. 0: *ret and *ret_tenant are set; 1:
 * answered; negative: the program failed, answered too. See credential.c. */
MUST_CHECK int soap_call_authenticate(struct soap_call *call, const struct soap_security *security,
				      struct enroll_principal *ret, struct tenant *ret_tenant);

/* Answer with a fault and record the attempt, whose reason is filled in already. */
void soap_call_fault(struct soap_call *call, enum soap_fault fault);
/* The same for a reason of enroll/reason.h. */
void soap_call_refuse(struct soap_call *call, enum soap_fault fault, const char *reason);
/* The program (InternalServiceFault) or its store (EnrollmentServer) failed; the attempt is marked
 * failed. Returns r. */
MUST_CHECK int soap_call_failed(struct soap_call *call, int r);
/* Headers of a message that went well; the body is in the response already. */
void soap_call_answer(struct soap_call *call);

#endif
