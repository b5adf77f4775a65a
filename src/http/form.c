/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form.c: query strings and form bodies into names and values.
 *
 * Decoding happens once and fails on anything doubtful: an incomplete %XX, a NUL, bytes that are
 * not UTF-8. A decoded value is never shorter than it looks to C code and never decodes again.
 * Order and duplicates are kept, so that a caller can refuse a parameter given twice. Memory is
 * what the input was long, never more.
 *
 * Specification: RFC 3986 section 2.1; the URL Standard's application/x-www-form-urlencoded.
 */
#include "http/message.h"

static int form_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int form_decode(struct arena *arena, struct text in, bool plus_is_space, struct text *ret)
{
	char *out = arena_alloc(arena, in.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];

		if (c == '%') {
			int high = i + 2 < in.len ? form_hex(in.ptr[i + 1]) : -1;
			int low = i + 2 < in.len ? form_hex(in.ptr[i + 2]) : -1;

			if (high < 0 || low < 0)
				return HTTP_FORM_E_MALFORMED;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[len++] = c;
	}
	if (!text_is_utf8(text_make(out, len)))
		return HTTP_FORM_E_MALFORMED;
	*ret = text_make(out, len);
	return 0;
}

static int form_read_one(struct arena *arena, struct text part, bool plus_is_space,
			 struct http_param *ret)
{
	struct http_param param;
	struct text name = text_cut(&part, '=');
	int r = form_decode(arena, name, plus_is_space, &param.name);

	if (r)
		return r;
	r = form_decode(arena, part.ptr ? part : TEXT_EMPTY, plus_is_space, &param.value);
	if (r)
		return r;
	*ret = param;
	return 0;
}

int http_form_read(struct arena *arena, struct text in, bool plus_is_space, struct http_param *ret,
		   size_t max, size_t *ret_count)
{
	size_t count = 0;

	while (in.ptr) {
		struct text part = text_cut(&in, '&');
		int r;

		if (text_is_empty(part))
			continue;
		if (count == max)
			return HTTP_FORM_E_TOO_MANY;
		r = form_read_one(arena, part, plus_is_space, &ret[count]);
		if (r)
			return r;
		count++;
	}
	*ret_count = count;
	return 0;
}

struct text http_form_get(const struct http_param *params, size_t count, const char *name,
			  size_t *ret_count)
{
	struct text value = {.ptr = NULL};
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (!text_eq_c(params[i].name, name))
			continue;
		if (!found++)
			value = params[i].value;
	}
	if (ret_count)
		*ret_count = found;
	return value;
}
