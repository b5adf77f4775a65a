/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_output.c: tables, objects and findings as people see them, and that nothing a device calls
 * itself can steer the terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "muster/output.h"
#include "muster/term.h"

static void test_harmless(void **state)
{
	static const struct {
		const char *in;
		const char *out;
		size_t columns;
	} cases[] = {
	    {"", "", 0},
	    {"PC-01", "PC-01", 5},
	    {"CONTOSO\\user", "CONTOSO\\user", 12},
	    {"J\xc3\xbcrgen", "J\xc3\xbcrgen", 6},
	    /* wide, and a combining accent */
	    {"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac", 4},
	    {"e\xcc\x81", "e\xcc\x81", 1},
	    /* escape sequences: C0, DEL, C1 as UTF-8 */
	    {"\x1b[2J\x07", "\\x1B[2J\\x07", 11},
	    {"a\x7f\xc2\x9b", "a\\x7F\\x9B", 9},
	    {"a\nb\tc\rd", "a\\nb\\tc\\rd", 10},
	    /* directions, separators, byte order mark, tags */
	    {"\xe2\x80\xae"
	     "exe",
	     "\\u{202E}exe", 11},
	    {"\xe2\x81\xa6", "\\u{2066}", 8},
	    {"\xe2\x80\xa8", "\\u{2028}", 8},
	    {"\xef\xbb\xbf", "\\u{FEFF}", 8},
	    {"\xf3\xa0\x81\x81", "\\u{E0041}", 9},
	    /* no UTF-8: overlong slash, lone bytes */
	    {"\xc0\xaf", "\\xC0\\xAF", 8},
	    {"a\xff"
	     "b",
	     "a\\xFFb", 6},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf buf;

		buf_init(&buf, NULL);
		assert_int_equal(term_add(&buf, text_of(cases[i].in)), cases[i].columns);
		assert_string_equal(buf.data ? buf.data : "", cases[i].out);
		buf_done(&buf);
	}
}

static void test_nul_is_harmless(void **state)
{
	struct buf buf;

	buf_init(&buf, NULL);
	assert_int_equal(term_add(&buf, text_make("a\0b", 3)), 6);
	assert_string_equal(buf.data, "a\\x00b");
	buf_done(&buf);
}

static const struct json *json_of(struct arena *arena, const char *text)
{
	const struct json *json;

	assert_int_equal(json_read(arena, text_of(text), LIMIT_JSON_DEPTH, &json), 0);
	return json;
}

static void test_table(void **state)
{
	static const char *const columns[] = {"id", "name", "enabled", "assignments", "note", NULL};
	struct arena arena;
	const struct json *items[3];
	struct buf buf;

	arena_init(&arena);
	items[0] = json_of(&arena, "{\"id\":1,\"name\":\"\\u6771\\u4eac\",\"enabled\":true,"
				   "\"assignments\":[],\"note\":\"x\"}");
	items[1] =
	    json_of(&arena, "{\"name\":\"a\\u001b[0m\",\"enabled\":false,\"assignments\":"
			    "[{\"all\":true},{\"tag\":\"x\",\"exclude\":true}],\"note\":null}");
	items[2] = json_of(&arena, "{\"id\":-12345,\"name\":\"\",\"assignments\":[\"u\",\"v\"],"
				   "\"note\":\"last\",\"other\":1}");
	buf_init(&buf, &arena);
	output_table(&buf, &arena, columns, items, 3);
	assert_string_equal(
	    buf.data,
	    "ID      NAME      ENABLED  ASSIGNMENTS                 NOTE\n"
	    "1       \xe6\x9d\xb1\xe4\xba\xac      yes      -                           x\n"
	    "-       a\\x1B[0m  no       all=yes; tag=x exclude=yes  -\n"
	    "-12345  -         -        u, v                        last\n");
	arena_done(&arena);
}

static void test_empty_table(void **state)
{
	static const char *const columns[] = {"id", "name", NULL};
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, &arena);
	output_table(&buf, &arena, columns, NULL, 0);
	assert_string_equal(buf.data, "ID  NAME\n");
	arena_done(&arena);
}

static void test_object(void **state)
{
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, &arena);
	output_object(&buf, &arena,
		      json_of(&arena, "{\"id\":\"x\",\"os_version\":null,\"tags\":[\"a\",\"b\\n\"],"
				      "\"settings\":[{\"locuri\":\"./a\",\"data\":\"\"},"
				      "{\"locuri\":\"./\\u202e\",\"data\":\"2\"}],\"ratio\":1.5}"));
	assert_string_equal(buf.data, "id:         x\n"
				      "os_version: -\n"
				      "tags:       a, b\\n\n"
				      "settings:\n"
				      "  locuri=./a data=-\n"
				      "  locuri=./\\u{202E} data=2\n"
				      "ratio:      1.5\n");
	arena_done(&arena);
}

static void test_findings(void **state)
{
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, &arena);
	/* One says that it is good, one that it is not, one says nothing. */
	assert_int_equal(
	    output_findings(
		&buf,
		json_of(&arena, "{\"findings\":[{\"what\":\"keys\",\"ok\":true,\"detail\":\"\"},"
				"{\"what\":\"token\",\"ok\":false,\"detail\":\"wrong\\u0007\"},"
				"{\"what\":\"Graph\"}]}")),
	    2);
	assert_string_equal(buf.data, "ok       keys\n"
				      "problem  token: wrong\\x07\n"
				      "problem  Graph\n");
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_harmless), cmocka_unit_test(test_nul_is_harmless),
	    cmocka_unit_test(test_table),    cmocka_unit_test(test_empty_table),
	    cmocka_unit_test(test_object),   cmocka_unit_test(test_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
