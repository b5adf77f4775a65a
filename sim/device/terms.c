/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c: see terms.h. GET with the bearer token and the headers of the host shell, press a
 * button of the form, catch the redirect to the app's own scheme. Only the first request carries
 * the token; the web view keeps no cookies. entra.md section 4.
 */
#include "sim/device/terms.h"

#include "base/buf.h"
#include "base/uuid.h"
#include "sim/device/html.h"
#include "sim/device/wire.h"

static const char REDIRECT_URI[] = "ms-appx-web://Microsoft.AAD.BrokerPlugin/ToUResponse";
static const char BROWSER[] =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; MSAppHost/3.0) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19045";
static const char WINDOWS_10[] = "10.0.19045.4291";

enum { RESULT_PARAMS = 16, STATUS_FOUND = 302 };

static const struct {
	const char *word;
	const char *cxh_host;
} THEMES[] = {
    [THEME_SETTINGS] = {"settings", "MOSET"},
    [THEME_OOBE] = {"oobe", "FRX"},
    [THEME_OOBE_LIGHT] = {"oobe-light", "FRX"},
};

/* One visit of the page. */
struct visit {
	struct task *task;
	const struct terms_wish *wish;
	const char *redirect_uri;
	char request_id[UUID_TEXT_LEN + 1];
	bool is_join; /* mode=azureadjoin: there is nothing to decline */
};

bool theme_read(const char *word, enum theme *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(THEMES); i++)
		if (strcmp(THEMES[i].word, word) == 0) {
			*ret = (enum theme)i;
			return true;
		}
	return false;
}

static const char *page_url(struct visit *visit)
{
	struct buf buf;

	buf_init(&buf, visit->task->arena);
	buf_add_c(&buf, visit->wish->url);
	buf_add_c(&buf, strchr(visit->wish->url, '?') ? "&" : "?");
	buf_add_c(&buf, "redirect_uri=");
	buf_add_url(&buf, text_of(visit->redirect_uri));
	buf_printf(&buf, "&client-request-id=%s&api-version=1.0", visit->request_id);
	if (visit->is_join)
		buf_add_c(&buf, "&mode=azureadjoin");
	return buf.data;
}

static void shell_headers(struct visit *visit, const struct device *device, struct wire *wire)
{
	struct arena *arena = visit->task->arena;
	enum theme theme = visit->wish->theme;
	const char *version = theme == THEME_OOBE ? WINDOWS_10 : device->os_version;

	wire_add(wire, arena, "User-Agent", BROWSER);
	wire_add(wire, arena, "Accept", "text/html, application/xhtml+xml, */*; q=0.8");
	wire_add(wire, arena, "Accept-Language", device->locale);
	wire_add(wire, arena, "hostApp", "CloudExperienceHost");
	wire_add(wire, arena, "CXH-HOST", THEMES[theme].cxh_host);
	wire_add(wire, arena, "cxh-osVersionInfo",
		 arena_printf(arena, "{\"platformId\":2,\"osVersion\":\"%s\"}", version));
	wire_add(wire, arena, "cxh-osPlatform", "CloudExperienceHost.TargetPlatform.DESKTOP");
	wire_add(wire, arena, "cxh-preferredLanguage", device->locale);
	wire_add(wire, arena, "cxh-isRTL", "false");
	wire_add(wire, arena, "cxh-correlationId", visit->request_id);
	wire_add(wire, arena, "client-request-id", visit->request_id);
}

static int page_get(struct visit *visit, const struct device *device,
		    struct http_client_response *ret)
{
	struct arena *arena = visit->task->arena;
	struct wire wire = {.method = "GET", .url = page_url(visit)};

	shell_headers(visit, device, &wire);
	if (visit->wish->token.ptr)
		wire_add(&wire, arena, "Authorization",
			 arena_printf(arena, "Bearer %.*s", TEXT_ARG(visit->wish->token)));
	return wire_send(visit->task, &wire, ret);
}

