/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.c: reading fields of a request and setting fields of a response.
 *
 * A response header is checked when it is set, not when it is sent: whatever a handler passes in,
 * the bytes on the wire are one well-formed field on one line. A handler that breaks the rule has
 * a defect, and its response is replaced by 500 rather than repaired. The fields that frame a
 * message are the server's alone.
 *
 * Specification: RFC 9110 sections 5 and 6.
 */
#include "http/message.h"

#include "http/token.h"

struct text http_request_header(const struct http_request *request, const char *name)
{
	struct text wanted = text_of(name);

	for (size_t i = 0; i < request->header_count; i++)
		if (text_eq_nocase(request->headers[i].name, wanted))
			return request->headers[i].value;
	return (struct text){.ptr = NULL};
}

size_t http_request_header_count(const struct http_request *request, const char *name)
{
	struct text wanted = text_of(name);
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += text_eq_nocase(request->headers[i].name, wanted);
	return count;
}

static bool message_is_server_field(struct text name)
{
	static const char *const owned[] = {"Content-Length", "Transfer-Encoding", "Connection",
					    "Date"};

	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		if (text_eq_nocase(name, text_of(owned[i])))
			return true;
	return false;
}

void http_response_header(struct http_response *response, const char *name, struct text value)
{
	struct text field = text_of(name);

	if (!http_token_is(field) || !http_token_is_value(value) ||
	    message_is_server_field(field) || response->header_count == HTTP_RESPONSE_HEADERS) {
		response->is_broken = true;
		return;
	}
	response->headers[response->header_count++] =
	    (struct http_header){.name = field, .value = value};
}

/* A second call replaces the type of the first. */
static void message_set_type(struct http_response *response, const char *content_type)
{
	size_t kept = 0;

	for (size_t i = 0; i < response->header_count; i++)
		if (!text_eq_nocase(response->headers[i].name, TEXT("Content-Type")))
			response->headers[kept++] = response->headers[i];
	response->header_count = kept;
	http_response_header(response, "Content-Type", text_of(content_type));
}

void http_response_set(struct http_response *response, int status, const char *content_type)
{
	response->status = status;
	if (content_type)
		message_set_type(response, content_type);
}
