/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locale.h: the languages that our pages speak, and what a locale of a user means for a page.
 *
 * A table of words has one entry for each language, in the order of locale_codes. Locales come from
 * outside and only ever choose.
 */
#ifndef MUSTER_HTML_LOCALE_H
#define MUSTER_HTML_LOCALE_H

#include <stdbool.h>

#include "base/text.h"

enum { LOCALES = 22, LOCALE_ENGLISH = 0 };

/* BCP 47, English first, then by code. */
extern const char *const locale_codes[LOCALES];

/* Which of them a locale like "de-CH", "zh-Hant-TW" or "nb" is; -1: none. */
int locale_spoken(struct text locale);
/* What to speak to somebody: the locale of Windows' own header, else the first of Accept-Language
 * that we speak. Web views list them in the user's order. Empty: none. Either may be absent. */
struct text locale_wanted(struct text preferred, struct text accept);

/* Whether the locale is written from right to left; known for more languages than we speak. */
bool locale_is_rtl(struct text locale);

#endif
