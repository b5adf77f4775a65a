/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.c: the frame of the admin API, see api.h: find the row, know the caller, check the role, read
 * the body, run the handler, turn what it returned into an answer. The caller is known before any
 * parameter is parsed; a path that is not in the table is 404 whoever asks with a good token.
 */
#include "edge/api.h"

#include "admin/tokens.h"
#include "edge/bearer.h"

#define API_PREFIX "/api/v1/"
enum { SEGMENT_MAX = 64 };

static const struct {
	int status;
	const char *title;
} outcomes[] = {
    [ADMIN_E_INVALID] = {422, "The request is not valid"},
    [ADMIN_E_NOT_FOUND] = {404, "Not found"},
    [ADMIN_E_CONFLICT] = {409, "It exists already"},
    [ADMIN_E_STATE] = {409, "Not possible now"},
    [ADMIN_E_STALE] = {409, "Changed meanwhile"},
};

void api_problem(struct api_call *call, int status, const char *title, const char *detail)
{
	struct json_writer w;

	buf_clear(&call->response->body);
	http_response_set(call->response, status, "application/problem+json");
	json_writer_init(&w, &call->response->body);
	json_begin_object(&w, NULL);
	json_add_c(&w, "type", "about:blank");
	json_add_c(&w, "title", title);
	json_add_int(&w, "status", status);
	json_add_c(&w, "detail", detail);
	json_add_c(&w, "trace_id", call->op->trace_id);
	json_end_object(&w);
	call->op->log_outcome = title;
}

void api_begin(struct api_call *call, int status)
{
	http_response_set(call->response, status, "application/json");
	json_writer_init(&call->json, &call->response->body);
}

void api_no_content(struct api_call *call)
{
	http_response_set(call->response, 204, NULL);
}

/* Ids and words only: whatever else a segment holds, it names nothing here. */
static bool segment_is_ok(struct text segment)
{
	if (segment.len == 0 || segment.len > SEGMENT_MAX)
		return false;
	for (size_t i = 0; i < segment.len; i++) {
		char c = segment.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_'))
			return false;
	}
	return true;
}

static bool path_matches(struct api_call *call, const char *pattern, struct text path)
{
	struct text want = text_of(pattern);
	size_t args = 0;

	while (want.ptr && path.ptr) {
		struct text part = text_cut(&want, '/');
		struct text segment = text_cut(&path, '/');

		if (text_eq(part, TEXT("{}"))) {
			if (!segment_is_ok(segment) || args == API_SEGMENTS)
				return false;
			call->args[args++] = arena_cstr(call->op->arena, segment);
		} else if (!text_eq(part, segment)) {
			return false;
		}
	}
	return !want.ptr && !path.ptr;
}

/* NULL after answering 404 or 405. */
static const struct api_row *row_find(struct api_call *call)
{
	struct text path = text_from(call->request->path, strlen(API_PREFIX));
	bool is_path_known = false;
	size_t count;
	const struct api_row *rows = api_rows(&count);

	for (size_t i = 0; i < count; i++) {
		if (!path_matches(call, rows[i].path, path))
			continue;
		if (rows[i].method == call->request->method)
			return &rows[i];
		is_path_known = true;
	}
	if (is_path_known)
		api_problem(call, 405, "Method not allowed",
			    "this resource does not take that method");
	else
		api_problem(call, 404, "Not found", "there is no such resource");
	return NULL;
}

/* Answer to a negative r; returns r. */
static int call_fail(struct api_call *call, int r)
{
	if (edge_failure_may_pass(r)) {
		http_response_header(call->response, "Retry-After", TEXT(EDGE_RETRY_AFTER));
		api_problem(call, 503, "Not available at the moment", "try again in a moment");
	} else {
		api_problem(call, 500, "Internal error", "see the server's log for this trace id");
	}
	return r;
}

/* 0: known; 1: answered; negative: answered, the store failed. */
static int caller_check(struct api_call *call)
{
	int r = admin_token_check(call->op, edge_bearer_token(call->request), &call->who);

	if (r < 0)
		return call_fail(call, ERR_TRACE(&call->op->trail, r));
	if (r == SIGN_IN_OK)
		return 0;
	http_response_header(call->response, "WWW-Authenticate", TEXT("Bearer"));
	api_problem(call, 401, "Not signed in",
		    r == SIGN_IN_EXPIRED ? "the API token has expired"
					 : "send a valid API token as Authorization: Bearer");
	return 1;
}

static int body_read(struct api_call *call)
{
	struct text type = http_request_header(call->request, "Content-Type");

	if (call->request->body.len == 0)
		return 0;
	if (!type.ptr || !text_starts_nocase(type, TEXT("application/json"))) {
		api_problem(call, 415, "Unsupported media type", "send application/json");
		return 1;
	}
	if (json_read(call->op->arena, call->request->body, LIMIT_JSON_DEPTH, &call->body) ||
	    call->body->kind != JSON_OBJECT) {
		api_problem(call, 400, "Malformed JSON", "the body must be one JSON object");
		return 1;
	}
	return 0;
}

static int request_read(struct api_call *call)
{
	if (http_form_read(call->op->arena, call->request->query, true, call->params, API_PARAMS,
			   &call->param_count)) {
		api_problem(call, 400, "Malformed query", "the query string cannot be read");
		return 1;
	}
	return body_read(call);
}

static int handler_run(struct api_call *call, const struct api_row *row)
{
	int r;

	call->admin = (struct admin){.op = call->op, .who = &call->who, .why = ""};
	r = row->handler(call);
	if (r < 0)
		return call_fail(call, r);
	if (r > 0)
		api_problem(call, outcomes[r].status, outcomes[r].title, call->admin.why);
	return 0;
}

int ep_api(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct api_call *call = ARENA_NEW(op->arena, struct api_call);
	const struct api_row *row;
	int r;

	call->op = op;
	call->request = request;
	call->response = response;
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(response, "X-Content-Type-Options", TEXT("nosniff"));
	r = caller_check(call);
	if (r)
		return r < 0 ? r : 0;
	row = row_find(call);
	if (!row)
		return 0;
	if (row->role > call->who.role) {
		api_problem(call, 403, "Not allowed", "this token's role may not do that");
		return 0;
	}
	if (request_read(call))
		return 0;
	return handler_run(call, row);
}
