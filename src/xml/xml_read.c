/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_read.c: expat driven once over a whole document, building the tree.
 *
 * The first reason to refuse is latched in reader.outcome and expat is stopped; every handler
 * looks at the latch first, because expat may still deliver events of the tag it is in. The bytes
 * are checked to be strict UTF-8 before expat sees them: it would otherwise follow a UTF-16 byte
 * order mark whatever encoding it was given. No handler calls back into the parser except to stop
 * it. Text of open elements is gathered on the heap, one buffer a level, and copied to the arena
 * when its element ends, so that memory stays proportional to the document.
 *
 * Reads nothing but the bytes given: external entities cannot be declared, and there is no handler
 * that would fetch one.
 */
#include "xml/xml_read.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "base/limits.h"
#include "base/rand.h"

/* Between namespace and local name. Not a URI character, so expat refuses a namespace with it. */
static const char ns_separator = '\n';

const struct xml_limits xml_limits_soap = {
    .depth = LIMIT_XML_DEPTH,
    .attributes = LIMIT_XML_ATTRIBUTES,
    .elements = LIMIT_XML_ELEMENTS,
    .text = LIMIT_XML_TEXT,
};

const struct xml_limits xml_limits_syncml = {
    .depth = LIMIT_XML_DEPTH,
    .attributes = LIMIT_XML_ATTRIBUTES,
    .elements = LIMIT_XML_ELEMENTS_SYNCML,
    .text = LIMIT_XML_TEXT_SYNCML,
};

struct level {
	struct xml_node *node;
	struct xml_node *last; /* newest child */
	struct buf text;
};

struct reader {
	struct arena *arena;
	XML_Parser parser;
	struct xml_limits limits;
	int outcome; /* the first one; 0 while all is well */
	struct level levels[XML_DEPTH_MAX];
	size_t depth;
	size_t elements;
	size_t attributes;
	size_t declarations; /* namespace declarations of the tag being read */
	struct text namespaces[LIMIT_XML_NAMESPACES];
	size_t namespace_count;
	struct xml_node *root;
};

static void reader_refuse(struct reader *reader, enum xml_outcome outcome)
{
	if (reader->outcome)
		return;
	reader->outcome = outcome;
	XML_StopParser(reader->parser, XML_FALSE);
}

/* The arena's one copy of a namespace: a document repeats few of them very often. */
static struct text reader_namespace(struct reader *reader, struct text uri)
{
	for (size_t i = 0; i < reader->namespace_count; i++) {
		if (text_eq(reader->namespaces[i], uri))
			return reader->namespaces[i];
	}
	if (reader->namespace_count == ARRAY_LEN(reader->namespaces)) {
		reader_refuse(reader, XML_E_TOO_MANY);
		return TEXT_EMPTY;
	}
	uri = arena_text(reader->arena, uri);
	reader->namespaces[reader->namespace_count++] = uri;
	return uri;
}

/* Split expat's "namespace\nlocal" and copy both parts. */
static void reader_name(struct reader *reader, const char *full, struct text *ret_ns,
			struct text *ret_name)
{
	const char *separator = strrchr(full, ns_separator);
	struct text name = text_of(separator ? separator + 1 : full);

	*ret_ns = TEXT_EMPTY;
	if (separator)
		*ret_ns = reader_namespace(reader, text_make(full, (size_t)(separator - full)));
	if (name.len > LIMIT_XML_NAME)
		reader_refuse(reader, XML_E_TOO_LONG);
	else
		*ret_name = arena_text(reader->arena, name);
}

