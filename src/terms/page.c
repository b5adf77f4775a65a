/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c: see page.h.
 *
 * The style is inside the page and allowed by its hash, so that a page is whole without a second
 * request: during set-up a device has no cookies, no bearer token for assets and often a
 * restricted network. Class names that begin with win- are those of WinJS, for its style sheets
 * and for Microsoft's templates.
 *
 * The order of the document is the order of the keyboard and of a screen reader: heading, text,
 * PIN, Accept, Decline.
 */
#include "terms/page.h"

#include <stdio.h>

#include "base/b64.h"
#include "base/digest.h"
#include "terms/branding.h"
#include "terms/words.h"

static const char style[] =
#include "terms/style.inc"
    ;

/* Chromium applies form-action to the redirect that answers a form as well. */
static const char policy_format[] = "default-src 'none'; style-src 'self' 'sha256-%s'; "
				    "img-src 'self'; %sbase-uri 'none'; "
				    "form-action 'self' ms-appx-web: ms-aadj-redir:%s%s";

const char *terms_content_security_policy(struct arena *arena, enum terms_page_kind kind,
					  const char *frame_ancestors)
{
	static _Thread_local char hash[64];
	uint8_t digest[SHA256_LEN];

	if (!hash[0]) {
		digest_sha256(text_of(style), digest);
		snprintf(hash, sizeof(hash), "%s",
			 b64_write(arena, text_make(digest, sizeof(digest))));
	}
	return arena_printf(arena, policy_format, hash,
			    kind == TERMS_PAGE_FORM ? "script-src 'self'; " : "",
			    frame_ancestors[0] ? "; frame-ancestors " : "", frame_ancestors);
}

struct theme_class {
	const char *own;
	const char *winjs;
};

static const struct theme_class theme_classes[TERMS_THEMES] = {
    [THEME_SETTINGS] = {"settings", "win-ui-light"},
    [THEME_OOBE_DARK] = {"oobe oobe-dark", "win-ui-dark"},
    [THEME_OOBE_LIGHT] = {"oobe oobe-light", "win-ui-light"},
    [THEME_OOBE_INCLUSIVE] = {"oobe oobe-dark oobe-inclusive", "win-ui-dark"},
};

static void sheet_link(struct buf *buf, const struct terms_asset *sheet)
{
	if (!sheet)
		return;
	buf_add_c(buf, "<link rel=\"stylesheet\" href=\"");
	buf_add_html(buf, text_of(sheet->path));
	buf_add_c(buf, "\">\n");
}

static const struct terms_asset *winjs_sheet(const struct terms_look *look)
{
	bool is_dark = look->theme == THEME_OOBE_DARK || look->theme == THEME_OOBE_INCLUSIVE;

	if (!look->is_winjs || !look->branding)
		return NULL;
	return is_dark ? look->branding->winjs_dark : look->branding->winjs_light;
}

static const struct terms_asset *template_sheet(const struct terms_brand *brand,
						enum terms_theme theme)
{
	const struct terms_asset *sheet = brand->templates[theme];

	return sheet || theme != THEME_OOBE_INCLUSIVE ? sheet : brand->templates[THEME_OOBE_DARK];
}

/* WinJS is the ground, then our style, then what the administrator wants different. */
static void sheets_write(struct buf *buf, const struct terms_look *look)
{
	const struct terms_brand *brand = terms_brand_of(look->branding, look->tenant_id);

	sheet_link(buf, winjs_sheet(look));
	buf_add_c(buf, "<style>");
	buf_add_c(buf, style);
	buf_add_c(buf, "</style>\n");
	sheet_link(buf, template_sheet(brand, look->theme));
	sheet_link(buf, brand->colors);
	sheet_link(buf, brand->style);
}

/* Up to and with the beginning of the body. Web views older than the header field Referrer-Policy
 * know its value by another name. */
static void head_write(struct buf *buf, const char *title, const struct terms_look *look,
		       const char *lang)
{
	const struct theme_class *theme = &theme_classes[look->theme];
	bool is_rtl = locale_is_rtl(text_of(lang));

	buf_add_c(buf, "<!DOCTYPE html>\n<html lang=\"");
	buf_add_html(buf, text_of(lang));
	buf_printf(buf, "\" dir=\"%s\">\n", is_rtl ? "rtl" : "ltr");
	buf_add_c(buf, "<head>\n<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"referrer\" content=\"never\">\n"
		       "<title>");
	buf_add_html(buf, text_of(title));
	buf_add_c(buf, "</title>\n");
	sheets_write(buf, look);
	buf_printf(buf, "</head>\n<body class=\"terms %s %s win-type-body %s\">\n", theme->own,
		   is_rtl ? "rtl" : "ltr", theme->winjs);
}

