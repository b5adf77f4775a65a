/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_page.c: what stands on the pages, for each kind of device, theme, language and notice.
 */
#include "terms/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "terms/branding.h"

#define SCRIPT "<script src=\"/x/history.js\"></script>\n"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static const struct terms_document document = {
    .version = "1-0123456789abcdef", .locale = "en", .title = "A & B", .body = "<p>text</p>\n"};

static struct terms_page plain(void)
{
	return (struct terms_page){.document = &document,
				   .mode = TERMS_PERSONAL,
				   .look = {.tenant_id = ""},
				   .organization = "contoso.com",
				   .user_name = "anna@contoso.com",
				   .state = "sealed",
				   .script = "/x/history.js"};
}

static const char *written(const struct terms_page *page)
{
	struct buf buf;

	buf_init(&buf, &arena);
	terms_page_write(&buf, page);
	return buf.data;
}

static void only_a_personal_device_can_decline(void **state)
{
	struct terms_page page = plain();

	(void)state;
	assert_non_null(strstr(written(&page), "value=\"decline\""));
	assert_non_null(strstr(written(&page), "value=\"accept\""));
	page.mode = TERMS_ORGANIZATION;
	assert_null(strstr(written(&page), "value=\"decline\""));
	assert_non_null(strstr(written(&page), "value=\"accept\""));
}

static void case20_labels_are_escaped_where_they_stand(void **state)
{
	struct terms_page page = plain();
	const char *html;

	(void)state;
	page.organization = "a\"><script>alert(1)</script>";
	page.user_name = "<script>alert(1)</script>";
	page.state = "sealed\"state";
	html = written(&page);
	/* One script: ours, last of all. */
	assert_non_null(strstr(html, SCRIPT "</body>"));
	assert_ptr_equal(strstr(html, "<script"), strstr(html, SCRIPT));
	assert_non_null(strstr(html, "&lt;script&gt;"));
	assert_non_null(strstr(html, "value=\"sealed&quot;state\""));
	assert_non_null(strstr(html, "<title>A &amp; B</title>"));
	assert_non_null(strstr(html, "<meta name=\"referrer\" content=\"never\">"));
	assert_null(strstr(html, "http://"));
	assert_null(strstr(html, "https://"));
}

/* Each has to come after the one before. */
static void assert_order(const char *html, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = strstr(html, parts[i]);

		if (!found) {
			fail_msg("%s is not there, or too early", parts[i]);
			return;
		}
		html = found + strlen(parts[i]);
	}
}

static void the_keyboard_goes_heading_text_pin_accept_decline(void **state)
{
	static const char *const order[] = {"<h1 ",
					    "role=\"region\" tabindex=\"0\"",
					    "<label for=\"pin\"",
					    "name=\"pin\"",
					    "value=\"accept\"",
					    "value=\"decline\""};
	struct terms_page page = plain();

	(void)state;
	assert_null(strstr(written(&page), "name=\"pin\""));
	page.is_pin_asked = true;
	assert_order(written(&page), order, ARRAY_LEN(order));
	assert_non_null(strstr(written(&page), "inputmode=\"numeric\""));
	assert_non_null(strstr(written(&page), "autocomplete=\"one-time-code\""));
	assert_non_null(strstr(written(&page), "aria-describedby=\"pin-help\">"));
}

static void notices_are_told(void **state)
{
	struct terms_page page = plain();
	const char *html;

	(void)state;
	assert_null(strstr(written(&page), "role=\"alert\""));
	assert_null(strstr(written(&page), "role=\"status\""));
	page.notice = TERMS_NOTICE_CHANGED;
	assert_non_null(strstr(written(&page), "role=\"status\""));
	page.is_pin_asked = true;
	page.notice = TERMS_NOTICE_PIN_WRONG;
	html = written(&page);
	assert_non_null(strstr(html, "id=\"pin-error\" role=\"alert\""));
	assert_non_null(strstr(html, "aria-describedby=\"pin-help pin-error\""));
	assert_non_null(strstr(html, "aria-invalid=\"true\" autofocus"));
	/* One element has the focus: the field, not the heading. */
	assert_null(strstr(strstr(html, "autofocus") + 1, "autofocus"));
	page.notice = TERMS_NOTICE_PIN_BLOCKED;
	assert_string_not_equal(strstr(written(&page), "role=\"alert\""),
				strstr(html, "role=\"alert\""));
}

static void the_language_of_the_text_is_that_of_the_page(void **state)
{
	static const struct {
		const char *locale;
		const char *has[2];
	} cases[] = {
	    {"de-CH", {"<html lang=\"de-CH\" dir=\"ltr\">", ">Ablehnen<"}},
	    {"ar-SA", {"<html lang=\"ar-SA\" dir=\"rtl\">", ">\u0631\u0641\u0636<"}},
	    {"he", {"<html lang=\"he\" dir=\"rtl\">", "aria-labelledby=\"title\">"}},
	    /* A language we do not speak: our words are in English, and say so. */
	    {"fa", {"<html lang=\"fa\" dir=\"rtl\">", "title\" lang=\"en\" dir=\"ltr\">"}},
	    {"hu", {"<html lang=\"hu\" dir=\"ltr\">", "title\" lang=\"en\" dir=\"ltr\">"}},
	};
	struct terms_document translated = document;
	struct terms_page page = plain();

	(void)state;
	page.document = &translated;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		translated.locale = cases[i].locale;
		for (size_t j = 0; j < ARRAY_LEN(cases[i].has); j++)
			if (!strstr(written(&page), cases[i].has[j]))
				fail_msg("%s: %s", cases[i].locale, cases[i].has[j]);
	}
}