static void reader_attributes(struct reader *reader, struct xml_node *node, const char **pairs)
{
	struct xml_attr *attrs;
	size_t count = 0;

	while (pairs[2 * count])
		count++;
	reader->attributes += count + reader->declarations;
	if (count + reader->declarations > reader->limits.attributes ||
	    reader->attributes > reader->limits.elements) {
		reader_refuse(reader, XML_E_TOO_MANY);
		return;
	}
	if (!count)
		return;
	attrs = ARENA_ARRAY(reader->arena, count, struct xml_attr);
	for (size_t i = 0; i < count && !reader->outcome; i++) {
		struct text value = text_of(pairs[2 * i + 1]);

		reader_name(reader, pairs[2 * i], &attrs[i].ns, &attrs[i].name);
		if (value.len > reader->limits.text)
			reader_refuse(reader, XML_E_TOO_LONG);
		else
			attrs[i].value = arena_text(reader->arena, value);
	}
	node->attrs = attrs;
	node->attr_count = count;
}

static void reader_link(struct reader *reader, struct xml_node *node)
{
	struct level *parent;

	if (!reader->depth) {
		reader->root = node;
		return;
	}
	parent = &reader->levels[reader->depth - 1];
	node->offset = parent->text.len;
	if (parent->last)
		parent->last->next = node;
	else
		parent->node->first = node;
	parent->last = node;
	parent->node->child_count++;
}

static void on_start(void *user, const char *name, const char **attributes)
{
	struct reader *reader = user;
	struct xml_node *node;
	struct level *level;

	if (reader->outcome)
		return;
	if (reader->depth == reader->limits.depth) {
		reader_refuse(reader, XML_E_TOO_DEEP);
		return;
	}
	if (++reader->elements > reader->limits.elements) {
		reader_refuse(reader, XML_E_TOO_MANY);
		return;
	}
	node = ARENA_NEW(reader->arena, struct xml_node);
	node->text = TEXT_EMPTY;
	reader_name(reader, name, &node->ns, &node->name);
	/* Legal, never sent, and not writable without its prefix. */
	if (text_eq_c(node->ns, "http://www.w3.org/XML/1998/namespace"))
		reader_refuse(reader, XML_E_MALFORMED);
	reader_attributes(reader, node, attributes);
	reader->declarations = 0;
	reader_link(reader, node);
	level = &reader->levels[reader->depth++];
	level->node = node;
	level->last = NULL;
	buf_clear(&level->text);
}

static void on_end(void *user, const char *name)
{
	struct reader *reader = user;
	struct level *level;

	if (reader->outcome)
		return;
	level = &reader->levels[--reader->depth];
	if (level->text.len)
		level->node->text = arena_text(reader->arena, buf_text(&level->text));
}

static void on_text(void *user, const char *data, int len)
{
	struct reader *reader = user;
	struct level *level;

	if (reader->outcome || !reader->depth)
		return;
	level = &reader->levels[reader->depth - 1];
	if ((size_t)len > reader->limits.text - level->text.len) {
		reader_refuse(reader, XML_E_TOO_LONG);
		return;
	}
	buf_add(&level->text, data, (size_t)len);
}

static void on_namespace(void *user, const char *prefix, const char *uri)
{
	struct reader *reader = user;

	reader->declarations++;
	/* A long one would be copied by expat for every element that uses it. */
	if (uri && strlen(uri) > LIMIT_XML_NAME)
		reader_refuse(reader, XML_E_TOO_LONG);
}

static void on_declaration(void *user, const char *version, const char *encoding, int standalone)
{
	struct text declared = text_of(encoding);

	/* XML 1.1 has other characters and line ends; expat would read it as 1.0. */
	if (version && !text_eq_c(text_of(version), "1.0"))
		reader_refuse(user, XML_E_MALFORMED);
	if (encoding && !text_eq_nocase(declared, TEXT("utf-8")) &&
	    !text_eq_nocase(declared, TEXT("utf-16")))
		reader_refuse(user, XML_E_NOT_UTF8);
}

static void on_doctype(void *user, const char *name, const char *sysid, const char *pubid,
		       int has_internal_subset)
{
	reader_refuse(user, XML_E_FORBIDDEN);
}

