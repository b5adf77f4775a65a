/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c: see page.h.
 *
 * The style is inside the page and allowed by its hash, so that the page makes no second request:
 * during set-up a device has no cookies, no bearer token for assets and often a restricted network.
 */
#include "terms/page.h"

#include <stdio.h>

#include "base/b64.h"
#include "base/digest.h"

static const char style[] =
    "html{box-sizing:border-box;font:16px/1.5 'Segoe UI',system-ui,sans-serif}"
    "*,*::before,*::after{box-sizing:inherit}"
    "body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:#fff;"
    "color:#1b1b1b}"
    "body.oobe{background:#003e73;color:#fff}"
    "main{flex:1;width:100%;max-width:46rem;margin:0 auto;padding:2rem 1.25rem 1rem}"
    "h1{font-weight:600;font-size:1.75rem;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}"
    ".notice{border-inline-start:.25rem solid currentColor;padding-inline-start:.75rem}"
    ".who{overflow-wrap:anywhere}"
    "form{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:.75rem;width:100%;"
    "max-width:46rem;margin:0 auto;padding:1rem 1.25rem 2rem}"
    "button{font:inherit;min-width:8rem;padding:.5rem 1.25rem;border:2px solid transparent;"
    "cursor:pointer;background:#e5e5e5;color:#1b1b1b}"
    "button.primary{background:#005a9e;color:#fff}"
    ".oobe button.primary{background:#fff;color:#003e73}"
    "button:focus-visible,h1:focus-visible{outline:3px solid currentColor;outline-offset:2px}"
    "@media (forced-colors:active){button{border-color:ButtonText}}";

static const char policy_format[] = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; "
				    "form-action 'self' ms-appx-web: ms-aadj-redir:";

const char *terms_content_security_policy(void)
{
	static _Thread_local char policy[256];
	uint8_t digest[SHA256_LEN];
	struct arena arena;

	if (policy[0])
		return policy;
	arena_init(&arena);
	digest_sha256(text_of(style), digest);
	snprintf(policy, sizeof(policy), policy_format,
		 b64_write(&arena, text_make(digest, sizeof(digest))));
	arena_done(&arena);
	return policy;
}

/* Windows 11 is build 22000 and later; the header holds JSON with a dotted version in it. */
static bool is_windows_11(struct text os_version_info)
{
	struct text rest = os_version_info;

	while (rest.ptr && rest.len > 0) {
		struct text part = text_cut(&rest, '.');
		uint64_t build;
		size_t n = 0;

		while (n < part.len && part.ptr[n] >= '0' && part.ptr[n] <= '9')
			n++;
		if (n == 5 && text_to_u64(text_take(part, n), &build) && build >= 22000)
			return true;
	}
	return false;
}

struct terms_look terms_look_of(struct text cxh_host, struct text os_version_info)
{
	bool is_oobe = text_starts_nocase(cxh_host, TEXT("FRX"));

	return (struct terms_look){
	    .is_oobe = is_oobe,
	    .is_light_oobe = is_oobe && is_windows_11(os_version_info),
	};
}

static void head_write(struct buf *buf, const char *title, struct terms_look look)
{
	buf_add_c(buf, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n"
		       "<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<title>");
	buf_add_html(buf, text_of(title));
	buf_add_c(buf, "</title>\n<style>");
	buf_add_c(buf, style);
	buf_add_c(buf, "</style>\n</head>\n");
	buf_add_c(buf,
		  look.is_oobe && !look.is_light_oobe ? "<body class=\"oobe\">\n" : "<body>\n");
}

void terms_page_write(struct buf *buf, const struct terms_page *page)
{
	head_write(buf, page->document->title, page->look);
	buf_add_c(buf, "<main>\n<h1 tabindex=\"-1\">");
	buf_add_html(buf, text_of(page->document->title));
	buf_add_c(buf, "</h1>\n");
	if (page->notice == TERMS_NOTICE_CHANGED)
		buf_add_c(buf,
			  "<p class=\"notice\" role=\"status\">The terms have changed since you "
			  "opened this page. Please read them again.</p>\n");
	if (page->organization[0] || page->user_name[0]) {
		buf_add_c(buf, "<p class=\"who\">");
		buf_add_html(buf, text_of(page->organization));
		if (page->organization[0] && page->user_name[0])
			buf_add_c(buf, " &#183; ");
		buf_add_html(buf, text_of(page->user_name));
		buf_add_c(buf, "</p>\n");
	}
	buf_add_c(buf, page->document->body);
	buf_add_c(buf, "</main>\n<form method=\"post\" action=\"/TermsOfUse\">\n"
		       "<input type=\"hidden\" name=\"state\" value=\"");
	buf_add_html(buf, text_of(page->state));
	buf_add_c(buf, "\">\n");
	if (page->mode == TERMS_PERSONAL)
		buf_add_c(buf, "<button type=\"submit\" name=\"decision\" value=\"decline\">Decline"
			       "</button>\n");
	buf_add_c(buf,
		  "<button class=\"primary\" type=\"submit\" name=\"decision\" value=\"accept\">"
		  "Accept</button>\n</form>\n</body>\n</html>\n");
}

void terms_error_write(struct buf *buf, const char *message, const char *trace_id)
{
	head_write(buf, "Something went wrong", (struct terms_look){0});
	buf_add_c(buf, "<main>\n<h1 tabindex=\"-1\">Something went wrong</h1>\n<p role=\"alert\">");
	buf_add_html(buf, text_of(message));
	buf_add_c(buf, "</p>\n<p>If you ask your organization for help, give them this number: ");
	buf_add_html(buf, text_of(trace_id));
	buf_add_c(buf, "</p>\n</main>\n</body>\n</html>\n");
}
