/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_locale.c: what a user's locales mean for a page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "html/locale.h"

static const char *wanted(const char *preferred, const char *accept)
{
	const struct text none = {.ptr = NULL};
	struct text locale =
	    locale_wanted(preferred ? text_of(preferred) : none, accept ? text_of(accept) : none);
	int spoken = locale_spoken(locale);

	assert_true(spoken < LOCALES);
	return spoken < 0 ? "" : locale_codes[spoken];
}

static void windows_own_header_comes_first(void **state)
{
	assert_string_equal(wanted(NULL, NULL), "");
	assert_string_equal(wanted("de-CH", "fr"), "de");
	assert_string_equal(wanted(NULL, "fr-CA,en;q=0.5"), "fr");
	assert_string_equal(wanted("???", "tlh, xx;q=0.9 , ja;q=0.1"), "ja");
	assert_string_equal(wanted("zh-MO", NULL), "zh-Hant");
	assert_string_equal(wanted("fa", "*"), "");
	assert_string_equal(wanted("", ""), "");
}

static void every_code_is_spoken(void **state)
{
	for (int i = 0; i < LOCALES; i++)
		assert_int_equal(locale_spoken(text_of(locale_codes[i])), i);
	assert_string_equal(locale_codes[LOCALE_ENGLISH], "en");
	assert_int_equal(locale_spoken((struct text){.ptr = NULL}), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(windows_own_header_comes_first),
	    cmocka_unit_test(every_code_is_spoken),
	};

	return cmocka_run_group_tests_name("html/locale", tests, NULL, NULL);
}