static void on_entity(void *user, const char *name, int is_parameter, const char *value,
		      int value_len, const char *base, const char *sysid, const char *pubid,
		      const char *notation)
{
	reader_refuse(user, XML_E_FORBIDDEN);
}

static void on_instruction(void *user, const char *target, const char *data)
{
	reader_refuse(user, XML_E_FORBIDDEN);
}

static void *expat_malloc(size_t size)
{
	return heap_alloc(size);
}

static void *expat_realloc(void *old, size_t size)
{
	return heap_grow(old, 1, size);
}

static XML_Parser reader_parser(struct reader *reader)
{
	static const XML_Memory_Handling_Suite memory = {expat_malloc, expat_realloc, free};
	char separator[2] = {ns_separator, '\0'};
	XML_Parser parser = XML_ParserCreate_MM("UTF-8", &memory, separator);
	unsigned long salt;

	if (!parser)
		fatal_exit("expat gave no parser");
	rand_bytes(&salt, sizeof(salt));
	/* Zero would ask expat for one of its own. */
	XML_SetHashSalt(parser, salt | 1);
	XML_SetUserData(parser, reader);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartNamespaceDeclHandler(parser, on_namespace);
	XML_SetXmlDeclHandler(parser, on_declaration);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	XML_SetEntityDeclHandler(parser, on_entity);
	XML_SetProcessingInstructionHandler(parser, on_instruction);
	return parser;
}

/* What expat refused by itself. */
static int reader_error(XML_Parser parser)
{
	static const struct {
		enum XML_Error error;
		enum xml_outcome outcome;
	} errors[] = {
	    {XML_ERROR_UNKNOWN_ENCODING, XML_E_NOT_UTF8},
	    {XML_ERROR_INCORRECT_ENCODING, XML_E_NOT_UTF8},
	    {XML_ERROR_NO_MEMORY, XML_E_TOO_LONG},
	    {XML_ERROR_AMPLIFICATION_LIMIT_BREACH, XML_E_FORBIDDEN},
	};
	enum XML_Error error = XML_GetErrorCode(parser);

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (errors[i].error == error)
			return errors[i].outcome;
	}
	return XML_E_MALFORMED;
}

int xml_read(struct arena *arena, struct text doc, const struct xml_limits *limits,
	     const struct xml_node **ret)
{
	struct reader reader = {.arena = arena, .limits = *limits};
	enum XML_Status status;

	if (doc.len > INT_MAX)
		return XML_E_TOO_LONG;
	if (!text_is_utf8(doc))
		return XML_E_NOT_UTF8;
	if (reader.limits.depth > XML_DEPTH_MAX)
		reader.limits.depth = XML_DEPTH_MAX;
	for (size_t i = 0; i < ARRAY_LEN(reader.levels); i++)
		buf_init(&reader.levels[i].text, NULL);
	reader.parser = reader_parser(&reader);
	status = XML_Parse(reader.parser, doc.ptr, (int)doc.len, 1);
	if (status != XML_STATUS_OK && !reader.outcome)
		reader.outcome = reader_error(reader.parser);
	XML_ParserFree(reader.parser);
	for (size_t i = 0; i < ARRAY_LEN(reader.levels); i++)
		buf_done(&reader.levels[i].text);
	if (reader.outcome)
		return reader.outcome;
	*ret = reader.root;
	return 0;
}

const char *xml_outcome_name(int outcome)
{
	static const char *const names[] = {
	    [XML_E_MALFORMED] = "malformed", [XML_E_NOT_UTF8] = "not UTF-8",
	    [XML_E_FORBIDDEN] = "forbidden", [XML_E_TOO_DEEP] = "too deep",
	    [XML_E_TOO_MANY] = "too many",   [XML_E_TOO_LONG] = "too long",
	};

	if (outcome <= 0 || (size_t)outcome >= ARRAY_LEN(names))
		return "none";
	return names[outcome];
}
