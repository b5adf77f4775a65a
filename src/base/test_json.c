/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_json.c: what the reader takes and refuses (RFC 8259, stricter where that leaves a choice),
 * and that the writer's output is always read back.
 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/rand.h"

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

static const struct json *read_ok(struct arena *arena, const char *in)
{
	const struct json *tree = NULL;

	assert_int_equal(json_read(arena, text_of(in), 16, &tree), 0);
	assert_non_null(tree);
	return tree;
}

static void reading(void **state)
{
	const struct json *tree =
	    read_ok(*state, " {\"a\":1,\"z\":-2.5e0,\"t\":\"x\\u00e4\\n\","
			    "\"b\":true,\"n\":null,\"l\":[1,[],{}],\"e\":1E2}\n");
	int64_t number = 0;
	bool truth = false;

	assert_int_equal(tree->kind, JSON_OBJECT);
	assert_int_equal(tree->count, 7);
	assert_true(text_eq_c(tree->items[1].name, "z"));
	assert_true(json_int(tree, "a", &number));
	assert_int_equal(number, 1);
	assert_true(json_get(tree, "z")->real == -2.5);
	assert_int_equal(json_get(tree, "e")->kind, JSON_REAL);
	assert_true(text_eq_c(json_text(tree, "t"), "x\xc3\xa4\n"));
	assert_true(json_bool(tree, "b", &truth));
	assert_true(truth);
	assert_true(json_has(tree, "n"));
	assert_int_equal(json_get(tree, "n")->kind, JSON_NULL);
	assert_int_equal(json_get(tree, "l")->count, 3);
	assert_int_equal(json_get(tree, "l")->items[0].integer, 1);
}

static void lookups_on_what_is_not_there(void **state)
{
	const struct json *tree = read_ok(*state, "{\"a\":1,\"s\":\"\",\"f\":1.0,\"l\":[1]}");
	int64_t number = 4711;
	bool truth = true;

	assert_null(json_get(NULL, "a"));
	assert_null(json_get(tree, "A"));
	assert_null(json_get(json_get(tree, "l"), "a"));
	assert_null(json_text(json_get(json_get(tree, "x"), "y"), "z").ptr);
	assert_null(json_text(tree, "a").ptr);
	assert_non_null(json_text(tree, "s").ptr);
	assert_false(json_int(tree, "f", &number));
	assert_false(json_int(tree, "s", &number));
	assert_false(json_int(tree, "x", &number));
	assert_false(json_bool(tree, "a", &truth));
	assert_int_equal(number, 4711);
	assert_true(truth);
	assert_false(json_has(tree, "x"));
}

static void case6_refusals(void **state)
{
	static const struct text rows[] = {
	    TEXT(""),
	    TEXT(" "),
	    TEXT("{"),
	    TEXT("[1,]"),
	    TEXT("{\"a\":1,}"),
	    TEXT("{\"a\":1,\"a\":1}"),         /* a duplicate member */
	    TEXT("{\"a\":1,\"\\u0061\":2}"),   /* the same, respelled */
	    TEXT("{\"x\":{\"a\":1,\"a\":2}}"), /* deeper down */
	    TEXT("{} {}"),
	    TEXT("{}x"),
	    TEXT("{}\0"),
	    TEXT("[\"a\0b\"]"),
	    TEXT("[\"a\\u0000b\"]"),
	    TEXT("{\"a\\u0000b\":1}"),
	    TEXT("[\"\\ud800\"]"), /* half of a surrogate pair */
	    TEXT("[\"\\udc00\\ud800\"]"),
	    TEXT("[\"\xc0\x80\"]"),
	    TEXT("[\"\xff\"]"),
	    TEXT("\xef\xbb\xbf{}"), /* a byte order mark */
	    TEXT("{\0}"),
	    TEXT("['a']"),
	    TEXT("{a:1}"),
	    TEXT("[01]"),
	    TEXT("[+1]"),
	    TEXT("[1.]"),
	    TEXT("[.5]"),
	    TEXT("[NaN]"),
	    TEXT("[Infinity]"),
	    TEXT("[1e999]"),
	    TEXT("[9223372036854775808]"),
	    TEXT("[-9223372036854775809]"),
	    TEXT("[\"\n\"]"),
	    TEXT("[\"\\x41\"]"),
	    TEXT("[tru]"),
	    TEXT("[True]"),
	    TEXT("// no\n{}"),
	    TEXT("{}/**/"),
	    TEXT("]"),
	    TEXT("[1}"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *tree = NULL;

		if (json_read(*state, rows[i], 16, &tree) != JSON_E_MALFORMED)
			fail_msg("accepted: %.*s", TEXT_ARG(rows[i]));
		assert_null(tree);
	}
}

static void depth(void **state)
{
	static const struct {
		const char *in;
		size_t max;
		int r;
	} rows[] = {
	    {"1", 0, 0},
	    {"[]", 0, JSON_E_TOO_DEEP},
	    {"[[1],[2],[3],{\"a\":1}]", 2, 0},
	    {"[[[1]]]", 2, JSON_E_TOO_DEEP},
	    {"{\"a\":{\"b\":[]}}", 2, JSON_E_TOO_DEEP},
	    {"[\"[[[[\\\"[[[\"]", 1, 0},
	    {"[\"\\\\\",[1]]", 1, JSON_E_TOO_DEEP},
	};
	struct buf buf CLEANUP(buf_done);
	const struct json *tree = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (json_read(*state, text_of(rows[i].in), rows[i].max, &tree) != rows[i].r)
			fail_msg("%s", rows[i].in);
	}
	tree = NULL;
	buf_init(&buf, NULL);
	for (int i = 0; i < 1000000; i++)
		buf_add_byte(&buf, '[');
	assert_int_equal(json_read(*state, buf_text(&buf), 16, &tree), JSON_E_TOO_DEEP);
	assert_null(tree);
}

