/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h: the second reader of a request head. See head.c.
 */
#ifndef MUSTER_HTTP_HEAD_H
#define MUSTER_HTTP_HEAD_H

#include "http/parse.h"

/* Read the complete head data[0 .. len), which ends in an empty line, into parser: method,
 * target, fields, framing. 0, or the status to refuse it with. */
MUST_CHECK int http_head_read(struct http_parser *parser, const char *data, size_t len);

/* Whether the request line is too long, of a head that may have a body behind it: 0 or 414. */
MUST_CHECK int http_head_check_line(const char *data, size_t len);
/* The limits on a head that is not complete: 0, 414 or 431. */
MUST_CHECK int http_head_check_size(const char *data, size_t len);

#endif