static const struct terms_asset sheet = {.path = TERMS_ASSETS_PATH "00/x.css"};
static const struct terms_asset logo = {.path = TERMS_ASSETS_PATH "00/logo.png"};
static const struct terms_asset dark = {.path = TERMS_ASSETS_PATH "00/ui-dark.min.css"};
static const struct terms_asset light = {.path = TERMS_ASSETS_PATH "00/ui-light.min.css"};

static void themes_choose_classes_and_sheets(void **state)
{
	static const char *const classes[TERMS_THEMES] = {
	    [THEME_SETTINGS] = "<body class=\"terms settings ltr win-type-body win-ui-light\">",
	    [THEME_OOBE_DARK] =
		"<body class=\"terms oobe oobe-dark ltr win-type-body win-ui-dark\">",
	    [THEME_OOBE_LIGHT] =
		"<body class=\"terms oobe oobe-light ltr win-type-body win-ui-light\">",
	    [THEME_OOBE_INCLUSIVE] = "<body class=\"terms oobe oobe-dark oobe-inclusive ltr "
				     "win-type-body win-ui-dark\">",
	};
	struct terms_brand brands[2] = {
	    {.tenant_id = ""},
	    {.tenant_id = "t", .templates = {[THEME_OOBE_DARK] = &sheet}, .logo = &logo}};
	struct terms_branding branding = {
	    .winjs_dark = &dark, .winjs_light = &light, .brands = brands, .brand_count = 2};
	struct terms_page page = plain();

	(void)state;
	for (int theme = 0; theme < TERMS_THEMES; theme++) {
		bool is_dark = theme == THEME_OOBE_DARK || theme == THEME_OOBE_INCLUSIVE;

		page.look = (struct terms_look){.theme = (enum terms_theme)theme, .tenant_id = "t"};
		assert_non_null(strstr(written(&page), classes[theme]));
		assert_null(strstr(written(&page), "<link"));
		page.look.branding = &branding;
		assert_null(strstr(written(&page), "min.css"));
		assert_int_equal(strstr(written(&page), sheet.path) != NULL, is_dark);
		assert_non_null(strstr(written(&page), "alt=\"contoso.com\""));
		page.look.is_winjs = true;
		assert_int_equal(strstr(written(&page), dark.path) != NULL, is_dark);
		assert_int_equal(strstr(written(&page), light.path) != NULL, !is_dark);
		page.look.tenant_id = "other";
		assert_null(strstr(written(&page), sheet.path));
		assert_null(strstr(written(&page), "<img"));
	}
}

static void errors_and_ways_forward_speak_too(void **state)
{
	struct terms_look look = {.locale = TEXT("de"), .tenant_id = ""};
	struct buf buf;

	(void)state;
	buf_init(&buf, &arena);
	terms_error_write(&buf, &look, TERMS_PROBLEM_STATE, "<trace>");
	assert_non_null(strstr(buf.data, "<html lang=\"de\""));
	assert_non_null(strstr(buf.data, "&lt;trace&gt;"));
	assert_non_null(strstr(buf.data, "role=\"alert\""));
	assert_null(strstr(buf.data, "<script"));
	buf_init(&buf, &arena);
	terms_continue_write(&buf, &look, "ms-appx-web://a/?x=\"&y", TEXT_EMPTY);
	assert_non_null(strstr(buf.data, "href=\"ms-appx-web://a/?x=&quot;&amp;y\""));
	assert_null(strstr(buf.data, "value=\"back\""));
	buf_init(&buf, &arena);
	terms_continue_write(&buf, &look, "ms-appx-web://a/", TEXT("sealed"));
	assert_non_null(strstr(buf.data, "value=\"sealed\""));
	assert_non_null(strstr(buf.data, "value=\"back\""));
	assert_null(strstr(buf.data, "<script"));
}

static void the_policy_allows_what_a_page_needs(void **state)
{
	const char *policy = terms_content_security_policy(&arena, TERMS_PAGE_FORM, "");

	(void)state;
	assert_non_null(strstr(policy, "; script-src 'self'; "));
	policy = terms_content_security_policy(&arena, TERMS_PAGE_PLAIN, "");
	assert_non_null(strstr(policy, "default-src 'none'; style-src 'self' 'sha256-"));
	assert_non_null(strstr(policy, "form-action 'self' ms-appx-web: ms-aadj-redir:"));
	assert_null(strstr(policy, "frame-ancestors"));
	assert_null(strstr(policy, "script-src"));
	policy = terms_content_security_policy(&arena, TERMS_PAGE_FORM, "https://login.example");
	assert_non_null(strstr(policy, "; frame-ancestors https://login.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_personal_device_can_decline),
	    cmocka_unit_test(case20_labels_are_escaped_where_they_stand),
	    cmocka_unit_test(the_keyboard_goes_heading_text_pin_accept_decline),
	    cmocka_unit_test(notices_are_told),
	    cmocka_unit_test(the_language_of_the_text_is_that_of_the_page),
	    cmocka_unit_test(themes_choose_classes_and_sheets),
	    cmocka_unit_test(errors_and_ways_forward_speak_too),
	    cmocka_unit_test(the_policy_allows_what_a_page_needs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
