/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entity.c: character references. Those by number all, those by name that people type; each needs
 * its semicolon. One that names no character (0, a surrogate, beyond Unicode) is U+FFFD.
 */
#include "html/lex.h"

#include <stdint.h>

enum { DIGITS_MAX = 7, NAME_MAX_LEN = 8 };

static const struct {
	const char *name;
	const char *value;
} named[] = {
    {"amp", "&"},
    {"lt", "<"},
    {"gt", ">"},
    {"quot", "\""},
    {"apos", "'"},
    {"nbsp", "\xc2\xa0"},
    {"shy", "\xc2\xad"},
    {"copy", "\xc2\xa9"},
    {"reg", "\xc2\xae"},
    {"trade", "\xe2\x84\xa2"},
    {"sect", "\xc2\xa7"},
    {"para", "\xc2\xb6"},
    {"middot", "\xc2\xb7"},
    {"bull", "\xe2\x80\xa2"},
    {"hellip", "\xe2\x80\xa6"},
    {"ndash", "\xe2\x80\x93"},
    {"mdash", "\xe2\x80\x94"},
    {"lsquo", "\xe2\x80\x98"},
    {"rsquo", "\xe2\x80\x99"},
    {"ldquo", "\xe2\x80\x9c"},
    {"rdquo", "\xe2\x80\x9d"},
    {"bdquo", "\xe2\x80\x9e"},
    {"laquo", "\xc2\xab"},
    {"raquo", "\xc2\xbb"},
    {"euro", "\xe2\x82\xac"},
    {"pound", "\xc2\xa3"},
    {"auml", "\xc3\xa4"},
    {"ouml", "\xc3\xb6"},
    {"uuml", "\xc3\xbc"},
    {"Auml", "\xc3\x84"},
    {"Ouml", "\xc3\x96"},
    {"Uuml", "\xc3\x9c"},
    {"szlig", "\xc3\x9f"},
    {"agrave", "\xc3\xa0"},
    {"eacute", "\xc3\xa9"},
    {"egrave", "\xc3\xa8"},
    {"ecirc", "\xc3\xaa"},
    {"ccedil", "\xc3\xa7"},
    {"ntilde", "\xc3\xb1"},
    {"oslash", "\xc3\xb8"},
    {"aring", "\xc3\xa5"},
};

static int digit_of(char c, uint32_t base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* UTF-8 of a code point; the number of bytes. */
static size_t character_write(uint32_t c, char *to)
{
	if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | (c >> 6));
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | (c >> 12));
		to[1] = (char)(0x80 | ((c >> 6) & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | (c >> 18));
	to[1] = (char)(0x80 | ((c >> 12) & 0x3f));
	to[2] = (char)(0x80 | ((c >> 6) & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* t begins after "&#". The bytes read with the semicolon; 0: not a reference. */
static size_t number_read(struct text t, char *to, size_t *ret_len)
{
	uint32_t base = 10, value = 0;
	size_t i = 0, first;

	if (t.len > 0 && (t.ptr[0] == 'x' || t.ptr[0] == 'X')) {
		base = 16;
		i = 1;
	}
	for (first = i; i < t.len && i - first < DIGITS_MAX; i++) {
		int digit = digit_of(t.ptr[i], base);

		if (digit < 0)
			break;
		value = value * base + (uint32_t)digit;
	}
	if (i == first || i >= t.len || t.ptr[i] != ';')
		return 0;
	*ret_len = character_write(value, to);
	return i + 1;
}

/* t begins after '&'. */
static size_t name_read(struct text t, char *to, size_t *ret_len)
{
	size_t n = 0;

	while (n < t.len && n <= NAME_MAX_LEN && t.ptr[n] != ';')
		n++;
	if (n >= t.len || t.ptr[n] != ';')
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (!text_eq_c(text_take(t, n), named[i].name))
			continue;
		*ret_len = strlen(named[i].value);
		memcpy(to, named[i].value, *ret_len);
		return n + 1;
	}
	return 0;
}

/* No reference is shorter than the character it stands for, so the copy has room. */
struct text html_unescape(struct arena *arena, struct text t)
{
	char *out = arena_alloc(arena, t.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len;) {
		struct text rest = text_from(t, i + 1);
		char character[4];
		size_t used = 0, len = 0;

		if (t.ptr[i] == '&' && rest.len > 0 && rest.ptr[0] == '#') {
			used = number_read(text_from(rest, 1), character, &len);
			used += used ? 1 : 0;
		} else if (t.ptr[i] == '&') {
			used = name_read(rest, character, &len);
		}
		if (used) {
			memcpy(out + n, character, len);
			n += len;
			i += 1 + used;
		} else {
			out[n++] = t.ptr[i++];
		}
	}
	return text_make(out, n);
}
