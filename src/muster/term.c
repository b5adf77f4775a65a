/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.c: see term.h. Widths follow Unicode's East Asian Width and the marks that take no room, as
 * coarse ranges: a wrong one costs alignment, nothing else. The locale is not asked; output is
 * UTF-8.
 */
#include "muster/term.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* Controls, line and paragraph separators, marks and overrides of direction, interlinear
 * annotation, tags and the byte order mark. Sorted. */
static const struct range harmful[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f},   {0x2028, 0x202e},
    {0x2066, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

/* Combining marks, joiners and selectors. */
static const struct range narrow[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
    {0x64b, 0x65f},   {0x200b, 0x200d}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static size_t escape_add(struct buf *buf, uint32_t c)
{
	size_t before = buf->len;

	if (c == '\n')
		buf_add_c(buf, "\\n");
	else if (c == '\t')
		buf_add_c(buf, "\\t");
	else if (c == '\r')
		buf_add_c(buf, "\\r");
	else if (c < 0x100)
		buf_printf(buf, "\\x%02X", (unsigned)c);
	else
		buf_printf(buf, "\\u{%X}", (unsigned)c);
	return buf->len - before;
}

size_t term_add(struct buf *buf, struct text t)
{
	size_t columns = 0;

	while (t.len > 0) {
		uint32_t c = 0;
		size_t len = text_first_char(t, &c);

		if (len == 0 || is_in(c, harmful, ARRAY_LEN(harmful))) {
			columns += escape_add(buf, len ? c : (unsigned char)t.ptr[0]);
			t = text_from(t, len ? len : 1);
			continue;
		}
		buf_add(buf, t.ptr, len);
		if (is_in(c, wide, ARRAY_LEN(wide)))
			columns += 2;
		else if (!is_in(c, narrow, ARRAY_LEN(narrow)))
			columns++;
		t = text_from(t, len);
	}
	return columns;
}

void term_pad(struct buf *buf, size_t n)
{
	while (n-- > 0)
		buf_add_byte(buf, ' ');
}
