/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h: one request and its response, from the first byte in to the last byte out.
 *
 * A connection holds one only while something is going on: an idle one has none. It belongs to
 * the loop, except between the queue and the loop's list of finished ones, when it is a worker's.
 */
#ifndef MUSTER_HTTP_EXCHANGE_H
#define MUSTER_HTTP_EXCHANGE_H

#include "http/message.h"
#include "http/parse.h"
#include "http/server.h"

struct http_conn;

enum { HTTP_EXCHANGE_FIRST = 4096, HTTP_EXCHANGE_KEEP = 16 * 1024 };

struct http_exchange {
	struct http_exchange *next; /* in the pool, or among the finished ones */
	struct http_conn *conn;
	char *in;
	size_t in_len;
	size_t in_cap;
	bool is_fed; /* the parser has seen all of in */
	struct http_parser parser;
	struct http_request request;
	const struct http_route *route;
	bool is_closing; /* the connection ends with this response */
	bool is_unread;  /* and the peer may still be sending */
	int status;
	struct buf out;
	size_t out_sent;
	int64_t queued_us;
};

struct http_exchange *http_exchange_new(void);
void http_exchange_free(struct http_exchange *exchange);

/* Room for at least one more byte, at most up to `need` bytes in all where that is not 0.
 * Returns by how much the buffer has grown. */
size_t http_exchange_reserve(struct http_exchange *exchange, size_t need);
/* Drop the request that was read; what follows it moves to the front. */
void http_exchange_next(struct http_exchange *exchange);
/* Make it as new. Returns by how much its buffer has shrunk. */
size_t http_exchange_reset(struct http_exchange *exchange);

#endif
