/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_xml_read.c: what the reader accepts, what it refuses and why, its lookups, and what an
 * attacker's 256 KiB may cost. Abuse case 15 (XML bombs) is the part with that name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "xml/xml_read.h"

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

static const struct xml_node *parse(struct text doc)
{
	const struct xml_node *root = NULL;

	assert_int_equal(xml_read(&arena, doc, &xml_limits_soap, &root), 0);
	assert_non_null(root);
	return root;
}

static void assert_text(struct text got, const char *want)
{
	assert_non_null(got.ptr);
	if (!text_eq_c(got, want))
		fail_msg("got '%.*s', want '%s'", TEXT_ARG(got), want);
}

static struct text repeat(const char *before, const char *unit, size_t n, const char *after)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, before);
	for (size_t i = 0; i < n; i++)
		buf_add_c(&buf, unit);
	buf_add_c(&buf, after);
	return buf_text(&buf);
}

static void tree_has_names_namespaces_and_order(void **state)
{
	const struct xml_node *root =
	    parse(TEXT("<?xml version=\"1.0\"?>\n"
		       "<a xmlns='urn:1' xmlns:p='urn:2'>"
		       "<b x='1' p:y='2'/><p:b>two</p:b><b>three</b></a>\n"));
	const struct xml_node *b;

	assert_true(xml_is(root, "urn:1", "a"));
	assert_false(xml_is(root, "urn:2", "a"));
	assert_int_equal(root->child_count, 3);
	b = xml_child(root, "urn:1", "b");
	assert_int_equal(b->attr_count, 2);
	assert_text(xml_attr(b, "x"), "1");
	assert_text(xml_attr(b, "y"), "2");
	assert_null(xml_attr(b, "z").ptr);
	assert_int_equal(xml_count(root, "urn:1", "b"), 2);
	assert_int_equal(xml_count(root, NULL, "b"), 3);
	assert_text(xml_text(xml_next(b, "urn:1", "b")), "three");
	assert_null(xml_next(xml_next(b, "urn:1", "b"), "urn:1", "b"));
	assert_text(xml_child_text(root, "urn:2", "b"), "two");
	assert_ptr_equal(xml_child_any_ns(root, "b"), b);
	assert_text(xml_text(b), "");
}

static void lookups_on_nothing_find_nothing(void **state)
{
	const struct xml_node *root = parse(TEXT("<a/>"));

	assert_null(xml_child(xml_child(root, NULL, "x"), NULL, "y"));
	assert_null(xml_child_any_ns(NULL, "y"));
	assert_null(xml_next(NULL, NULL, "y"));
	assert_null(xml_text(NULL).ptr);
	assert_null(xml_text_trimmed(NULL).ptr);
	assert_null(xml_child_text(root, NULL, "x").ptr);
	assert_null(xml_attr(NULL, "x").ptr);
	assert_int_equal(xml_attr_count(NULL, "x"), 0);
	assert_int_equal(xml_count(NULL, NULL, "x"), 0);
	assert_false(xml_is(NULL, NULL, "a"));
}

/* A plain attribute is what the sender of an unprefixed name meant. */
static void plain_attribute_wins_over_prefixed(void **state)
{
	const struct xml_node *root = parse(TEXT("<a xmlns:p='urn:p' p:t='1' t='2'/>"));

	assert_text(xml_attr(root, "t"), "2");
	assert_int_equal(xml_attr_count(root, "t"), 2);
}

