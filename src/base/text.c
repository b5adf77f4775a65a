/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c: comparing, cutting and checking borrowed bytes.
 *
 * Nothing here allocates or looks past len. ptr may be NULL when len is 0; no function hands such
 * a pointer to a library function, whose contract forbids it. Case folding is ASCII only and does
 * not ask the locale. Numbers and UTF-8 have one accepted spelling.
 */
#include "base/text.h"

#include <openssl/crypto.h>

struct text text_of(const char *s)
{
	return s ? text_make(s, strlen(s)) : TEXT_EMPTY;
}

struct text text_make(const void *ptr, size_t len)
{
	return (struct text){.ptr = ptr, .len = len};
}

bool text_is_empty(struct text t)
{
	return t.len == 0;
}

bool text_eq(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool text_eq_c(struct text a, const char *b)
{
	return text_eq(a, text_of(b));
}

static char text_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_eq_nocase(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (text_fold(a.ptr[i]) != text_fold(b.ptr[i]))
			return false;
	}
	return true;
}

bool text_starts(struct text t, struct text prefix)
{
	return text_eq(text_take(t, prefix.len), prefix);
}

bool text_starts_nocase(struct text t, struct text prefix)
{
	return text_eq_nocase(text_take(t, prefix.len), prefix);
}

bool text_ends(struct text t, struct text suffix)
{
	return t.len >= suffix.len && text_eq(text_from(t, t.len - suffix.len), suffix);
}

bool text_has_byte(struct text t, char c)
{
	return t.len && memchr(t.ptr, c, t.len) != NULL;
}

bool text_eq_secret(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text text_trim(struct text t)
{
	while (t.len && text_is_blank(t.ptr[0]))
		t = text_from(t, 1);
	while (t.len && text_is_blank(t.ptr[t.len - 1]))
		t.len--;
	return t;
}

struct text text_from(struct text t, size_t offset)
{
	if (offset == 0)
		return t;
	if (offset > t.len)
		offset = t.len;
	return t.ptr ? text_make(t.ptr + offset, t.len - offset) : t;
}

struct text text_take(struct text t, size_t len)
{
	return text_make(t.ptr, len < t.len ? len : t.len);
}

struct text text_cut(struct text *t, char sep)
{
	struct text whole = *t;
	const char *at = whole.len ? memchr(whole.ptr, sep, whole.len) : NULL;
	struct text head;

	if (!at) {
		*t = text_make(NULL, 0);
		return whole;
	}
	head = text_take(whole, (size_t)(at - whole.ptr));
	*t = text_from(whole, head.len + 1);
	return head;
}

bool text_is_printable(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < 0x20 || t.ptr[i] > 0x7e)
			return false;
	}
	return true;
}

/* The length a lead byte announces, the bits it carries, and the least code point that needs that
 * length: a smaller one is an overlong form. */
static const struct {
	uint8_t mask;
	uint8_t lead;
	uint8_t len;
	uint32_t least;
} text_leads[] = {
    {0x80, 0x00, 1, 0x00},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static bool text_is_scalar(uint32_t c, uint32_t least)
{
	return c >= least && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

size_t text_first_char(struct text t, uint32_t *ret)
{
	uint8_t first;
	uint32_t c;

	if (t.len == 0)
		return 0;
	first = (uint8_t)t.ptr[0];
	for (size_t i = 0; i < ARRAY_LEN(text_leads); i++) {
		if ((first & text_leads[i].mask) != text_leads[i].lead)
			continue;
		if (t.len < text_leads[i].len)
			return 0;
		c = first & (uint8_t)~text_leads[i].mask;
		for (size_t k = 1; k < text_leads[i].len; k++) {
			uint8_t next = (uint8_t)t.ptr[k];

			if ((next & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (next & 0x3f);
		}
		if (!text_is_scalar(c, text_leads[i].least))
			return 0;
		*ret = c;
		return text_leads[i].len;
	}
	return 0;
}

bool text_is_utf8(struct text t)
{
	while (t.len) {
		uint32_t c;
		size_t len = text_first_char(t, &c);

		if (len == 0 || c == 0)
			return false;
		t = text_from(t, len);
	}
	return true;
}

bool text_to_u64(struct text t, uint64_t *ret)
{
	uint64_t value = 0;

	if (t.len == 0 || (t.len > 1 && t.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(t.ptr[i] - '0'), &value))
			return false;
	}
	*ret = value;
	return true;
}

bool text_to_i64(struct text t, int64_t *ret)
{
	bool negative = t.len && t.ptr[0] == '-';
	uint64_t size;

	if (!text_to_u64(negative ? text_from(t, 1) : t, &size))
		return false;
	if (negative) {
		if (size == 0 || size > (uint64_t)INT64_MAX + 1)
			return false;
		*ret = -(int64_t)(size - 1) - 1;
		return true;
	}
	if (size > INT64_MAX)
		return false;
	*ret = (int64_t)size;
	return true;
}
