/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.c: see document.h. The built-in text, one for each kind of ownership, and the page.
 *
 * The style is inside the page and allowed by its hash, so that the page makes no second request:
 * during set-up a device has no cookies, no bearer token for assets and often a restricted network.
 */
#include "terms/document.h"

#include <stdio.h>

#include "base/b64.h"
#include "base/digest.h"

struct builtin {
	const char *number;
	const char *title;
	const char *body;
};

static const struct builtin builtins[] = {
    [TERMS_ORGANIZATION] =
	{
	    .number = "1",
	    .title = "Your organization will manage this device",
	    .body = "<p>This device belongs to your organization. When you continue, your "
		    "organization can:</p>\n<ul>\n"
		    "<li>set and enforce security and configuration settings,</li>\n"
		    "<li>install, update and remove apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>lock, restart or reset the device.</li>\n</ul>\n"
		    "<p>Whether the device meets your organization's rules decides which work "
		    "resources it can reach.</p>\n",
	},
    [TERMS_PERSONAL] =
	{
	    .number = "1",
	    .title = "Let your organization manage this device",
	    .body = "<p>To use work resources on this device, your organization asks to manage it. "
		    "If you accept, your organization can:</p>\n<ul>\n"
		    "<li>set and enforce security settings,</li>\n"
		    "<li>install and remove work apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>remove work data and settings, or reset the device.</li>\n</ul>\n"
		    "<p>Your organization does not see your personal files, messages or browsing. "
		    "You can decline; the device is then not managed and may not reach work "
		    "resources.</p>\n",
	},
};

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

const char *terms_mode_name(enum terms_mode mode)
{
	return mode == TERMS_ORGANIZATION ? "organization" : "personal";
}

struct terms_document terms_document_current(struct arena *arena, enum terms_mode mode)
{
	const struct builtin *builtin = &builtins[mode];
	char *both = arena_printf(arena, "%s\n%s", builtin->title, builtin->body);
	char *hash = digest_sha256_hex(arena, text_of(both));

	return (struct terms_document){
	    .version = arena_printf(arena, "%s-%.16s", builtin->number, hash),
	    .locale = "en",
	    .title = builtin->title,
	    .body = builtin->body,
	};
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

void terms_page_write(struct buf *buf, const struct terms_document *document, enum terms_mode mode,
		      struct terms_look look, const char *organization, const char *user_name,
		      const char *state, bool is_changed)
{
	head_write(buf, document->title, look);
	buf_add_c(buf, "<main>\n<h1 tabindex=\"-1\">");
	buf_add_html(buf, text_of(document->title));
	buf_add_c(buf, "</h1>\n");
	if (is_changed)
		buf_add_c(buf,
			  "<p class=\"notice\" role=\"status\">The terms have changed since you "
			  "opened this page. Please read them again.</p>\n");
	if (organization[0] || user_name[0]) {
		buf_add_c(buf, "<p class=\"who\">");
		buf_add_html(buf, text_of(organization));
		if (organization[0] && user_name[0])
			buf_add_c(buf, " &#183; ");
		buf_add_html(buf, text_of(user_name));
		buf_add_c(buf, "</p>\n");
	}
	buf_add_c(buf, document->body);
	buf_add_c(buf, "</main>\n<form method=\"post\" action=\"/TermsOfUse\">\n"
		       "<input type=\"hidden\" name=\"state\" value=\"");
	buf_add_html(buf, text_of(state));
	buf_add_c(buf, "\">\n");
	if (mode == TERMS_PERSONAL)
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
