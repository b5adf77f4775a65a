/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_buf.c: growing on the heap and in an arena, and the escapes: what comes out must be
 * harmless and well-formed whatever went in.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
static void grow(struct arena *arena)
{
	struct buf buf;

	buf_init(&buf, arena);
	assert_int_equal(buf_text(&buf).len, 0);
	assert_non_null(buf_text(&buf).ptr);
	for (int i = 0; i < 3000; i++) {
		buf_add_byte(&buf, (char)('a' + i % 26));
		assert_int_equal(buf.data[buf.len], '\0');
	}
	buf_printf(&buf, "%s=%d", "n", 42);
	buf_add(&buf, NULL, 0);
	buf_add_text(&buf, text_make("\0!", 2));
	assert_int_equal(buf.len, 3006);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	assert_memory_equal(buf.data + 3000, "n=42\0!", 7);
	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf.data, "");
	buf_printf(&buf, "%9000d", 1);
	assert_int_equal(buf.len, 9000);
	buf_done(&buf);
	assert_int_equal(buf_text(&buf).len, 0);
}

static void grows(void **state)
{
	struct arena arena;

	grow(NULL);
	arena_init(&arena);
	grow(&arena);
	arena_done(&arena);
}

static void case20_escapes(void **state)
{
	static const struct {
		void (*add)(struct buf *buf, struct text t);
		struct text in;
		const char *out;
	} rows[] = {
	    {buf_add_xml, TEXT("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c"},
	    {buf_add_xml, TEXT("\t\n\r"), "\t\n&#13;"},
	    {buf_add_xml, TEXT("\0\x01\x1f"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {buf_add_xml, TEXT("\xef\xbf\xbe\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd"},
	    {buf_add_xml, TEXT("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {buf_add_xml, TEXT("\xc3"), "\xef\xbf\xbd"},
	    {buf_add_xml, TEXT("\xc3\xa4\xf0\x9f\x98\x80"), "\xc3\xa4\xf0\x9f\x98\x80"},
	    {buf_add_xml, TEXT("]]>"), "]]&gt;"},
	    {buf_add_html, TEXT("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;"},
	    {buf_add_html, TEXT("\xc0\xbcscript"), "\xef\xbf\xbd\xef\xbf\xbdscript"},
	    {buf_add_url, TEXT("aZ09-._~"), "aZ09-._~"},
	    {buf_add_url, TEXT(" /?#&=+%\r\n"), "%20%2F%3F%23%26%3D%2B%25%0D%0A"},
	    {buf_add_url, TEXT("\0\xff\xc3\xa4"), "%00%FF%C3%A4"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf buf CLEANUP(buf_done);

		buf_init(&buf, NULL);
		rows[i].add(&buf, rows[i].in);
		assert_string_equal(buf.data, rows[i].out);
		assert_int_equal(buf.len, strlen(rows[i].out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows),
	    cmocka_unit_test(case20_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