static bool has_directive(struct text policy, const char *name, const char *must_hold)
{
	while (policy.ptr) {
		struct text directive = text_trim(text_cut(&policy, ';'));
		struct text words = directive;
		struct text word = text_cut(&words, ' ');

		if (!text_eq_nocase(word, text_of(name)))
			continue;
		while (must_hold && words.ptr)
			if (text_eq_c(text_trim(text_cut(&words, ' ')), must_hold))
				return false;
		return true;
	}
	return false;
}

/* What would keep the page from showing in the frame of Windows 11 or its form from returning. */
static int page_headers_check(struct task *task, const struct http_client_response *page)
{
	struct text policy = http_client_response_header(page, "Content-Security-Policy");

	if (http_client_response_header(page, "X-Frame-Options").ptr)
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: X-Frame-Options keeps the page "
				   "out of Windows 11's frame");
	if (policy.ptr && has_directive(policy, "frame-ancestors", NULL))
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: frame-ancestors keeps the page "
				   "out of Windows 11's frame");
	if (policy.ptr && has_directive(policy, "form-action", "ms-appx-web:"))
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: form-action forbids the return "
				   "to ms-appx-web:");
	if (http_client_response_header(page, "Set-Cookie").ptr)
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: the page needs a cookie, there are none");
	return wire_check_type(task, page, "text/html", "Terms of Use");
}

static bool holds_nocase(struct text t, struct text word)
{
	for (; t.len >= word.len; t = text_from(t, 1))
		if (text_starts_nocase(t, word))
			return true;
	return false;
}

static const struct html_field *button_find(const struct html_form *form, struct text word)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct html_field *field = &form->fields[i];

		if (field->is_button &&
		    (holds_nocase(field->value, word) || holds_nocase(field->label, word)))
			return field;
	}
	return NULL;
}

static struct text form_body(struct task *task, const struct html_form *form,
			     const struct html_field *pressed)
{
	struct buf buf;

	buf_init(&buf, task->arena);
	for (size_t i = 0; i < form->count; i++) {
		const struct html_field *field = &form->fields[i];

		if (text_is_empty(field->name) || (field->is_button && field != pressed))
			continue;
		if (buf.len > 0)
			buf_add_byte(&buf, '&');
		buf_add_url(&buf, field->name);
		buf_add_byte(&buf, '=');
		buf_add_url(&buf, field->value);
	}
	return buf_text(&buf);
}

/* The form's address: absolute, from the root, or the page itself. */
static const char *form_url(struct visit *visit, struct text action)
{
	const char *page = visit->wish->url;
	const char *host = strstr(page, "://");
	size_t origin = host ? (size_t)(host + 3 - page) + strcspn(host + 3, "/?") : strlen(page);

	if (text_starts(action, TEXT("https://")))
		return arena_cstr(visit->task->arena, action);
	if (text_starts(action, TEXT("/")))
		return arena_printf(visit->task->arena, "%.*s%.*s", (int)origin, page,
				    TEXT_ARG(action));
	return arena_printf(visit->task->arena, "%.*s", (int)strcspn(page, "?"), page);
}

static int button_press(struct visit *visit, const struct http_client_response *page,
			struct http_client_response *ret)
{
	struct task *task = visit->task;
	struct wire wire = {.method = "POST"};
	const struct html_field *accept;
	const struct html_field *decline;
	const struct html_field *pressed;
	struct html_form form;

	if (html_form_read(task->arena, page->body, &form) != 0 ||
	    !text_eq_nocase(form.method, TEXT("post")))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: the page has no form to post");
	accept = button_find(&form, TEXT("accept"));
	decline = button_find(&form, TEXT("decline"));
	if (!accept)
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: no button to accept");
	if (visit->is_join == (decline != NULL))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: %s",
				   visit->is_join ? "a button to decline while joining"
						  : "no button to decline on a personal device");
	pressed = visit->wish->is_declined ? decline : accept;
	if (!pressed)
		return ERR_FAIL(task->trail, ERR_CONFIG,
				"--decline needs --join work-account: a join cannot be declined");
	wire.url = form_url(visit, form.action);
	wire.body = form_body(task, &form, pressed);
	wire_add(&wire, task->arena, "User-Agent", BROWSER);
	wire_add(&wire, task->arena, "Content-Type", "application/x-www-form-urlencoded");
	/* The page asks for no referrer, so the browser's origin is opaque. */
	wire_add(&wire, task->arena, "Origin", "null");
	return wire_send(task, &wire, ret);
}

