/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_look.c: which hints give which theme and which words.
 */
#include "terms/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "terms/words.h"

#define WINDOWS_10 "{\"platformId\":null,\"major\":10,\"version\":\"10.0.19045.1\"}"
#define WINDOWS_11 "{\"platformId\":2,\"majorVersion\":10,\"buildNumber\":22621}"
#define LITE       "CloudExperienceHost.Personality.LiteWhite"
#define INCLUSIVE  "CloudExperienceHost.Personality.InclusiveBlue"

static void themes_follow_the_host_and_the_version(void **state)
{
	static const struct {
		const char *host;
		const char *version;
		const char *personality;
		enum terms_theme theme;
	} cases[] = {
	    {NULL, NULL, NULL, THEME_SETTINGS},
	    {"", WINDOWS_11, LITE, THEME_SETTINGS},
	    {"???", "???", "???", THEME_SETTINGS},
	    {"MOSET", WINDOWS_10, NULL, THEME_SETTINGS},
	    {"MOSETMDMCONNECTTOWORK", WINDOWS_11, LITE, THEME_SETTINGS},
	    {"something", WINDOWS_11, NULL, THEME_SETTINGS},
	    {"FRX", NULL, NULL, THEME_OOBE_DARK},
	    {"frx", WINDOWS_10, NULL, THEME_OOBE_DARK},
	    {"FRXAAD", WINDOWS_10, "???", THEME_OOBE_DARK},
	    {"NTHAADORMDM", WINDOWS_10, NULL, THEME_OOBE_DARK},
	    {"RDX", NULL, NULL, THEME_OOBE_DARK},
	    {"FRX", WINDOWS_11, NULL, THEME_OOBE_LIGHT},
	    {"NTH", WINDOWS_11, NULL, THEME_OOBE_LIGHT},
	    {"FRX", "{\"version\":\"10.0.22631.4460\"}", NULL, THEME_OOBE_LIGHT},
	    {"FRX", "{\"v\":\"10.0.22000\"}", NULL, THEME_OOBE_LIGHT},
	    {"FRX", "{\"build\":22000}", NULL, THEME_OOBE_LIGHT},
	    {"FRX", WINDOWS_10, LITE, THEME_OOBE_LIGHT},
	    {"FRX", NULL, INCLUSIVE, THEME_OOBE_INCLUSIVE},
	    {"FRX", WINDOWS_11, INCLUSIVE, THEME_OOBE_INCLUSIVE},
	    /* What is not a version of Windows 11 */
	    {"FRX", "{\"build\":21999}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"build\":-22631}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"build\":99999999999}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"build\":22631.5}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"uptime\":99999}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"version\":\"10.0\"}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"version\":\"10.22631\"}", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"version\":\"10.0.x22631\"}", NULL, THEME_OOBE_DARK},
	    {"FRX", "10.0.22631.4460", NULL, THEME_OOBE_DARK},
	    {"FRX", "[\"10.0.22631.4460\"]", NULL, THEME_OOBE_DARK},
	    {"FRX", "{\"version\":\"10.0.22631\"", NULL, THEME_OOBE_DARK},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct terms_hints hints = {0};

		if (cases[i].host)
			hints.host = text_of(cases[i].host);
		if (cases[i].version)
			hints.os_version_info = text_of(cases[i].version);
		if (cases[i].personality)
			hints.personality = text_of(cases[i].personality);
		if (terms_look_of(&arena, &hints).theme != cases[i].theme)
			fail_msg("case %zu", i);
	}
	arena_done(&arena);
}

static void an_endless_hint_is_not_read(void **state)
{
	struct terms_hints hints = {.host = TEXT("FRX")};
	struct arena arena;
	struct buf buf;

	(void)state;
	arena_init(&arena);
	buf_init(&buf, &arena);
	buf_add_c(&buf, "{\"version\":\"10.0.22631\"");
	while (buf.len < 2048)
		buf_add_byte(&buf, ' ');
	buf_add_c(&buf, "}");
	hints.os_version_info = buf_text(&buf);
	assert_int_equal(terms_look_of(&arena, &hints).theme, THEME_OOBE_DARK);
	arena_done(&arena);
}

