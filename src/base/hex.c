/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hex.c: bytes to hexadecimal digits and back.
 *
 * Writing is constant work for each byte and has no failure. Reading refuses an odd number of
 * digits and anything that is not a digit; it writes its result only when all of it was good.
 */
#include "base/hex.h"

static char *hex_write_with(struct arena *arena, struct text in, const char digits[17])
{
	char *out = arena_array(arena, in.len + 1, 2);

	for (size_t i = 0; i < in.len; i++) {
		uint8_t byte = (uint8_t)in.ptr[i];

		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
	return out;
}

char *hex_write(struct arena *arena, struct text in)
{
	return hex_write_with(arena, in, "0123456789abcdef");
}

char *hex_write_upper(struct arena *arena, struct text in)
{
	return hex_write_with(arena, in, "0123456789ABCDEF");
}

/* -1: not a digit */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_read(struct arena *arena, struct text in, struct text *ret)
{
	char *out;

	if (in.len % 2)
		return HEX_E_MALFORMED;
	out = arena_alloc(arena, in.len / 2 + 1);
	for (size_t i = 0; i < in.len; i += 2) {
		int high = hex_digit(in.ptr[i]);
		int low = hex_digit(in.ptr[i + 1]);

		if (high < 0 || low < 0)
			return HEX_E_MALFORMED;
		out[i / 2] = (char)(high << 4 | low);
	}
	*ret = text_make(out, in.len / 2);
	return 0;
}
