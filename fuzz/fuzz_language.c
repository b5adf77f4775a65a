/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_language.c: any bytes as what Windows prefers, up to the first line end, and as
 * Accept-Language. What is wanted is a short list of languages in our own spelling, none twice, and
 * each is found by itself first and by its language alone last.
 */
#include <stdlib.h>

#include "terms/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_forms(const struct language *wanted)
{
	struct language forms[LANGUAGE_FORMS_MAX];
	size_t n = language_forms(wanted, forms);

	check(n >= 1 && n <= LANGUAGE_FORMS_MAX);
	check(language_is_same(&forms[0], wanted));
	check(!forms[n - 1].script[0] && !forms[n - 1].region[0]);
	for (size_t i = 0; i < n; i++) {
		check(!strcmp(forms[i].language, wanted->language));
		for (size_t j = 0; j < i; j++)
			check(!language_is_same(&forms[i], &forms[j]));
	}
}

static void check_wanted(struct arena *arena, struct text list)
{
	struct language languages[LANGUAGES_MAX];
	size_t n = 0;

	while (list.ptr && list.len > 0) {
		struct text item = text_cut(&list, ',');

		check(n < LANGUAGES_MAX && language_read_exact(item, &languages[n]));
		check(text_eq_c(item, language_write(arena, &languages[n])));
		for (size_t i = 0; i < n; i++)
			check(!language_is_same(&languages[i], &languages[n]));
		check_forms(&languages[n++]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text accept = text_make(data, size);
	struct text preferred = text_cut(&accept, '\n');
	struct language language;
	struct arena arena;

	arena_init(&arena);
	check_wanted(&arena, text_of(languages_wanted(&arena, preferred, accept)));
	if (language_read_exact(preferred, &language))
		check(text_eq_nocase(preferred, text_of(language_write(&arena, &language))));
	arena_done(&arena);
	return 0;
}