static struct text result_get(const struct http_param *params, size_t count, const char *name)
{
	return http_form_get(params, count, name, NULL);
}

static int result_judge(struct visit *visit, const struct http_param *params, size_t count,
			const char **ret)
{
	struct task *task = visit->task;
	struct text error = result_get(params, count, "error");
	struct text accepted = result_get(params, count, "IsAccepted");
	struct text blob = result_get(params, count, "OpaqueBlob");
	struct text request_id = result_get(params, count, "client-request-id");

	if (request_id.ptr && !text_eq_nocase(request_id, text_of(visit->request_id)))
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: client-request-id comes back as %.*s",
				   TEXT_ARG(request_id));
	if (error.ptr)
		return TASK_FAIL(task, OUTCOME_REFUSED, code_hresult(CODE_USER_CANCELLED),
				 "Terms of Use refused: %.*s: %.*s", TEXT_ARG(error),
				 TEXT_ARG(result_get(params, count, "error_description")));
	if (text_eq_c(accepted, "false") && visit->wish->is_declined)
		return TASK_FAIL(task, OUTCOME_REFUSED, code_hresult(CODE_USER_CANCELLED),
				 "the Terms of Use were declined");
	if (!text_eq_c(accepted, visit->wish->is_declined ? "false" : "true"))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: IsAccepted is \"%.*s\"",
				   TEXT_ARG(accepted));
	if (text_is_empty(blob))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: no OpaqueBlob");
	task_step(task, "terms accepted, OpaqueBlob of %zu bytes", blob.len);
	*ret = arena_cstr(task->arena, blob);
	return 0;
}

/* The redirect back into Windows. */
static int result_read(struct visit *visit, const struct http_client_response *response,
		       const char **ret)
{
	struct task *task = visit->task;
	struct text location = response->location;
	struct text prefix = text_of(visit->redirect_uri);
	struct http_param params[RESULT_PARAMS];
	size_t count;

	if (response->status != STATUS_FOUND || !location.ptr)
		return TASK_BROKEN(task, CODE_NONE,
				   "Terms of Use: HTTP %d instead of a redirect to the app",
				   response->status);
	if (!text_starts(location, prefix) || location.len <= prefix.len ||
	    !strchr("?&", location.ptr[prefix.len]))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: redirect to %.*s, not to %s",
				   TEXT_ARG(text_take(location, 100)), visit->redirect_uri);
	if (text_has_byte(location, '#'))
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: the result is in a fragment");
	if (http_form_read(task->arena, text_from(location, prefix.len + 1), false, params,
			   RESULT_PARAMS, &count) != 0)
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: the redirect cannot be read");
	return result_judge(visit, params, count, ret);
}

int terms_run(struct task *task, const struct device *device, const struct terms_wish *wish,
	      const char **ret)
{
	struct visit visit = {
	    .task = task,
	    .wish = wish,
	    .redirect_uri = wish->redirect_uri ? wish->redirect_uri : REDIRECT_URI,
	    .is_join = device->join == JOIN_ENTRA,
	};
	struct http_client_response page;
	struct http_client_response answer;
	int r;

	uuid_write(uuid_random(), visit.request_id);
	r = page_get(&visit, device, &page);
	if (r != 0)
		return r;
	if (page.status == STATUS_FOUND)
		return result_read(&visit, &page, ret);
	if (page.status != 200)
		return TASK_BROKEN(task, CODE_NONE, "Terms of Use: the page answers HTTP %d",
				   page.status);
	r = page_headers_check(task, &page);
	if (r == 0)
		r = button_press(&visit, &page, &answer);
	return r == 0 ? result_read(&visit, &answer, ret) : r;
}
