/* SPDX-License-Identifier: Apache-2.0 */
/*
 * b64.c: base64 in both alphabets (RFC 4648 sections 4 and 5).
 *
 * One decoder serves the three readers; they differ in what they let through to it. Whatever the
 * reader, one byte string has one accepted sequence of digits: bits left over in the last digit
 * must be zero, since otherwise a signed or hashed text could be respelled without changing what
 * it decodes to.
 */
#include "base/b64.h"

#include "base/fatal.h"

enum b64_alphabet { B64_STANDARD = 1, B64_URL = 2, B64_EITHER = 3 };

/* The value of a digit, -1 when c is none. */
static int b64_digit(char c, enum b64_alphabet alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (alphabet & B64_STANDARD) {
		if (c == '+')
			return 62;
		if (c == '/')
			return 63;
	}
	if (alphabet & B64_URL) {
		if (c == '-')
			return 62;
		if (c == '_')
			return 63;
	}
	return -1;
}

/* digits: no padding, no blanks */
static int b64_decode(struct arena *arena, struct text digits, enum b64_alphabet alphabet,
		      struct text *ret)
{
	char *out = arena_alloc(arena, digits.len / 4 * 3 + 4);
	uint32_t bits = 0;
	size_t len = 0;
	int held = 0;

	if (digits.len % 4 == 1)
		return B64_E_MALFORMED;
	for (size_t i = 0; i < digits.len; i++) {
		int value = b64_digit(digits.ptr[i], alphabet);

		if (value < 0)
			return B64_E_MALFORMED;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[len++] = (char)(uint8_t)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	if (bits != 0)
		return B64_E_MALFORMED;
	*ret = text_make(out, len);
	return 0;
}

/* Take off the padding; false when it is there but not what its place calls for. */
static bool b64_unpad(struct text *t)
{
	size_t pad = 0;

	while (pad < t->len && t->ptr[t->len - 1 - pad] == '=')
		pad++;
	if (pad && (pad > 2 || t->len % 4 != 0))
		return false;
	t->len -= pad;
	return true;
}

int b64_read(struct arena *arena, struct text in, struct text *ret)
{
	if (in.len % 4 != 0 || !b64_unpad(&in))
		return B64_E_MALFORMED;
	return b64_decode(arena, in, B64_STANDARD, ret);
}

int b64url_read(struct arena *arena, struct text in, struct text *ret)
{
	return b64_decode(arena, in, B64_URL, ret);
}

static bool b64_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int b64_read_lenient(struct arena *arena, struct text in, struct text *ret)
{
	char *digits = arena_alloc(arena, in.len);
	struct text packed;
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (!b64_is_blank(in.ptr[i]))
			digits[len++] = in.ptr[i];
	}
	packed = text_make(digits, len);
	if (!b64_unpad(&packed))
		return B64_E_MALFORMED;
	return b64_decode(arena, packed, B64_EITHER, ret);
}

static char *b64_encode(struct arena *arena, struct text in, const char alphabet[65], bool pad)
{
	char *out, *at;

	if (in.len > SIZE_MAX / 4)
		fatal_exit("an allocation size overflowed");
	at = out = arena_alloc(arena, (in.len + 2) / 3 * 4 + 1);
	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = in.len - i < 3 ? in.len - i : 3;
		uint32_t bits = (uint32_t)(uint8_t)in.ptr[i] << 16;

		if (n > 1)
			bits |= (uint32_t)(uint8_t)in.ptr[i + 1] << 8;
		if (n > 2)
			bits |= (uint8_t)in.ptr[i + 2];
		for (size_t k = 0; k < 4; k++) {
			if (k <= n)
				*at++ = alphabet[bits >> (18 - 6 * k) & 63];
			else if (pad)
				*at++ = '=';
		}
	}
	return out;
}

char *b64_write(struct arena *arena, struct text in)
{
	return b64_encode(arena, in,
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

char *b64url_write(struct arena *arena, struct text in)
{
	return b64_encode(
	    arena, in, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}
