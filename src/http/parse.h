/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: one HTTP/1.1 request out of a growing run of bytes.
 *
 * The caller keeps the bytes of one request, from its first, in one buffer and feeds the parser
 * whenever more have come. Results are offsets, so that the buffer may move between two feeds.
 *
 *   http_parser_begin -> feed ... HTTP_PARSE_HEAD (the head stands; set body_limit, or stop here)
 *                     -> feed ... HTTP_PARSE_DONE (the body stands)
 *
 * The parser knows nothing of routes. This header includes nothing of llhttp, whose names clash
 * with ours.
 */
#ifndef MUSTER_HTTP_PARSE_H
#define MUSTER_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/head.h"

enum http_parse_step {
	HTTP_PARSE_MORE,   /* all bytes are used up, the request is not complete */
	HTTP_PARSE_HEAD,   /* the head is complete and sound; feed again for the body */
	HTTP_PARSE_DONE,   /* the request is bytes 0 .. parsed; what follows is the next one */
	HTTP_PARSE_REFUSED /* answer `status` and close; do not feed again */
};

struct llhttp__internal_s;

struct http_parser {
	struct llhttp__internal_s *llhttp; /* owned */
	char *data;                        /* the caller's buffer, during a feed only */
	size_t parsed;                     /* bytes of the buffer that are done with */
	enum http_parse_step at;           /* how far: MORE (in the head), HEAD, DONE, REFUSED */
	int status;                        /* of a refusal */

	struct http_head head;
	size_t llhttp_fields; /* as the other reader counts them */

	size_t head_len; /* the body begins here, whatever its coding on the wire */
	size_t body_len;
	size_t body_limit;
	size_t extension_len;
	bool is_complete;
};

enum { HTTP_PARSE_EXTENSION_BYTES = 256 }; /* all chunk extensions of one request together */

void http_parser_init(struct http_parser *parser);
void http_parser_done(struct http_parser *parser);
/* Forget the last request. */
void http_parser_begin(struct http_parser *parser);

/* data holds *len bytes of the request, the ones of earlier feeds included. While a chunked body
 * is read its coding is removed in place and *len shrinks accordingly. */
MUST_CHECK enum http_parse_step http_parser_feed(struct http_parser *parser, char *data,
						 size_t *len);

#endif
