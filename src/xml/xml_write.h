/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_write.h: XML appended to a buf, compact, by open / attribute / text / close.
 *
 * Element and attribute names are literals of the program ("s:Header"); values come from anywhere
 * and are escaped for their place, so that a reader gets back the same bytes: line ends and tabs
 * of an attribute and carriage returns of text become character references, what XML 1.0 cannot
 * hold becomes U+FFFD. Never CDATA, never an entity of our own, no white space of our own. An
 * element without content is written as an empty-element tag. Unbalanced calls are a programming
 * error and end the process.
 */
#ifndef MUSTER_XML_XML_WRITE_H
#define MUSTER_XML_XML_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

enum { XML_WRITE_DEPTH = 64 };

struct xml_writer {
	struct buf *buf;
	bool is_tag_open; /* the start tag still takes attributes */
	size_t depth;
	const char *names[XML_WRITE_DEPTH]; /* borrowed until closed */
};

void xml_writer_init(struct xml_writer *w, struct buf *buf);

void xml_open(struct xml_writer *w, const char *name);
/* Only directly after xml_open or another attribute. */
void xml_add_attr(struct xml_writer *w, const char *name, struct text value);
void xml_add_attr_c(struct xml_writer *w, const char *name, const char *value);
void xml_add_text(struct xml_writer *w, struct text text);
void xml_add_text_c(struct xml_writer *w, const char *text);
/* Markup that is well-formed already, as it is. */
void xml_add_markup(struct xml_writer *w, struct text markup);
void xml_close(struct xml_writer *w);

/* <name>text</name>, or <name/> when text is empty. */
void xml_add_leaf(struct xml_writer *w, const char *name, struct text text);
void xml_add_leaf_c(struct xml_writer *w, const char *name, const char *text);
void xml_add_leaf_int(struct xml_writer *w, const char *name, int64_t value);

/* The escapes by themselves. */
void xml_escape_text(struct buf *buf, struct text t);
void xml_escape_attr(struct buf *buf, struct text t);

#endif