static void text_is_joined(void **state)
{
	static const struct {
		const char *doc;
		const char *want;
	} cases[] = {
	    {"<a>one<!-- x -->two</a>", "onetwo"},
	    {"<a>one<![CDATA[<&>]]>two</a>", "one<&>two"},
	    {"<a><![CDATA[x]]><![CDATA[y]]></a>", "xy"},
	    {"<a>one<b>no</b>two<b/>three</a>", "onetwothree"},
	    {"<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>", "<>&\"'AB"},
	    {"<a>x\r\ny&#13;z</a>", "x\ny\rz"},
	    {"<a>gr\xc3\xbc\xc3\x9f \xef\x80\x80 \xf0\x9f\x98\x80</a>",
	     "gr\xc3\xbc\xc3\x9f \xef\x80\x80 \xf0\x9f\x98\x80"},
	    {"\xef\xbb\xbf<a>bom</a>", "bom"},
	    {"<a></a>", ""},
	    {"<!-- c --><a>x</a><!-- d -->", "x"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_text(xml_text(parse(text_of(cases[i].doc))), cases[i].want);
	assert_text(xml_text_trimmed(parse(TEXT("<a>\r\n\t x y&#13; </a>"))), "x y");
}

static void declared_encoding_never_changes_the_bytes(void **state)
{
	static const struct {
		const char *doc;
		int want;
	} cases[] = {
	    {"<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xbc</a>", 0},
	    {"<?xml version='1.0' encoding='utf-8'?><a>\xc3\xbc</a>", 0},
	    {"<?xml version='1.0' encoding='utf-16'?><a>\xc3\xbc</a>", 0},
	    {"<?xml version='1.0' encoding='UTF-16' standalone='yes'?><a>\xc3\xbc</a>", 0},
	    {"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>", XML_E_NOT_UTF8},
	    {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", XML_E_NOT_UTF8},
	    {"<?xml version='1.0' encoding='ebcdic-cp-us'?><a/>", XML_E_NOT_UTF8},
	    {"<?xml version='1.0' encoding='UTF-32'?><a/>", XML_E_NOT_UTF8},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct xml_node *root;
		int r = xml_read(&arena, text_of(cases[i].doc), &xml_limits_soap, &root);

		if (r != cases[i].want)
			fail_msg("%s: %d", cases[i].doc, r);
		if (!r && !text_eq_c(root->text, "\xc3\xbc"))
			fail_msg("%s: read as another encoding", cases[i].doc);
	}
}

static const struct {
	const char *name;
	struct text doc;
	int want;
} refusals[] = {
    {"nothing", {"", 0}, XML_E_MALFORMED},
    {"blank", TEXT("  \n"), XML_E_MALFORMED},
    {"not xml", TEXT("{\"a\": 1}"), XML_E_MALFORMED},
    {"not closed", TEXT("<a><b></a>"), XML_E_MALFORMED},
    {"cut off", TEXT("<a><b>"), XML_E_MALFORMED},
    {"two roots", TEXT("<a/><b/>"), XML_E_MALFORMED},
    {"text after the end", TEXT("<a/>x"), XML_E_MALFORMED},
    {"attribute twice", TEXT("<a x='1' x='2'/>"), XML_E_MALFORMED},
    {"attribute twice through prefixes", TEXT("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>"),
     XML_E_MALFORMED},
    {"prefix not declared", TEXT("<p:a/>"), XML_E_MALFORMED},
    {"element of the reserved namespace", TEXT("<xml:a/>"), XML_E_MALFORMED},
    {"separator in a namespace", TEXT("<a xmlns='u&#10;x'/>"), XML_E_MALFORMED},
    {"unknown entity", TEXT("<a>&nbsp;</a>"), XML_E_MALFORMED},
    {"character 0", TEXT("<a>&#0;</a>"), XML_E_MALFORMED},
    {"character 1", TEXT("<a>\x01</a>"), XML_E_MALFORMED},
    {"character U+FFFF by number", TEXT("<a>&#xFFFF;</a>"), XML_E_MALFORMED},
    {"XML 1.1", TEXT("<?xml version='1.1'?><a/>"), XML_E_MALFORMED},
    {"doctype", TEXT("<!DOCTYPE a><a/>"), XML_E_FORBIDDEN},
    {"doctype, external", TEXT("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), XML_E_FORBIDDEN},
    {"doctype, public", TEXT("<!DOCTYPE a PUBLIC 'x' 'http://127.0.0.1/'><a/>"), XML_E_FORBIDDEN},
    {"external entity", TEXT("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
     XML_E_FORBIDDEN},
    {"parameter entity", TEXT("<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><a/>"),
     XML_E_FORBIDDEN},
    {"billion laughs",
     TEXT("<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
	  "<a>&c;</a>"),
     XML_E_FORBIDDEN},
    {"doctype with an empty subset", TEXT("<!DOCTYPE a []><a/>"), XML_E_FORBIDDEN},
    {"style sheet", TEXT("<?xml-stylesheet href='http://127.0.0.1/'?><a/>"), XML_E_FORBIDDEN},
    {"instruction inside", TEXT("<a><?php echo 1 ?></a>"), XML_E_FORBIDDEN},
    {"instruction at the end", TEXT("<a/><?x y?>"), XML_E_FORBIDDEN},
    {"NUL", TEXT("<a>x\0y</a>"), XML_E_NOT_UTF8},
    {"NUL at the end", TEXT("<a/>\0"), XML_E_NOT_UTF8},
    {"overlong slash", TEXT("<a>\xc0\xaf</a>"), XML_E_NOT_UTF8},
    {"surrogate", TEXT("<a>\xed\xa0\x80</a>"), XML_E_NOT_UTF8},
    {"latin 1", TEXT("<a>\xfc</a>"), XML_E_NOT_UTF8},
    {"cut character", TEXT("<a>\xc3</a>"), XML_E_NOT_UTF8},
    {"UTF-16 with a mark", TEXT("\xff\xfe<\0a\0/\0>\0"), XML_E_NOT_UTF8},
    {"UTF-16 big-endian with a mark", TEXT("\xfe\xff\0<\0a\0/\0>"), XML_E_NOT_UTF8},
    {"UTF-16 without a mark", TEXT("<\0a\0/\0>\0"), XML_E_NOT_UTF8},
    {"UTF-16 without a mark, declared",
     TEXT("\0<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0001\0.\0000\0'\0?\0>\0<\0a\0/\0>"),
     XML_E_NOT_UTF8},
    {"EBCDIC", TEXT("\x4c\x6f\xa7\x94\x93"), XML_E_NOT_UTF8},
};

static void case15_refused_documents(void **state)
{
	static const struct xml_node untouched;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct xml_node *root = &untouched;
		int r = xml_read(&arena, refusals[i].doc, &xml_limits_soap, &root);

		if (r != refusals[i].want)
			fail_msg("%s: %d (%s)", refusals[i].name, r, xml_outcome_name(r));
		assert_ptr_equal(root, &untouched);
	}
}

/* XInclude is markup like any other: nothing follows it. */
static void case15_xinclude_is_not_followed(void **state)
{
	const struct xml_node *root =
	    parse(TEXT("<a xmlns:xi='http://www.w3.org/2001/XInclude'>"
		       "<xi:include href='file:///etc/passwd' parse='text'/></a>"));

	assert_int_equal(root->child_count, 1);
	assert_text(root->text, "");
}

static void check_bound(const char *name, struct text inside, struct text outside, int want)
{
	const struct xml_node *root;
	int r = xml_read(&arena, inside, &xml_limits_soap, &root);

	if (r)
		fail_msg("%s: the limit itself is refused (%s)", name, xml_outcome_name(r));
	r = xml_read(&arena, outside, &xml_limits_soap, &root);
	if (r != want)
		fail_msg("%s: one past the limit gives %d (%s)", name, r, xml_outcome_name(r));
}

static struct text nested(size_t depth)
{
	struct buf buf;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < depth; i++)
		buf_add_c(&buf, "<a>");
	for (size_t i = 0; i < depth; i++)
		buf_add_c(&buf, "</a>");
	return buf_text(&buf);
}

static struct text with_attributes(size_t plain, size_t declarations)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<a");
	for (size_t i = 0; i < plain; i++)
		buf_printf(&buf, " a%zu=''", i);
	for (size_t i = 0; i < declarations; i++)
		buf_printf(&buf, " xmlns:n%zu='u%zu'", i, i);
	buf_add_c(&buf, "/>");
	return buf_text(&buf);
}

static struct text with_namespaces(size_t n)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<a>");
	for (size_t i = 0; i < n; i++)
		buf_printf(&buf, "<a xmlns='u%zu'/>", i);
	buf_add_c(&buf, "</a>");
	return buf_text(&buf);
}

static void case15_limits(void **state)
{
	const size_t text = LIMIT_XML_TEXT, name = LIMIT_XML_NAME;
	const size_t elements = LIMIT_XML_ELEMENTS - 1;

	check_bound("depth", nested(LIMIT_XML_DEPTH), nested(LIMIT_XML_DEPTH + 1), XML_E_TOO_DEEP);
	check_bound("attributes", with_attributes(LIMIT_XML_ATTRIBUTES, 0),
		    with_attributes(LIMIT_XML_ATTRIBUTES + 1, 0), XML_E_TOO_MANY);
	check_bound("attributes and declarations", with_attributes(4, LIMIT_XML_ATTRIBUTES - 4),
		    with_attributes(4, LIMIT_XML_ATTRIBUTES - 3), XML_E_TOO_MANY);
	check_bound("attributes of the document",
		    repeat("<a>", "<b x='' y=''/>", LIMIT_XML_ELEMENTS / 2, "</a>"),
		    repeat("<a z=''>", "<b x='' y=''/>", LIMIT_XML_ELEMENTS / 2, "</a>"),
		    XML_E_TOO_MANY);
	check_bound("elements", repeat("<a>", "<b/>", elements, "</a>"),
		    repeat("<a>", "<b/>", elements + 1, "</a>"), XML_E_TOO_MANY);
	check_bound("namespaces", with_namespaces(LIMIT_XML_NAMESPACES),
		    with_namespaces(LIMIT_XML_NAMESPACES + 1), XML_E_TOO_MANY);
	check_bound("text", repeat("<a>", "x", text, "</a>"), repeat("<a>", "x", text + 1, "</a>"),
		    XML_E_TOO_LONG);
	check_bound("text in pieces", repeat("<a>", "<!---->\nxyz", text / 4, "</a>"),
		    repeat("<a>", "<!---->\nxyz", text / 4, "<b/>!</a>"), XML_E_TOO_LONG);
	check_bound("attribute value", repeat("<a b='", "x", text, "'/>"),
		    repeat("<a b='", "x", text + 1, "'/>"), XML_E_TOO_LONG);
	check_bound("element name", repeat("<", "x", name, "/>"), repeat("<", "x", name + 1, "/>"),
		    XML_E_TOO_LONG);
	check_bound("attribute name", repeat("<a ", "x", name, "=''/>"),
		    repeat("<a ", "x", name + 1, "=''/>"), XML_E_TOO_LONG);
	check_bound("namespace name", repeat("<a xmlns='", "x", name, "'/>"),
		    repeat("<a xmlns='", "x", name + 1, "'/>"), XML_E_TOO_LONG);
}

static void limits_are_the_callers(void **state)
{
	const struct xml_limits small = {.depth = 2, .attributes = 1, .elements = 3, .text = 2};
	const struct xml_node *root;

	assert_int_equal(xml_read(&arena, TEXT("<a><b x='1'>22</b><c/></a>"), &small, &root), 0);
	assert_int_equal(xml_read(&arena, TEXT("<a><b><c/></b></a>"), &small, &root),
			 XML_E_TOO_DEEP);
	assert_int_equal(xml_read(&arena, TEXT("<a>333</a>"), &small, &root), XML_E_TOO_LONG);
	assert_int_equal(xml_read(&arena, nested(XML_DEPTH_MAX + 1),
				  &(struct xml_limits){1000, 1, 1000, 1}, &root),
			 XML_E_TOO_DEEP);
}

/* Heap in use and its peak while the reader runs: the sanitizer's allocator tells. */
static size_t heap_peak;

#if defined(__SANITIZE_ADDRESS__)
static size_t heap_now;

/* gcc ships the functions without their header. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
					      void (*on_free)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *ptr);

static void count_alloc(const volatile void *ptr, size_t size)
{
	heap_now += size;
	if (heap_now > heap_peak)
		heap_peak = heap_now;
}

static void count_free(const volatile void *ptr)
{
	heap_now -= ptr ? __sanitizer_get_allocated_size(ptr) : 0;
}

static bool heap_count_start(void)
{
	static bool is_installed;

	if (!is_installed)
		is_installed = __sanitizer_install_malloc_and_free_hooks(count_alloc, count_free);
	heap_now = heap_peak = 1 << 20; /* blocks from before may be freed in between */
	return is_installed;
}
#else
static bool heap_count_start(void)
{
	return false;
}
#endif

static struct text bomb_attributes(void)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<a");
	for (size_t i = 0; buf.len < LIMIT_BODY_SOAP - 32; i++)
		buf_printf(&buf, " a%zu=''", i);
	buf_add_c(&buf, "/>");
	return buf_text(&buf);
}

