/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_error.c: see graph_error.h. entra.md section 3.7.
 *
 * Every reply carries its own request-id and gives back the client's; `code` and the HTTP status
 * are what clients may branch on.
 */
#include "sim/entra/graph_error.h"

#include "base/clock.h"

static const struct {
	int status;
	const char *code;
} ERRORS[] = {
    [GRAPH_TOKEN_INVALID] = {401, "InvalidAuthenticationToken"},
    [GRAPH_IDENTITY_NOT_FOUND] = {401, "Authorization_IdentityNotFound"},
    [GRAPH_DENIED] = {403, "Authorization_RequestDenied"},
    [GRAPH_NOT_FOUND] = {404, "Request_ResourceNotFound"},
    [GRAPH_BAD_REQUEST] = {400, "Request_BadRequest"},
    [GRAPH_UNSUPPORTED_QUERY] = {400, "Request_UnsupportedQuery"},
    [GRAPH_METHOD_NOT_ALLOWED] = {405, "Request_BadRequest"},
    [GRAPH_BAD_MEDIA_TYPE] = {415, "Request_BadRequest"},
    [GRAPH_TOO_MANY_REQUESTS] = {429, "TooManyRequests"},
    [GRAPH_GONE] = {410, "syncStateNotFound"},
    [GRAPH_DEPENDENCY_FAILED] = {424, "FailedDependency"},
    [GRAPH_BATCH_TOO_LARGE] = {400, "MaximumValueExceeded"},
    [GRAPH_CREDENTIAL_NOT_FOUND] = {400, "Request_BadRequest"},
};

static const struct {
	int status;
	const char *code;
	const char *message;
} STATUSES[] = {
    {401, "InvalidAuthenticationToken", "Access token validation failure."},
    {403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."},
    {404, "Request_ResourceNotFound", "Resource does not exist."},
    {409, "Request_MultipleObjectsWithSameKeyValue", "A conflicting object is present."},
    {410, "syncStateNotFound", "The sync state is not found. Synchronize from the start."},
    {412, "PreconditionFailed", "The object was changed."},
    {429, "TooManyRequests", "Too many requests."},
    {500, "generalException", "An internal error occurred."},
    {503, "serviceNotAvailable", "The service is not available. Try again later."},
};

static void error_write(struct call *call, int status, const char *code, const char *message)
{
	const char *request_id = call_uuid(call->arena, uuid_random());
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	json_begin_object(&w, NULL);
	json_begin_object(&w, "error");
	json_add_c(&w, "code", code);
	json_add_c(&w, "message", message);
	json_begin_object(&w, "innerError");
	json_add_time(&w, "date", call->now);
	json_add_c(&w, "request-id", request_id);
	if (uuid_is(call->request_id))
		json_add_text(&w, "client-request-id", call->request_id);
	json_end_object(&w);
	json_end_object(&w);
	json_end_object(&w);
	call_header(call, "request-id", request_id);
	if (status == 401)
		call_header(call, "WWW-Authenticate",
			    arena_printf(call->arena,
					 "Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/"
					 "authorize\"",
					 call->sim->urls[LISTENER_LOGIN]));
}

bool graph_fail(struct call *call, enum graph_error error, const char *message)
{
	error_write(call, ERRORS[error].status, ERRORS[error].code, message);
	return false;
}

bool graph_fail_missing(struct call *call, struct text id)
{
	return graph_fail(call, GRAPH_NOT_FOUND,
			  arena_printf(call->arena,
				       "Resource '%.*s' does not exist or one of its queried "
				       "reference-property objects are not present.",
				       TEXT_ARG(id)));
}

void graph_fail_status(struct call *call, int status)
{
	for (size_t i = 0; i < ARRAY_LEN(STATUSES); i++)
		if (STATUSES[i].status == status) {
			error_write(call, status, STATUSES[i].code, STATUSES[i].message);
			return;
		}
	error_write(call, status, "UnknownError", "");
}
