/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_encoding.c: base64 and hexadecimal. RFC 4648 section 10 gives the vectors; the refusals are
 * every second spelling of a value that the strict readers must not take.
 */
#include "base/b64.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"
#include <cmocka.h>

static int setup(void **state)
{
	static struct arena arena;

	arena_init(&arena);
	*state = &arena;
	return 0;
}

static int teardown(void **state)
{
	arena_done(*state);
	return 0;
}

static void rfc4648_vectors(void **state)
{
	static const struct {
		const char *plain;
		const char *std;
		const char *url;
	} rows[] = {
	    {"", "", ""},
	    {"f", "Zg==", "Zg"},
	    {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"},
	    {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	    {"\xfb\xef\xff", "++//", "--__"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct text plain = text_of(rows[i].plain);
		struct text out;

		assert_string_equal(b64_write(*state, plain), rows[i].std);
		assert_string_equal(b64url_write(*state, plain), rows[i].url);
		assert_int_equal(b64_read(*state, text_of(rows[i].std), &out), 0);
		assert_true(text_eq(out, plain));
		assert_int_equal(b64url_read(*state, text_of(rows[i].url), &out), 0);
		assert_true(text_eq(out, plain));
		assert_non_null(out.ptr);
	}
}

typedef int b64_reader(struct arena *arena, struct text in, struct text *ret);

static void check_refused(struct arena *arena, b64_reader *reader, struct text in)
{
	struct text out = TEXT("untouched");

	if (reader(arena, in, &out) != B64_E_MALFORMED)
		fail_msg("accepted: %.*s", TEXT_ARG(in));
	assert_true(text_eq_c(out, "untouched"));
}

static void case6_b64_strict_refusals(void **state)
{
	static const struct text rows[] = {
	    TEXT("Zg"),           TEXT("Zg="),      TEXT("Zg==="),
	    TEXT("Zm9v===="),     TEXT("Z"),        TEXT("Zh=="),
	    TEXT("Zm9="),         TEXT("Zm9v\n"),   TEXT(" Zm9v"),
	    TEXT("Zm 9v"),        TEXT("Zg==Zg=="), TEXT("=Zm9"),
	    TEXT("Zm=v"),         TEXT("===="),     TEXT("="),
	    TEXT("--__"),         TEXT("Zm9\xe4"),  TEXT("Zm9\0"),
	    TEXT("Zm9v\0\0\0\0"), TEXT("Zm9vZ==="),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_refused(*state, b64_read, rows[i]);
}

static void case6_b64url_refusals(void **state)
{
	static const struct text rows[] = {
	    TEXT("Zg=="), TEXT("Z"),     TEXT("Zh"),    TEXT("Zm9"),  TEXT("++//"), TEXT("Zm9v\n"),
	    TEXT("Zm v"), TEXT("Zm9v="), TEXT("Zm9vA"), TEXT("Zg\0"), TEXT("."),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_refused(*state, b64url_read, rows[i]);
}

static void lenient_reader(void **state)
{
	static const char *const same[] = {"Zm9vYg==", "Zm9vYg", " Zm9v\r\nYg==\r\n",
					   "Zm9\tvYg\n=\n="};
	static const struct text refused[] = {
	    TEXT("Zm9vYg="), TEXT("Zm9vYg==="), TEXT("Zm9vYh=="), TEXT("Zm9vY"), TEXT("Zm9v!g=="),
	    TEXT("Zm9=vYg"), TEXT("=="),        TEXT("Zm9v\0"),   TEXT("Zm9v="),
	};
	struct text out;

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		assert_int_equal(b64_read_lenient(*state, text_of(same[i]), &out), 0);
		assert_true(text_eq_c(out, "foob"));
	}
	assert_int_equal(b64_read_lenient(*state, TEXT("--__"), &out), 0);
	assert_int_equal(b64_read_lenient(*state, TEXT("++//"), &out), 0);
	assert_true(text_eq_c(out, "\xfb\xef\xff"));
	assert_int_equal(b64_read_lenient(*state, TEXT(" \r\n"), &out), 0);
	assert_int_equal(out.len, 0);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		check_refused(*state, b64_read_lenient, refused[i]);
}

/* Whatever text a strict reader accepts, writing what it read gives that very text back. */
static void one_spelling_only(void **state)
{
	static const char alphabet[] = "AQgwZ09/+-_=";
	char in[5] = {0};

	for (size_t n = 0; n < 20736 /* 12 to the 4th */; n++) {
		struct text out;
		size_t rest = n;

		for (int i = 0; i < 4; i++, rest /= 12)
			in[i] = alphabet[rest % 12];
		arena_reset(*state);
		if (b64_read(*state, text_of(in), &out) == 0)
			assert_string_equal(b64_write(*state, out), in);
		if (b64url_read(*state, text_of(in), &out) == 0)
			assert_string_equal(b64url_write(*state, out), in);
	}
}

static void random_round_trips(void **state)
{
	for (size_t len = 0; len < 200; len++) {
		uint8_t bytes[200];
		struct text plain = text_make(bytes, len);
		struct text out;

		rand_bytes(bytes, sizeof(bytes));
		assert_int_equal(b64_read(*state, text_of(b64_write(*state, plain)), &out), 0);
		assert_true(text_eq(out, plain));
		assert_int_equal(b64url_read(*state, text_of(b64url_write(*state, plain)), &out),
				 0);
		assert_true(text_eq(out, plain));
		assert_int_equal(hex_read(*state, text_of(hex_write(*state, plain)), &out), 0);
		assert_true(text_eq(out, plain));
	}
}

static void hexadecimal(void **state)
{
	static const struct text refused[] = {
	    TEXT("0"),    TEXT("0g"),    TEXT("g0"),  TEXT("00 "),
	    TEXT("0x00"), TEXT("00\n1"), TEXT("0\0"),
	};
	struct text out;

	assert_string_equal(hex_write(*state, TEXT("\x00\x7f\xab\xff")), "007fabff");
	assert_string_equal(hex_write_upper(*state, TEXT("\x00\x7f\xab\xff")), "007FABFF");
	assert_int_equal(hex_read(*state, TEXT("00aBFf"), &out), 0);
	assert_true(text_eq(out, TEXT("\x00\xab\xff")));
	assert_int_equal(hex_read(*state, TEXT(""), &out), 0);
	assert_int_equal(out.len, 0);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		out = TEXT("untouched");
		assert_int_equal(hex_read(*state, refused[i], &out), HEX_E_MALFORMED);
		assert_true(text_eq_c(out, "untouched"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4648_vectors),   cmocka_unit_test(case6_b64_strict_refusals),
	    cmocka_unit_test(lenient_reader),    cmocka_unit_test(case6_b64url_refusals),
	    cmocka_unit_test(one_spelling_only), cmocka_unit_test(random_round_trips),
	    cmocka_unit_test(hexadecimal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
