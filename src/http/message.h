/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h: a whole HTTP request and a whole response, as handlers see them.
 *
 * A request reaches a handler only when it has been read completely, within every limit and
 * unambiguously framed. Its memory belongs to the connection and is valid until the handler
 * returns. A response is built by the handler and sent by the loop: always with Content-Length,
 * never chunked, never compressed.
 */
#ifndef MUSTER_HTTP_MESSAGE_H
#define MUSTER_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/text.h"

enum http_method {
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_PATCH = 1 << 4,
	HTTP_DELETE = 1 << 5,
	HTTP_OPTIONS = 1 << 6
};

enum { HTTP_RESPONSE_HEADERS = 24 };

struct http_header {
	struct text name;
	struct text value;
};

struct http_peer {
	char address[48]; /* source address, text */
	/* Of a verified client certificate; is_verified false elsewhere. */
	bool is_verified;
	uint8_t certificate_sha256[SHA256_LEN];
};

struct http_request {
	enum http_method method;
	struct text target; /* as sent */
	struct text path;   /* up to '?', matched byte for byte; never decoded */
	struct text query;  /* after '?', empty when there is none */
	struct text host;   /* Host without port, as sent */
	struct http_header headers[LIMIT_HTTP_HEADER_COUNT];
	size_t header_count;
	struct text body;
	struct http_peer peer;
	size_t listener;   /* index of the listener it came in on */
	const void *route; /* the `tag` of the route it matched */
};

struct http_response {
	struct arena *arena; /* of the worker; reset after the response is sent */
	int status;
	struct http_header headers[HTTP_RESPONSE_HEADERS];
	size_t header_count;
	struct buf body;
	bool is_closing; /* close the connection after this response */
	/* For stand-ins that have to misbehave: so many bytes at the end of the message are never
	 * sent and the connection is closed instead; SIZE_MAX withholds all of it. */
	size_t withheld;
	bool is_broken; /* set by http_response_header: the server answers 500 instead */
};

/* The first field of that name (ASCII case folded); ptr NULL when absent. */
struct text http_request_header(const struct http_request *request, const char *name);
/* How many fields have that name. */
size_t http_request_header_count(const struct http_request *request, const char *name);

/* Strings must outlive the response or be in its arena. A name that is no token, a value with CR,
 * LF, NUL or another control, a field past HTTP_RESPONSE_HEADERS, and a field that belongs to the
 * server (Content-Length, Transfer-Encoding, Connection, Date) is a programming error: the
 * response becomes 500. */
void http_response_header(struct http_response *response, const char *name, struct text value);
/* Status and Content-Type; content_type NULL leaves the type as it is. */
void http_response_set(struct http_response *response, int status, const char *content_type);

/* Query strings and application/x-www-form-urlencoded bodies. */
struct http_param {
	struct text name;
	struct text value;
};

enum http_form_outcome {
	HTTP_FORM_E_MALFORMED = 1, /* a bad %XX, a NUL, or not UTF-8 */
	HTTP_FORM_E_TOO_MANY = 2
};

/* Decode into at most max parameters, in order, duplicates kept. plus_is_space for forms. */
MUST_CHECK int http_form_read(struct arena *arena, struct text in, bool plus_is_space,
			      struct http_param *ret, size_t max, size_t *ret_count);
/* The one parameter of that name; ptr NULL when absent. *ret_count, when not NULL, is how many. */
struct text http_form_get(const struct http_param *params, size_t count, const char *name,
			  size_t *ret_count);

#endif
