/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_discovery.c: GET and POST /EnrollmentServer/Discovery.svc (MS-MDE2 3.1): at the public
 * address, at EnterpriseEnrollment.<domain> for every domain of a served tenant, and on `manage`
 * as the first step of a renewal. A question that names a mail address may be the start of a
 * joining and leaves an attempt, as does one that cannot be read or answered; others leave none.
 *
 * What the device says of its system goes into the address of the enrolment service, as Windows'
 * documentation recommends, and only what has the form of such a thing.
 */
#include "edge/attempt.h"
#include "edge/ep_enrollment.h"
#include "edge/soap_call.h"
#include "enroll/account.h"
#include "enroll/discovery.h"
#include "enroll/reason.h"
#include "soap/discovery.h"

/* 4.0, in tenths: the highest version without attestation of the key. */
enum { VERSION_HIGHEST = 40, PARAMS_MAX = 16, CLAIM_MAX = 32, MAIL_MAX = 320 };

static const struct {
	enum enrollment_method method;
	enum soap_auth auth;
} auths[] = {
    {METHOD_FEDERATED, SOAP_AUTH_FEDERATED},
    {METHOD_ON_PREMISES, SOAP_AUTH_ON_PREMISE},
    {METHOD_CERTIFICATE, SOAP_AUTH_CERTIFICATE},
};

/* 0 with *ret_is_wide where the request came for a tenant's domain; ENROLL_HOST_E_UNKNOWN. */
static int host_judge(struct op *op, const struct http_request *request, struct tenant *ret,
		      bool *ret_is_wide)
{
	*ret_is_wide = false;
	if (request->listener != EDGE_PUBLIC || text_is_empty(request->host) ||
	    text_eq_nocase(request->host, text_of(op->config->public.host)))
		return 0;
	*ret_is_wide = true;
	return enroll_host_tenant(op, request->host, ret);
}

static void misdirected_answer(struct op *op, struct http_response *response)
{
	http_response_set(response, 421, "text/plain; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	buf_printf(&response->body, "no organization of this name enrolls here, trace id %s\n",
		   op->trace_id);
	op->log_outcome = "discovery_host";
}

int ep_discovery_probe(struct op *op, const struct http_request *request,
		       struct http_response *response)
{
	struct tenant tenant;
	bool is_wide;
	int r = host_judge(op, request, &tenant, &is_wide);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == ENROLL_HOST_E_UNKNOWN) {
		misdirected_answer(op, response);
		return 0;
	}
	http_response_set(response, 200, "text/html; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-cache"));
	return 0;
}

/* digits and dots, or a word */
static bool claim_is_ok(struct text t, bool is_version)
{
	if (!t.ptr || t.len == 0 || t.len > CLAIM_MAX)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!((c >= '0' && c <= '9') || (is_version ? c == '.' : is_letter)))
			return false;
	}
	return true;
}

/* ...Enrollment.svc?os=10.0.19045.2965&edition=4&platform=CIMClient_Windows */
static const char *enrollment_url(struct op *op, const struct soap_discover *discover)
{
	const struct {
		const char *name;
		struct text value;
		bool is_version;
	} claims[] = {
	    {"os", discover->application_version, true},
	    {"edition", discover->os_edition, true},
	    {"platform", discover->device_type, false},
	};
	char mark = '?';
	struct buf buf;

	buf_init(&buf, op->arena);
	buf_printf(&buf, "%s" ENROLL_PATH_ENROLLMENT, op->config->public.url);
	for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
		if (!claim_is_ok(claims[i].value, claims[i].is_version))
			continue;
		buf_printf(&buf, "%c%s=%.*s", mark, claims[i].name, TEXT_ARG(claims[i].value));
		mark = '&';
	}
	return buf.data;
}

/* The page to sign in on. No query in it: Windows appends its own, and not in one way. The tenant
 * is in the path where the mail address does not name it. */
static const char *auth_url(struct op *op, const struct enroll_way *way)
{
	if (way->method != METHOD_FEDERATED || !way->has_sign_in)
		return NULL;
	if (way->is_by_mail)
		return arena_printf(op->arena, "%s" ENROLL_PATH_AUTH, op->config->public.url);
	return arena_printf(op->arena, "%s" ENROLL_PATH_AUTH "/%s", op->config->public.url,
			    way->tenant.tenant_id);
}

static enum soap_auth auth_of(enum enrollment_method method)
{
	for (size_t i = 0; i < ARRAY_LEN(auths); i++)
		if (auths[i].method == method)
			return auths[i].auth;
	return SOAP_AUTH_FEDERATED;
}