static const char *lang_of(const char *preferred, const char *accepted)
{
	struct terms_hints hints = {0};
	struct arena arena;
	const char *lang;

	if (preferred)
		hints.preferred_language = text_of(preferred);
	if (accepted)
		hints.accept_language = text_of(accepted);
	arena_init(&arena);
	lang = terms_words_of(terms_look_of(&arena, &hints).locale)->lang;
	arena_done(&arena);
	return lang;
}

static void words_follow_the_preferred_language(void **state)
{
	(void)state;
	assert_string_equal(lang_of(NULL, NULL), "en");
	assert_string_equal(lang_of("de-CH", "fr"), "de");
	assert_string_equal(lang_of("???", "fr-CA,en;q=0.5"), "fr");
	assert_string_equal(lang_of("xx", "tlh, xx;q=0.9 , ja;q=0.1"), "ja");
	assert_string_equal(lang_of("xx", "*"), "en");
	assert_string_equal(lang_of("no", NULL), "nb");
	assert_string_equal(lang_of("nn-NO", NULL), "nb");
	assert_string_equal(lang_of("NB-no", NULL), "nb");
	assert_string_equal(lang_of("iw", NULL), "he");
	assert_string_equal(lang_of("zh", NULL), "zh-Hans");
	assert_string_equal(lang_of("zh-CN", NULL), "zh-Hans");
	assert_string_equal(lang_of("zh-TW", NULL), "zh-Hant");
	assert_string_equal(lang_of("zh-Hant-HK", NULL), "zh-Hant");
	assert_string_equal(lang_of("zh-Hans-HK", NULL), "zh-Hans");
	assert_string_equal(lang_of("zh-MO", NULL), "zh-Hant");
	assert_string_equal(lang_of("den", NULL), "en");
	assert_string_equal(lang_of("", ""), "en");
}

/* Our words go into pages as they are. */
static bool is_plain(const char *word)
{
	return word && word[0] && !strpbrk(word, "<>&\"") && text_is_utf8(text_of(word));
}

static void every_language_says_everything(void **state)
{
	static const char *const wanted[] = {
	    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da",      "nb",
	    "fi", "cs", "tr", "ru", "uk", "ja", "ko", "ar", "he", "zh-Hans", "zh-Hant"};
	const struct terms_words *english = terms_words_of(TEXT("en"));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct terms_words *w = terms_words_find(text_of(wanted[i]));
		const char *const all[] = {w->accept,      w->decline,     w->back,
					   w->go_on,       w->text_label,  w->changed,
					   w->pin_label,   w->pin_help,    w->pin_wrong,
					   w->pin_blocked, w->error_title, w->error_not_joining,
					   w->error_state, w->error_number};

		assert_string_equal(w->lang, wanted[i]);
		for (size_t j = 0; j < ARRAY_LEN(all); j++)
			if (!is_plain(all[j]))
				fail_msg("%s: %zu", wanted[i], j);
		assert_true(i == 0 || strcmp(w->changed, english->changed) != 0);
	}
	assert_null(terms_words_find((struct text){NULL, 0}));
	assert_null(terms_words_find(TEXT("fa")));
}

static void direction_follows_the_language(void **state)
{
	static const char *const rtl[] = {"ar",      "AR-eg",      "he-IL", "fa",    "ur",
					  "ps",      "ckb",        "sd",    "iw",    "yi",
					  "ku-Arab", "pa-Arab-PK", "sd-PK", "ur-PK", "az-Arab"};
	static const char *const ltr[] = {"",      "en",      "arn",    "de-DE",   "ku",
					  "pa-IN", "ar-Latn", "zh",     "az-Latn", "sd-Deva",
					  "de",    "zh-Hant", "sr-Cyrl"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rtl); i++)
		if (!locale_is_rtl(text_of(rtl[i])))
			fail_msg("%s", rtl[i]);
	for (size_t i = 0; i < ARRAY_LEN(ltr); i++)
		if (locale_is_rtl(text_of(ltr[i])))
			fail_msg("%s", ltr[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(themes_follow_the_host_and_the_version),
	    cmocka_unit_test(an_endless_hint_is_not_read),
	    cmocka_unit_test(words_follow_the_preferred_language),
	    cmocka_unit_test(every_language_says_everything),
	    cmocka_unit_test(direction_follows_the_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
