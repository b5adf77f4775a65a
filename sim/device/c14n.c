/* SPDX-License-Identifier: Apache-2.0 */
/*
 * c14n.c: see c14n.h. expat runs without namespace processing, because canonical form keeps the
 * prefixes: elements are written with their start and end tag, namespace declarations first and
 * only where they change something, then the attributes by namespace and name.
 */
#include "sim/device/c14n.h"

#include <expat.h>
#include <stdlib.h>

enum { SCOPES = 256, ATTRIBUTES = 64 };

static const char XML_SPACE[] = "http://www.w3.org/XML/1998/namespace";

/* A namespace declaration that holds from an element of this depth downwards. */
struct scope {
	const char *prefix;
	const char *uri;
	size_t depth;
};

struct item {
	const char *uri; /* of the attribute's namespace, "" for none and for declarations */
	const char *local;
	const char *name;
	const char *value;
};

struct writer {
	struct arena *arena;
	struct buf *out;
	XML_Parser parser;
	struct scope scopes[SCOPES];
	size_t scope_count;
	size_t depth;
	bool is_broken;
};

static void give_up(struct writer *writer)
{
	writer->is_broken = true;
	XML_StopParser(writer->parser, XML_FALSE);
}

static void add_escaped(struct buf *out, struct text text, bool is_attribute)
{
	static const struct {
		char byte;
		bool in_text, in_attribute;
		const char *entity;
	} ESCAPES[] = {
	    {'&', true, true, "&amp;"},   {'<', true, true, "&lt;"},
	    {'>', true, false, "&gt;"},   {'"', false, true, "&quot;"},
	    {'\t', false, true, "&#x9;"}, {'\n', false, true, "&#xA;"},
	    {'\r', true, true, "&#xD;"},
	};

	for (size_t i = 0; i < text.len; i++) {
		const char *entity = NULL;

		for (size_t j = 0; j < ARRAY_LEN(ESCAPES); j++)
			if (ESCAPES[j].byte == text.ptr[i] &&
			    (is_attribute ? ESCAPES[j].in_attribute : ESCAPES[j].in_text))
				entity = ESCAPES[j].entity;
		if (entity)
			buf_add_c(out, entity);
		else
			buf_add_byte(out, text.ptr[i]);
	}
}

/* What the prefix stands for, looking at the first `count` declarations; "" for nothing. */
static const char *uri_of(const struct writer *writer, const char *prefix, size_t count)
{
	if (!strcmp(prefix, "xml"))
		return XML_SPACE;
	while (count-- > 0)
		if (!strcmp(writer->scopes[count].prefix, prefix))
			return writer->scopes[count].uri;
	return "";
}

/* The prefix that the attribute declares, NULL where it is none of these. */
static const char *declared_prefix(const char *name)
{
	if (!strcmp(name, "xmlns"))
		return "";
	return strncmp(name, "xmlns:", 6) == 0 ? name + 6 : NULL;
}

static int item_compare(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = strcmp(a->uri, b->uri);

	return order ? order : strcmp(a->local, b->local);
}

static void items_write(struct writer *writer, struct item *items, size_t count)
{
	qsort(items, count, sizeof(*items), item_compare);
	for (size_t i = 0; i < count; i++) {
		buf_printf(writer->out, " %s=\"", items[i].name);
		add_escaped(writer->out, text_of(items[i].value), true);
		buf_add_byte(writer->out, '"');
	}
}

static void declarations_write(struct writer *writer, const char **pairs)
{
	struct item items[ATTRIBUTES];
	size_t count = 0, outside = writer->scope_count;

	for (; pairs[0]; pairs += 2) {
		const char *prefix = declared_prefix(pairs[0]);

		if (!prefix)
			continue;
		if (writer->scope_count == SCOPES || count == ATTRIBUTES) {
			give_up(writer);
			return;
		}
		prefix = arena_string(writer->arena, prefix);
		writer->scopes[writer->scope_count++] =
		    (struct scope){prefix, arena_string(writer->arena, pairs[1]), writer->depth};
		if (strcmp(uri_of(writer, prefix, outside), pairs[1]) != 0)
			items[count++] = (struct item){"", prefix, pairs[0], pairs[1]};
	}
	items_write(writer, items, count);
}

static void attributes_write(struct writer *writer, const char **pairs)
{
	struct item items[ATTRIBUTES];
	size_t count = 0;

	for (; pairs[0]; pairs += 2) {
		const char *colon = strchr(pairs[0], ':');
		struct item item = {"", pairs[0], pairs[0], pairs[1]};

		if (declared_prefix(pairs[0]))
			continue;
		if (count == ATTRIBUTES) {
			give_up(writer);
			return;
		}
		if (colon) {
			const char *prefix = arena_cstr(
			    writer->arena, text_make(pairs[0], (size_t)(colon - pairs[0])));

			item.uri = uri_of(writer, prefix, writer->scope_count);
			item.local = colon + 1;
		}
		items[count++] = item;
	}
	items_write(writer, items, count);
}

static void on_start(void *user, const char *name, const char **pairs)
{
	struct writer *writer = user;

	writer->depth++;
	buf_printf(writer->out, "<%s", name);
	declarations_write(writer, pairs);
	attributes_write(writer, pairs);
	buf_add_byte(writer->out, '>');
}

static void on_end(void *user, const char *name)
{
	struct writer *writer = user;

	while (writer->scope_count > 0 &&
	       writer->scopes[writer->scope_count - 1].depth == writer->depth)
		writer->scope_count--;
	writer->depth--;
	buf_printf(writer->out, "</%s>", name);
}

static void on_text(void *user, const char *text, int len)
{
	struct writer *writer = user;

	add_escaped(writer->out, text_make(text, (size_t)len), false);
}

static void on_other(void *user, const char *target, const char *data)
{
	(void)target;
	(void)data;
	give_up(user);
}

static void on_doctype(void *user, const char *name, const char *system, const char *public, int i)
{
	(void)name;
	(void)system;
	(void)public;
	(void)i;
	give_up(user);
}

int c14n_write(struct arena *arena, struct text document, struct buf *out, struct trail *trail)
{
	struct writer *writer = ARENA_ARRAY(arena, 1, struct writer);
	bool is_read;

	*writer = (struct writer){.arena = arena, .out = out, .parser = XML_ParserCreate("UTF-8")};
	if (!writer->parser)
		return ERR_FAIL(trail, ERR_INTERNAL, "no memory for a parser");
	XML_SetUserData(writer->parser, writer);
	XML_SetElementHandler(writer->parser, on_start, on_end);
	XML_SetCharacterDataHandler(writer->parser, on_text);
	XML_SetProcessingInstructionHandler(writer->parser, on_other);
	XML_SetStartDoctypeDeclHandler(writer->parser, on_doctype);
	is_read =
	    XML_Parse(writer->parser, document.ptr, (int)document.len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(writer->parser);
	if (!is_read || writer->is_broken)
		return ERR_FAIL(trail, ERR_INTERNAL, "a message of its own is not canonical XML");
	return 0;
}
