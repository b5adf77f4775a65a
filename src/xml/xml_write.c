/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_write.c: the writer and its escapes.
 *
 * The escapes go one step further than buf_add_xml: a reader normalises line ends in text and
 * all white space in attributes, so the characters that would change are written as character
 * references. Bytes that are not UTF-8 come out as U+FFFD, one for each byte, so that what we
 * write is always well-formed.
 */
#include "xml/xml_write.h"

#include "base/fatal.h"

/* Length of the first character of t if XML 1.0 allows it, else 0. */
static size_t char_len(struct text t)
{
	uint32_t c;
	size_t len = text_first_char(t, &c);

	if (len && c < 0x20 && c != '\t' && c != '\n' && c != '\r')
		return 0;
	if (len && (c == 0xfffe || c == 0xffff))
		return 0;
	return len;
}

/* By byte; NULL: as it is. */
static const char *const text_escapes[256] = {
    ['&'] = "&amp;",
    ['<'] = "&lt;",
    ['>'] = "&gt;",
    ['\r'] = "&#13;",
};

static const char *const attr_escapes[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;",   ['>'] = "&gt;",   ['"'] = "&quot;",
    ['\t'] = "&#9;", ['\n'] = "&#10;", ['\r'] = "&#13;",
};

static void escape(struct buf *buf, struct text t, const char *const escapes[256])
{
	size_t plain = 0;

	for (size_t i = 0; i < t.len;) {
		const char *replacement = escapes[(unsigned char)t.ptr[i]];
		size_t len = char_len(text_from(t, i));

		if (!len)
			replacement = "\xef\xbf\xbd";
		if (!replacement) {
			i += len;
			continue;
		}
		buf_add(buf, t.ptr + plain, i - plain);
		buf_add_c(buf, replacement);
		plain = ++i;
	}
	buf_add(buf, t.ptr + plain, t.len - plain);
}

void xml_escape_text(struct buf *buf, struct text t)
{
	if (t.len)
		escape(buf, t, text_escapes);
}

void xml_escape_attr(struct buf *buf, struct text t)
{
	if (t.len)
		escape(buf, t, attr_escapes);
}

void xml_writer_init(struct xml_writer *w, struct buf *buf)
{
	*w = (struct xml_writer){.buf = buf};
}

static void finish_tag(struct xml_writer *w)
{
	if (w->is_tag_open)
		buf_add_c(w->buf, ">");
	w->is_tag_open = false;
}

void xml_open(struct xml_writer *w, const char *name)
{
	if (w->depth == XML_WRITE_DEPTH)
		fatal_exit("XML nested too deep for the writer");
	finish_tag(w);
	w->names[w->depth++] = name;
	buf_add_c(w->buf, "<");
	buf_add_c(w->buf, name);
	w->is_tag_open = true;
}

void xml_add_attr(struct xml_writer *w, const char *name, struct text value)
{
	if (!w->is_tag_open)
		fatal_exit("XML attribute outside of a start tag");
	buf_add_c(w->buf, " ");
	buf_add_c(w->buf, name);
	buf_add_c(w->buf, "=\"");
	xml_escape_attr(w->buf, value);
	buf_add_c(w->buf, "\"");
}

void xml_add_attr_c(struct xml_writer *w, const char *name, const char *value)
{
	xml_add_attr(w, name, text_of(value));
}

void xml_add_text(struct xml_writer *w, struct text text)
{
	if (!text.len)
		return;
	finish_tag(w);
	xml_escape_text(w->buf, text);
}

void xml_add_text_c(struct xml_writer *w, const char *text)
{
	xml_add_text(w, text_of(text));
}

void xml_add_markup(struct xml_writer *w, struct text markup)
{
	if (!markup.len)
		return;
	finish_tag(w);
	buf_add_text(w->buf, markup);
}

void xml_close(struct xml_writer *w)
{
	if (!w->depth)
		fatal_exit("XML element closed that is not open");
	w->depth--;
	if (w->is_tag_open) {
		buf_add_c(w->buf, "/>");
		w->is_tag_open = false;
		return;
	}
	buf_add_c(w->buf, "</");
	buf_add_c(w->buf, w->names[w->depth]);
	buf_add_c(w->buf, ">");
}

void xml_add_leaf(struct xml_writer *w, const char *name, struct text text)
{
	xml_open(w, name);
	xml_add_text(w, text);
	xml_close(w);
}

void xml_add_leaf_c(struct xml_writer *w, const char *name, const char *text)
{
	xml_add_leaf(w, name, text_of(text));
}

void xml_add_leaf_int(struct xml_writer *w, const char *name, int64_t value)
{
	xml_open(w, name);
	finish_tag(w);
	buf_printf(w->buf, "%lld", (long long)value);
	xml_close(w);
}
