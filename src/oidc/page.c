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
	"body{font:15px/1.5 'Segoe UI',sans-serif;color:#1b1b1b;background:#fff;margin:0;"         \
	"padding:24px}h1{font-size:20px;font-weight:600;margin:0 0 12px}button{font:inherit;"      \
	"padding:8px 20px;border:1px solid #0067b8;background:#0067b8;color:#fff;cursor:pointer}"  \
	"button:focus-visible{outline:2px solid #1b1b1b;outline-offset:2px}code{word-break:"       \
	"break-all}@media(prefers-color-scheme:dark){body{color:#fff;background:#202020}"          \
	"button:focus-visible{outline-color:#fff}}"

static void head_write(struct buf *buf, const char *title)
{
	buf_printf(buf,
		   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		   "<title>%s</title>\n<style>" STYLE "</style>\n</head>\n<body>\n<h1>%s</h1>\n",
		   title, title);
}

void sign_in_page_write(struct buf *buf, const char *appru, const char *wresult)
{
	head_write(buf, "You are signed in");
	buf_add_c(buf, "<form method=\"post\" action=\"");
	buf_add_html(buf, text_of(appru));
	buf_add_c(buf, "\">\n<input type=\"hidden\" name=\"wresult\" value=\"");
	buf_add_html(buf, text_of(wresult));
	buf_add_c(buf, "\">\n<p>Your device continues by itself. If it does not, press the "
		       "button.</p>\n<button type=\"submit\">Continue</button>\n</form>\n"
		       "<script>" SCRIPT "</script>\n</body>\n</html>\n");
}

void sign_in_error_write(struct buf *buf, const char *message, const char *trace_id)
{
	head_write(buf, "You could not be signed in");
	buf_add_c(buf, "<p>");
	buf_add_html(buf, text_of(message));
	buf_add_c(buf, "</p>\n<p>If you need help, give your administrator this number: <code>");
	buf_add_html(buf, text_of(trace_id));
	buf_add_c(buf, "</code></p>\n</body>\n</html>\n");
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
