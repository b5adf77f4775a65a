/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oauth.c: see oauth.h. entra.md section 2.3.
 *
 * One table holds number, HTTP status, OAuth `error` and the shape of the text. A text is close to
 * the real one without being it: clients must branch on `error` and never on the description.
 */
#include "sim/entra/oauth.h"

#include <time.h>

#include "base/uuid.h"

enum { TRANSIENT_CODE = 90033, TIME_LEN = 32 };

static const struct {
	int code;
	int status;
	const char *error;
	const char *text; /* `{}` is where the detail goes */
} ERRORS[] = {
    [OAUTH_POST_ONLY] = {900561, 400, "invalid_request",
			 "The endpoint only accepts POST requests. Received a {} request."},
    [OAUTH_PARAMETER_MISSING] = {900144, 400, "invalid_request",
				 "The request body must contain the parameter '{}'."},
    [OAUTH_PARAMETER_DUPLICATE] = {9000411, 400, "invalid_request",
				   "The request is not properly formatted: '{}' is duplicated."},
    [OAUTH_REQUEST_INVALID] = {90023, 400, "invalid_request", "The request is not valid: {}"},
    [OAUTH_GRANT_UNSUPPORTED] = {70003, 400, "unsupported_grant_type",
				 "The app requested an unsupported grant type '{}'."},
    [OAUTH_TENANT_UNKNOWN] = {90002, 400, "invalid_request",
			      "Tenant '{}' not found. Check the tenant id and the cloud."},
    [OAUTH_TENANT_UNKNOWN_METADATA] = {90002, 400, "invalid_tenant",
				       "Tenant '{}' not found. Check the tenant id and the cloud."},
    [OAUTH_TENANT_COMMON] = {9001023, 400, "invalid_request",
			     "The grant type is not supported over the /{} endpoint. Use the "
			     "endpoint of a tenant."},
    [OAUTH_APP_UNKNOWN] = {700016, 400, "unauthorized_client",
			   "Application with identifier '{}' was not found in the directory."},
    [OAUTH_APP_DISABLED] = {7000112, 400, "unauthorized_client", "Application '{}' is disabled."},
    [OAUTH_SCOPE_INVALID] = {70011, 400, "invalid_scope",
			     "The provided value for the input parameter 'scope' is not valid: {}"},
    [OAUTH_SCOPE_EMPTY] = {28002, 400, "invalid_scope",
			   "The scope '{}' is not valid when requesting an access token."},
    [OAUTH_SCOPE_TWO_RESOURCES] = {700022, 400, "invalid_scope",
				   "The scope '{}' contains more than one resource."},
    [OAUTH_RESOURCE_UNKNOWN] = {500011, 400, "invalid_resource",
				"The resource principal named {} was not found in the tenant."},
    [OAUTH_CREDENTIAL_MISSING] =
	{7000216, 401, "invalid_client",
	 "'client_assertion', 'client_secret' or 'request' is required for "
	 "the '{}' grant type."},
    [OAUTH_SECRET_WRONG] = {7000215, 401, "invalid_client",
			    "Invalid client secret provided for app '{}'."},
    [OAUTH_SECRET_EXPIRED] = {7000222, 401, "invalid_client",
			      "The provided client secret keys for app '{}' are expired."},
    [OAUTH_ASSERTION_TYPE] = {50027, 401, "invalid_client",
			      "Client assertion type '{}' is not supported."},
    [OAUTH_ASSERTION_MALFORMED] = {50027, 401, "invalid_client",
				   "JWT token is invalid or malformed: {}"},
    [OAUTH_ASSERTION_UNSIGNED] = {700027, 401, "invalid_client",
				  "Client assertion failed signature validation. [Reason - {}]"},
    [OAUTH_ASSERTION_AUDIENCE] =
	{700023, 401, "invalid_client",
	 "Client assertion audience claim does not match Realm issuer: {}"},
    [OAUTH_ASSERTION_SUBJECT] =
	{700021, 401, "invalid_client",
	 "Client assertion application identifier doesn't match 'client_id' "
	 "parameter: {}"},
    [OAUTH_ASSERTION_TIME] = {700024, 401, "invalid_client",
			      "Client assertion is not within its valid time range: {}"},
    [OAUTH_ASSERTION_REPLAYED] = {50013, 401, "invalid_client", "Assertion was used before: {}"},
    [OAUTH_FEDERATION_UNKNOWN] = {70021, 400, "invalid_request",
				  "No matching federated identity record found for presented "
				  "assertion: {}"},
    [OAUTH_REDIRECT_URI] = {50011, 400, "invalid_request",
			    "The redirect URI '{}' is not registered for the application."},
    [OAUTH_CODE_UNKNOWN] = {70000, 400, "invalid_grant",
			    "The provided value for the '{}' parameter is not valid."},
    [OAUTH_CODE_USED] = {54005, 400, "invalid_grant",
			 "OAuth2 Authorization code was already redeemed, please retry with a new "
			 "valid code. {}"},
    [OAUTH_CODE_EXPIRED] = {70008, 400, "invalid_grant",
			    "The provided authorization code is expired due to inactivity. {}"},
    [OAUTH_CODE_TENANT] = {700005, 400, "invalid_grant",
			   "The authorization code is intended to be used against another tenant "
			   "than '{}'."},
    [OAUTH_CODE_REDIRECT] = {500112, 400, "invalid_grant",
			     "The reply address '{}' does not match the one provided when the "
			     "code was requested."},
    [OAUTH_CODE_VERIFIER] = {501481, 400, "invalid_grant",
			     "The Code_Verifier does not match the code_challenge supplied in the "
			     "authorization request. {}"},
    [OAUTH_CODE_NO_CREDENTIAL] = {7000218, 401, "invalid_client",
				  "The request body must contain 'client_assertion' or "
				  "'client_secret'. {}"},
    [OAUTH_PUBLIC_CREDENTIAL] = {700025, 401, "invalid_client",
				 "Client is public so neither 'client_assertion' nor "
				 "'client_secret' should be presented. {}"},
    [OAUTH_USER_DISABLED] = {50057, 400, "invalid_grant", "The user account is disabled. {}"},
    [OAUTH_TRANSIENT] = {TRANSIENT_CODE, 503, "temporarily_unavailable",
			 "A transient error has occurred. {}"},
};