static struct text bomb_spread_attributes(void)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<a>");
	for (size_t i = 0; buf.len < LIMIT_BODY_SOAP - 64; i++)
		buf_printf(&buf, "%s a%zu=''%s", i % 60 ? "" : "<b", i, i % 60 == 59 ? "/>" : "");
	buf_add_c(&buf, "/></a>");
	return buf_text(&buf);
}

static struct text bomb_namespaces(void)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<a");
	for (size_t i = 0; buf.len < LIMIT_BODY_SOAP - 64; i++)
		buf_printf(&buf, " xmlns:n%zu='u%zu'", i, i);
	buf_add_c(&buf, "/>");
	return buf_text(&buf);
}

static struct text bomb_long_namespace(void)
{
	struct text half = repeat("<a xmlns='", "u", LIMIT_BODY_SOAP / 2, "'>");
	struct text rest = repeat("", "<b/>", LIMIT_BODY_SOAP / 8 - 8, "</a>");
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_text(&buf, half);
	buf_add_text(&buf, rest);
	return buf_text(&buf);
}

static struct text bomb_doctype(void)
{
	return repeat("<!DOCTYPE a [<!ENTITY x '", "x", LIMIT_BODY_SOAP - 128, "'>]><a>&x;&x;</a>");
}

static void case15_bombs_are_cheap(void **state)
{
	const struct {
		const char *name;
		struct text doc;
	} bombs[] = {
	    {"one long text", repeat("<a>", "x", LIMIT_BODY_SOAP - 7, "</a>")},
	    {"lines", repeat("<a>", "\n", LIMIT_BODY_SOAP - 7, "</a>")},
	    {"escapes", repeat("<a>", "&lt;", LIMIT_BODY_SOAP / 4 - 7, "</a>")},
	    {"elements", repeat("<a>", "<b/>", LIMIT_BODY_SOAP / 4 - 7, "</a>")},
	    {"nesting", repeat("", "<a>", LIMIT_BODY_SOAP / 3, "")},
	    {"CDATA", repeat("<a>", "<![CDATA[]]>", LIMIT_BODY_SOAP / 12 - 1, "</a>")},
	    {"comments", repeat("<a>", "<!---->", LIMIT_BODY_SOAP / 7 - 2, "</a>")},
	    {"attributes", bomb_attributes()},
	    {"attributes of many elements", bomb_spread_attributes()},
	    {"namespaces", bomb_namespaces()},
	    {"long namespace", bomb_long_namespace()},
	    {"entity", bomb_doctype()},
	    {"attribute not closed", repeat("<a b='", "x", LIMIT_BODY_SOAP - 7, "")},
	};

	for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
		const struct xml_node *root;
		struct timespec start, end;
		struct arena own;
		bool is_counted;
		double ms;
		int r;

		assert_true(bombs[i].doc.len <= LIMIT_BODY_SOAP);
		assert_true(bombs[i].doc.len > LIMIT_BODY_SOAP - 256);
		arena_init(&own);
		is_counted = heap_count_start();
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
		r = xml_read(&own, bombs[i].doc, &xml_limits_soap, &root);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
		arena_done(&own);
		ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
		     (double)(end.tv_nsec - start.tv_nsec) / 1e6;
		/* 20 ms is the promise; the sanitizers get ten times as long. */
		if (ms > 200)
			fail_msg("%s: %f ms", bombs[i].name, ms);
		if (is_counted && heap_peak > (5u << 20))
			fail_msg("%s: %zu bytes of heap", bombs[i].name, heap_peak - (1u << 20));
		if (getenv("MUSTER_TEST_VERBOSE"))
			print_message("%s: %s, %.2f ms, %zu KiB\n", bombs[i].name,
				      xml_outcome_name(r), ms, (heap_peak - (1u << 20)) >> 10);
	}
}

