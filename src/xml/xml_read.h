/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_read.h: a whole, bounded XML document into an immutable tree in the arena.
 *
 * This folder is the only one that knows expat. What it accepts is smaller than XML 1.0: UTF-8
 * bytes only (a declared encoding never changes how bytes are read; only utf-8 and utf-16 may be
 * declared, the latter because Windows labels UTF-8 results so), no document type, no entities
 * but the five of XML and character references, no processing instructions. Every dimension
 * is bounded by struct xml_limits. Comments vanish; the text around them and inside CDATA is one.
 *
 * Lookups accept a NULL node and say "not there", so that a chain of them needs one check at its
 * end. A struct text that is not there has ptr NULL; present but empty has len 0 and ptr not NULL.
 */
#ifndef MUSTER_XML_XML_READ_H
#define MUSTER_XML_XML_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

enum xml_outcome {
	XML_E_MALFORMED = 1, /* not well-formed, an unknown entity, bytes after the end */
	XML_E_NOT_UTF8,  /* bytes that are not strict UTF-8, a NUL, or another declared encoding */
	XML_E_FORBIDDEN, /* DOCTYPE, entity declaration or processing instruction */
	XML_E_TOO_DEEP,
	XML_E_TOO_MANY, /* elements, attributes, namespaces */
	XML_E_TOO_LONG  /* one text, attribute value, name or namespace; or the whole document */
};

struct xml_limits {
	size_t depth;      /* nested elements; at most XML_DEPTH_MAX */
	size_t attributes; /* of one element, namespace declarations included */
	size_t elements;   /* of the document; the same number again bounds all its attributes */
	size_t text;       /* bytes of one element's joined text, or of one attribute value */
};

enum { XML_DEPTH_MAX = 64 };

extern const struct xml_limits xml_limits_soap;   /* for bodies of LIMIT_BODY_SOAP */
extern const struct xml_limits xml_limits_syncml; /* for bodies of LIMIT_BODY_SYNCML */

struct xml_attr {
	struct text ns; /* empty when the attribute has no prefix */
	struct text name;
	struct text value;
};

struct xml_node {
	struct text ns; /* empty when in no namespace */
	struct text name;
	struct text text; /* the element's own character data, joined, not trimmed */
	const struct xml_attr *attrs;
	size_t attr_count;
	size_t child_count;
	struct xml_node *first; /* child elements in document order */
	struct xml_node *next;  /* sibling */
	size_t offset;          /* how much of the parent's text stands before this element */
};

/* 0 and the root element, or an enum xml_outcome. The tree does not point into doc. */
MUST_CHECK int xml_read(struct arena *arena, struct text doc, const struct xml_limits *limits,
			const struct xml_node **ret);
/* A short English name of an outcome, for trails and counters. */
const char *xml_outcome_name(int outcome);

/* ns NULL: any namespace. */
bool xml_is(const struct xml_node *node, const char *ns, const char *name);
const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name);
const struct xml_node *xml_child_any_ns(const struct xml_node *node, const char *name);
/* The next sibling of the same name and namespace as the arguments; for repeated elements. */
const struct xml_node *xml_next(const struct xml_node *node, const char *ns, const char *name);
/* How many children have this name: to refuse a repeated singleton. */
size_t xml_count(const struct xml_node *node, const char *ns, const char *name);

/* By local name in any namespace; one without a prefix wins. ptr NULL: not there. */
struct text xml_attr(const struct xml_node *node, const char *name);
/* More than one when a prefixed and a plain attribute share the local name. */
size_t xml_attr_count(const struct xml_node *node, const char *name);

/* The element's own text; NULL node gives ptr NULL. */
struct text xml_text(const struct xml_node *node);
struct text xml_text_trimmed(const struct xml_node *node);
/* xml_text_trimmed of a child. */
struct text xml_child_text(const struct xml_node *node, const char *ns, const char *name);

/* Append everything between the element's tags as markup again: text and child elements in
 * order, escaped, compact. Namespaces are declared anew wherever they differ from node's own,
 * so that the result reads the same inside an element of node's namespace. */
void xml_inner_write(struct buf *buf, const struct xml_node *node);

#endif