static void text_fill(struct buf *buf, const char *shape, struct text detail)
{
	const char *hole = strstr(shape, "{}");

	buf_add(buf, shape, (size_t)(hole - shape));
	buf_add_text(buf, detail);
	buf_add_c(buf, hole + 2);
}

/* "2026-01-31 12:00:00Z", as the login endpoints write times. */
static void time_write(int64_t t, char ret[TIME_LEN])
{
	time_t when = (time_t)t;
	struct tm tm;

	ret[0] = '\0';
	if (gmtime_r(&when, &tm))
		strftime(ret, TIME_LEN, "%Y-%m-%d %H:%M:%SZ", &tm);
}

static void error_write(struct call *call, int status, const char *error, int code,
			struct text description)
{
	const char *correlation = uuid_is(call->request_id)
				      ? arena_cstr(call->arena, call->request_id)
				      : call_uuid(call->arena, uuid_random());
	const char *trace = call_uuid(call->arena, uuid_random());
	char timestamp[TIME_LEN];
	struct json_writer w;

	time_write(call->now, timestamp);
	json_writer_init(&w, call_json(call, status));
	json_begin_object(&w, NULL);
	json_add_c(&w, "error", error);
	json_add_c(&w, "error_description",
		   arena_printf(call->arena,
				"AADSTS%d: %.*s Trace ID: %s Correlation ID: %s Timestamp: %s",
				code, TEXT_ARG(description), trace, correlation, timestamp));
	json_begin_array(&w, "error_codes");
	json_add_int(&w, NULL, code);
	json_end_array(&w);
	json_add_c(&w, "timestamp", timestamp);
	json_add_c(&w, "trace_id", trace);
	json_add_c(&w, "correlation_id", correlation);
	json_add_c(
	    &w, "error_uri",
	    arena_printf(call->arena, "%s/error?code=%d", call->sim->urls[LISTENER_LOGIN], code));
	json_end_object(&w);
	call_header(call, "Cache-Control", "no-store, no-cache");
	call_header(call, "Pragma", "no-cache");
	call_header(call, "x-ms-request-id", trace);
}

bool oauth_fail(struct call *call, enum oauth_error error, struct text detail)
{
	struct buf buf;

	buf_init(&buf, call->arena);
	text_fill(&buf, ERRORS[error].text, detail);
	error_write(call, ERRORS[error].status, ERRORS[error].error, ERRORS[error].code,
		    buf_text(&buf));
	return false;
}

void oauth_fail_status(struct call *call, int status)
{
	error_write(call, status, ERRORS[OAUTH_TRANSIENT].error, TRANSIENT_CODE,
		    TEXT("A transient error has occurred. Please try again."));
}
