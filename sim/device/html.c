/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.c: see html.h. A scanner for tags, not a parser of HTML: it skips comments, takes quoted
 * and bare attribute values, and knows the few character references a form can hold.
 */
#include "sim/device/html.h"

#include "base/buf.h"

enum { HTML_ATTRIBUTES = 16 };

struct tag {
	struct text name; /* "/form" for the end */
	struct {
		struct text name;
		struct text value;
	} attributes[HTML_ATTRIBUTES];
	size_t count;
};

static const struct {
	const char *name;
	char c;
} REFERENCES[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

/* The character of "#39" or "amp"; 0: not known. */
static char reference_char(struct text name)
{
	uint64_t number;

	for (size_t i = 0; i < ARRAY_LEN(REFERENCES); i++)
		if (text_eq_c(name, REFERENCES[i].name))
			return REFERENCES[i].c;
	if (name.len > 1 && name.ptr[0] == '#' && text_to_u64(text_from(name, 1), &number) &&
	    number < 128)
		return (char)number;
	return 0;
}

static struct text unescape(struct arena *arena, struct text in)
{
	struct buf buf;

	buf_init(&buf, arena);
	while (in.len > 0) {
		struct text rest = text_from(in, 1);
		struct text name = in.ptr[0] == '&' && text_has_byte(rest, ';')
				       ? text_cut(&rest, ';')
				       : (struct text){0};
		char c = name.ptr ? reference_char(name) : 0;

		buf_add_byte(&buf, c ? c : in.ptr[0]);
		in = c ? rest : text_from(in, 1);
	}
	return buf.len > 0 ? buf_text(&buf) : TEXT_EMPTY;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Bytes up to one of `stops` or a blank. */
static struct text take_word(struct text *in, const char *stops)
{
	size_t n = 0;
	struct text word;

	while (n < in->len && !is_blank(in->ptr[n]) && !memchr(stops, in->ptr[n], strlen(stops)))
		n++;
	word = text_take(*in, n);
	*in = text_from(*in, n);
	return word;
}

static void skip_blanks(struct text *in)
{
	while (in->len > 0 && is_blank(in->ptr[0]))
		*in = text_from(*in, 1);
}

static struct text take_value(struct arena *arena, struct text *in)
{
	char quote = in->len > 0 ? in->ptr[0] : 0;

	if (quote != '"' && quote != '\'')
		return unescape(arena, take_word(in, ">"));
	*in = text_from(*in, 1);
	return unescape(arena, text_cut(in, quote));
}

/* in begins after '<'; ends after '>'. */
static void tag_read(struct arena *arena, struct text *in, struct tag *tag)
{
	tag->name = take_word(in, ">");
	tag->count = 0;
	for (;;) {
		struct text name;
		struct text value = TEXT_EMPTY;

		skip_blanks(in);
		if (in->len == 0)
			return;
		if (in->ptr[0] == '>') {
			*in = text_from(*in, 1);
			return;
		}
		name = take_word(in, "=>");
		skip_blanks(in);
		if (in->len > 0 && in->ptr[0] == '=') {
			*in = text_from(*in, 1);
			skip_blanks(in);
			value = take_value(arena, in);
		}
		if (tag->count < HTML_ATTRIBUTES) {
			tag->attributes[tag->count].name = name;
			tag->attributes[tag->count++].value = value;
		}
	}
}

/* The next tag; false at the end. Comments and declarations are passed over. */
static bool tag_next(struct arena *arena, struct text *in, struct tag *tag)
{
	while (in->ptr && in->len > 0) {
		text_cut(in, '<');
		if (!in->ptr)
			return false;
		if (text_starts(*in, TEXT("!--"))) {
			while (in->len > 0 && !text_starts(*in, TEXT("-->")))
				*in = text_from(*in, 1);
			continue;
		}
		tag_read(arena, in, tag);
		return true;
	}
	return false;
}

static struct text tag_attribute(const struct tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->count; i++)
		if (text_eq_nocase(tag->attributes[i].name, text_of(name)))
			return tag->attributes[i].value;
	return TEXT_EMPTY;
}

static bool tag_is(const struct tag *tag, const char *name)
{
	return text_eq_nocase(tag->name, text_of(name));
}

static void field_add(struct html_form *form, const struct tag *tag, struct text label,
		      bool is_button)
{
	if (form->count == HTML_FIELDS)
		return;
	form->fields[form->count++] = (struct html_field){
	    .name = tag_attribute(tag, "name"),
	    .value = tag_attribute(tag, "value"),
	    .label = label,
	    .is_button = is_button,
	};
}

static void form_fields_read(struct arena *arena, struct text rest, struct html_form *form)
{
	struct tag tag;

	while (tag_next(arena, &rest, &tag) && !tag_is(&tag, "/form")) {
		if (tag_is(&tag, "button")) {
			struct text until = rest;

			field_add(form, &tag, text_trim(text_cut(&until, '<')), true);
		} else if (tag_is(&tag, "input")) {
			bool is_button =
			    text_eq_nocase(tag_attribute(&tag, "type"), TEXT("submit"));

			field_add(form, &tag, tag_attribute(&tag, "value"), is_button);
		}
	}
}

int html_form_read(struct arena *arena, struct text page, struct html_form *ret)
{
	struct tag tag;

	while (tag_next(arena, &page, &tag)) {
		if (!tag_is(&tag, "form"))
			continue;
		ret->method = tag_attribute(&tag, "method");
		ret->action = tag_attribute(&tag, "action");
		ret->count = 0;
		form_fields_read(arena, page, ret);
		return 0;
	}
	return HTML_E_NO_FORM;
}