static void way_answer(struct soap_call *call, const struct soap_discover *discover,
		       const struct enroll_way *way)
{
	struct op *op = call->op;
	const struct soap_discover_response answer = {
	    .auth = auth_of(way->method),
	    .version = soap_version_pick(discover->version, VERSION_HIGHEST),
	    .policy_url = arena_printf(op->arena, "%s" ENROLL_PATH_POLICY, op->config->public.url),
	    .enrollment_url = enrollment_url(op, discover),
	    .auth_url = auth_url(op, way),
	};

	soap_discover_write(&call->response->body, &call->reply, &answer);
	soap_call_answer(call);
}

/* Who it says it is, so that an administrator finds the attempt; nothing of it is proved. */
static void claims_note(struct soap_call *call, const struct soap_discover *discover)
{
	struct arena *arena = call->op->arena;

	if (discover->email.ptr && discover->email.len <= MAIL_MAX &&
	    text_is_printable(discover->email))
		call->attempt.user_principal_name = arena_cstr(arena, discover->email);
	if (claim_is_ok(discover->application_version, true))
		call->attempt.os_version = arena_cstr(arena, discover->application_version);
}

/* Which joining it is the start of shows when the user of that address is proved. */
static void question_record(struct soap_call *call, struct text mail)
{
	if (call->attempt.user_principal_name[0] && memchr(mail.ptr, '@', mail.len))
		edge_attempt_record(call->op, &call->attempt);
}

/* The query of the address the device was given; what is not ours in it is left alone. */
static void query_read(struct op *op, const struct http_request *request,
		       struct enroll_question *question)
{
	struct http_param params[PARAMS_MAX];
	size_t count;

	if (http_form_read(op->arena, request->query, false, params, PARAMS_MAX, &count))
		return;
	question->tenant_id = http_form_get(params, count, "tenant", NULL);
	question->method = http_form_get(params, count, "method", NULL);
}

static int question_answer(struct soap_call *call, const struct soap_discover *discover,
			   const struct tenant *host_tenant)
{
	struct enroll_question question = {.mail = discover->email, .host_tenant = host_tenant};
	struct enroll_way way;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(auths); i++)
		if (discover->auth & auths[i].auth)
			question.offered |= ENROLL_METHOD(auths[i].method);
	claims_note(call, discover);
	query_read(call->op, call->request, &question);
	r = enroll_way_choose(call->op, &question, &way);
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&call->op->trail, r));
	if (r > 0) {
		soap_call_refuse(call, SOAP_FAULT_NOT_SUPPORTED,
				 enroll_way_reason((enum enroll_way_outcome)r));
		return 0;
	}
	way_answer(call, discover, &way);
	question_record(call, discover->email);
	return 0;
}

/* The first step of a renewal: the device has proved itself by its certificate and wants addresses.
 */
static void renewal_answer(struct soap_call *call, const struct soap_discover *discover)
{
	struct enroll_way way = {.method = METHOD_FEDERATED};

	for (size_t i = 0; i < ARRAY_LEN(auths); i++) {
		if (!(discover->auth & auths[i].auth))
			continue;
		way.method = auths[i].method;
		break;
	}
	way_answer(call, discover, &way);
}

static void host_refuse(struct soap_call *call)
{
	struct http_response *response = call->response;

	enroll_attempt_refuse_known(&call->attempt, "discovery_host");
	buf_clear(&response->body);
	misdirected_answer(call->op, response);
	edge_attempt_record(call->op, &call->attempt);
}

int ep_discovery(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct soap_discover discover;
	struct tenant host_tenant;
	struct soap_call call;
	bool is_wide;
	int r;

	if (!soap_call_open(&call, op, request, response, SOAP_DISCOVER, STAGE_DISCOVERY))
		return 0;
	r = host_judge(op, request, &host_tenant, &is_wide);
	if (r < 0)
		return soap_call_failed(&call, ERR_TRACE(&op->trail, r));
	if (soap_discover_read(&call.message, &discover)) {
		soap_call_refuse(&call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
		return 0;
	}
	if (r == ENROLL_HOST_E_UNKNOWN) {
		claims_note(&call, &discover);
		host_refuse(&call);
		return 0;
	}
	if (request->listener == EDGE_MANAGE) {
		renewal_answer(&call, &discover);
		return 0;
	}
	return question_answer(&call, &discover, is_wide ? &host_tenant : NULL);
}
