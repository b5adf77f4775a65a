/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_text.c: comparing, cutting, UTF-8 and numbers. The tables hold one row for each way a
 * byte sequence can be not quite right.
 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
static void comparing(void **state)
{
	assert_true(text_eq(TEXT("abc"), TEXT("abc")));
	assert_false(text_eq(TEXT("abc"), TEXT("abd")));
	assert_false(text_eq(TEXT("abc"), TEXT("ab")));
	assert_true(text_eq(text_make(NULL, 0), TEXT("")));
	assert_false(text_eq(text_make("a\0b", 3), text_make("a\0c", 3)));
	assert_true(text_eq_c(TEXT("abc"), "abc"));
	assert_false(text_eq_c(text_make("abc\0", 4), "abc"));
	assert_true(text_eq_nocase(TEXT("AbZ"), TEXT("aBz")));
	assert_false(text_eq_nocase(TEXT("@["), TEXT("`{")));
	assert_false(text_eq_nocase(TEXT("\xc4"), TEXT("\xe4")));
	assert_true(text_eq_secret(TEXT("secret"), TEXT("secret")));
	assert_false(text_eq_secret(TEXT("secret"), TEXT("secreT")));
	assert_false(text_eq_secret(TEXT("secret"), TEXT("secre")));
	assert_true(text_eq_secret(text_make(NULL, 0), TEXT("")));
}

static void starts_and_ends(void **state)
{
	assert_true(text_starts(TEXT("Bearer x"), TEXT("Bearer ")));
	assert_false(text_starts(TEXT("bearer x"), TEXT("Bearer ")));
	assert_false(text_starts(TEXT("Bear"), TEXT("Bearer ")));
	assert_true(text_starts_nocase(TEXT("bearer x"), TEXT("Bearer ")));
	assert_true(text_ends(TEXT("a.svc"), TEXT(".svc")));
	assert_false(text_ends(TEXT("svc"), TEXT(".svc")));
	assert_true(text_ends(TEXT("a"), TEXT("")));
	assert_true(text_has_byte(text_make("a\0b", 3), '\0'));
	assert_false(text_has_byte(TEXT("ab"), '\0'));
	assert_false(text_has_byte(text_make(NULL, 0), 'a'));
}

static void slicing(void **state)
{
	struct text none = text_make(NULL, 0);

	assert_true(text_eq_c(text_from(TEXT("abc"), 1), "bc"));
	assert_true(text_eq_c(text_from(TEXT("abc"), 9), ""));
	assert_null(text_from(none, 3).ptr);
	assert_true(text_eq_c(text_take(TEXT("abc"), 2), "ab"));
	assert_true(text_eq_c(text_take(TEXT("abc"), 9), "abc"));
	assert_true(text_eq_c(text_trim(TEXT(" \t\r\na b\n ")), "a b"));
	assert_true(text_eq_c(text_trim(TEXT(" \n ")), ""));
	assert_true(text_eq_c(text_trim(TEXT("\va\v")), "\va\v"));
	assert_true(text_is_empty(text_of(NULL)));
	assert_non_null(text_of(NULL).ptr);
}

