/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.c: see clean.h. Tokens go through a stack of open elements that keeps to a small content
 * model, so that a browser reads exactly the tree that was meant:
 *
 *   top        p h2 h3 ul ol
 *   p h2 h3    text, br, inline elements
 *   ul ol      li
 *   li         text, br, inline elements, p h2 h3 ul ol
 *   inline     text, br, inline elements; a not within a
 *
 * Text or an inline element where there is no place for it opens a p or li; a block where none may
 * be closes what stands in its way. White space is one space between words, and none beside blocks.
 */
#include "html/clean.h"

#include "base/buf.h"
#include "base/limits.h"
#include "html/lex.h"

enum kind { INLINE, LINK, BLOCK, LIST, ITEM, BREAK_LINE, SEPARATES, DROPPED };

struct element {
	const char *name;
	enum kind kind;
	const char *as; /* what it is written as; NULL: its own name */
};

static const struct element elements[] = {
    {"p", BLOCK, NULL},
    {"h2", BLOCK, NULL},
    {"h3", BLOCK, NULL},
    {"h1", BLOCK, "h2"},
    {"h4", BLOCK, "h3"},
    {"h5", BLOCK, "h3"},
    {"h6", BLOCK, "h3"},
    {"ul", LIST, NULL},
    {"ol", LIST, NULL},
    {"li", ITEM, NULL},
    {"br", BREAK_LINE, NULL},
    {"strong", INLINE, NULL},
    {"em", INLINE, NULL},
    {"b", INLINE, NULL},
    {"i", INLINE, NULL},
    {"a", LINK, NULL},
    /* Not known, but what is in them is apart from what is around them. */
    {"html", SEPARATES, NULL},
    {"body", SEPARATES, NULL},
    {"div", SEPARATES, NULL},
    {"section", SEPARATES, NULL},
    {"article", SEPARATES, NULL},
    {"header", SEPARATES, NULL},
    {"footer", SEPARATES, NULL},
    {"main", SEPARATES, NULL},
    {"nav", SEPARATES, NULL},
    {"aside", SEPARATES, NULL},
    {"address", SEPARATES, NULL},
    {"blockquote", SEPARATES, NULL},
    {"center", SEPARATES, NULL},
    {"figure", SEPARATES, NULL},
    {"form", SEPARATES, NULL},
    {"fieldset", SEPARATES, NULL},
    {"hr", SEPARATES, NULL},
    {"pre", SEPARATES, NULL},
    {"dl", SEPARATES, NULL},
    {"dt", SEPARATES, NULL},
    {"dd", SEPARATES, NULL},
    {"table", SEPARATES, NULL},
    {"caption", SEPARATES, NULL},
    {"tr", SEPARATES, NULL},
    {"td", SEPARATES, NULL},
    {"th", SEPARATES, NULL},
    /* What is in them is not for reading. */
    {"script", DROPPED, NULL},
    {"style", DROPPED, NULL},
    {"head", DROPPED, NULL},
    {"title", DROPPED, NULL},
    {"template", DROPPED, NULL},
    {"noscript", DROPPED, NULL},
    {"noembed", DROPPED, NULL},
    {"noframes", DROPPED, NULL},
    {"iframe", DROPPED, NULL},
    {"object", DROPPED, NULL},
    {"applet", DROPPED, NULL},
    {"svg", DROPPED, NULL},
    {"math", DROPPED, NULL},
    {"xmp", DROPPED, NULL},
    {"plaintext", DROPPED, NULL},
    {"listing", DROPPED, NULL},
    {"textarea", DROPPED, NULL},
    {"select", DROPPED, NULL},
    {"audio", DROPPED, NULL},
    {"video", DROPPED, NULL},
    {"canvas", DROPPED, NULL},
};

static const struct element *const element_p = &elements[0];
static const struct element *const element_li = &elements[9];

enum { BYTE_ORDER_MARK = 0xfeff, ZERO_WIDTH_SPACE = 0x200b };

struct cleaner {
	struct arena *arena;
	struct buf out;
	const struct element *open[LIMIT_HTML_DEPTH];
	size_t depth;
	size_t count;
	bool is_space; /* white space here would be too much */
	bool has_text;
	int outcome; /* the first thing that is too much */
	struct html_clean *report;
};

static const char *written_name(const struct element *element)
{
	return element->as ? element->as : element->name;
}

static const struct element *element_find(struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(elements); i++)
		if (text_eq_c(name, elements[i].name))
			return &elements[i];
	return NULL;
}

