/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parse.c: requests and what the parser makes of them.
 *
 * Every case is fed whole, byte by byte and cut at every place, and must give the same verdict each
 * time: a parser whose answer depends on how the bytes arrive is how requests are smuggled. Each
 * refusal is also followed by a good request, which must never be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/head.h"
#include "http/parse.h"

#define NEXT "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

struct outcome {
	enum http_parse_step step;
	int status;
	size_t parsed;
	char body[64];
	size_t body_len;
};

enum { BODY_LIMIT = 32, WHOLE = SIZE_MAX };

/* Feed data in pieces; at cut when that is in it, else in steps of `piece`. */
static void parse(const char *data, size_t len, size_t cut, size_t piece, struct outcome *ret)
{
	struct http_parser parser;
	char *buffer = heap_alloc(len + 1);
	size_t have = 0, given = 0;
	enum http_parse_step step = HTTP_PARSE_MORE;

	http_parser_init(&parser);
	while (given < len && (step == HTTP_PARSE_MORE || step == HTTP_PARSE_HEAD)) {
		size_t n = cut < len && !given ? cut : piece;

		n = n < len - given ? n : len - given;
		memcpy(buffer + have, data + given, n);
		have += n;
		given += n;
		step = http_parser_feed(&parser, buffer, &have);
		if (step == HTTP_PARSE_HEAD) {
			parser.body_limit = BODY_LIMIT;
			if (parser.head.content_length > BODY_LIMIT)
				break;
			step = http_parser_feed(&parser, buffer, &have);
		}
	}
	memset(ret, 0, sizeof(*ret));
	ret->step = step;
	ret->status = parser.status;
	if (step == HTTP_PARSE_DONE) {
		ret->parsed = given - (have - parser.parsed);
		ret->body_len = parser.body_len;
		memcpy(ret->body, buffer + parser.head_len, parser.body_len);
	}
	http_parser_done(&parser);
	free(buffer);
}

static void same(const char *name, const struct outcome *a, const struct outcome *b)
{
	if (a->step != b->step || a->status != b->status || a->body_len != b->body_len ||
	    memcmp(a->body, b->body, a->body_len) != 0)
		fail_msg("%s: %d/%d became %d/%d when cut", name, a->step, a->status, b->step,
			 b->status);
}

static void parse_all_ways(const char *name, const char *data, size_t len, struct outcome *ret)
{
	struct outcome other;

	parse(data, len, WHOLE, len, ret);
	parse(data, len, WHOLE, 1, &other);
	same(name, ret, &other);
	for (size_t cut = 1; cut < len; cut++) {
		parse(data, len, cut, len, &other);
		same(name, ret, &other);
	}
}

struct refused_case {
	const char *name;
	const char *data;
	size_t len;
	int status;
	bool is_head_sound; /* it is the body, or llhttp's list of methods, that refuses */
};

#define CASE(name, text, status)                                                                   \
	{                                                                                          \
		name, text NEXT, sizeof(text NEXT) - 1, status, false                              \
	}
#define LATE(name, text, status)                                                                   \
	{                                                                                          \
		name, text NEXT, sizeof(text NEXT) - 1, status, true                               \
	}
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define GET  "GET / HTTP/1.1\r\nHost: a\r\n"

