/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c: llhttp in its strict form, checked against a second reader. The only file that knows
 * llhttp.
 *
 * llhttp reads every byte as it comes and finds where head, chunks and message end. It stops at
 * the end of the head, where head.c reads the same bytes again: the number of fields, the length
 * and the chunked flag of the two must agree. It stops again at the end of the message, so that
 * a following request is never looked at before this one is answered.
 *
 * A chunked body is moved together as it is read; the buffer never holds more of it than the
 * body limit and what one feed brought. Trailer fields and long chunk extensions are refused, an
 * upgrade is ignored. Each message starts from a fresh llhttp state.
 *
 * Specification: RFC 9112 sections 6 and 7; threats, abuse case 16.
 */
#include "http/parse.h"

#include <llhttp.h>
#include <stdlib.h>

#include "base/arena.h"

enum { PARSE_BAD = 400, PARSE_TOO_LARGE = 413, PARSE_FIELDS_LARGE = 431, PARSE_NOT_KNOWN = 501 };
enum { PARSE_GO = 0, PARSE_STOP = -1 };

static int parse_refuse(llhttp_t *llhttp, int status)
{
	struct http_parser *parser = llhttp->data;

	parser->status = status;
	return PARSE_STOP;
}

/* Also called for trailers, which follow the last chunk. */
static int parse_on_field(llhttp_t *llhttp)
{
	struct http_parser *parser = llhttp->data;

	if (parser->at != HTTP_PARSE_MORE)
		return parse_refuse(llhttp, PARSE_BAD);
	if (++parser->llhttp_fields > LIMIT_HTTP_HEADER_COUNT)
		return parse_refuse(llhttp, PARSE_FIELDS_LARGE);
	return PARSE_GO;
}

static int parse_on_head(llhttp_t *llhttp)
{
	struct http_parser *parser = llhttp->data;

	parser->at = HTTP_PARSE_HEAD;
	return HPE_PAUSED;
}

static int parse_on_body(llhttp_t *llhttp, const char *at, size_t len)
{
	struct http_parser *parser = llhttp->data;
	char *end = parser->data + parser->head_len + parser->body_len;

	if (len > parser->body_limit - parser->body_len)
		return parse_refuse(llhttp, PARSE_TOO_LARGE);
	if (end != at)
		memmove(end, at, len);
	parser->body_len += len;
	return PARSE_GO;
}

static int parse_on_chunk(llhttp_t *llhttp)
{
	struct http_parser *parser = llhttp->data;

	/* The size alone decides, before any byte of the chunk has come. */
	if (llhttp->content_length > parser->body_limit - parser->body_len)
		return parse_refuse(llhttp, PARSE_TOO_LARGE);
	return PARSE_GO;
}

static int parse_on_extension(llhttp_t *llhttp, const char *at, size_t len)
{
	struct http_parser *parser = llhttp->data;

	parser->extension_len += len;
	if (parser->extension_len > HTTP_PARSE_EXTENSION_BYTES)
		return parse_refuse(llhttp, PARSE_BAD);
	return PARSE_GO;
}

static int parse_on_message(llhttp_t *llhttp)
{
	struct http_parser *parser = llhttp->data;

	parser->is_complete = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t parse_settings = {
    .on_header_field_complete = parse_on_field,
    .on_headers_complete = parse_on_head,
    .on_body = parse_on_body,
    .on_chunk_header = parse_on_chunk,
    .on_chunk_extension_name = parse_on_extension,
    .on_chunk_extension_value = parse_on_extension,
    .on_message_complete = parse_on_message,
};

void http_parser_init(struct http_parser *parser)
{
	*parser = (struct http_parser){.llhttp = heap_alloc(sizeof(llhttp_t))};
	http_parser_begin(parser);
}

void http_parser_done(struct http_parser *parser)
{
	free(parser->llhttp);
	parser->llhttp = NULL;
}

void http_parser_begin(struct http_parser *parser)
{
	llhttp_init(parser->llhttp, HTTP_REQUEST, &parse_settings);
	parser->llhttp->data = parser;
	parser->data = NULL;
	parser->parsed = 0;
	parser->at = HTTP_PARSE_MORE;
	parser->status = 0;
	http_head_begin(&parser->head);
	parser->llhttp_fields = 0;
	parser->head_len = 0;
	parser->body_len = 0;
	parser->body_limit = 0;
	parser->extension_len = 0;
	parser->is_complete = false;
}

static enum http_parse_step parse_end(struct http_parser *parser, int status)
{
	parser->at = HTTP_PARSE_REFUSED;
	parser->status = status;
	return HTTP_PARSE_REFUSED;
}

/* A well-formed method that llhttp has not heard of is a request we do not serve; anything else
 * at this place is not HTTP. */
static int parse_method_status(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len && ((data[i] >= 'A' && data[i] <= 'Z') || data[i] == '-'))
		i++;
	return i && (i == len || data[i] == ' ') ? PARSE_NOT_KNOWN : PARSE_BAD;
}

static int parse_error_status(const struct http_parser *parser, llhttp_errno_t error, size_t len)
{
	if (parser->status)
		return parser->status;
	if (error == HPE_INVALID_METHOD)
		return parse_method_status(parser->data, len);
	return PARSE_BAD;
}

static enum http_parse_step parse_head(struct http_parser *parser, char *data)
{
	const llhttp_t *llhttp = parser->llhttp;
	int status = http_head_read(&parser->head, data, parser->parsed);

	if (status)
		return parse_end(parser, status);
	if (parser->head.field_count != parser->llhttp_fields ||
	    parser->head.is_chunked != !!(llhttp->flags & F_CHUNKED) ||
	    parser->head.has_length != !!(llhttp->flags & F_CONTENT_LENGTH) ||
	    (parser->head.has_length && parser->head.content_length != llhttp->content_length))
		return parse_end(parser, PARSE_BAD);
	parser->head_len = parser->parsed;
	return HTTP_PARSE_HEAD;
}

static enum http_parse_step parse_more(struct http_parser *parser, char *data, size_t *len)
{
	int status;

	if (parser->at == HTTP_PARSE_HEAD) {
		parser->parsed = parser->head_len + parser->body_len;
		*len = parser->parsed;
		return HTTP_PARSE_MORE;
	}
	status = http_head_check_size(data, *len);
	return status ? parse_end(parser, status) : HTTP_PARSE_MORE;
}

enum http_parse_step http_parser_feed(struct http_parser *parser, char *data, size_t *len)
{
	bool is_in_head = parser->at == HTTP_PARSE_MORE;
	llhttp_errno_t error;

	if (parser->at == HTTP_PARSE_REFUSED || parser->at == HTTP_PARSE_DONE)
		return parser->at;
	/* First, so that the verdict does not depend on what follows the line in the same read. */
	if (is_in_head && http_head_check_line(data, *len))
		return parse_end(parser, http_head_check_line(data, *len));
	parser->data = data;
	error = llhttp_execute(parser->llhttp, data + parser->parsed, *len - parser->parsed);
	if (error == HPE_OK) {
		parser->parsed = *len;
		return parse_more(parser, data, len);
	}
	if (error != HPE_PAUSED)
		return parse_end(parser, parse_error_status(parser, error, *len));
	parser->parsed = (size_t)(llhttp_get_error_pos(parser->llhttp) - data);
	llhttp_resume(parser->llhttp);
	if (is_in_head && !parser->is_complete)
		return parse_head(parser, data);
	parser->at = HTTP_PARSE_DONE;
	return HTTP_PARSE_DONE;
}
