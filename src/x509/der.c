/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.c: the reader and writer of single DER elements (X.690, 8.1 and 10.1).
 *
 * The reader never looks past the run of bytes it was given and accepts one spelling of a length.
 * Tags above 30, which take more than one byte, do not occur in what we read and are refused;
 * so is the indefinite form.
 */
#include "x509/der.h"

#include <time.h>

#include "base/buf.h"

enum { DER_LENGTH_BYTES_MAX = 4 };

/* The length octets at the front of *in. */
static bool length_take(struct text *in, size_t *ret)
{
	size_t first, count, value = 0;

	if (in->len == 0)
		return false;
	first = (uint8_t)in->ptr[0];
	*in = text_from(*in, 1);
	if (first < 0x80) {
		*ret = first;
		return true;
	}
	count = first & 0x7f;
	if (count == 0 || count > DER_LENGTH_BYTES_MAX || in->len < count || in->ptr[0] == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		value = value << 8 | (uint8_t)in->ptr[i];
	if (value < 0x80)
		return false;
	*in = text_from(*in, count);
	*ret = value;
	return true;
}

bool x509_der_next(struct text *in, struct x509_der_item *ret)
{
	struct text rest = *in;
	size_t len;
	uint8_t tag;

	if (rest.len == 0)
		return false;
	tag = (uint8_t)rest.ptr[0];
	rest = text_from(rest, 1);
	if ((tag & 0x1f) == 0x1f || !length_take(&rest, &len) || len > rest.len)
		return false;
	ret->tag = tag;
	ret->body = text_take(rest, len);
	ret->whole = text_make(in->ptr, (size_t)(rest.ptr - in->ptr) + len);
	*in = text_make(rest.ptr + len, rest.len - len);
	return true;
}

bool x509_der_take(struct text *in, enum x509_der_tag tag, struct x509_der_item *ret)
{
	struct text rest = *in;
	struct x509_der_item item;

	if (!x509_der_next(&rest, &item) || item.tag != tag)
		return false;
	*in = rest;
	*ret = item;
	return true;
}

bool x509_der_take_unsigned(struct text *in, struct text *ret)
{
	struct text rest = *in, body;
	struct x509_der_item item;

	if (!x509_der_take(&rest, X509_DER_INTEGER, &item))
		return false;
	body = item.body;
	if (body.len == 0 || (uint8_t)body.ptr[0] >= 0x80)
		return false;
	if (body.ptr[0] == 0) {
		body = text_from(body, 1);
		if (body.len > 0 && (uint8_t)body.ptr[0] < 0x80)
			return false;
	}
	*in = rest;
	*ret = body;
	return true;
}

bool x509_der_take_bits(struct text *in, struct text *ret)
{
	struct text rest = *in;
	struct x509_der_item item;

	if (!x509_der_take(&rest, X509_DER_BIT_STRING, &item))
		return false;
	if (item.body.len == 0 || item.body.ptr[0] != 0)
		return false;
	*in = rest;
	*ret = text_from(item.body, 1);
	return true;
}

struct text x509_der_wrap(struct arena *arena, enum x509_der_tag tag, struct text body)
{
	struct buf buf;
	size_t bytes = 0;

	buf_init(&buf, arena);
	buf_add_byte(&buf, (char)tag);
	if (body.len < 0x80) {
		buf_add_byte(&buf, (char)body.len);
	} else {
		for (size_t rest = body.len; rest > 0; rest >>= 8)
			bytes++;
		buf_add_byte(&buf, (char)(0x80 | bytes));
		while (bytes-- > 0)
			buf_add_byte(&buf, (char)(body.len >> 8 * bytes));
	}
	buf_add_text(&buf, body);
	return buf_text(&buf);
}

struct text x509_der_join(struct arena *arena, const struct text *parts, size_t n)
{
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < n; i++)
		buf_add_text(&buf, parts[i]);
	return buf_text(&buf);
}

struct text x509_der_unsigned(struct arena *arena, struct text magnitude)
{
	struct text zero = text_make("", 1);

	while (magnitude.len > 0 && magnitude.ptr[0] == 0)
		magnitude = text_from(magnitude, 1);
	if (magnitude.len > 0 && (uint8_t)magnitude.ptr[0] < 0x80)
		return x509_der_wrap(arena, X509_DER_INTEGER, magnitude);
	return X509_DER_OF(arena, X509_DER_INTEGER, zero, magnitude);
}

struct text x509_der_bits(struct arena *arena, struct text bytes)
{
	return X509_DER_OF(arena, X509_DER_BIT_STRING, text_make("", 1), bytes);
}

struct text x509_der_time(struct arena *arena, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char *s;

	if (gmtime_r(&when, &tm) == NULL)
		tm = (struct tm){.tm_year = 8099, .tm_mon = 11, .tm_mday = 31};
	if (tm.tm_year < 150) {
		s = arena_printf(arena, "%02d%02d%02d%02d%02d%02dZ", tm.tm_year % 100,
				 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		return x509_der_wrap(arena, X509_DER_UTC_TIME, text_of(s));
	}
	s = arena_printf(arena, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return x509_der_wrap(arena, X509_DER_GENERALIZED_TIME, text_of(s));
}