static void cutting(void **state)
{
	static const struct {
		const char *in;
		const char *parts[4];
	} rows[] = {
	    {"a,b,c", {"a", "b", "c"}}, {"a", {"a"}},      {"", {""}},
	    {"a,", {"a", ""}},          {",a", {"", "a"}}, {",,", {"", "", ""}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct text rest = text_of(rows[i].in);
		size_t n = 0;

		while (rest.ptr) {
			struct text part = text_cut(&rest, ',');

			assert_non_null(rows[i].parts[n]);
			assert_true(text_eq_c(part, rows[i].parts[n]));
			n++;
		}
		assert_null(rows[i].parts[n]);
	}
}

static void utf8(void **state)
{
	static const struct {
		struct text in;
		bool ok;
	} rows[] = {
	    {TEXT(""), true},
	    {TEXT("plain"), true},
	    {TEXT("\xc3\xa4"), true},
	    {TEXT("\xc2\x80"), true},
	    {TEXT("\xe0\xa0\x80"), true},
	    {TEXT("\xed\x9f\xbf"), true},
	    {TEXT("\xee\x80\x80"), true},
	    {TEXT("\xf0\x90\x80\x80"), true},
	    {TEXT("\xf4\x8f\xbf\xbf"), true},
	    {TEXT("a\0b"), false},             /* NUL */
	    {TEXT("\x80"), false},             /* continuation alone */
	    {TEXT("\xc3"), false},             /* cut short */
	    {TEXT("\xe2\x82"), false},         /* cut short */
	    {TEXT("\xf0\x9f\x98"), false},     /* cut short */
	    {TEXT("\xc3(\xa9"), false},        /* broken in the middle */
	    {TEXT("\xc0\x80"), false},         /* overlong NUL */
	    {TEXT("\xc1\xbf"), false},         /* overlong DEL */
	    {TEXT("\xe0\x9f\xbf"), false},     /* overlong three */
	    {TEXT("\xf0\x8f\xbf\xbf"), false}, /* overlong four */
	    {TEXT("\xed\xa0\x80"), false},     /* high surrogate */
	    {TEXT("\xed\xbf\xbf"), false},     /* low surrogate */
	    {TEXT("\xf4\x90\x80\x80"), false}, /* above U+10FFFF */
	    {TEXT("\xf5\x80\x80\x80"), false}, /* never a lead byte */
	    {TEXT("\xf8\x88\x80\x80\x80"), false},
	    {TEXT("\xff"), false},
	    {TEXT("ok\xfe"), false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (text_is_utf8(rows[i].in) != rows[i].ok)
			fail_msg("row %zu", i);
	}
}

static void first_char(void **state)
{
	uint32_t c = 1;

	assert_int_equal(text_first_char(TEXT("\xf0\x9f\x98\x80x"), &c), 4);
	assert_int_equal(c, 0x1f600);
	assert_int_equal(text_first_char(TEXT("\0x"), &c), 1);
	assert_int_equal(c, 0);
	c = 77;
	assert_int_equal(text_first_char(TEXT(""), &c), 0);
	assert_int_equal(text_first_char(TEXT("\xc0\x80"), &c), 0);
	assert_int_equal(c, 77);
}

static void printable(void **state)
{
	assert_true(text_is_printable(TEXT("az AZ ~")));
	assert_false(text_is_printable(TEXT("a\x7f")));
	assert_false(text_is_printable(TEXT("a\nb")));
	assert_false(text_is_printable(TEXT("a\0")));
	assert_false(text_is_printable(TEXT("\xc3\xa4")));
}

static void unsigned_numbers(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		uint64_t value;
	} rows[] = {
	    {"0", true, 0},
	    {"7", true, 7},
	    {"18446744073709551615", true, UINT64_MAX},
	    {"18446744073709551616", false, 0},
	    {"99999999999999999999", false, 0},
	    {"184467440737095516150", false, 0},
	    {"", false, 0},
	    {"00", false, 0},
	    {"01", false, 0},
	    {"+1", false, 0},
	    {"-1", false, 0},
	    {"-0", false, 0},
	    {" 1", false, 0},
	    {"1 ", false, 0},
	    {"0x1", false, 0},
	    {"1e3", false, 0},
	    {"\xd9\xa1", false, 0}, /* a digit, but not an ASCII one */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t value = 4711;

		if (text_to_u64(text_of(rows[i].in), &value) != rows[i].ok)
			fail_msg("%s", rows[i].in);
		assert_true(value == (rows[i].ok ? rows[i].value : 4711));
	}
	assert_false(text_to_u64(text_make("1\0", 2), &(uint64_t){0}));
}

static void signed_numbers(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		int64_t value;
	} rows[] = {
	    {"0", true, 0},
	    {"-1", true, -1},
	    {"9223372036854775807", true, INT64_MAX},
	    {"-9223372036854775808", true, INT64_MIN},
	    {"9223372036854775808", false, 0},
	    {"-9223372036854775809", false, 0},
	    {"-0", false, 0},
	    {"-01", false, 0},
	    {"--1", false, 0},
	    {"-", false, 0},
	    {"+5", false, 0},
	    {"", false, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 4711;

		if (text_to_i64(text_of(rows[i].in), &value) != rows[i].ok)
			fail_msg("%s", rows[i].in);
		assert_true(value == (rows[i].ok ? rows[i].value : 4711));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comparing),      cmocka_unit_test(starts_and_ends),
	    cmocka_unit_test(slicing),        cmocka_unit_test(cutting),
	    cmocka_unit_test(utf8),           cmocka_unit_test(first_char),
	    cmocka_unit_test(printable),      cmocka_unit_test(unsigned_numbers),
	    cmocka_unit_test(signed_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
