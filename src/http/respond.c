/* SPDX-License-Identifier: Apache-2.0 */
/*
 * respond.c: responses as bytes.
 *
 * Every final response has a Content-Length, also of 0, because Windows' enrolment client gives up
 * on chunked or compressed replies without a word; only 204 and 304, which must not have one, go
 * without. The server adds Date and, where the connection ends, Connection: close. It never names
 * itself or a version.
 *
 * Refusals are small and constant: one line of text, or a problem document under /api/. They say
 * what the status means and nothing about the reason.
 *
 * Specification: RFC 9110 sections 6.6.1, 8.6 and 15; RFC 9112 section 9.6; RFC 9457.
 */
#include "http/respond.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "http/method.h"

static const struct {
	int status;
	const char *phrase;
} respond_phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

enum {
	STATUS_MIN = 200,
	STATUS_MAX = 599,
	STATUS_NO_CONTENT = 204,
	STATUS_NOT_MODIFIED = 304,
	STATUS_BROKEN = 500
};

static const char *respond_phrase(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(respond_phrases); i++)
		if (respond_phrases[i].status == status)
			return respond_phrases[i].phrase;
	return "Other";
}

static const char *respond_date(struct http_date *date)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t now = clock_now();
	time_t seconds = (time_t)now;
	struct tm tm;

	if (now == date->at && date->text[0])
		return date->text;
	if (!gmtime_r(&seconds, &tm))
		return "Thu, 01 Jan 1970 00:00:00 GMT";
	/* The modulos only tell the compiler what gmtime_r promises. */
	snprintf(date->text, sizeof(date->text), "%s, %02d %s %04d %02d:%02d:%02d GMT",
		 days[tm.tm_wday % 7], tm.tm_mday % 100, months[tm.tm_mon % 12],
		 (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
	date->at = now;
	return date->text;
}

static bool respond_has_no_body(int status)
{
	return status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
}

static bool respond_is_sound(const struct http_response *response)
{
	if (response->is_broken || response->status < STATUS_MIN || response->status > STATUS_MAX)
		return false;
	return !respond_has_no_body(response->status) || !response->body.len;
}

static void respond_field(struct buf *out, const char *name, struct text value)
{
	buf_add_c(out, name);
	buf_add(out, ": ", 2);
	buf_add_text(out, value);
	buf_add(out, "\r\n", 2);
}

static void respond_status_line(struct buf *out, int status)
{
	buf_printf(out, "HTTP/1.1 %d %s\r\n", status, respond_phrase(status));
}

static void respond_write(struct buf *out, const struct http_response *response,
			  const struct http_respond_options *options, bool is_closing)
{
	respond_status_line(out, response->status);
	respond_field(out, "Date", text_of(respond_date(options->date)));
	for (size_t i = 0; i < response->header_count; i++) {
		buf_add_text(out, response->headers[i].name);
		buf_add(out, ": ", 2);
		buf_add_text(out, response->headers[i].value);
		buf_add(out, "\r\n", 2);
	}
	if (!respond_has_no_body(response->status))
		buf_printf(out, "Content-Length: %zu\r\n", response->body.len);
	if (is_closing)
		respond_field(out, "Connection", TEXT("close"));
	buf_add(out, "\r\n", 2);
	if (!options->is_head)
		buf_add_text(out, buf_text(&response->body));
}

int http_respond_write(struct buf *out, const struct http_response *response,
		       const struct http_respond_options *options, bool *ret_closing)
{
	static const struct http_refusal broken = {.status = STATUS_BROKEN, .path = {"", 0}};
	bool is_closing = options->is_closing || response->is_closing || response->withheld;
	size_t begin = out->len;
	size_t len;

	if (!respond_is_sound(response)) {
		http_respond_refusal(out, &broken, options);
		*ret_closing = true;
		return STATUS_BROKEN;
	}
	respond_write(out, response, options, is_closing);
	len = out->len - begin;
	out->len -= response->withheld < len ? response->withheld : len;
	*ret_closing = is_closing;
	return response->status;
}

/* The members every error of the API has. */
static void respond_problem(struct buf *body, int status)
{
	char trace_id[UUID_TEXT_LEN + 1];
	struct json_writer w;

	uuid_write(uuid_random(), trace_id);
	json_writer_init(&w, body);
	json_begin_object(&w, NULL);
	json_add_c(&w, "type", "about:blank");
	json_add_c(&w, "title", respond_phrase(status));
	json_add_int(&w, "status", status);
	json_add_c(&w, "detail", "The server refused the request before it was processed.");
	json_add_c(&w, "trace_id", trace_id);
	json_end_object(&w);
}

static void respond_allow(struct http_response *response, unsigned allow, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (unsigned bit = 1; bit <= allow; bit <<= 1) {
		const char *name = allow & bit ? http_method_name(bit) : NULL;

		if (name && len < size)
			len +=
			    (size_t)snprintf(ret + len, size - len, "%s%s", len ? ", " : "", name);
	}
	http_response_header(response, "Allow", text_of(ret));
}

void http_respond_refusal(struct buf *out, const struct http_refusal *refusal,
			  const struct http_respond_options *options)
{
	struct http_response response = {.arena = NULL};
	bool is_api = text_starts(refusal->path, TEXT("/api/"));
	char allow[64], retry[16];

	buf_init(&response.body, NULL);
	http_response_set(&response, refusal->status,
			  is_api ? "application/problem+json" : "text/plain; charset=utf-8");
	if (refusal->allow)
		respond_allow(&response, refusal->allow, allow, sizeof(allow));
	if (refusal->retry_after_s > 0) {
		snprintf(retry, sizeof(retry), "%d", refusal->retry_after_s);
		http_response_header(&response, "Retry-After", text_of(retry));
	}
	if (is_api)
		respond_problem(&response.body, refusal->status);
	else
		buf_printf(&response.body, "%d %s\n", refusal->status,
			   respond_phrase(refusal->status));
	respond_write(out, &response, options, true);
	buf_done(&response.body);
}
