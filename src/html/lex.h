/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lex.h: HTML cut into tags and text, as browsers cut it (WHATWG HTML 13.2.5, without the states
 * that only a page being shown needs). Never fails: what is no markup is text, and what ends in the
 * middle of a tag is dropped. Private to src/html.
 */
#ifndef MUSTER_HTML_LEX_H
#define MUSTER_HTML_LEX_H

#include "base/arena.h"
#include "base/text.h"

enum { HTML_ATTRIBUTES_MAX = 32 };

enum html_token_kind {
	HTML_END_OF_INPUT,
	HTML_TEXT,
	HTML_START_TAG,
	HTML_END_TAG,
	HTML_NO_CONTENT /* a comment, a declaration, an instruction */
};

struct html_attribute {
	struct text name; /* lower case */
	struct text value;
};

struct html_token {
	enum html_token_kind kind;
	struct text name; /* of a tag, lower case */
	struct text text; /* of HTML_TEXT, character references resolved */
	struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
	size_t attribute_count;
	bool has_more_attributes; /* than fit */
};

/* The next token of *in, which moves on. */
void html_lex(struct arena *arena, struct text *in, struct html_token *ret);
/* Skip to behind the end tag of an element whose content is not markup, or to the end. */
void html_lex_skip(struct text *in, struct text name);

/* Character references resolved; one that is not understood stays as it is. */
struct text html_unescape(struct arena *arena, struct text t);

#endif
