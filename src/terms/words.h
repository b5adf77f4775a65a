/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h: what the pages of the Terms of Use say around the text of the tenant, in the languages
 * we speak. English where a language is not among them.
 */
#ifndef MUSTER_TERMS_WORDS_H
#define MUSTER_TERMS_WORDS_H

#include "html/locale.h"

struct terms_words {
	const char *lang; /* BCP 47 */
	const char *accept;
	const char *decline;
	const char *back;
	const char *go_on;      /* the link to where a redirect leads */
	const char *text_label; /* name of the region with the text, for screen readers */
	const char *changed;
	const char *pin_label;
	const char *pin_help;
	const char *pin_wrong;
	const char *pin_blocked;
	const char *error_title;
	const char *error_not_joining;
	const char *error_state;
	const char *error_number; /* before the number to tell */
};

/* The words of a locale like "de-CH", "zh-Hant-TW" or "nb"; NULL when it is not among ours. */
const struct terms_words *terms_words_find(struct text locale);
/* The same, English instead of NULL. */
const struct terms_words *terms_words_of(struct text locale);

#endif
