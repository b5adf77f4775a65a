/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.h: finding the form of a page and what its buttons would send, as far as the Terms of Use
 * page needs it: one form, inputs, submit buttons, character references.
 */
#ifndef MUSTER_SIM_DEVICE_HTML_H
#define MUSTER_SIM_DEVICE_HTML_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

enum { HTML_FIELDS = 16 };

struct html_field {
	struct text name;
	struct text value;
	struct text label; /* of a button: its text */
	bool is_button;
};

struct html_form {
	struct text method;
	struct text action;
	struct html_field fields[HTML_FIELDS];
	size_t count;
};

enum html_outcome { HTML_E_NO_FORM = 1 };

/* The first form of the page; texts are in the arena. */
MUST_CHECK int html_form_read(struct arena *arena, struct text page, struct html_form *ret);

#endif
