/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber.c: see ber.h. One pass, recursive with a bound; an element is built from the inside out.
 */
#include "x509/ber.h"

#include "base/buf.h"
#include "base/limits.h"
#include "x509/der.h"

enum {
	BER_CONSTRUCTED = 0x20,
	BER_LENGTH_BYTES_MAX = 4,
	BER_OCTET_PIECES = X509_DER_OCTET_STRING | BER_CONSTRUCTED
};

static bool element_copy(struct arena *arena, struct text *in, struct buf *out, int depth);

/* The length octets at the front of *in, in any spelling. */
static bool length_take(struct text *in, size_t *ret, bool *ret_is_open)
{
	size_t count, value = 0;
	uint8_t first;

	if (in->len == 0)
		return false;
	first = (uint8_t)in->ptr[0];
	*in = text_from(*in, 1);
	*ret_is_open = first == 0x80;
	*ret = first;
	if (first <= 0x80)
		return true;
	count = first & 0x7f;
	if (count > BER_LENGTH_BYTES_MAX || in->len < count)
		return false;
	for (size_t i = 0; i < count; i++)
		value = value << 8 | (uint8_t)in->ptr[i];
	*in = text_from(*in, count);
	*ret = value;
	return true;
}

/* Take the two zero bytes that close an open length. */
static bool end_take(struct text *in)
{
	if (!text_starts(*in, text_make("\0\0", 2)))
		return false;
	*in = text_from(*in, 2);
	return true;
}

/* The elements up to the end of *in, or of an open length. */
static bool members_copy(struct arena *arena, struct text *in, bool is_open, struct buf *out,
			 int depth)
{
	for (;;) {
		if (is_open && end_take(in))
			return true;
		if (in->len == 0)
			return !is_open;
		if (!element_copy(arena, in, out, depth))
			return false;
	}
}

/* The pieces of an octet string, which are framed by now, without their frames. */
static bool pieces_join(struct text pieces, struct buf *out)
{
	struct x509_der_item item;

	while (pieces.len > 0) {
		if (!x509_der_take(&pieces, X509_DER_OCTET_STRING, &item))
			return false;
		buf_add_text(out, item.body);
	}
	return true;
}

static bool constructed_copy(struct arena *arena, struct text *in, uint8_t tag, bool is_open,
			     struct buf *out, int depth)
{
	struct buf members, joined;

	buf_init(&members, arena);
	if (!members_copy(arena, in, is_open, &members, depth))
		return false;
	if (tag != BER_OCTET_PIECES) {
		buf_add_text(out, x509_der_wrap(arena, (enum x509_der_tag)tag, buf_text(&members)));
		return true;
	}
	buf_init(&joined, arena);
	if (!pieces_join(buf_text(&members), &joined))
		return false;
	buf_add_text(out, x509_der_wrap(arena, X509_DER_OCTET_STRING, buf_text(&joined)));
	return true;
}

static bool element_copy(struct arena *arena, struct text *in, struct buf *out, int depth)
{
	struct text body;
	bool is_open;
	size_t len;
	uint8_t tag;

	if (depth == LIMIT_BER_DEPTH || in->len == 0)
		return false;
	tag = (uint8_t)in->ptr[0];
	*in = text_from(*in, 1);
	if (tag == 0 || (tag & 0x1f) == 0x1f || !length_take(in, &len, &is_open))
		return false;
	if (is_open)
		return (tag & BER_CONSTRUCTED) &&
		       constructed_copy(arena, in, tag, true, out, depth + 1);
	if (len > in->len)
		return false;
	body = text_take(*in, len);
	*in = text_make(in->ptr + len, in->len - len);
	if (tag & BER_CONSTRUCTED)
		return constructed_copy(arena, &body, tag, false, out, depth + 1);
	buf_add_text(out, x509_der_wrap(arena, (enum x509_der_tag)tag, body));
	return true;
}

bool x509_ber_normal(struct arena *arena, struct text in, struct text *ret)
{
	struct buf out;

	buf_init(&out, arena);
	if (!element_copy(arena, &in, &out, 0) || in.len > 0)
		return false;
	*ret = buf_text(&out);
	return true;
}