/* A name from the input, for the report. */
static const char *name_for_report(struct cleaner *c, struct text name)
{
	struct text part = text_take(name, 32);

	for (size_t i = 0; i < part.len; i++) {
		char ch = part.ptr[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' ||
		      ch == ':' || ch == '_'))
			return "of an odd name";
	}
	return arena_cstr(c->arena, part);
}

static void removed(struct cleaner *c, const char *what)
{
	struct html_clean *report = c->report;

	for (size_t i = 0; i < report->removed_count; i++)
		if (!strcmp(report->removed[i], what))
			return;
	if (report->removed_count == HTML_REMOVED_MAX - 1)
		report->removed[report->removed_count++] = "more";
	else if (report->removed_count < HTML_REMOVED_MAX - 1)
		report->removed[report->removed_count++] = what;
}

static void removed_element(struct cleaner *c, struct text name)
{
	removed(c, arena_printf(c->arena, "element %s", name_for_report(c, name)));
}

/* The stack */

static bool is_top(const struct cleaner *c, enum kind kind)
{
	return c->depth > 0 && c->open[c->depth - 1]->kind == kind;
}

static bool is_block(const struct element *element)
{
	return element->kind == BLOCK || element->kind == LIST || element->kind == ITEM;
}

static void close_one(struct cleaner *c)
{
	const struct element *element = c->open[--c->depth];

	buf_printf(&c->out, "</%s>", written_name(element));
	if (is_block(element)) {
		buf_add_byte(&c->out, '\n');
		c->is_space = true;
	}
}

static void close_inlines(struct cleaner *c)
{
	while (is_top(c, INLINE) || is_top(c, LINK))
		close_one(c);
}

static void close_to(struct cleaner *c, size_t depth)
{
	while (c->depth > depth)
		close_one(c);
}

static void attributes_write(struct cleaner *c, const struct element *element,
			     const struct html_token *token);

/* token NULL: one that the input left out. */
static void open_one(struct cleaner *c, const struct element *element,
		     const struct html_token *token)
{
	if (c->depth == LIMIT_HTML_DEPTH) {
		c->outcome = HTML_E_TOO_DEEP;
		return;
	}
	if (++c->count > LIMIT_HTML_ELEMENTS)
		c->outcome = HTML_E_TOO_MANY;
	c->open[c->depth++] = element;
	buf_printf(&c->out, "<%s", written_name(element));
	if (token)
		attributes_write(c, element, token);
	buf_add_c(&c->out, element->kind == LIST ? ">\n" : ">");
	if (is_block(element))
		c->is_space = true;
}

/* A place where text may stand. */
static void place_for_text(struct cleaner *c)
{
	if (c->depth == 0)
		open_one(c, element_p, NULL);
	else if (is_top(c, LIST))
		open_one(c, element_li, NULL);
}

/* A place where a block may stand. */
static void place_for_block(struct cleaner *c)
{
	close_inlines(c);
	if (is_top(c, BLOCK))
		close_one(c);
}

/* Attributes */

static bool is_language(struct text t)
{
	if (t.len == 0 || t.len > 35)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char ch = t.ptr[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      (ch >= '0' && ch <= '9') || ch == '-'))
			return false;
	}
	return true;
}

static bool is_direction(struct text t)
{
	return text_eq(t, TEXT("ltr")) || text_eq(t, TEXT("rtl")) || text_eq(t, TEXT("auto"));
}

/* Host and port of https://: nothing that could show one place and mean another. */
static bool is_https_rest(struct text t)
{
	size_t n = 0, digits = 0;

	while (n < t.len && t.ptr[n] != '/' && t.ptr[n] != '?' && t.ptr[n] != '#' &&
	       t.ptr[n] != ':') {
		char ch = t.ptr[n++];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      (ch >= '0' && ch <= '9') || ch == '-' || ch == '.'))
			return false;
	}
	if (n == 0)
		return false;
	if (n == t.len || t.ptr[n] != ':')
		return true;
	t = text_from(t, n + 1);
	while (digits < t.len && t.ptr[digits] >= '0' && t.ptr[digits] <= '9')
		digits++;
	return digits > 0 && digits <= 5 &&
	       (digits == t.len || t.ptr[digits] == '/' || t.ptr[digits] == '?' ||
		t.ptr[digits] == '#');
}

