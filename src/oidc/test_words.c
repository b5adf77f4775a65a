/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_words.c: every language says everything, and in its own words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oidc/words.h"

/* Our words go into pages as they are. */
static void plain_check(const struct sign_in_words *w, const char *word)
{
	if (!word || !word[0] || strpbrk(word, "<>&\"") || !text_is_utf8(text_of(word)))
		fail_msg("%s: '%s'", w->lang, word ? word : "nothing");
}

static void every_language_says_everything(void **state)
{
	const struct sign_in_words *english = sign_in_words_of(TEXT("en"));

	for (int i = 0; i < LOCALES; i++) {
		const struct sign_in_words *w = sign_in_words_of(text_of(locale_codes[i]));
		const char *const others[] = {w->done_title, w->done, w->go_on, w->failed_title,
					      w->number};

		assert_string_equal(w->lang, locale_codes[i]);
		for (size_t j = 0; j < ARRAY_LEN(others); j++)
			plain_check(w, others[j]);
		for (size_t j = 0; j < SIGN_IN_SAYS; j++) {
			plain_check(w, w->says[j]);
			assert_true(i == LOCALE_ENGLISH ||
				    strcmp(w->says[j], english->says[j]) != 0);
			for (size_t k = 0; k < j; k++)
				assert_string_not_equal(w->says[j], w->says[k]);
		}
	}
	assert_ptr_equal(sign_in_words_of(TEXT("fa")), english);
	assert_ptr_equal(sign_in_words_of((struct text){.ptr = NULL}), english);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_language_says_everything),
	};

	return cmocka_run_group_tests_name("oidc/words", tests, NULL, NULL);
}