/* A heading takes the focus first, so that a screen reader begins with it. */
static void heading_write(struct buf *buf, const char *title, bool is_focused)
{
	buf_printf(buf, "<h1 id=\"title\" class=\"win-type-header\" tabindex=\"-1\"%s>",
		   is_focused ? " autofocus" : "");
	buf_add_html(buf, text_of(title));
	buf_add_c(buf, "</h1>\n");
}

static void logo_write(struct buf *buf, const struct terms_look *look, const char *organization)
{
	const struct terms_brand *brand = terms_brand_of(look->branding, look->tenant_id);

	if (!brand->logo)
		return;
	buf_add_c(buf, "<img class=\"logo\" src=\"");
	buf_add_html(buf, text_of(brand->logo->path));
	buf_add_c(buf, "\" alt=\"");
	buf_add_html(buf, text_of(organization));
	buf_add_c(buf, "\">\n");
}

static bool notice_is_of_pin(const struct terms_page *page)
{
	return page->is_pin_asked &&
	       (page->notice == TERMS_NOTICE_PIN_WRONG || page->notice == TERMS_NOTICE_PIN_BLOCKED);
}

static void header_write(struct buf *buf, const struct terms_page *page,
			 const struct terms_words *words, const char *words_attributes)
{
	buf_add_c(buf, "<header class=\"header\">\n");
	logo_write(buf, &page->look, page->organization);
	heading_write(buf, page->document->title, !notice_is_of_pin(page));
	if (page->organization[0] || page->user_name[0]) {
		buf_add_c(buf, "<p class=\"lead who\"><bdi>");
		buf_add_html(buf, text_of(page->organization));
		if (page->organization[0] && page->user_name[0])
			buf_add_c(buf, "</bdi> &#183; <bdi>");
		buf_add_html(buf, text_of(page->user_name));
		buf_add_c(buf, "</bdi></p>\n");
	}
	if (page->notice == TERMS_NOTICE_CHANGED)
		buf_printf(buf, "<p class=\"notice\" role=\"status\"%s>%s</p>\n", words_attributes,
			   words->changed);
	buf_add_c(buf, "</header>\n");
}

static void pin_write(struct buf *buf, const struct terms_page *page,
		      const struct terms_words *words)
{
	bool is_wrong = notice_is_of_pin(page);

	buf_printf(buf,
		   "<div class=\"footer pin\">\n<label for=\"pin\">%s</label>\n"
		   "<p class=\"help\" id=\"pin-help\">%s</p>\n",
		   words->pin_label, words->pin_help);
	if (is_wrong)
		buf_printf(buf, "<p class=\"notice\" id=\"pin-error\" role=\"alert\">%s</p>\n",
			   page->notice == TERMS_NOTICE_PIN_WRONG ? words->pin_wrong
								  : words->pin_blocked);
	buf_printf(buf,
		   "<input class=\"win-textbox\" id=\"pin\" name=\"pin\" type=\"text\" "
		   "inputmode=\"numeric\" autocomplete=\"one-time-code\" autocapitalize=\"none\" "
		   "spellcheck=\"false\" maxlength=\"64\" required "
		   "aria-describedby=\"pin-help%s\"%s>\n</div>\n",
		   is_wrong ? " pin-error" : "",
		   is_wrong ? " aria-invalid=\"true\" autofocus" : "");
}

static void state_write(struct buf *buf, struct text state)
{
	buf_add_c(buf, "<input type=\"hidden\" name=\"state\" value=\"");
	buf_add_html(buf, state);
	buf_add_c(buf, "\">\n");
}

