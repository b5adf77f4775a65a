/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h: whether a request may go on, decided from its head alone. See route.c.
 */
#ifndef MUSTER_HTTP_ROUTE_H
#define MUSTER_HTTP_ROUTE_H

#include "http/message.h"
#include "http/parse.h"
#include "http/server.h"

/* Fill method, target, path, query, host, headers and, once it is complete, body from what the
 * parser found in data. Pointers go into data. 0, or the status to refuse the request with. */
MUST_CHECK int http_request_read(struct http_request *request, const struct http_parser *parser,
				 const char *data);

struct http_admission {
	const struct http_route *route; /* NULL: refused before one was found */
	int status;                     /* 0: go on */
	unsigned allow;                 /* with 405 */
	bool is_continue_wanted;        /* Expect: 100-continue */
};

void http_route_admit(const struct http_server_options *options, const struct http_request *request,
		      const struct http_parser *parser, struct http_admission *ret);

/* host, without a port, is one the listener answers for. */
bool http_route_is_host(const struct http_listener *listener, struct text host);

#endif
