/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_choice.c: which text of a tenant a user gets: group before everybody, kind of ownership
 * before any, then language.
 */
#include "terms/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define G1 "00000000-0000-4000-8000-000000000001"
#define G2 "00000000-0000-4000-8000-000000000002"
#define G3 "00000000-0000-4000-8000-000000000003"

#define TEXT_ROW(name, language, who, group)                                                       \
	{                                                                                          \
		.id = (name), .locale = (language), .audience = (who), .group_id = (group)         \
	}

static const struct terms_text texts[] = {
    TEXT_ROW("en-any", "en", TERMS_FOR_ANY, ""),
    TEXT_ROW("de-any", "de", TERMS_FOR_ANY, ""),
    TEXT_ROW("de-AT-any", "de-AT", TERMS_FOR_ANY, ""),
    TEXT_ROW("en-org", "en", TERMS_FOR_ORGANIZATION, ""),
    TEXT_ROW("fr-personal", "fr", TERMS_FOR_PERSONAL, ""),
    TEXT_ROW("zh-Hant-any", "zh-Hant", TERMS_FOR_ANY, ""),
    TEXT_ROW("zh-any", "zh", TERMS_FOR_ANY, ""),
    TEXT_ROW("g2-en-any", "en", TERMS_FOR_ANY, G2),
    TEXT_ROW("g1-it-any", "it", TERMS_FOR_ANY, G1),
    TEXT_ROW("g2-de-org", "de", TERMS_FOR_ORGANIZATION, G2),
    TEXT_ROW("g3-en-any", "en", TERMS_FOR_ANY, G3),
};

static const char *chosen(enum terms_mode mode, const char *languages, const char *const *groups,
			  size_t n, const char *default_locale)
{
	const struct terms_wish wish = {mode, languages, groups, n};
	const struct terms_text *text =
	    terms_text_choose(texts, ARRAY_LEN(texts), &wish, default_locale);

	return text ? text->id : "built-in";
}

static void languages(void **unused)
{
	static const struct {
		enum terms_mode mode;
		const char *wanted, *out;
	} rows[] = {
	    {TERMS_PERSONAL, "de-AT", "de-AT-any"},
	    {TERMS_PERSONAL, "de-DE", "de-any"},
	    {TERMS_PERSONAL, "de", "de-any"},
	    {TERMS_PERSONAL, "es,de", "de-any"},
	    {TERMS_PERSONAL, "en-GB", "en-any"},
	    {TERMS_PERSONAL, "es", "en-any"},
	    {TERMS_PERSONAL, "", "en-any"},
	    {TERMS_PERSONAL, "fr-CA", "fr-personal"},
	    {TERMS_PERSONAL, "zh-TW", "zh-Hant-any"},
	    {TERMS_PERSONAL, "zh-Hant-TW", "zh-Hant-any"},
	    {TERMS_PERSONAL, "zh-CN", "zh-any"},
	    /* The kind of ownership comes before the language. */
	    {TERMS_ORGANIZATION, "de-AT", "en-org"},
	    {TERMS_ORGANIZATION, "fr", "en-org"},
	    {TERMS_ORGANIZATION, "", "en-org"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(chosen(rows[i].mode, rows[i].wanted, NULL, 0, "en"),
				    rows[i].out);
}

static void the_built_in_text_is_the_last(void **unused)
{
	const struct terms_wish wish = {.languages = "de"};

	(void)unused;
	assert_string_equal(chosen(TERMS_PERSONAL, "es", NULL, 0, "it"), "built-in");
	assert_string_equal(chosen(TERMS_PERSONAL, "es", NULL, 0, "de-AT"), "de-AT-any");
	assert_string_equal(chosen(TERMS_PERSONAL, "es", NULL, 0, "de-CH"), "de-any");
	assert_null(terms_text_choose(NULL, 0, &wish, "en"));
}

static void groups(void **unused)
{
	static const char *const second[] = {"other", G2};
	static const char *const both[] = {G2, G1};
	static const char *const third[] = {G3, G2};

	(void)unused;
	assert_string_equal(chosen(TERMS_PERSONAL, "de", second, 2, "en"), "g2-en-any");
	assert_string_equal(chosen(TERMS_ORGANIZATION, "de", second, 2, "en"), "g2-de-org");
	assert_string_equal(chosen(TERMS_ORGANIZATION, "es", second, 2, "en"), "g2-en-any");
	/* The lowest id of those that have a text for the user. */
	assert_string_equal(chosen(TERMS_PERSONAL, "it", both, 2, "en"), "g1-it-any");
	assert_string_equal(chosen(TERMS_PERSONAL, "de", both, 2, "en"), "g2-en-any");
	assert_string_equal(chosen(TERMS_PERSONAL, "en", third, 2, "en"), "g2-en-any");
	/* Of none of them: everybody's. */
	assert_string_equal(chosen(TERMS_PERSONAL, "de", second, 1, "en"), "de-any");
	assert_string_equal(chosen(TERMS_PERSONAL, "de", both + 1, 1, "en"), "de-any");
}

static void a_version_names_the_exact_text(void **unused)
{
	struct arena arena;
	const char *one, *other;

	(void)unused;
	arena_init(&arena);
	one = terms_sha256(&arena, "a", "bc");
	other = terms_sha256(&arena, "ab", "c");
	assert_int_equal(strlen(one), 64);
	assert_string_not_equal(one, other);
	assert_string_equal(terms_version(&arena, 12, "0123456789abcdef0123"),
			    "12-0123456789abcdef");
	assert_string_not_equal(terms_document_builtin(&arena, TERMS_PERSONAL).version,
				terms_document_builtin(&arena, TERMS_ORGANIZATION).version);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(languages),
	    cmocka_unit_test(the_built_in_text_is_the_last),
	    cmocka_unit_test(groups),
	    cmocka_unit_test(a_version_names_the_exact_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
