/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.c: see call.h.
 *
 * Paths are percent-decoded once, before they are matched, because a client may or may not encode
 * the quotes and parentheses of an OData key. The journal row holds the body of a Graph write,
 * which carries no secret, and never the body or the Authorization of anything else.
 */
#include "sim/entra/call.h"

#include "base/clock.h"
#include "base/hex.h"

enum { JOURNAL_BODY = 4096 };

char *call_uuid(struct arena *arena, struct uuid id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_write(id, text);
	return arena_string(arena, text);
}

void call_init(struct call *call, struct sim *sim, struct arena *arena, struct trail *trail,
	       enum listener listener)
{
	*call = (struct call){
	    .sim = sim,
	    .arena = arena,
	    .trail = trail,
	    .now = sim_now(sim),
	    .now_ms = clock_mono_ms(),
	    .listener = listener,
	    .fault = {.retry_after = -1},
	    .reply = {.status = 500, .retry_after = -1},
	};
	buf_init(&call->reply.body, arena);
}

static bool path_decode(struct call *call, struct text path)
{
	struct buf buf;

	buf_init(&buf, call->arena);
	for (size_t i = 0; i < path.len; i++) {
		struct text byte;

		if (path.ptr[i] != '%') {
			buf_add_byte(&buf, path.ptr[i]);
			continue;
		}
		if (hex_read(call->arena, text_take(text_from(path, i + 1), 2), &byte) != 0 ||
		    byte.len != 1 || byte.ptr[0] == '\0')
			return false;
		buf_add_text(&buf, byte);
		i += 2;
	}
	call->path = buf_text(&buf);
	return true;
}

bool call_read_target(struct call *call, struct text path, struct text query)
{
	return path_decode(call, path) && http_form_read(call->arena, query, false, call->query,
							 CALL_PARAMS, &call->query_count) == 0;
}

bool call_read(struct call *call, const struct http_request *request)
{
	call->method = request->method;
	call->path = request->path;
	call->content_type = http_request_header(request, "Content-Type");
	call->authorization = http_request_header(request, "Authorization");
	call->consistency = http_request_header(request, "ConsistencyLevel");
	call->request_id = http_request_header(request, "client-request-id");
	call->body = request->body;
	if (call_read_target(call, request->path, request->query))
		return true;
	call_text(call, 400, "text/plain", TEXT("malformed request target\n"));
	return false;
}

struct text call_query(const struct call *call, const char *name)
{
	return http_form_get(call->query, call->query_count, name, NULL);
}

bool call_match(struct call *call, struct text path, const char *pattern)
{
	struct text captures[CALL_CAPTURES] = {0};
	size_t count = 0;

	while (*pattern) {
		if (pattern[0] == '*' && pattern[1] == '\0') {
			path = TEXT_EMPTY;
			break;
		}
		if (pattern[0] == '{' && pattern[1] == '}') {
			size_t len = 0;

			while (len < path.len && path.ptr[len] != '/' && path.ptr[len] != '\'')
				len++;
			if (len == 0 || count == CALL_CAPTURES)
				return false;
			captures[count++] = text_take(path, len);
			path = text_from(path, len);
			pattern += 2;
			continue;
		}
		if (text_is_empty(path) || path.ptr[0] != *pattern)
			return false;
		path = text_from(path, 1);
		pattern++;
	}
	if (!text_is_empty(path))
		return false;
	memcpy(call->captures, captures, sizeof(captures));
	return true;
}

static void reply_clear(struct call *call, int status, const char *content_type)
{
	buf_clear(&call->reply.body);
	call->reply.status = status;
	call->reply.content_type = content_type;
	call->reply.header_count = 0;
	call->reply.retry_after = -1;
}

struct buf *call_json(struct call *call, int status)
{
	reply_clear(call, status, "application/json; charset=utf-8");
	return &call->reply.body;
}

void call_empty(struct call *call, int status)
{
	reply_clear(call, status, NULL);
}

void call_text(struct call *call, int status, const char *content_type, struct text body)
{
	reply_clear(call, status, content_type);
	buf_add_text(&call->reply.body, body);
}

void call_header(struct call *call, const char *name, const char *value)
{
	struct reply *reply = &call->reply;

	if (reply->header_count == CALL_HEADERS)
		return;
	reply->headers[reply->header_count].name = text_of(name);
	reply->headers[reply->header_count++].value = text_of(arena_string(call->arena, value));
}

void call_retry_after(struct call *call, int64_t seconds)
{
	call->reply.retry_after = seconds;
	call_header(call, "Retry-After", arena_printf(call->arena, "%lld", (long long)seconds));
}

static void record_query(const struct call *call, struct json_writer *w)
{
	json_begin_object(w, "query");
	for (size_t i = 0; i < call->query_count; i++)
		json_add_text(w, arena_cstr(call->arena, call->query[i].name),
			      call->query[i].value);
	json_end_object(w);
}

static void record_assertion(const struct call *call, struct json_writer *w)
{
	struct buf buf;

	if (!call->assertion)
		return;
	json_begin_object(w, "assertion");
	buf_init(&buf, call->arena);
	json_write(&buf, call->assertion_header);
	json_add_raw(w, "header", buf_text(&buf));
	buf_clear(&buf);
	json_write(&buf, call->assertion);
	json_add_raw(w, "claims", buf_text(&buf));
	json_end_object(w);
}

void call_record(struct call *call)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, call->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_time(&w, "time", call->now);
	json_add_int(&w, "ms", call->now_ms);
	json_add_c(&w, "listener", listener_name(call->listener));
	json_add_c(&w, "method", method_name(call->method));
	json_add_text(&w, "path", call->path);
	record_query(call, &w);
	json_add_int(&w, "status", call->reply.status);
	json_add_c(&w, "tenant", call->tenant ? call_uuid(call->arena, call->tenant->id) : NULL);
	json_add_text(&w, "app", call->client_id);
	json_add_text(&w, "clientRequestId", call->request_id);
	json_add_bool(&w, "item", call->is_item);
	json_add_int(&w, "retryAfter", call->reply.retry_after);
	json_add_c(&w, "fault", fault_kind_name(call->fault.kind));
	if (call->listener == LISTENER_GRAPH && text_is_utf8(call->body))
		json_add_text(&w, "body", text_take(call->body, JOURNAL_BODY));
	record_assertion(call, &w);
	json_end_object(&w);
	journal_add(&call->sim->journal, call->listener, call->path, buf_text(&buf));
}

void call_send(const struct call *call, struct http_response *response)
{
	const struct reply *reply = &call->reply;

	http_response_set(response, reply->status, reply->content_type);
	for (size_t i = 0; i < reply->header_count; i++)
		http_response_header(response, arena_cstr(response->arena, reply->headers[i].name),
				     reply->headers[i].value);
	buf_add_text(&response->body, buf_text(&reply->body));
	if (call->fault.kind == FAULT_DROP || call->fault.kind == FAULT_RESET)
		response->withheld = SIZE_MAX;
	/* A client may take a head without its end for a whole answer: cut bodies only. */
	if (call->fault.kind == FAULT_RESET && response->body.len)
		response->withheld = response->body.len / 2 + 1;
}