static void inner_is_written_back(void **state)
{
	static const struct {
		const char *doc;
		const char *want;
	} cases[] = {
	    {"<a/>", ""},
	    {"<a>x &lt; y &amp; z</a>", "x &lt; y &amp; z"},
	    {"<a>1<b>2</b>3<c/>4</a>", "1<b>2</b>3<c/>4"},
	    {"<a><b>1<![CDATA[<]]></b></a>", "<b>1&lt;</b>"},
	    {"<a xmlns='u'><b><c/></b></a>", "<b><c/></b>"},
	    {"<a xmlns='u'><b xmlns='v'><c/></b><d/></a>", "<b xmlns=\"v\"><c/></b><d/>"},
	    {"<a xmlns='u'><b xmlns=''/></a>", "<b xmlns=\"\"/>"},
	    {"<p:a xmlns:p='u' xmlns:q='v'><q:b><p:c/></q:b></p:a>",
	     "<b xmlns=\"v\"><c xmlns=\"u\"/></b>"},
	    {"<a><b x='1&quot;&lt;&#10;' xml:lang='de'/></a>",
	     "<b x=\"1&quot;&lt;&#10;\" xml:lang=\"de\"/>"},
	    {"<a xmlns:p='u&amp;v'><b p:x='1' y='2'/></a>",
	     "<b xmlns:n0=\"u&amp;v\" n0:x=\"1\" y=\"2\"/>"},
	    {"<a>x&#13;y</a>", "x&#13;y"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf buf;

		buf_init(&buf, &arena);
		xml_inner_write(&buf, parse(text_of(cases[i].doc)));
		assert_text(buf_text(&buf), cases[i].want);
	}
}

static void inner_of_nothing_is_nothing(void **state)
{
	struct buf buf;

	buf_init(&buf, &arena);
	xml_inner_write(&buf, NULL);
	assert_int_equal(buf.len, 0);
}

static void outcomes_have_names(void **state)
{
	assert_string_equal(xml_outcome_name(XML_E_FORBIDDEN), "forbidden");
	assert_string_equal(xml_outcome_name(0), "none");
	assert_string_equal(xml_outcome_name(-1), "none");
	assert_string_equal(xml_outcome_name(99), "none");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(tree_has_names_namespaces_and_order),
	    CASE(lookups_on_nothing_find_nothing),
	    CASE(plain_attribute_wins_over_prefixed),
	    CASE(text_is_joined),
	    CASE(declared_encoding_never_changes_the_bytes),
	    CASE(case15_refused_documents),
	    CASE(case15_xinclude_is_not_followed),
	    CASE(case15_limits),
	    CASE(limits_are_the_callers),
	    CASE(case15_bombs_are_cheap),
	    CASE(inner_is_written_back),
	    CASE(inner_of_nothing_is_nothing),
	    CASE(outcomes_have_names),
	};

	return cmocka_run_group_tests_name("xml/xml_read", tests, NULL, NULL);
}
