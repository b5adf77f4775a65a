/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_parse.c: any bytes as a request, whole and cut in two, and on through the routes.
 *
 * The first byte says where the rest is cut. A verdict that depends on how bytes arrive is a
 * desynchronisation, so both ways must agree in everything; what is accepted must be framed in one
 * way only and lie within its limits.
 */
#include <stdlib.h>

#include "http/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_LIMIT = 256 };

struct verdict {
	enum http_parse_step step;
	int status;
	size_t consumed;
	size_t body_len;
	int admitted;
	char body[BODY_LIMIT];
};

static void handler(void *worker, const struct http_request *request,
		    struct http_response *response)
{
}

static const char *const hosts[] = {"a"};
static const struct http_listener listener = {.name = "fuzz", .hosts = hosts, .host_count = 1};
static const struct http_route routes[] = {
    {HTTP_GET | HTTP_POST, "/", 1, BODY_LIMIT, handler, NULL},
    {HTTP_GET, "/w/*", 1, 0, handler, NULL},
};
static const struct http_server_options options = {
    .listeners = &listener, .listener_count = 1, .routes = routes, .route_count = 2};

static int admit(const struct http_parser *parser, const char *data)
{
	static struct http_request request;
	struct http_admission admission;
	int status = http_request_read(&request, parser, data);

	if (status)
		return status;
	http_route_admit(&options, &request, parser, &admission);
	if (!admission.status && !admission.route)
		abort();
	/* One spelling: what matches exactly is exactly that. */
	if (admission.route == &routes[0] && !text_eq_c(request.path, "/"))
		abort();
	return admission.status;
}

static enum http_parse_step feed(struct http_parser *parser, char *buffer, size_t *have,
				 struct verdict *ret)
{
	enum http_parse_step step = http_parser_feed(parser, buffer, have);

	if (step != HTTP_PARSE_HEAD)
		return step;
	ret->admitted = admit(parser, buffer);
	if (parser->head.is_chunked && parser->head.has_length)
		abort();
	if (parser->head.content_length > BODY_LIMIT)
		return step;
	parser->body_limit = BODY_LIMIT;
	return http_parser_feed(parser, buffer, have);
}

static void parse(const uint8_t *data, size_t size, size_t cut, struct verdict *ret)
{
	size_t pieces[2] = {cut, size - cut};
	struct http_parser parser;
	char *buffer = heap_alloc(size);
	size_t have = 0, given = 0;

	memset(ret, 0, sizeof(*ret));
	http_parser_init(&parser);
	for (size_t i = 0; i < 2 && ret->step == HTTP_PARSE_MORE; i++) {
		if (!pieces[i])
			continue;
		memcpy(buffer + have, data + given, pieces[i]);
		have += pieces[i];
		given += pieces[i];
		ret->step = feed(&parser, buffer, &have, ret);
	}
	ret->status = parser.status;
	if (ret->step == HTTP_PARSE_DONE) {
		ret->consumed = given - (have - parser.parsed);
		ret->body_len = parser.body_len;
		if (parser.body_len > BODY_LIMIT || ret->consumed > size)
			abort();
		memcpy(ret->body, buffer + parser.head_len, parser.body_len);
	}
	if ((ret->step == HTTP_PARSE_REFUSED) != (ret->status >= 400))
		abort();
	http_parser_done(&parser);
	free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict whole, cut;

	if (size < 2)
		return 0;
	parse(data + 1, size - 1, 0, &whole);
	parse(data + 1, size - 1, data[0] % (size - 1), &cut);
	/* Which of two faults is seen first may depend on the cut; that there is one may not. */
	if (whole.step != cut.step || whole.consumed != cut.consumed ||
	    whole.body_len != cut.body_len || whole.admitted != cut.admitted ||
	    memcmp(whole.body, cut.body, whole.body_len) != 0)
		abort();
	return 0;
}