/* The address of a link as it is written; ptr NULL when it is not one. */
static struct text link_of(struct cleaner *c, struct text t)
{
	t = text_trim(t);
	if (t.len > LIMIT_HTML_LINK)
		return (struct text){NULL, 0};
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] <= ' ' || t.ptr[i] >= 0x7f || strchr("\"'<>\\^`{|}", t.ptr[i]))
			return (struct text){NULL, 0};
	if (text_starts_nocase(t, TEXT("https://")) && is_https_rest(text_from(t, 8)))
		return text_of(arena_printf(c->arena, "https://%.*s", TEXT_ARG(text_from(t, 8))));
	if (text_starts_nocase(t, TEXT("mailto:")) && t.len > 7)
		return text_of(arena_printf(c->arena, "mailto:%.*s", TEXT_ARG(text_from(t, 7))));
	return (struct text){NULL, 0};
}

/* The first of that name counts, as in a browser. ptr NULL: there is none. */
static struct text attribute_of(const struct html_token *token, struct text name)
{
	for (size_t i = 0; i < token->attribute_count; i++)
		if (text_eq(token->attributes[i].name, name))
			return token->attributes[i].value;
	return (struct text){NULL, 0};
}

static void attribute_write(struct cleaner *c, const char *name, struct text value)
{
	buf_printf(&c->out, " %s=\"", name);
	buf_add_html(&c->out, value);
	buf_add_byte(&c->out, '"');
}

static void attributes_write(struct cleaner *c, const struct element *element,
			     const struct html_token *token)
{
	struct text lang = attribute_of(token, TEXT("lang"));
	struct text dir = attribute_of(token, TEXT("dir"));

	if (element->kind == LINK) {
		attribute_write(c, "href", link_of(c, attribute_of(token, TEXT("href"))));
		/* What is behind it opens apart from the page, whose form would be lost. */
		buf_add_c(&c->out, " rel=\"noopener noreferrer\" target=\"_blank\"");
	}
	if (lang.ptr && is_language(lang))
		attribute_write(c, "lang", lang);
	if (dir.ptr && is_direction(dir))
		attribute_write(c, "dir", dir);
}

/* Whether the attribute is written, or says only what is written anyway. */
static bool is_attribute_kept(const struct element *element, const struct html_attribute *a)
{
	if (element->kind == BREAK_LINE)
		return false;
	if (text_eq(a->name, TEXT("lang")))
		return is_language(a->value);
	if (text_eq(a->name, TEXT("dir")))
		return is_direction(a->value);
	return element->kind == LINK &&
	       (text_eq(a->name, TEXT("href")) || text_eq(a->name, TEXT("rel")) ||
		text_eq(a->name, TEXT("target")));
}

static void attributes_report(struct cleaner *c, const struct element *element,
			      const struct html_token *token)
{
	for (size_t i = 0; i < token->attribute_count; i++)
		if (!is_attribute_kept(element, &token->attributes[i]))
			removed(c, arena_printf(c->arena, "attribute %s of %s",
						name_for_report(c, token->attributes[i].name),
						element->name));
	if (token->has_more_attributes)
		removed(c, arena_printf(c->arena, "more attributes of %s", element->name));
}

/* Tokens */

static void link_open(struct cleaner *c, const struct element *element,
		      const struct html_token *token)
{
	size_t at = c->depth;

	if (!link_of(c, attribute_of(token, TEXT("href"))).ptr) {
		removed(c, "link that is not to https: or mailto:");
		return;
	}
	while (at > 0 && c->open[at - 1]->kind == INLINE)
		at--;
	if (at > 0 && c->open[at - 1]->kind == LINK)
		close_to(c, at - 1);
	place_for_text(c);
	open_one(c, element, token);
}

static void item_open(struct cleaner *c, const struct element *element,
		      const struct html_token *token)
{
	place_for_block(c);
	if (is_top(c, ITEM))
		close_one(c);
	if (is_top(c, LIST))
		open_one(c, element, token);
	else
		removed(c, "element li outside a list");
}

static void line_break(struct cleaner *c)
{
	place_for_text(c);
	if (++c->count > LIMIT_HTML_ELEMENTS)
		c->outcome = HTML_E_TOO_MANY;
	buf_add_c(&c->out, "<br>");
	c->is_space = true;
}

