/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lex.c: see lex.h.
 */
#include "html/lex.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct text lower(struct arena *arena, struct text t)
{
	char *copy = arena_copy(arena, t.ptr, t.len);

	for (size_t i = 0; i < t.len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	return text_make(copy, t.len);
}

/* Bytes up to the first of c1, c2, '>' or white space. */
static size_t name_len(struct text t, char c1, char c2)
{
	size_t n = 0;

	while (n < t.len && t.ptr[n] != c1 && t.ptr[n] != c2 && t.ptr[n] != '>' &&
	       !is_space(t.ptr[n]))
		n++;
	return n;
}

static void skip_space(struct text *in, bool with_slash)
{
	while (in->len > 0 && (is_space(in->ptr[0]) || (with_slash && in->ptr[0] == '/')))
		*in = text_from(*in, 1);
}

static struct text value_read(struct text *in)
{
	struct text value;
	char quote;
	size_t n = 0;

	skip_space(in, false);
	quote = in->len > 0 ? in->ptr[0] : '\0';
	if (quote != '"' && quote != '\'') {
		n = name_len(*in, '>', '>');
		value = text_take(*in, n);
		*in = text_from(*in, n);
		return value;
	}
	*in = text_from(*in, 1);
	while (n < in->len && in->ptr[n] != quote)
		n++;
	value = text_take(*in, n);
	/* Without its end everything to the end of the input is the value, and the tag has none. */
	*in = text_from(*in, n + 1);
	return value;
}

static void attribute_read(struct arena *arena, struct text *in, struct html_token *token)
{
	struct html_attribute attribute = {.value = TEXT_EMPTY};
	size_t n;

	/* A '=' where a name begins belongs to the name. */
	n = 1 + name_len(text_from(*in, 1), '/', '=');
	attribute.name = lower(arena, text_take(*in, n));
	*in = text_from(*in, n);
	skip_space(in, false);
	if (in->len > 0 && in->ptr[0] == '=') {
		*in = text_from(*in, 1);
		attribute.value = html_unescape(arena, value_read(in));
	}
	if (token->attribute_count == HTML_ATTRIBUTES_MAX)
		token->has_more_attributes = true;
	else
		token->attributes[token->attribute_count++] = attribute;
}

/* in begins with the name. Where the tag does not end there is none. */
static void tag_read(struct arena *arena, struct text *in, enum html_token_kind kind,
		     struct html_token *ret)
{
	size_t n = name_len(*in, '/', '/');

	ret->kind = kind;
	ret->name = lower(arena, text_take(*in, n));
	*in = text_from(*in, n);
	for (;;) {
		skip_space(in, true);
		if (in->len == 0) {
			ret->kind = HTML_END_OF_INPUT;
			return;
		}
		if (in->ptr[0] == '>')
			break;
		attribute_read(arena, in, ret);
	}
	*in = text_from(*in, 1);
}

/* Skip to behind the first `end`, or everything. */
static void skip_to(struct text *in, struct text end)
{
	while (in->len > 0 && !text_starts(*in, end))
		*in = text_from(*in, 1);
	*in = text_from(*in, end.len);
}

/* What a '<' at the start of t begins. HTML_TEXT: nothing, it is a character. */
static enum html_token_kind kind_of(struct text t)
{
	if (t.len < 2)
		return HTML_TEXT;
	if (t.ptr[1] == '!' || t.ptr[1] == '?')
		return HTML_NO_CONTENT;
	if (is_alpha(t.ptr[1]))
		return HTML_START_TAG;
	if (t.ptr[1] == '/' && t.len > 2)
		return is_alpha(t.ptr[2]) ? HTML_END_TAG : HTML_NO_CONTENT;
	return HTML_TEXT;
}

static void text_read(struct arena *arena, struct text *in, struct html_token *ret)
{
	size_t n = 0;

	while (n < in->len && (in->ptr[n] != '<' || kind_of(text_from(*in, n)) == HTML_TEXT))
		n++;
	ret->kind = HTML_TEXT;
	ret->text = html_unescape(arena, text_take(*in, n));
	*in = text_from(*in, n);
}

void html_lex(struct arena *arena, struct text *in, struct html_token *ret)
{
	enum html_token_kind kind = HTML_TEXT;

	*ret = (struct html_token){.kind = HTML_END_OF_INPUT, .name = TEXT_EMPTY};
	if (in->len == 0)
		return;
	if (in->ptr[0] == '<')
		kind = kind_of(*in);
	switch (kind) {
	case HTML_START_TAG:
		*in = text_from(*in, 1);
		tag_read(arena, in, kind, ret);
		return;
	case HTML_END_TAG:
		*in = text_from(*in, 2);
		tag_read(arena, in, kind, ret);
		return;
	case HTML_NO_CONTENT:
		ret->kind = kind;
		skip_to(in, text_starts(*in, TEXT("<!--")) ? TEXT("-->") : TEXT(">"));
		return;
	case HTML_TEXT:
	case HTML_END_OF_INPUT:
		break;
	}
	text_read(arena, in, ret);
}

void html_lex_skip(struct text *in, struct text name)
{
	for (; in->len > 0; *in = text_from(*in, 1)) {
		struct text rest = text_from(*in, 2);
		char next;

		if (!text_starts(*in, TEXT("</")) || !text_starts_nocase(rest, name))
			continue;
		next = rest.len > name.len ? rest.ptr[name.len] : '\0';
		if (next != '>' && next != '/' && !is_space(next))
			continue;
		skip_to(in, TEXT(">"));
		return;
	}
}
