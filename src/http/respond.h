/* SPDX-License-Identifier: Apache-2.0 */
/*
 * respond.h: responses as bytes. See respond.c.
 */
#ifndef MUSTER_HTTP_RESPOND_H
#define MUSTER_HTTP_RESPOND_H

#include "http/message.h"

/* The Date field, formatted once a second. One for each thread. */
struct http_date {
	int64_t at;
	char text[48];
};

struct http_respond_options {
	struct http_date *date;
	bool is_head;    /* the request was HEAD: the length is sent, the body is not */
	bool is_closing; /* say so; response->is_closing does the same */
};

/* Append the whole response to out. One that a handler spoilt (is_broken, no status, a body where
 * none may be) is replaced by 500. Returns the status that was written; *ret_closing, when that
 * response ends the connection. */
int http_respond_write(struct buf *out, const struct http_response *response,
		       const struct http_respond_options *options, bool *ret_closing);

struct http_refusal {
	int status;
	struct text path;  /* of the request; empty when it is not known */
	unsigned allow;    /* 405: methods of enum http_method */
	int retry_after_s; /* 503; 0: no such field */
};

/* Append the server's own answer to a request that does not reach a handler. It closes. */
void http_respond_refusal(struct buf *out, const struct http_refusal *refusal,
			  const struct http_respond_options *options);

#endif