static void start_tag(struct cleaner *c, const struct html_token *token, struct text *in)
{
	const struct element *element = element_find(token->name);

	if (!element) {
		removed_element(c, token->name);
		return;
	}
	switch (element->kind) {
	case DROPPED:
		removed_element(c, token->name);
		html_lex_skip(in, token->name);
		return;
	case SEPARATES:
		removed_element(c, token->name);
		place_for_block(c);
		return;
	case LINK:
		link_open(c, element, token);
		break;
	case INLINE:
		place_for_text(c);
		open_one(c, element, token);
		break;
	case BLOCK:
	case LIST:
		place_for_block(c);
		if (is_top(c, LIST))
			open_one(c, element_li, NULL);
		if (c->outcome == 0)
			open_one(c, element, token);
		break;
	case ITEM:
		item_open(c, element, token);
		break;
	case BREAK_LINE:
		line_break(c);
		break;
	}
	attributes_report(c, element, token);
}

/* Close the innermost element written with that name, unless it is outside of one of `wall`. */
static void close_named(struct cleaner *c, const struct element *element,
			bool (*is_wall)(enum kind))
{
	for (size_t at = c->depth; at > 0; at--) {
		if (!strcmp(written_name(c->open[at - 1]), written_name(element))) {
			close_to(c, at - 1);
			return;
		}
		if (is_wall(c->open[at - 1]->kind))
			return;
	}
}

static bool is_wall_of_inline(enum kind kind)
{
	return kind != INLINE && kind != LINK;
}

static bool is_wall_of_item(enum kind kind)
{
	return kind == LIST;
}

static bool is_wall_of_list(enum kind kind)
{
	(void)kind;
	return false;
}

static void end_tag(struct cleaner *c, const struct html_token *token)
{
	const struct element *element = element_find(token->name);

	if (!element)
		return;
	switch (element->kind) {
	case INLINE:
	case LINK:
	case BLOCK:
		close_named(c, element, is_wall_of_inline);
		break;
	case ITEM:
		close_named(c, element, is_wall_of_item);
		break;
	case LIST:
		close_named(c, element, is_wall_of_list);
		break;
	case SEPARATES:
		place_for_block(c);
		break;
	case BREAK_LINE:
	case DROPPED:
		break;
	}
}

static void text_add(struct cleaner *c, struct text t)
{
	size_t n;

	for (size_t i = 0; i < t.len && c->outcome == 0; i += n) {
		unsigned char ch = (unsigned char)t.ptr[i];
		uint32_t point;

		n = text_first_char(text_from(t, i), &point);
		if (n == 0)
			n = 1;
		if (ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f') {
			if (!c->is_space)
				buf_add_byte(&c->out, ' ');
			c->is_space = true;
			continue;
		}
		if (ch < 0x20 || ch == 0x7f)
			continue;
		if (point == BYTE_ORDER_MARK)
			continue;
		/* Nobody reads a space of no width. It is kept, as words may break there. */
		if (point == ZERO_WIDTH_SPACE && !c->has_text)
			continue;
		place_for_text(c);
		buf_add_html(&c->out, text_take(text_from(t, i), n));
		c->is_space = false;
		c->has_text = true;
	}
}

static void token_take(struct cleaner *c, const struct html_token *token, struct text *in)
{
	switch (token->kind) {
	case HTML_TEXT:
		text_add(c, token->text);
		break;
	case HTML_START_TAG:
		start_tag(c, token, in);
		break;
	case HTML_END_TAG:
		end_tag(c, token);
		break;
	case HTML_NO_CONTENT:
		removed(c, "comment or declaration");
		break;
	case HTML_END_OF_INPUT:
		break;
	}
	if (c->outcome == 0 && c->out.len > LIMIT_HTML)
		c->outcome = HTML_E_TOO_LARGE;
}

int html_clean(struct arena *arena, struct text in, struct html_clean *ret)
{
	struct html_clean report = {0};
	struct cleaner c = {.arena = arena, .is_space = true, .report = &report};
	struct html_token *token = ARENA_NEW(arena, struct html_token);

	if (in.len > LIMIT_HTML)
		return HTML_E_TOO_LARGE;
	if (!text_is_utf8(in))
		return HTML_E_ENCODING;
	buf_init(&c.out, arena);
	do {
		html_lex(arena, &in, token);
		token_take(&c, token, &in);
	} while (token->kind != HTML_END_OF_INPUT && c.outcome == 0);
	if (c.outcome == 0)
		close_to(&c, 0);
	if (c.outcome == 0 && c.out.len > LIMIT_HTML)
		c.outcome = HTML_E_TOO_LARGE;
	if (c.outcome)
		return c.outcome;
	report.html = text_make(c.out.data ? c.out.data : "", c.out.len);
	report.has_text = c.has_text;
	*ret = report;
	return 0;
}
