/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h: an output buffer that grows. With an arena its memory belongs to the arena; without one
 * (arena NULL) it is on the heap and buf_done frees it. Appending never fails (see arena.h);
 * the content is always followed by a NUL that is not counted.
 */
#ifndef MUSTER_BASE_BUF_H
#define MUSTER_BASE_BUF_H

#include "base/arena.h"
#include "base/text.h"

struct buf {
	struct arena *arena; /* NULL: heap */
	char *data;
	size_t len;
	size_t cap;
};

void buf_init(struct buf *buf, struct arena *arena);
void buf_done(struct buf *buf); /* frees a heap buffer; harmless on an arena one */
void buf_clear(struct buf *buf);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_text(struct buf *buf, struct text t);
void buf_add_c(struct buf *buf, const char *s);
void buf_add_byte(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Escapes for the context they name. */
void buf_add_xml(struct buf *buf,
		 struct text t); /* & < > " ' ; characters XML 1.0 forbids become U+FFFD */
void buf_add_html(struct buf *buf,
		  struct text t); /* the same set, for element content and quoted attributes */
void buf_add_url(struct buf *buf, struct text t); /* RFC 3986: all but unreserved as %XX */

struct text buf_text(const struct buf *buf);

#endif
