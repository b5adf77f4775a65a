/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browser.c: see browser.h. Strict where a real one is: a cookie named __Host- must be Secure, for
 * the path / and for no domain, or it is dropped; one that is SameSite=Lax is not sent with another
 * site's form; everything is https.
 */
#include "sim/device/browser.h"

#include "base/buf.h"
#include "sim/device/wire.h"

enum { STEPS_MAX = 12 };

static const char BROWSER[] =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; MSAppHost/3.0) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19045";

static struct text origin_of(struct text url)
{
	struct text rest = text_from(url, sizeof("https://") - 1);
	size_t n = 0;

	while (n < rest.len && !memchr("/?#", rest.ptr[n], 3))
		n++;
	return text_take(url, sizeof("https://") - 1 + n);
}

/* What one Set-Cookie says besides name and value. */
struct cookie_rules {
	bool is_secure, is_http_only, is_root, has_domain, is_expired, is_lax;
};

static void rules_read(struct text rest, struct cookie_rules *ret)
{
	while (rest.ptr) {
		struct text value = text_trim(text_cut(&rest, ';'));
		struct text name = text_cut(&value, '=');

		if (text_eq_nocase(name, TEXT("Secure")))
			ret->is_secure = true;
		else if (text_eq_nocase(name, TEXT("HttpOnly")))
			ret->is_http_only = true;
		else if (text_eq_nocase(name, TEXT("Path")))
			ret->is_root = text_eq_c(value, "/");
		else if (text_eq_nocase(name, TEXT("Domain")))
			ret->has_domain = true;
		else if (text_eq_nocase(name, TEXT("Max-Age")))
			ret->is_expired = text_eq_c(value, "0");
		else if (text_eq_nocase(name, TEXT("SameSite")))
			ret->is_lax = text_eq_nocase(value, TEXT("Lax"));
	}
}

static void cookie_forget(struct browser *browser, struct text origin, struct text name)
{
	for (size_t i = 0; i < browser->cookie_count; i++) {
		const struct browser_cookie *cookie = &browser->cookies[i];

		if (!text_eq(cookie->origin, origin) || !text_eq(cookie->name, name))
			continue;
		browser->cookies[i] = browser->cookies[--browser->cookie_count];
		return;
	}
}

static int cookie_take(struct browser *browser, struct text origin, struct text line)
{
	struct text rest = line;
	struct text value = text_trim(text_cut(&rest, ';'));
	struct text name = text_cut(&value, '=');
	struct cookie_rules rules = {0};

	rules_read(rest, &rules);
	if (text_starts(name, TEXT("__Host-")) &&
	    (!rules.is_secure || !rules.is_root || rules.has_domain))
		return TASK_BROKEN(browser->task, CODE_NONE,
				   "sign-in: a browser drops the cookie %.*s", TEXT_ARG(name));
	if (!rules.is_secure || !rules.is_http_only || !rules.is_lax)
		return TASK_BROKEN(browser->task, CODE_NONE,
				   "sign-in: the cookie %.*s is not Secure, HttpOnly and "
				   "SameSite=Lax",
				   TEXT_ARG(name));
	cookie_forget(browser, origin, name);
	if (rules.is_expired || browser->cookie_count == BROWSER_COOKIES)
		return 0;
	browser->cookies[browser->cookie_count++] = (struct browser_cookie){origin, name, value};
	return 0;
}

static int cookies_take(struct browser *browser, struct text origin,
			const struct http_client_response *response)
{
	int r = 0;

	for (size_t i = 0; i < response->header_count && r == 0; i++)
		if (text_eq_nocase(response->headers[i].name, TEXT("Set-Cookie")))
			r = cookie_take(browser, origin, response->headers[i].value);
	return r;
}

