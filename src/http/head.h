/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h: the head of one request, as offsets into its bytes, and the second reader of it. See
 * head.c.
 */
#ifndef MUSTER_HTTP_HEAD_H
#define MUSTER_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/text.h"

struct http_slice {
	uint32_t offset;
	uint32_t len;
};

struct http_field {
	struct http_slice name;
	struct http_slice value; /* blanks at both ends cut off */
};

struct http_head {
	struct http_slice method;
	struct http_slice target;
	struct http_field fields[LIMIT_HTTP_HEADER_COUNT];
	size_t field_count;
	bool is_http10;
	bool is_keep_alive;
	bool has_length;
	bool is_chunked;
	uint64_t content_length;
};

/* Forget what was read. */
void http_head_begin(struct http_head *head);
/* Read the complete head data[0 .. len), which ends in an empty line, into head: method,
 * target, fields, framing. 0, or the status to refuse it with. */
MUST_CHECK int http_head_read(struct http_head *head, const char *data, size_t len);

/* Whether the request line is too long, of a head that may have a body behind it: 0 or 414. */
MUST_CHECK int http_head_check_line(const char *data, size_t len);
/* The limits on a head that is not complete: 0, 414 or 431. */
MUST_CHECK int http_head_check_size(const char *data, size_t len);

static inline struct text http_slice_text(const char *data, struct http_slice slice)
{
	return (struct text){.ptr = data + slice.offset, .len = slice.len};
}

#endif
