/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.c: the memory of one request and its response.
 *
 * The input buffer starts small and doubles as bytes arrive, never ahead of them: a large
 * Content-Length alone costs nothing. Buffers that have grown large are given back between two
 * users, small ones are kept.
 */
#include "http/exchange.h"

#include <stdlib.h>

struct http_exchange *http_exchange_new(void)
{
	struct http_exchange *exchange = heap_alloc(sizeof(*exchange));

	exchange->in = heap_grow(NULL, HTTP_EXCHANGE_FIRST, 1);
	exchange->in_cap = HTTP_EXCHANGE_FIRST;
	exchange->is_fed = true;
	http_parser_init(&exchange->parser);
	buf_init(&exchange->out, NULL);
	return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
	if (!exchange)
		return;
	http_parser_done(&exchange->parser);
	buf_done(&exchange->out);
	free(exchange->in);
	free(exchange);
}

size_t http_exchange_reserve(struct http_exchange *exchange, size_t need)
{
	size_t old = exchange->in_cap;
	size_t cap = old * 2;

	if (exchange->in_len < old)
		return 0;
	if (need > old && need < cap)
		cap = need;
	exchange->in = heap_grow(exchange->in, cap, 1);
	exchange->in_cap = cap;
	return cap - old;
}

static void exchange_begin(struct http_exchange *exchange)
{
	http_parser_begin(&exchange->parser);
	exchange->request.method = 0;
	exchange->request.path = TEXT_EMPTY;
	exchange->route = NULL;
	exchange->is_closing = false;
	exchange->is_unread = false;
	exchange->status = 0;
	exchange->out_sent = 0;
	if (exchange->out.cap > HTTP_EXCHANGE_KEEP)
		buf_done(&exchange->out);
	buf_clear(&exchange->out);
}

void http_exchange_next(struct http_exchange *exchange)
{
	size_t rest = exchange->in_len - exchange->parser.parsed;

	memmove(exchange->in, exchange->in + exchange->parser.parsed, rest);
	exchange->in_len = rest;
	exchange->is_fed = !rest;
	exchange_begin(exchange);
}

size_t http_exchange_reset(struct http_exchange *exchange)
{
	size_t shrunk = 0;

	exchange->conn = NULL;
	exchange->in_len = 0;
	exchange->is_fed = true;
	exchange_begin(exchange);
	if (exchange->in_cap > HTTP_EXCHANGE_KEEP) {
		shrunk = exchange->in_cap - HTTP_EXCHANGE_FIRST;
		exchange->in = heap_grow(exchange->in, HTTP_EXCHANGE_FIRST, 1);
		exchange->in_cap = HTTP_EXCHANGE_FIRST;
	}
	return shrunk;
}