static void cookies_add(const struct browser *browser, struct text origin, struct wire *wire)
{
	struct buf buf;

	buf_init(&buf, browser->task->arena);
	for (size_t i = 0; i < browser->cookie_count; i++) {
		const struct browser_cookie *cookie = &browser->cookies[i];

		if (text_eq(cookie->origin, origin))
			buf_printf(&buf, "%s%.*s=%.*s", buf.len ? "; " : "", TEXT_ARG(cookie->name),
				   TEXT_ARG(cookie->value));
	}
	if (buf.len > 0)
		wire_add(wire, browser->task->arena, "Cookie", buf.data);
}

/* Where the browser goes next. */
struct step {
	const char *url;
	const char *method;
	struct text body;
	bool is_cross_site; /* a form of another origin: no SameSite=Lax cookie */
};

static int load(struct browser *browser, const struct step *step, struct http_client_response *ret)
{
	struct task *task = browser->task;
	struct wire wire = {.method = step->method, .url = step->url, .body = step->body};
	struct text origin = origin_of(text_of(step->url));
	int r;

	if (!text_starts(text_of(step->url), TEXT("https://")))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: leads to %.100s, which is not https",
				   step->url);
	wire_add(&wire, task->arena, "User-Agent", BROWSER);
	wire_add(&wire, task->arena, "Accept", "text/html, application/xhtml+xml, */*; q=0.8");
	if (step->body.len > 0)
		wire_add(&wire, task->arena, "Content-Type", "application/x-www-form-urlencoded");
	if (!step->is_cross_site)
		cookies_add(browser, origin, &wire);
	r = wire_send(task, &wire, ret);
	return r == 0 ? cookies_take(browser, origin, ret) : r;
}

static const char *absolute(struct task *task, const char *base, struct text location)
{
	struct text origin = origin_of(text_of(base));

	if (text_starts(location, TEXT("/")) && !text_starts(location, TEXT("//")))
		return arena_printf(task->arena, "%.*s%.*s", TEXT_ARG(origin), TEXT_ARG(location));
	return arena_cstr(task->arena, location);
}

static struct text form_encode(struct task *task, const struct html_form *form)
{
	struct buf buf;

	buf_init(&buf, task->arena);
	for (size_t i = 0; i < form->count; i++) {
		if (form->fields[i].is_button || text_is_empty(form->fields[i].name))
			continue;
		if (buf.len > 0)
			buf_add_byte(&buf, '&');
		buf_add_url(&buf, form->fields[i].name);
		buf_add_byte(&buf, '=');
		buf_add_url(&buf, form->fields[i].value);
	}
	return buf_text(&buf);
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* True: *step is where the page leads by itself. */
static bool step_next(struct browser *browser, const struct http_client_response *page,
		      struct html_form *form, struct step *step)
{
	struct task *task = browser->task;
	const char *from = step->url;

	*form = (struct html_form){.count = 0};
	if (is_redirect(page->status) && page->location.ptr) {
		*step = (struct step){.url = absolute(task, from, page->location), .method = "GET"};
		return true;
	}
	if (html_form_read(task->arena, page->body, form) != 0)
		return false;
	if (page->status != 200 || !text_eq_nocase(form->method, TEXT("post")) ||
	    !text_starts(form->action, TEXT("https://")))
		return false;
	*step = (struct step){
	    .url = arena_cstr(task->arena, form->action),
	    .method = "POST",
	    .body = form_encode(task, form),
	    .is_cross_site = !text_eq(origin_of(form->action), origin_of(text_of(from))),
	};
	return true;
}

int browser_visit(struct browser *browser, const char *url, struct http_client_response *ret,
		  struct html_form *ret_form)
{
	struct step step = {.url = url, .method = "GET"};

	for (int i = 0; i < STEPS_MAX; i++) {
		int r = load(browser, &step, ret);

		if (r != 0)
			return r;
		if (!step_next(browser, ret, ret_form, &step))
			return 0;
	}
	return TASK_BROKEN(browser->task, CODE_NONE, "sign-in: the pages lead on for ever");
}
