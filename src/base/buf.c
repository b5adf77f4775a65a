/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.c: a growing output buffer and the escapes of the formats written through it.
 *
 * Capacity doubles, so that appending is linear in the end. An arena buffer leaves its outgrown
 * memory to the arena. The escapes take any bytes: what is not well-formed UTF-8, or not a
 * character of XML 1.0, comes out as U+FFFD, so that a document we write is always well-formed.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"

enum { BUF_FIRST = 256 };

void buf_init(struct buf *buf, struct arena *arena)
{
	*buf = (struct buf){.arena = arena};
}

void buf_done(struct buf *buf)
{
	if (!buf->arena)
		free(buf->data);
	buf_init(buf, buf->arena);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

/* Make room for len more bytes and the terminator. */
static void buf_reserve(struct buf *buf, size_t len)
{
	size_t need, cap;
	char *data;

	if (__builtin_add_overflow(buf->len, len, &need) || need > SIZE_MAX / 4)
		fatal_exit("an output buffer grew past the address space");
	need++;
	if (need <= buf->cap)
		return;
	cap = buf->cap ? buf->cap : BUF_FIRST;
	while (cap < need)
		cap *= 2;
	if (buf->arena) {
		data = arena_alloc(buf->arena, cap);
		if (buf->len)
			memcpy(data, buf->data, buf->len);
	} else {
		data = heap_grow(buf->data, cap, 1);
	}
	buf->data = data;
	buf->cap = cap;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, struct text t)
{
	buf_add(buf, t.ptr, t.len);
}

void buf_add_c(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_add_byte(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		fatal_exit("a format could not be written");
	buf_reserve(buf, (size_t)len);
	va_start(args, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
}

static const char buf_replacement[] = "\xef\xbf\xbd";

static bool buf_is_xml_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

/* NULL: the character stands for itself. A reader of XML turns a bare CR into LF, so it is
 * written by number. */
static const char *buf_xml_escape(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\r':
		return "&#13;";
	default:
		return buf_is_xml_char(c) ? NULL : buf_replacement;
	}
}

void buf_add_xml(struct buf *buf, struct text t)
{
	while (t.len) {
		uint32_t c;
		size_t len = text_first_char(t, &c);
		const char *escape = len ? buf_xml_escape(c) : buf_replacement;

		if (escape)
			buf_add_c(buf, escape);
		else
			buf_add(buf, t.ptr, len);
		t = text_from(t, len ? len : 1);
	}
}

void buf_add_html(struct buf *buf, struct text t)
{
	buf_add_xml(buf, t);
}

static bool buf_is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void buf_add_url(struct buf *buf, struct text t)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < t.len; i++) {
		uint8_t byte = (uint8_t)t.ptr[i];

		if (buf_is_unreserved(t.ptr[i])) {
			buf_add_byte(buf, t.ptr[i]);
		} else {
			char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};

			buf_add(buf, escape, sizeof(escape));
		}
	}
}

struct text buf_text(const struct buf *buf)
{
	return buf->data ? text_make(buf->data, buf->len) : TEXT_EMPTY;
}
