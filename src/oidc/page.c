/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c: see page.h. The one script and the one style sheet are in the page, allowed by their
 * hashes; nothing else may run or load, and forms may go to the app's scheme only. Both pages are
 * shown by Windows' sign-in broker as they are, so they bring their own small look.
 */
#include "oidc/page.h"

#include "base/b64.h"
#include "base/digest.h"

#define SCRIPT "document.forms[0].submit();"
#define STYLE                                                                                      \
	"body{font:1em/1.5 'Segoe UI',system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:"  \
	"0}main{max-width:40em;margin:0 auto;padding:2em 1.5em}h1{font-size:1.5em;font-weight:"    \
	"600;line-height:1.3;margin:0 0 .75em}p{margin:0 0 1em}button{font:inherit;font-weight:"   \
	"600;min-width:8.5em;min-height:2.75em;padding:.5em 1.25em;border:2px solid #0067b8;"      \
	"border-radius:4px;background:#0067b8;color:#fff;cursor:pointer}button:focus{outline:3px " \
	"solid #1b1b1b;outline-offset:2px}.number{font-family:Consolas,monospace;word-break:"      \
	"break-all}@media(prefers-color-scheme:dark){body{color:#fff;"                             \
	"background:#202020}button:focus{outline-color:#fff}}"

static void head_write(struct buf *buf, const char *lang, const char *title)
{
	buf_printf(buf,
		   "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n"
		   "<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		   "<title>%s</title>\n<style>" STYLE "</style>\n</head>\n<body>\n<main>\n"
		   "<h1>%s</h1>\n",
		   lang, locale_is_rtl(text_of(lang)) ? "rtl" : "ltr", title, title);
}

void sign_in_page_write(struct buf *buf, struct text locale, const char *appru, const char *wresult)
{
	const struct sign_in_words *words = sign_in_words_of(locale);

	head_write(buf, words->lang, words->done_title);
	buf_add_c(buf, "<form method=\"post\" action=\"");
	buf_add_html(buf, text_of(appru));
	buf_add_c(buf, "\">\n<input type=\"hidden\" name=\"wresult\" value=\"");
	buf_add_html(buf, text_of(wresult));
	buf_printf(buf,
		   "\">\n<p>%s</p>\n<button type=\"submit\">%s</button>\n</form>\n</main>\n"
		   "<script>" SCRIPT "</script>\n</body>\n</html>\n",
		   words->done, words->go_on);
}

void sign_in_error_write(struct buf *buf, struct text locale, enum sign_in_say say,
			 const char *trace_id)
{
	const struct sign_in_words *words = sign_in_words_of(locale);

	head_write(buf, words->lang, words->failed_title);
	buf_printf(buf,
		   "<p role=\"alert\">%s</p>\n<p>%s</p>\n<p class=\"number\"><bdi dir=\"ltr\">",
		   words->says[say], words->number);
	buf_add_html(buf, text_of(trace_id));
	buf_add_c(buf, "</bdi></p>\n</main>\n</body>\n</html>\n");
}

static const char *hash_of(struct arena *arena, const char *text)
{
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(text), digest);
	return b64_write(arena, text_make(digest, sizeof(digest)));
}

const char *sign_in_page_policy(struct arena *arena)
{
	return arena_printf(arena,
			    "default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; "
			    "form-action ms-app:; base-uri 'none'; frame-ancestors 'none'",
			    hash_of(arena, SCRIPT), hash_of(arena, STYLE));
}
