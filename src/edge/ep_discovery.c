/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_discovery.c: GET and POST /EnrollmentServer/Discovery.svc (MS-MDE2 3.1). Devices that join
 * through Entra ID bring their token, so the answer is always Federated and names no page to sign
 * in on.
 */
#include "edge/attempt.h"
#include "edge/ep_enrollment.h"
#include "edge/soap_call.h"
#include "enroll/account.h"
#include "soap/discovery.h"

/* 4.0, in tenths: the highest version without attestation of the key. */
enum { VERSION_HIGHEST = 40, EMAIL_MAX = 256 };

int ep_discovery_probe(struct op *op, const struct http_request *request,
		       struct http_response *response)
{
	(void)op;
	(void)request;
	http_response_set(response, 200, "text/html; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-cache"));
	return 0;
}

/* A question that names a mail address may be the start of a joining; which one shows when the user
 * of that address is proved. Others belong to nothing and leave no trace. */
static void question_record(struct op *op, const struct soap_discover *discover,
			    struct enrollment *attempt)
{
	struct text email = discover->email.ptr ? text_trim(discover->email) : TEXT_EMPTY;

	if (email.len == 0 || email.len > EMAIL_MAX || !text_is_printable(email) ||
	    !memchr(email.ptr, '@', email.len))
		return;
	attempt->user_principal_name = arena_cstr(op->arena, email);
	edge_attempt_record(op, attempt);
}

int ep_discovery(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct soap_call call;
	struct soap_discover discover;
	struct soap_discover_response answer;

	if (!soap_call_open(&call, op, request, response, SOAP_DISCOVER, STAGE_DISCOVERY))
		return 0;
	if (soap_discover_read(&call.message, &discover)) {
		soap_call_refuse(&call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
		return 0;
	}
	question_record(op, &discover, &call.attempt);
	answer = (struct soap_discover_response){
	    .auth = SOAP_AUTH_FEDERATED,
	    .version = soap_version_pick(discover.version, VERSION_HIGHEST),
	    .policy_url = arena_printf(op->arena, "%s" ENROLL_PATH_POLICY, op->config->public.url),
	    .enrollment_url =
		arena_printf(op->arena, "%s" ENROLL_PATH_ENROLLMENT, op->config->public.url),
	};
	soap_discover_write(&response->body, &call.reply, &answer);
	soap_call_answer(&call);
	return 0;
}
