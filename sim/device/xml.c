/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.c: see xml.h. expat checks that the reply is well formed and resolves namespaces; a DOCTYPE
 * stops the reading, because Windows' replies have none. CDATA is noticed and accepted: whoever
 * reads the document decides.
 */
#include "sim/device/xml.h"

#include <expat.h>

#include "base/buf.h"

enum { XML_DEPTH = 64 };

struct reading {
	XML_Parser parser;
	struct arena *arena;
	struct text in;
	struct xml *root;
	struct xml *current;
	struct xml *last[XML_DEPTH]; /* last child on each level */
	struct buf texts[XML_DEPTH];
	size_t begins[XML_DEPTH];
	size_t depth;
	bool has_cdata;
	const char *why;
};

static void reading_stop(struct reading *reading, const char *why)
{
	reading->why = why;
	XML_StopParser(reading->parser, XML_FALSE);
}

/* expat gives "namespace|name". */
static void name_split(struct arena *arena, const char *whole, const char **ret_space,
		       const char **ret_name)
{
	const char *bar = strrchr(whole, '|');

	*ret_space = bar ? arena_copy(arena, whole, (size_t)(bar - whole)) : "";
	*ret_name = arena_string(arena, bar ? bar + 1 : whole);
}

static void attributes_read(struct reading *reading, struct xml *x, const char **pairs)
{
	struct xml_attribute *attributes;
	size_t count = 0;

	while (pairs[2 * count])
		count++;
	attributes = ARENA_ARRAY(reading->arena, count, struct xml_attribute);
	for (size_t i = 0; i < count; i++) {
		name_split(reading->arena, pairs[2 * i], &attributes[i].space, &attributes[i].name);
		attributes[i].value = arena_text(reading->arena, text_of(pairs[2 * i + 1]));
	}
	x->attributes = attributes;
	x->attribute_count = count;
}

static void XMLCALL on_start(void *data, const char *name, const char **pairs)
{
	struct reading *reading = data;
	struct xml *x;

	if (reading->depth == XML_DEPTH) {
		reading_stop(reading, "elements are nested too deeply");
		return;
	}
	x = ARENA_NEW(reading->arena, struct xml);
	name_split(reading->arena, name, &x->space, &x->name);
	attributes_read(reading, x, pairs);
	x->parent = reading->current;
	if (!reading->current)
		reading->root = x;
	else if (reading->last[reading->depth])
		reading->last[reading->depth]->next = x;
	else
		reading->current->first = x;
	reading->last[reading->depth] = x;
	buf_init(&reading->texts[reading->depth], reading->arena);
	reading->begins[reading->depth] = (size_t)XML_GetCurrentByteIndex(reading->parser) +
					  (size_t)XML_GetCurrentByteCount(reading->parser);
	reading->depth++;
	if (reading->depth < XML_DEPTH)
		reading->last[reading->depth] = NULL;
	reading->current = x;
}

static void XMLCALL on_end(void *data, const char *name)
{
	struct reading *reading = data;
	struct xml *x = reading->current;
	size_t end = (size_t)XML_GetCurrentByteIndex(reading->parser);
	size_t begin;

	reading->depth--;
	begin = reading->begins[reading->depth];
	x->text = buf_text(&reading->texts[reading->depth]);
	/* An empty-element tag ends where it begins. */
	x->inner = end > begin ? text_make(reading->in.ptr + begin, end - begin) : TEXT_EMPTY;
	reading->current = x->parent;
}

static void XMLCALL on_text(void *data, const char *text, int len)
{
	struct reading *reading = data;

	if (reading->depth > 0)
		buf_add(&reading->texts[reading->depth - 1], text, (size_t)len);
}

static void XMLCALL on_cdata(void *data)
{
	struct reading *reading = data;

	reading->has_cdata = true;
}

static void XMLCALL on_doctype(void *data, const char *name, const char *system_id,
			       const char *public_id, int has_internal_subset)
{
	reading_stop(data, "there is a DOCTYPE");
}

int xml_read(struct arena *arena, struct text in, struct xml_document *ret, const char **ret_why)
{
	struct reading *reading = ARENA_NEW(arena, struct reading);
	XML_Parser parser = XML_ParserCreateNS(NULL, '|');
	enum XML_Status status;

	if (!parser) {
		*ret_why = "no memory for a parser";
		return XML_E_MALFORMED;
	}
	reading->parser = parser;
	reading->arena = arena;
	reading->in = in;
	XML_SetUserData(parser, reading);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartCdataSectionHandler(parser, on_cdata);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	status = in.len > INT32_MAX ? XML_STATUS_ERROR
				    : XML_Parse(parser, in.ptr, (int)in.len, XML_TRUE);
	if (status != XML_STATUS_OK)
		*ret_why = reading->why
			       ? reading->why
			       : arena_string(arena, XML_ErrorString(XML_GetErrorCode(parser)));
	XML_ParserFree(parser);
	if (status != XML_STATUS_OK)
		return XML_E_MALFORMED;
	ret->root = reading->root;
	ret->has_cdata = reading->has_cdata;
	return 0;
}

bool xml_is(const struct xml *x, const char *space, const char *name)
{
	return strcmp(x->name, name) == 0 && strcmp(x->space, space) == 0;
}

static const struct xml *find_from(const struct xml *x, const char *space, const char *name)
{
	while (x && !xml_is(x, space, name))
		x = x->next;
	return x;
}

const struct xml *xml_child(const struct xml *x, const char *space, const char *name)
{
	return x ? find_from(x->first, space, name) : NULL;
}

const struct xml *xml_next(const struct xml *x, const char *space, const char *name)
{
	return find_from(x->next, space, name);
}

size_t xml_child_count(const struct xml *x)
{
	size_t count = 0;

	for (const struct xml *child = x->first; child; child = child->next)
		count++;
	return count;
}

struct text xml_text(const struct xml *x)
{
	return x ? text_trim(x->text) : TEXT_EMPTY;
}

struct text xml_attribute_ns(const struct xml *x, const char *space, const char *name)
{
	for (size_t i = 0; i < x->attribute_count; i++)
		if (strcmp(x->attributes[i].name, name) == 0 &&
		    strcmp(x->attributes[i].space, space) == 0)
			return x->attributes[i].value;
	return (struct text){0};
}

struct text xml_attribute(const struct xml *x, const char *name)
{
	return xml_attribute_ns(x, "", name);
}
