/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_xml_write.c: the exact bytes of the writer, and that our reader gets back what went in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rand.h"
#include "xml/xml_read.h"
#include "xml/xml_write.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static void writes_compact_elements(void **state)
{
	struct xml_writer w;
	struct buf buf;

	buf_init(&buf, &arena);
	xml_writer_init(&w, &buf);
	xml_open(&w, "s:a");
	xml_add_attr_c(&w, "xmlns:s", "urn:s");
	xml_add_attr(&w, "x", TEXT("1"));
	xml_open(&w, "b");
	xml_close(&w);
	xml_add_leaf_c(&w, "c", "text");
	xml_add_leaf(&w, "d", TEXT_EMPTY);
	xml_add_leaf_int(&w, "e", -42);
	xml_add_text_c(&w, "tail");
	xml_open(&w, "f");
	xml_add_markup(&w, TEXT("<g h='1'/>"));
	xml_add_markup(&w, TEXT_EMPTY);
	xml_close(&w);
	xml_close(&w);
	assert_string_equal(buf.data, "<s:a xmlns:s=\"urn:s\" x=\"1\"><b/><c>text</c><d/><e>-42</e>"
				      "tail<f><g h='1'/></f></s:a>");
}

static void escapes(void **state)
{
	static const struct {
		struct text in;
		const char *text;
		const char *attr;
	} cases[] = {
	    {TEXT("plain"), "plain", "plain"},
	    {TEXT("<&>\"'"), "&lt;&amp;&gt;\"'", "&lt;&amp;&gt;&quot;'"},
	    {TEXT("a\r\n\tb"), "a&#13;\n\tb", "a&#13;&#10;&#9;b"},
	    {TEXT("]]>"), "]]&gt;", "]]&gt;"},
	    {TEXT("\xc3\xbc\xf0\x9f\x98\x80"), "\xc3\xbc\xf0\x9f\x98\x80",
	     "\xc3\xbc\xf0\x9f\x98\x80"},
	    {TEXT("a\0b\x01"),
	     "a\xef\xbf\xbd"
	     "b\xef\xbf\xbd",
	     "a\xef\xbf\xbd"
	     "b\xef\xbf\xbd"},
	    {TEXT("\xef\xbf\xbf"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {TEXT("\xc3"), "\xef\xbf\xbd", "\xef\xbf\xbd"},
	    {TEXT("\xc3("), "\xef\xbf\xbd(", "\xef\xbf\xbd("},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text, attr;

		buf_init(&text, &arena);
		buf_init(&attr, &arena);
		xml_escape_text(&text, cases[i].in);
		xml_escape_attr(&attr, cases[i].in);
		assert_string_equal(text.data, cases[i].text);
		assert_string_equal(attr.data, cases[i].attr);
	}
}

/* Whatever bytes are written, the document is well-formed; UTF-8 without controls comes back. */
static void reader_gets_back_what_was_written(void **state)
{
	for (int round = 0; round < 2000; round++) {
		char bytes[24];
		struct text in = {bytes, sizeof(bytes)};
		bool is_exact = round % 2;
		const struct xml_node *root;
		struct xml_writer w;
		struct buf buf;

		rand_bytes(bytes, sizeof(bytes));
		if (is_exact) {
			for (size_t i = 0; i < sizeof(bytes); i++)
				bytes[i] = "\r\n\t <>&'\"]ax;!-"[(unsigned char)bytes[i] % 15];
		}
		buf_init(&buf, &arena);
		xml_writer_init(&w, &buf);
		xml_open(&w, "a");
		xml_add_attr(&w, "x", in);
		xml_add_text(&w, in);
		xml_close(&w);
		assert_int_equal(xml_read(&arena, buf_text(&buf), &xml_limits_soap, &root), 0);
		assert_true(text_eq(root->text, xml_attr(root, "x")));
		if (is_exact)
			assert_true(text_eq(root->text, in));
	}
}

static void expect_fatal(void (*misuse)(struct xml_writer *))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct xml_writer w;
		struct buf buf;

		close(STDERR_FILENO);
		buf_init(&buf, &arena);
		xml_writer_init(&w, &buf);
		misuse(&w);
		exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

static void close_too_much(struct xml_writer *w)
{
	xml_open(w, "a");
	xml_close(w);
	xml_close(w);
}

static void attribute_too_late(struct xml_writer *w)
{
	xml_open(w, "a");
	xml_add_text_c(w, "x");
	xml_add_attr_c(w, "b", "c");
}

static void open_too_much(struct xml_writer *w)
{
	for (size_t i = 0; i <= XML_WRITE_DEPTH; i++)
		xml_open(w, "a");
}

static void misuse_ends_the_process(void **state)
{
	expect_fatal(close_too_much);
	expect_fatal(attribute_too_late);
	expect_fatal(open_too_much);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(writes_compact_elements),
	    CASE(escapes),
	    CASE(reader_gets_back_what_was_written),
	    CASE(misuse_ends_the_process),
	};

	return cmocka_run_group_tests_name("xml/xml_write", tests, NULL, NULL);
}
