/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.h: reading XML replies into a tree, with expat and nothing of the server's own reader. Names
 * are compared with their namespace. All memory is in the arena given.
 */
#ifndef MUSTER_SIM_DEVICE_XML_H
#define MUSTER_SIM_DEVICE_XML_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

struct xml_attribute {
	const char *space; /* "" for none */
	const char *name;
	struct text value;
};

struct xml {
	const char *space;
	const char *name;
	const struct xml_attribute *attributes;
	size_t attribute_count;
	struct text text;  /* characters directly inside, joined */
	struct text inner; /* the bytes between the tags, as received */
	struct xml *parent;
	struct xml *first; /* child */
	struct xml *next;  /* sibling */
};

struct xml_document {
	const struct xml *root;
	bool has_cdata;
};

enum xml_outcome { XML_E_MALFORMED = 1 };

/* Malformed, with a DOCTYPE, too deep: *ret_why is a sentence. */
MUST_CHECK int xml_read(struct arena *arena, struct text in, struct xml_document *ret,
			const char **ret_why);

bool xml_is(const struct xml *x, const char *space, const char *name);
/* The first child of that name; NULL when x is NULL or has none. */
const struct xml *xml_child(const struct xml *x, const char *space, const char *name);
/* The next sibling of that name after x. */
const struct xml *xml_next(const struct xml *x, const char *space, const char *name);
size_t xml_child_count(const struct xml *x);
/* Text without blanks at both ends; empty when x is NULL. */
struct text xml_text(const struct xml *x);
/* The attribute without a namespace; ptr NULL when absent. */
struct text xml_attribute(const struct xml *x, const char *name);
struct text xml_attribute_ns(const struct xml *x, const char *space, const char *name);

#endif
