/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_language.c: what Windows and web views say about languages, well and badly formed.
 */
#include "terms/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;

static void tags(void **unused)
{
	static const struct {
		const char *in, *out; /* NULL: none */
		bool is_exact;
	} rows[] = {
	    {"de", "de", true},
	    {"DE-at", "de-AT", true},
	    {"zh-hant-tw", "zh-Hant-TW", true},
	    {"ZH-HANT", "zh-Hant", true},
	    {"es-419", "es-419", true},
	    {"gsw", "gsw", true},
	    {"ca-ES-valencia", "ca-ES", false},
	    {"de-1996", "de", false},
	    {"en-GB-x-private", "en-GB", false},
	    {"en-", "en", false},
	    {"en--US", "en", false},
	    {" de-AT ", "de-AT", false},
	    {"en_US", NULL, false},
	    {"", NULL, false},
	    {"d", NULL, false},
	    {"*", NULL, false},
	    {"???", NULL, false},
	    {"german", NULL, false},
	    {"d3", NULL, false},
	    {"de<script>", NULL, false},
	    {"\xc3\xa4\xc3\xb6", NULL, false},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct language language;
		bool is = language_read(text_of(rows[i].in), &language);

		assert_int_equal(is, rows[i].out != NULL);
		if (is)
			assert_string_equal(language_write(&arena, &language), rows[i].out);
		assert_int_equal(language_read_exact(text_of(rows[i].in), &language),
				 rows[i].is_exact);
	}
}

static void wanted(void **unused)
{
	static const struct {
		const char *preferred, *accept; /* NULL: absent */
		const char *out;
	} rows[] = {
	    {NULL, NULL, ""},
	    {"de-DE", NULL, "de-DE"},
	    {"???", "fr", "fr"},
	    {"de-DE", "en-US,en;q=0.5", "de-DE,en-US,en"},
	    {"de-DE", "de-DE,de;q=0.9,en;q=0.8", "de-DE,de,en"},
	    {NULL, "en;q=0.1, fr;q=0.9 ,de", "de,fr,en"},
	    {NULL, "a;q=1,de;q=0,en;q=0.000,*;q=1,fr;q=0.001", "fr"},
	    {NULL, "de;q=1.0,en;q=1.000,fr;q=1.001,it;q=2,es;q=.5,nl;q=x,da;x=1", "de,en"},
	    {NULL, "aa,bb,cc,dd,ee,ff", "aa,bb,cc,dd"},
	    {NULL, ",,;,;q=1,-,de", "de"},
	    {NULL, "en;q=0.9,de;q=0.9,fr;q=0.9", "en,de,fr"},
	};
	char long_header[600];

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct text none = {NULL, 0};
		const char *out =
		    languages_wanted(&arena, rows[i].preferred ? text_of(rows[i].preferred) : none,
				     rows[i].accept ? text_of(rows[i].accept) : none);

		assert_string_equal(out, rows[i].out);
	}
	memset(long_header, ' ', sizeof(long_header) - 1);
	long_header[sizeof(long_header) - 1] = '\0';
	memcpy(long_header, "de,", 3);
	assert_string_equal(languages_wanted(&arena, text_of(long_header), text_of(long_header)),
			    "");
}

static void forms(void **unused)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"de", "de "},
	    {"de-AT", "de-AT de "},
	    {"zh-Hant-TW", "zh-Hant-TW zh-TW zh-Hant zh "},
	    {"zh-TW", "zh-TW zh-Hant-TW zh-Hant zh "},
	    {"zh-HK", "zh-HK zh-Hant-HK zh-Hant zh "},
	    {"zh-CN", "zh-CN zh-Hans-CN zh-Hans zh "},
	    {"zh-Hans-HK", "zh-Hans-HK zh-Hans zh "},
	    {"zh-Hant", "zh-Hant zh "},
	    {"sr-Latn-RS", "sr-Latn-RS sr-Latn sr "},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct language language, list[LANGUAGE_FORMS_MAX];
		const char *out = "";
		size_t n;

		assert_true(language_read(text_of(rows[i].in), &language));
		n = language_forms(&language, list);
		for (size_t j = 0; j < n; j++)
			out = arena_printf(&arena, "%s%s ", out, language_write(&arena, &list[j]));
		assert_string_equal(out, rows[i].out);
	}
}

static int setup(void **unused)
{
	(void)unused;
	arena_init(&arena);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	arena_done(&arena);
	return 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {CASE(tags), CASE(wanted), CASE(forms)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
