/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_html.c: whatever is cleaned holds only elements and attributes of the list, closes what it
 * opens, and is not changed by cleaning it again. The list is written here anew.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "html/clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"p",  "h2", "h3", "ul", "ol",     "li",
				    "br", "b",  "i",  "em", "strong", "a"};

/* The values of an attribute of ours hold none of these. */
static struct text value_take(struct text *rest)
{
	struct text value = text_cut(rest, '"');

	if (!rest->ptr)
		abort();
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] == '<' || value.ptr[i] == '>' || value.ptr[i] == '\'' ||
		    (unsigned char)value.ptr[i] <= ' ')
			abort();
	return value;
}

static void attributes_check(struct text rest, bool is_link)
{
	bool has_link = false;

	while (rest.len > 0) {
		struct text name, value;

		if (rest.ptr[0] != ' ')
			abort();
		rest = text_from(rest, 1);
		if (text_starts(rest, TEXT("rel=\"noopener noreferrer\" target=\"_blank\""))) {
			rest = text_from(rest, 41);
			continue;
		}
		name = text_cut(&rest, '=');
		if (!rest.ptr || text_cut(&rest, '"').len != 0 || !rest.ptr)
			abort();
		value = value_take(&rest);
		if (text_eq(name, TEXT("href"))) {
			has_link = true;
			if (!text_starts(value, TEXT("https://")) &&
			    !text_starts(value, TEXT("mailto:")))
				abort();
		} else if (!text_eq(name, TEXT("lang")) && !text_eq(name, TEXT("dir"))) {
			abort();
		}
	}
	if (has_link != is_link)
		abort();
}

static size_t name_index(struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq_c(name, names[i]))
			return i;
	abort();
}

static void tag_check(struct text tag, size_t *stack, size_t *depth)
{
	struct text name;

	if (text_starts(tag, TEXT("/"))) {
		if (*depth == 0 || stack[--*depth] != name_index(text_from(tag, 1)))
			abort();
		return;
	}
	name = tag;
	name = text_cut(&name, ' ');
	if (text_eq(name, TEXT("br"))) {
		if (tag.len != 2)
			abort();
		return;
	}
	if (*depth == LIMIT_HTML_DEPTH)
		abort();
	stack[(*depth)++] = name_index(name);
	attributes_check(text_from(tag, name.len), text_eq(name, TEXT("a")));
}

static void output_check(struct text out)
{
	size_t stack[LIMIT_HTML_DEPTH];
	size_t depth = 0;

	while (out.ptr) {
		struct text text = text_cut(&out, '<');

		for (size_t i = 0; i < text.len; i++)
			if (text.ptr[i] == '>' || text.ptr[i] == '"' || text.ptr[i] == '\0')
				abort();
		if (!out.ptr)
			break;
		tag_check(text_cut(&out, '>'), stack, &depth);
		if (!out.ptr)
			abort();
	}
	if (depth != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct html_clean once, twice;
	struct arena arena;

	arena_init(&arena);
	if (html_clean(&arena, text_make(data, size), &once) == 0) {
		if (!text_is_utf8(once.html) || once.html.len > LIMIT_HTML)
			abort();
		output_check(once.html);
		if (html_clean(&arena, once.html, &twice) || !text_eq(once.html, twice.html))
			abort();
		if (twice.removed_count != 0 || once.has_text != twice.has_text)
			abort();
	}
	arena_done(&arena);
	return 0;
}