static void writing(void **state)
{
	struct buf buf CLEANUP(buf_done);
	struct json_writer w;

	buf_init(&buf, NULL);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_begin_array(&w, "items");
	json_begin_object(&w, NULL);
	json_end_object(&w);
	json_add_int(&w, NULL, INT64_MIN);
	json_add_c(&w, NULL, NULL);
	json_end_array(&w);
	json_add_bool(&w, "yes", true);
	json_add_bool(&w, "no", false);
	json_add_null(&w, "next");
	json_add_time(&w, "at", 1769860800);
	json_add_time(&w, "never", 0);
	json_add_text(&w, "empty", TEXT(""));
	json_add_text(&w, "none", text_make(NULL, 0));
	json_add_raw(&w, "raw", TEXT("[1]"));
	json_begin_object(&w, "in\"ner");
	json_end_object(&w);
	json_end_object(&w);
	assert_string_equal(buf.data, "{\"items\":[{},-9223372036854775808,null],\"yes\":true,"
				      "\"no\":false,\"next\":null,\"at\":\"2026-01-31T12:00:00Z\","
				      "\"never\":null,\"empty\":\"\",\"none\":null,\"raw\":[1],"
				      "\"in\\\"ner\":{}}");
}

static void case20_escapes(void **state)
{
	static const struct {
		struct text in;
		const char *out;
	} rows[] = {
	    {TEXT("a\"\\/"), "\"a\\\"\\\\/\""},
	    {TEXT("\b\t\n\f\r\x01\x1f"), "\"\\b\\t\\n\\f\\r\\u0001\\u001f\""},
	    {TEXT("\x7f\xc3\xa4"), "\"\x7f\xc3\xa4\""},
	    {TEXT("a\0b"), "\"a\xef\xbf\xbd"
			   "b\""},
	    {TEXT("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	    {TEXT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf buf CLEANUP(buf_done);
		struct json_writer w;

		buf_init(&buf, NULL);
		json_writer_init(&w, &buf);
		json_add_text(&w, NULL, rows[i].in);
		assert_string_equal(buf.data, rows[i].out);
	}
}

static void random_bytes_are_read_back(void **state)
{
	for (int round = 0; round < 2000; round++) {
		struct buf buf CLEANUP(buf_done);
		const struct json *tree;
		struct json_writer w;
		char bytes[64];

		rand_bytes(bytes, sizeof(bytes));
		buf_init(&buf, NULL);
		json_writer_init(&w, &buf);
		json_add_text(&w, NULL, text_make(bytes, sizeof(bytes)));
		assert_true(text_is_utf8(buf_text(&buf)));
		assert_int_equal(json_read(*state, buf_text(&buf), 0, &tree), 0);
		assert_int_equal(tree->kind, JSON_STRING);
	}
}

static void trees_are_written_back(void **state)
{
	static const char *const rows[] = {
	    "{\"z\":1,\"a\":[true,false,null,-5,\"\\\"\\u0001\",{}],\"m\":{\"x\":[]}}",
	    "9223372036854775807",
	    "-9223372036854775808",
	    "1.0",
	    "0.10000000000000001",
	    "1.0000000000000001e+300",
	    "\"x\"",
	    "[]",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf buf CLEANUP(buf_done);

		buf_init(&buf, NULL);
		json_write(&buf, read_ok(*state, rows[i]));
		assert_string_equal(buf.data, rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reading),
	    cmocka_unit_test(lookups_on_what_is_not_there),
	    cmocka_unit_test(case6_refusals),
	    cmocka_unit_test(depth),
	    cmocka_unit_test(writing),
	    cmocka_unit_test(case20_escapes),
	    cmocka_unit_test(trees_are_written_back),
	    cmocka_unit_test(random_bytes_are_read_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