static void form_write(struct buf *buf, const struct terms_page *page,
		       const struct terms_words *words, const char *words_attributes)
{
	buf_printf(buf,
		   "<form method=\"post\" action=\"/TermsOfUse\" aria-labelledby=\"title\"%s>\n",
		   words_attributes);
	state_write(buf, text_of(page->state));
	if (page->is_pin_asked)
		pin_write(buf, page, words);
	buf_printf(buf,
		   "<div class=\"footer buttons\">\n"
		   "<button class=\"button primary win-button win-button-primary\" type=\"submit\" "
		   "name=\"decision\" value=\"accept\">%s</button>\n",
		   words->accept);
	if (page->mode == TERMS_PERSONAL)
		buf_printf(buf,
			   "<button class=\"button win-button\" type=\"submit\" formnovalidate "
			   "name=\"decision\" value=\"decline\">%s</button>\n",
			   words->decline);
	buf_add_c(buf, "</div>\n</form>\n");
}

/* Last, so that nothing waits for it. */
static void script_write(struct buf *buf, const struct terms_page *page)
{
	buf_add_c(buf, "<script src=\"");
	buf_add_html(buf, text_of(page->script));
	buf_add_c(buf, "\"></script>\n");
}

/* For the elements in our words where these are in another language than the document. */
static const char *words_attributes_of(const struct terms_words *words, struct text locale,
				       char *into, size_t size)
{
	bool is_rtl = locale_is_rtl(text_of(words->lang));

	into[0] = '\0';
	if (words != terms_words_find(locale))
		snprintf(into, size, " lang=\"%s\" dir=\"%s\"", words->lang,
			 is_rtl ? "rtl" : "ltr");
	return into;
}

void terms_page_write(struct buf *buf, const struct terms_page *page)
{
	struct text locale = text_of(page->document->locale);
	const struct terms_words *words = terms_words_of(locale);
	char attributes[64];

	words_attributes_of(words, locale, attributes, sizeof(attributes));
	head_write(buf, page->document->title, &page->look, page->document->locale);
	header_write(buf, page, words, attributes);
	buf_printf(buf,
		   "<main>\n<div class=\"content win-scrollview\" role=\"region\" tabindex=\"0\" "
		   "aria-label=\"%s\">\n",
		   words->text_label);
	buf_add_c(buf, page->document->body);
	buf_add_c(buf, "</div>\n</main>\n");
	form_write(buf, page, words, attributes);
	script_write(buf, page);
	buf_add_c(buf, "</body>\n</html>\n");
}

static const char *problem_text(const struct terms_words *words, enum terms_problem problem)
{
	switch (problem) {
	case TERMS_PROBLEM_NOT_JOINING:
		return words->error_not_joining;
	case TERMS_PROBLEM_STATE:
		break;
	}
	return words->error_state;
}

void terms_error_write(struct buf *buf, const struct terms_look *look, enum terms_problem problem,
		       const char *trace_id)
{
	const struct terms_words *words = terms_words_of(look->locale);

	head_write(buf, words->error_title, look, words->lang);
	buf_add_c(buf, "<header class=\"header\">\n");
	heading_write(buf, words->error_title, true);
	buf_printf(buf,
		   "</header>\n<main class=\"message\">\n<div class=\"content\">\n"
		   "<p role=\"alert\">%s</p>\n<p>%s <bdi>",
		   problem_text(words, problem), words->error_number);
	buf_add_html(buf, text_of(trace_id));
	buf_add_c(buf, "</bdi></p>\n</div>\n</main>\n</body>\n</html>\n");
}

void terms_continue_write(struct buf *buf, const struct terms_look *look, const char *location,
			  struct text state)
{
	const struct terms_words *words = terms_words_of(look->locale);

	head_write(buf, words->go_on, look, words->lang);
	buf_add_c(buf, "<header class=\"header\">\n");
	heading_write(buf, words->go_on, true);
	buf_add_c(buf, "</header>\n<main class=\"message\"></main>\n"
		       "<form method=\"post\" action=\"/TermsOfUse\" aria-labelledby=\"title\">\n");
	if (state.len)
		state_write(buf, state);
	buf_add_c(buf, "<div class=\"footer buttons\">\n<a class=\"button primary win-button "
		       "win-button-primary\" href=\"");
	buf_add_html(buf, text_of(location));
	buf_printf(buf, "\">%s</a>\n", words->go_on);
	if (state.len)
		buf_printf(buf,
			   "<button class=\"button win-button\" type=\"submit\" name=\"decision\" "
			   "value=\"back\">%s</button>\n",
			   words->back);
	buf_add_c(buf, "</div>\n</form>\n</body>\n</html>\n");
}
