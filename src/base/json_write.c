/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write.c: JSON text into a buffer (RFC 8259).
 *
 * What comes out is always well-formed UTF-8 that json_read accepts, whatever bytes went in:
 * control characters are escaped, and bytes that are no UTF-8, as well as NUL, become U+FFFD.
 * Nesting is the caller's business; the writer only keeps the commas.
 */
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

static void json_add_escaped(struct buf *buf, const char *at, size_t len, uint32_t c)
{
	static const char letters[0x20] = {
	    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	if (len == 0 || c == 0) {
		buf_add_c(buf, "\xef\xbf\xbd");
	} else if (c == '"' || c == '\\') {
		buf_add_byte(buf, '\\');
		buf_add_byte(buf, (char)c);
	} else if (c >= 0x20) {
		buf_add(buf, at, len);
	} else if (letters[c]) {
		buf_add_byte(buf, '\\');
		buf_add_byte(buf, letters[c]);
	} else {
		buf_printf(buf, "\\u%04x", (unsigned)c);
	}
}

static void json_add_quoted(struct buf *buf, struct text t)
{
	buf_add_byte(buf, '"');
	while (t.len) {
		uint32_t c = 0;
		size_t len = text_first_char(t, &c);

		json_add_escaped(buf, t.ptr, len, c);
		t = text_from(t, len ? len : 1);
	}
	buf_add_byte(buf, '"');
}

/* What goes in front of every value: the comma after the last one, and the name. */
static void json_next(struct json_writer *w, const char *name)
{
	if (w->comma)
		buf_add_byte(w->buf, ',');
	w->comma = true;
	if (name) {
		json_add_quoted(w->buf, text_of(name));
		buf_add_byte(w->buf, ':');
	}
}

void json_writer_init(struct json_writer *w, struct buf *buf)
{
	w->buf = buf;
	w->comma = false;
}

static void json_begin(struct json_writer *w, const char *name, char bracket)
{
	json_next(w, name);
	buf_add_byte(w->buf, bracket);
	w->comma = false;
}

static void json_end(struct json_writer *w, char bracket)
{
	buf_add_byte(w->buf, bracket);
	w->comma = true;
}

void json_begin_object(struct json_writer *w, const char *name)
{
	json_begin(w, name, '{');
}

void json_end_object(struct json_writer *w)
{
	json_end(w, '}');
}

void json_begin_array(struct json_writer *w, const char *name)
{
	json_begin(w, name, '[');
}

void json_end_array(struct json_writer *w)
{
	json_end(w, ']');
}

void json_add_raw(struct json_writer *w, const char *name, struct text json)
{
	json_next(w, name);
	buf_add_text(w->buf, json);
}

void json_add_null(struct json_writer *w, const char *name)
{
	json_add_raw(w, name, TEXT("null"));
}

void json_add_text(struct json_writer *w, const char *name, struct text value)
{
	if (!value.ptr) {
		json_add_null(w, name);
		return;
	}
	json_next(w, name);
	json_add_quoted(w->buf, value);
}

void json_add_c(struct json_writer *w, const char *name, const char *value)
{
	json_add_text(w, name, value ? text_of(value) : text_make(NULL, 0));
}

void json_add_int(struct json_writer *w, const char *name, int64_t value)
{
	json_next(w, name);
	buf_printf(w->buf, "%" PRId64, value);
}

void json_add_bool(struct json_writer *w, const char *name, bool value)
{
	json_add_raw(w, name, value ? TEXT("true") : TEXT("false"));
}

void json_add_time(struct json_writer *w, const char *name, int64_t t)
{
	char text[CLOCK_TEXT_LEN + 1];

	clock_write(t, text);
	json_add_c(w, name, t ? text : NULL);
}

/* Seventeen digits give the same double back; without a point it would read as an integer. */
static void json_write_real(struct buf *buf, double real)
{
	char digits[40];
	int len = snprintf(digits, sizeof(digits), "%.17g", real);
	struct text t = text_make(digits, len > 0 ? (size_t)len : 0);

	buf_add_text(buf, t);
	if (!text_has_byte(t, '.') && !text_has_byte(t, 'e'))
		buf_add_c(buf, ".0");
}

static void json_write_items(struct buf *buf, const struct json *value)
{
	bool named = value->kind == JSON_OBJECT;

	buf_add_byte(buf, named ? '{' : '[');
	for (size_t i = 0; i < value->count; i++) {
		if (i)
			buf_add_byte(buf, ',');
		if (named) {
			json_add_quoted(buf, value->items[i].name);
			buf_add_byte(buf, ':');
		}
		json_write(buf, &value->items[i]);
	}
	buf_add_byte(buf, named ? '}' : ']');
}

void json_write(struct buf *buf, const struct json *value)
{
	switch (value->kind) {
	case JSON_NULL:
		buf_add_c(buf, "null");
		break;
	case JSON_BOOL:
		buf_add_c(buf, value->integer ? "true" : "false");
		break;
	case JSON_INTEGER:
		buf_printf(buf, "%" PRId64, value->integer);
		break;
	case JSON_REAL:
		json_write_real(buf, value->real);
		break;
	case JSON_STRING:
		json_add_quoted(buf, value->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		json_write_items(buf, value);
		break;
	}
}
