/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language.h: which languages a user reads, and which of the texts there are comes closest.
 *
 * A language is "ll", "ll-CC", "ll-Ssss" or "ll-Ssss-CC" (BCP 47 without its rarer parts, which are
 * passed over). Everything here comes from outside and is only ever used to choose.
 */
#ifndef MUSTER_TERMS_LANGUAGE_H
#define MUSTER_TERMS_LANGUAGE_H

#include "base/arena.h"
#include "base/text.h"

/* Parts as they are written: "zh", "Hant", "TW"; "" for none. */
struct language {
	char language[4];
	char script[5];
	char region[4];
};

/* False: not a language. Further parts are not looked at. */
MUST_CHECK bool language_read(struct text t, struct language *ret);
/* The same, where there may be no further parts: what an administrator types. */
MUST_CHECK bool language_read_exact(struct text t, struct language *ret);
const char *language_write(struct arena *arena, const struct language *language);

enum { LANGUAGES_MAX = 4, LANGUAGE_FORMS_MAX = 4 };

/* What a user wants, best first, "de-AT,de,en", at most LANGUAGES_MAX of them: Windows' own
 * header, then Accept-Language by its weights. "" for nothing usable; either may be absent. */
const char *languages_wanted(struct arena *arena, struct text preferred, struct text accept);

/* The forms in which a wanted language may be found, best first: zh-Hant-TW, zh-TW, zh-Hant, zh.
 * The number of them. */
size_t language_forms(const struct language *wanted, struct language ret[LANGUAGE_FORMS_MAX]);
bool language_is_same(const struct language *a, const struct language *b);

#endif
