/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.h: HTML that an administrator wrote, made harmless and well formed.
 *
 * Nothing of the input is copied as markup. What is read becomes text and a few known elements, and
 * those are written anew: every element that is opened is closed, every character of text is
 * escaped, every attribute is one of ours with a checked value. So what comes out holds
 *
 *   p h2 h3 ul ol li br strong em b i a, with lang and dir, and href of a (https: or mailto:)
 *
 * and nothing else, and cleaning it again changes nothing. The text inside an element that is not
 * known stays; the content of script, style and their like goes. What was left out is told.
 */
#ifndef MUSTER_HTML_CLEAN_H
#define MUSTER_HTML_CLEAN_H

#include "base/arena.h"
#include "base/text.h"

enum html_outcome {
	HTML_E_ENCODING = 1, /* not UTF-8, or with a NUL */
	HTML_E_TOO_LARGE,    /* LIMIT_HTML, before or after */
	HTML_E_TOO_DEEP,     /* LIMIT_HTML_DEPTH */
	HTML_E_TOO_MANY      /* LIMIT_HTML_ELEMENTS */
};

enum { HTML_REMOVED_MAX = 20 };

struct html_clean {
	struct text html;
	bool has_text; /* there is something to read */
	/* What was left out, each once: "element script", "attribute onclick of p". When there is
	 * more than fits, the last one says so. */
	const char *removed[HTML_REMOVED_MAX];
	size_t removed_count;
};

MUST_CHECK int html_clean(struct arena *arena, struct text in, struct html_clean *ret);

#endif