static const struct refused_case refused[] = {
    CASE("two equal lengths", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
    CASE("two lengths", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400),
    CASE("length list", POST "Content-Length: 5, 5\r\n\r\nhello", 400),
    CASE("length with sign", POST "Content-Length: +5\r\n\r\nhello", 400),
    CASE("negative length", POST "Content-Length: -5\r\n\r\nhello", 400),
    CASE("length with blank inside", POST "Content-Length: 1 0\r\n\r\nhello", 400),
    CASE("hexadecimal length", POST "Content-Length: 0x5\r\n\r\nhello", 400),
    CASE("empty length", POST "Content-Length:\r\n\r\n", 400),
    CASE("length past 64 bits", POST "Content-Length: 18446744073709551621\r\n\r\nhello", 400),
    CASE("length past 15 digits", POST "Content-Length: 1000000000000000\r\n\r\n", 400),
    CASE("length with vertical tab",
	 POST "Content-Length: \x0b"
	      "5\r\n\r\nhello",
	 400),
    CASE("length before coding",
	 POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
	      "0\r\n\r\n",
	 400),
    CASE("coding before length",
	 POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
	      "0\r\n\r\n",
	 400),
    CASE("two codings",
	 POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
	      "0\r\n\r\n",
	 400),
    CASE("gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    CASE("chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    CASE("identity", POST "Transfer-Encoding: identity\r\n\r\n", 400),
    CASE("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    CASE("quoted chunked", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400),
    CASE("empty coding", POST "Transfer-Encoding:\r\n\r\n", 400),
    CASE("chunked in HTTP/1.0",
	 "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "0\r\n\r\n",
	 400),
    CASE("bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
    CASE("bare LF between fields", "GET / HTTP/1.1\r\nHost: ab\nX: y\r\n\r\n", 400),
    CASE("bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    CASE("bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    CASE("bare CR in a value", GET "X: a\rb\r\n\r\n", 400),
    CASE("bare CR before a field", GET "\rX: a\r\n\r\n", 400),
    CASE("CR CR LF", GET "X: a\r\r\n\r\n", 400),
    CASE("blank before the colon", GET "X : a\r\n\r\n", 400),
    CASE("tab before the colon", GET "X\t: a\r\n\r\n", 400),
    CASE("blank before the colon of a length", POST "Content-Length : 5\r\n\r\nhello", 400),
    CASE("folded line", GET "X: a\r\n b\r\n\r\n", 400),
    CASE("folded with a tab", GET "X: a\r\n\tb\r\n\r\n", 400),
    CASE("folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    CASE("folded length", POST "X: y\r\n Content-Length: 5\r\n\r\nhello", 400),
    CASE("empty name", GET ": a\r\n\r\n", 400),
    CASE("line without a colon", GET "nonsense\r\n\r\n", 400),
    CASE("NUL in a value", GET "X: a\0b\r\n\r\n", 400),
    CASE("NUL in a name", GET "X\0Y: a\r\n\r\n", 400),
    CASE("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("DEL in a value", GET "X: a\x7f\r\n\r\n", 400),
    CASE("escape in a value", GET "X: \x1b[2J\r\n\r\n", 400),
    CASE("byte above 7f in a name", GET "X\xe4: a\r\n\r\n", 400),
    CASE("byte above 7f in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("parenthesis in a name", GET "X(Y: a\r\n\r\n", 400),
    LATE("trailer", POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: a\r\n\r\n", 400),
    LATE("trailing length", POST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
	 400),
    LATE("chunk size with sign", POST "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
	 400),
    LATE("chunk size in 0x", POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
	 400),
    LATE("chunk size after a blank",
	 POST "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n"
	      "\r\n",
	 400),
    LATE("empty chunk size", POST "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n", 400),
    LATE("chunk size past 64 bits",
	 POST "Transfer-Encoding: chunked\r\n\r\n"
	      "10000000000000005\r\nhello\r\n0\r\n\r\n",
	 400),
    LATE("chunk longer than its size",
	 POST "Transfer-Encoding: chunked\r\n\r\n"
	      "4\r\nhello\r\n0\r\n\r\n",
	 400),
    LATE("chunk line with bare LF", POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
	 400),
    LATE("chunk end with bare LF", POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
	 400),
    LATE("chunk over the limit", POST "Transfer-Encoding: chunked\r\n\r\n21\r\n", 413),
    LATE("chunks over the limit",
	 POST "Transfer-Encoding: chunked\r\n\r\n"
	      "20\r\n01234567012345670123456701234567\r\n1\r\nx\r\n0\r\n\r\n",
	 413),
    LATE("absurd chunk", POST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413),
    CASE("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    CASE("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400),
    CASE("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400),
    CASE("HTTP/0.9", "GET /\r\n\r\n", 400),
    CASE("http/1.1 in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("two blanks before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("two blanks after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("tab after the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    LATE("method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    CASE("TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    LATE("unknown method", "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 501),
};

static void case16_ambiguous_requests_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct refused_case *c = &refused[i];
		struct outcome outcome;

		parse_all_ways(c->name, c->data, c->len, &outcome);
		if (outcome.step != HTTP_PARSE_REFUSED || outcome.status != c->status)
			fail_msg("%s: step %d status %d", c->name, outcome.step, outcome.status);
	}
}

/* The second reader does not lean on the first: it refuses by itself. */
static void case16_the_second_reader_refuses_by_itself(void **state)
{
	struct http_parser parser;

	http_parser_init(&parser);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct refused_case *c = &refused[i];
		const char *end = memmem(c->data, c->len, "\r\n\r\n", 4);
		int status;

		http_parser_begin(&parser);
		status = http_head_read(&parser.head, c->data, (size_t)(end - c->data) + 4);
		if (!status != c->is_head_sound)
			fail_msg("%s: %d", c->name, status);
	}
	http_parser_done(&parser);
}

static const struct {
	const char *name;
	const char *data;
	const char *body;
} accepted[] = {
    {"no body", GET "\r\n", ""},
    {"length", POST "Content-Length: 5\r\n\r\nhello", "hello"},
    {"length zero", POST "Content-Length: 0\r\n\r\n", ""},
    {"length with leading zeros", POST "Content-Length: 0005\r\n\r\nhello", "hello"},
    {"length in blanks", POST "Content-Length:  5 \r\n\r\nhello", "hello"},
    {"POST without a length", POST "\r\n", ""},
    {"chunked", POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
     "hello world"},
    {"chunked in capitals", POST "TRANSFER-ENCODING: CHUNKED\r\n\r\nB\r\nhello world\r\n0\r\n\r\n",
     "hello world"},
    {"chunked and empty", POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
    {"chunks of one",
     POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", "abc"},
    {"chunk extension", POST "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
     "hello"},
    {"body that looks like a request", POST "Content-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n",
     "GET / HTTP/1.1\r\n\r\n"},
    {"upgrade", GET "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", ""},
    {"upgrade with a body",
     POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi", "hi"},
    {"bytes above 7f in a value", GET "X: \xc3\xa4\r\n\r\n", ""},
    {"empty value", GET "X:\r\nY: \r\n\r\n", ""},
    {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", ""},
    {"body at the limit", POST "Content-Length: 32\r\n\r\n01234567012345670123456701234567",
     "01234567012345670123456701234567"},
};

static void sound_requests_are_read_and_end_where_they_end(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		char data[512];
		struct outcome outcome;
		int len = snprintf(data, sizeof(data), "%s%s", accepted[i].data, NEXT);

		parse_all_ways(accepted[i].name, data, (size_t)len, &outcome);
		if (outcome.step != HTTP_PARSE_DONE)
			fail_msg("%s: step %d status %d", accepted[i].name, outcome.step,
				 outcome.status);
		assert_string_equal(outcome.body, accepted[i].body);
		parse(data, (size_t)len, WHOLE, (size_t)len, &outcome);
		assert_int_equal(outcome.parsed, strlen(accepted[i].data));
	}
}

static void case16_an_incomplete_request_is_never_complete(void **state)
{
	static const char whole[] =
	    POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

	for (size_t len = 1; len < sizeof(whole) - 1; len++) {
		struct outcome outcome;

		parse(whole, len, WHOLE, 7, &outcome);
		assert_int_equal(outcome.step, HTTP_PARSE_MORE);
	}
}

/* line, then filler, repeated to a size. */
static size_t fill(char *data, size_t at, const char *line, char filler, size_t n)
{
	size_t len = strlen(line);

	memcpy(data + at, line, len);
	memset(data + at + len, filler, n);
	return at + len + n;
}

static void expect_status(const char *data, size_t len, int status)
{
	struct outcome outcome;

	parse(data, len, WHOLE, len, &outcome);
	assert_int_equal(outcome.status, status);
	parse(data, len, WHOLE, 1000, &outcome);
	assert_int_equal(outcome.status, status);
}

static void case16_heads_over_a_limit_are_refused(void **state)
{
	size_t cap = 10 * 1024 * 1024;
	char *data = heap_alloc(cap);
	size_t overhead = strlen("GET / HTTP/1.1\r\n");
	size_t len;

	/* The target: one byte below the limit of the line, one above. */
	len = fill(data, 0, "GET /", 'a', LIMIT_HTTP_REQUEST_LINE - overhead);
	len = fill(data, len, " HTTP/1.1\r\nHost: a\r\n\r\n", 0, 0);
	expect_status(data, len, 0);
	len = fill(data, 0, "GET /", 'a', LIMIT_HTTP_REQUEST_LINE - overhead + 1);
	len = fill(data, len, " HTTP/1.1\r\nHost: a\r\n\r\n", 0, 0);
	expect_status(data, len, 414);
	/* All fields: 32 KiB with the empty line, then one more. */
	overhead = strlen("Host: a\r\nX: \r\n\r\n");
	len = fill(data, 0, GET "X: ", 'a', LIMIT_HTTP_HEADER_BYTES - overhead);
	len = fill(data, len, "\r\n\r\n", 0, 0);
	expect_status(data, len, 0);
	len = fill(data, 0, GET "X: ", 'a', LIMIT_HTTP_HEADER_BYTES - overhead + 1);
	len = fill(data, len, "\r\n\r\n", 0, 0);
	expect_status(data, len, 431);
	/* 10 MB that never end. */
	len = fill(data, 0, GET "X: ", 'a', cap - 100);
	expect_status(data, len, 431);
	len = fill(data, 0, "GET /", 'a', cap - 100);
	expect_status(data, len, 414);
	free(data);
}

static void case16_fields_over_their_number_are_refused(void **state)
{
	for (size_t extra = 0; extra <= 1; extra++) {
		char data[2048];
		size_t len = fill(data, 0, GET, 0, 0);

		for (size_t i = 1; i < LIMIT_HTTP_HEADER_COUNT + extra; i++)
			len = fill(data, len, "X: a\r\n", 0, 0);
		len = fill(data, len, "\r\n", 0, 0);
		expect_status(data, len, extra ? 431 : 0);
	}
}

static void case16_long_chunk_extensions_are_refused(void **state)
{
	static const size_t lengths[] = {HTTP_PARSE_EXTENSION_BYTES, HTTP_PARSE_EXTENSION_BYTES + 1,
					 1024 * 1024};
	char *data = heap_alloc(2 * 1024 * 1024);

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t len =
		    fill(data, 0, POST "Transfer-Encoding: chunked\r\n\r\n5;", 'a', lengths[i]);

		len = fill(data, len, "\r\nhello\r\n0\r\n\r\n", 0, 0);
		expect_status(data, len, i ? 400 : 0);
	}
	free(data);
}

static void a_parser_can_be_used_again(void **state)
{
	static const char first[] = POST "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
					 "2\r\nhi\r\n0\r\n\r\n" NEXT;
	char data[sizeof(first)];
	size_t len = sizeof(first) - 1;
	struct http_parser parser;

	memcpy(data, first, sizeof(first));
	http_parser_init(&parser);
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_HEAD);
	assert_false(parser.head.is_keep_alive);
	parser.body_limit = BODY_LIMIT;
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_DONE);
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_DONE);
	len -= parser.parsed;
	memmove(data, data + parser.parsed, len);
	http_parser_begin(&parser);
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_HEAD);
	assert_true(parser.head.is_keep_alive);
	assert_true(text_eq_c(http_slice_text(data, parser.head.target), "/next"));
	assert_int_equal(parser.head.field_count, 1);
	http_parser_done(&parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case16_ambiguous_requests_are_refused),
	    cmocka_unit_test(case16_the_second_reader_refuses_by_itself),
	    cmocka_unit_test(sound_requests_are_read_and_end_where_they_end),
	    cmocka_unit_test(case16_an_incomplete_request_is_never_complete),
	    cmocka_unit_test(case16_heads_over_a_limit_are_refused),
	    cmocka_unit_test(case16_fields_over_their_number_are_refused),
	    cmocka_unit_test(case16_long_chunk_extensions_are_refused),
	    cmocka_unit_test(a_parser_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
