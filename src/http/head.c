/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.c: the second reader of a request head, stricter than the grammar.
 *
 * Request smuggling lives where two readers disagree. So a head is read twice, by llhttp byte by
 * byte as it comes and here as a whole once it is complete, and parse.c refuses it when the two
 * differ. This reader takes one spelling only: lines end in CR LF, a line begins with a name, a
 * name touches its colon, the parts of the request line are one blank apart, a length is digits.
 *
 * It refuses rather than repairs: folded lines, bare CR or LF, NUL and other controls, a second
 * Content-Length or Host even when equal, Content-Length beside Transfer-Encoding, any transfer
 * coding but `chunked`. Method names are checked for their grammar only.
 *
 * Specification: RFC 9112 sections 2.2, 3, 5, 6; threats, abuse case 16.
 */
#include "http/head.h"

#include "http/token.h"

enum { STATUS_BAD = 400, STATUS_TARGET_LONG = 414, STATUS_FIELDS_LARGE = 431 };
enum { LENGTH_DIGITS = 15 };

struct head_reader {
	struct http_head *head;
	const char *data;
	struct text rest;
};

static struct http_slice head_slice(const struct head_reader *reader, struct text t)
{
	return (struct http_slice){.offset = (uint32_t)(t.ptr - reader->data),
				   .len = (uint32_t)t.len};
}

/* The next line without its CR LF. False: the line does not end in exactly that. */
static bool head_take_line(struct head_reader *reader, struct text *ret)
{
	const char *end = memchr(reader->rest.ptr, '\n', reader->rest.len);
	size_t len = end ? (size_t)(end - reader->rest.ptr) : 0;

	if (!len || end[-1] != '\r')
		return false;
	*ret = text_take(reader->rest, len - 1);
	reader->rest = text_from(reader->rest, len + 1);
	return true;
}

static int head_read_request_line(struct head_reader *reader, struct text line)
{
	struct text method = text_cut(&line, ' ');
	struct text target = text_cut(&line, ' ');

	if (!http_token_is(method) || !target.ptr || !http_token_is_target(target))
		return STATUS_BAD;
	if (!line.ptr || (!text_eq_c(line, "HTTP/1.1") && !text_eq_c(line, "HTTP/1.0")))
		return STATUS_BAD;
	reader->head->is_http10 = text_eq_c(line, "HTTP/1.0");
	reader->head->method = head_slice(reader, method);
	reader->head->target = head_slice(reader, target);
	return 0;
}

static int head_read_field(struct head_reader *reader, struct text line)
{
	struct http_head *head = reader->head;
	struct text name = text_cut(&line, ':');

	if (!http_token_is(name) || !line.ptr || !http_token_is_value(line))
		return STATUS_BAD;
	if (head->field_count == LIMIT_HTTP_HEADER_COUNT)
		return STATUS_FIELDS_LARGE;
	head->fields[head->field_count++] = (struct http_field){
	    .name = head_slice(reader, name),
	    .value = head_slice(reader, http_token_trim(line)),
	};
	return 0;
}

/* Content-Length: 1*DIGIT. Leading zeros are digits; a sign, a blank or a list is not. */
static int head_read_length(struct http_head *head, struct text value)
{
	uint64_t length = 0;

	if (head->has_length || !value.len)
		return STATUS_BAD;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9' || i == LENGTH_DIGITS)
			return STATUS_BAD;
		length = length * 10 + (uint64_t)(value.ptr[i] - '0');
	}
	head->has_length = true;
	head->content_length = length;
	return 0;
}

static int head_read_coding(struct http_head *head, struct text value)
{
	if (head->is_chunked || head->is_http10 || !text_eq_nocase(value, TEXT("chunked")))
		return STATUS_BAD;
	head->is_chunked = true;
	return 0;
}

/* A list of options, of which close wins over keep-alive. */
static int head_read_connection(struct http_head *head, struct text value)
{
	while (value.ptr) {
		struct text option = http_token_trim(text_cut(&value, ','));

		if (text_eq_nocase(option, TEXT("close")))
			head->is_keep_alive = false;
	}
	return 0;
}

static int head_read_framing(struct http_head *head, const char *data)
{
	static const struct {
		const char *name;
		int (*read)(struct http_head *head, struct text value);
	} readers[] = {
	    {"Content-Length", head_read_length},
	    {"Transfer-Encoding", head_read_coding},
	    {"Connection", head_read_connection},
	};

	head->is_keep_alive = !head->is_http10;
	for (size_t i = 0; i < head->field_count; i++) {
		struct text name = http_slice_text(data, head->fields[i].name);

		for (size_t k = 0; k < ARRAY_LEN(readers); k++) {
			struct text value = http_slice_text(data, head->fields[i].value);

			if (text_eq_nocase(name, text_of(readers[k].name)) &&
			    readers[k].read(head, value))
				return STATUS_BAD;
		}
	}
	return head->is_chunked && head->has_length ? STATUS_BAD : 0;
}

void http_head_begin(struct http_head *head)
{
	head->field_count = 0;
	head->has_length = false;
	head->is_chunked = false;
	head->content_length = 0;
}

int http_head_read(struct http_head *head, const char *data, size_t len)
{
	struct head_reader reader = {head, data, text_make(data, len)};
	struct text line;
	int status = http_head_check_size(data, len);

	if (status)
		return status;
	if (!head_take_line(&reader, &line))
		return STATUS_BAD;
	status = head_read_request_line(&reader, line);
	while (!status) {
		if (!head_take_line(&reader, &line))
			return STATUS_BAD;
		if (text_is_empty(line))
			break;
		status = head_read_field(&reader, line);
	}
	if (status)
		return status;
	return reader.rest.len ? STATUS_BAD : head_read_framing(head, data);
}

int http_head_check_line(const char *data, size_t len)
{
	if (len <= LIMIT_HTTP_REQUEST_LINE || memchr(data, '\n', LIMIT_HTTP_REQUEST_LINE))
		return 0;
	return STATUS_TARGET_LONG;
}

int http_head_check_size(const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);
	int status = http_head_check_line(data, len);

	if (status || !end)
		return status;
	if (len - (size_t)(end - data) - 1 > LIMIT_HTTP_HEADER_BYTES)
		return STATUS_FIELDS_LARGE;
	return 0;
}
