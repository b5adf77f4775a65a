/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.c: see wire.h. Windows' enrolment client wants one body with a byte count: no chunks, no
 * compression (enrollment.md section 0, management.md section 1.4). Redirects are never followed.
 */
#include "sim/device/wire.h"

#include "base/buf.h"

void wire_add(struct wire *wire, struct arena *arena, const char *name, const char *value)
{
	if (wire->header_count < WIRE_HEADERS)
		wire->headers[wire->header_count++] = arena_printf(arena, "%s: %s", name, value);
}

static int failure_sort(struct task *task, int r, const char *url)
{
	switch (r) {
	case HTTP_CLIENT_E_UNREACHABLE:
	case HTTP_CLIENT_E_TLS:
		task->code = code_hresult(CODE_CONNECTIVITY);
		return OUTCOME_UNREACHABLE;
	case HTTP_CLIENT_E_UNTRUSTED:
		task->code = code_hresult(CODE_UNTRUSTED);
		return OUTCOME_UNTRUSTED;
	case HTTP_CLIENT_E_TOO_LARGE:
		return TASK_BROKEN(task, CODE_PROVISIONING, "%s: the reply is too large", url);
	case HTTP_CLIENT_E_REFUSED:
		return ERR_FAIL(task->trail, ERR_CONFIG, "%s is not an address to call", url);
	default:
		return ERR_TRACE(task->trail, r);
	}
}

int wire_send(struct task *task, const struct wire *wire, struct http_client_response *ret)
{
	struct http_client_request request = {
	    .method = wire->method,
	    .url = wire->url,
	    .headers = wire->headers,
	    .body = wire->body,
	    .certificate_file = wire->certificate_file,
	    .key_file = wire->key_file,
	    .allow_plain = wire->is_plain_allowed,
	};
	int r = http_client_send(task->client, task->arena, &request, ret, task->trail);

	if (r != 0)
		return failure_sort(task, r, wire->url);
	task_step(task, "%s %s: %d, %zu bytes", wire->method, wire->url, ret->status,
		  ret->body.len);
	return 0;
}

static size_t header_count(const struct http_client_response *response, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < response->header_count; i++)
		count += text_eq_nocase(response->headers[i].name, text_of(name));
	return count;
}

int wire_check_framing(struct task *task, const struct http_client_response *response,
		       const char *what)
{
	struct text length = http_client_response_header(response, "Content-Length");
	struct text coding = http_client_response_header(response, "Content-Encoding");
	uint32_t shown = code_of_status(response->status);
	uint64_t bytes;

	if (header_count(response, "Transfer-Encoding") > 0)
		return TASK_FAIL(task, OUTCOME_BROKEN, shown,
				 "%s: the reply is chunked, Windows needs a Content-Length", what);
	if (coding.ptr && !text_eq_nocase(coding, TEXT("identity")))
		return TASK_FAIL(task, OUTCOME_BROKEN, shown, "%s: the reply is compressed", what);
	if (header_count(response, "Content-Length") != 1)
		return TASK_FAIL(task, OUTCOME_BROKEN, shown, "%s: the reply has no Content-Length",
				 what);
	if (!text_to_u64(text_trim(length), &bytes) || bytes != response->body.len)
		return TASK_FAIL(task, OUTCOME_BROKEN, shown,
				 "%s: Content-Length %.*s but %zu bytes", what, TEXT_ARG(length),
				 response->body.len);
	return 0;
}

int wire_check_type(struct task *task, const struct http_client_response *response,
		    const char *type, const char *what)
{
	struct text rest = response->content_type;
	struct text media = text_trim(text_cut(&rest, ';'));

	if (!text_eq_nocase(media, text_of(type)))
		return TASK_FAIL(task, OUTCOME_BROKEN, code_of_status(response->status),
				 "%s: Content-Type is \"%.*s\", not %s", what,
				 TEXT_ARG(response->content_type), type);
	while (rest.ptr) {
		struct text part = text_trim(text_cut(&rest, ';'));

		if (text_starts_nocase(part, TEXT("charset=")) &&
		    !text_eq_nocase(part, TEXT("charset=utf-8")) &&
		    !text_eq_nocase(part, TEXT("charset=\"utf-8\"")))
			return TASK_FAIL(task, OUTCOME_BROKEN, code_of_status(response->status),
					 "%s: the reply is %.*s, not UTF-8", what, TEXT_ARG(part));
	}
	return 0;
}
