/* SPDX-License-Identifier: Apache-2.0 */
/*
 * federated.c: see federated.h. The last page is judged by every rule that Windows or the
 * specification has for it: 200 and HTML, one form that is posted to the very address that was
 * asked for, one hidden field wresult, a script that submits it and may run, a button for where
 * none does, and a policy that lets the form go to ms-app:.
 */
#include "sim/device/federated.h"

#include "base/b64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "sim/device/browser.h"
#include "sim/device/wire.h"

static const char APPRU[] = "ms-app://windows.immersivecontrolpanel";

static const char *page_url(struct task *task, const struct device *device, const char *url)
{
	struct buf buf;

	buf_init(&buf, task->arena);
	buf_printf(&buf, "%s%cappru=", url, strchr(url, '?') ? '&' : '?');
	buf_add_url(&buf, TEXT("ms-app://windows.immersivecontrolpanel"));
	buf_add_c(&buf, "&login_hint=");
	buf_add_url(&buf, text_of(device->user));
	return buf.data;
}

/* The sources of one directive; ptr NULL where it is not there. */
static struct text directive_get(struct text policy, const char *name)
{
	while (policy.ptr) {
		struct text sources = text_trim(text_cut(&policy, ';'));

		if (text_eq_nocase(text_cut(&sources, ' '), text_of(name)))
			return sources.ptr ? sources : TEXT_EMPTY;
	}
	return (struct text){.ptr = NULL};
}

static bool has_source(struct text sources, const char *wanted)
{
	while (sources.ptr)
		if (text_eq_c(text_trim(text_cut(&sources, ' ')), wanted))
			return true;
	return false;
}

/* The content of the first script element. */
static struct text script_of(struct arena *arena, struct text page)
{
	const char *text = arena_cstr(arena, page);
	const char *begin = strstr(text, "<script>");
	const char *end = begin ? strstr(begin, "</script>") : NULL;

	if (!end)
		return TEXT_EMPTY;
	begin += sizeof("<script>") - 1;
	return text_make(begin, (size_t)(end - begin));
}

static bool script_may_run(struct arena *arena, struct text policy, struct text script)
{
	struct text sources = directive_get(policy, "script-src");
	uint8_t digest[SHA256_LEN];

	if (!sources.ptr)
		sources = directive_get(policy, "default-src");
	if (!sources.ptr || has_source(sources, "'unsafe-inline'"))
		return true;
	digest_sha256(script, digest);
	return has_source(sources,
			  arena_printf(arena, "'sha256-%s'",
				       b64_write(arena, text_make(digest, sizeof(digest)))));
}

static int policy_check(struct task *task, const struct http_client_response *page)
{
	struct text policy = http_client_response_header(page, "Content-Security-Policy");
	struct text script = script_of(task->arena, page->body);
	struct text forms;

	if (!strstr(arena_cstr(task->arena, script), "submit()"))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: the form does not submit itself");
	if (!policy.ptr)
		return 0;
	if (!script_may_run(task->arena, policy, script))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: the policy forbids the script");
	forms = directive_get(policy, "form-action");
	if (forms.ptr && !has_source(forms, "ms-app:"))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: the policy forbids ms-app:");
	return 0;
}

static bool is_token(struct text t)
{
	return t.len > 0 && text_is_printable(t);
}

static int form_check(struct task *task, const struct html_form *form, struct text *ret)
{
	bool has_button = false;
	size_t count = 0;

	if (!text_eq_nocase(form->method, TEXT("post")))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: the page has no form to post");
	if (!text_eq_c(form->action, APPRU))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: the form goes to %.*s, not to %s",
				   TEXT_ARG(text_take(form->action, 100)), APPRU);
	for (size_t i = 0; i < form->count; i++) {
		if (form->fields[i].is_button) {
			has_button = true;
			continue;
		}
		if (!text_eq_c(form->fields[i].name, "wresult"))
			return TASK_BROKEN(task, CODE_NONE, "sign-in: a field %.*s in the form",
					   TEXT_ARG(form->fields[i].name));
		*ret = form->fields[i].value;
		count++;
	}
	if (count != 1 || !is_token(*ret))
		return TASK_BROKEN(task, CODE_NONE, "sign-in: no usable wresult in the form");
	if (!has_button)
		return TASK_BROKEN(task, CODE_NONE, "sign-in: no button where no script runs");
	return 0;
}

/* The text of the page without its tags, for the one line that says why. */
static const char *page_words(struct task *task, struct text page)
{
	bool is_tag = false, is_blank = true, is_hidden = false;
	struct buf buf;

	buf_init(&buf, task->arena);
	for (size_t i = 0; i < page.len && buf.len < 300; i++) {
		struct text rest = text_from(page, i);
		char c = page.ptr[i];

		if (text_starts(rest, TEXT("<style")) || text_starts(rest, TEXT("<head")))
			is_hidden = true;
		if (text_starts(rest, TEXT("</head>")))
			is_hidden = false;
		if (c == '<')
			is_tag = true;
		if (!is_tag && !is_hidden && ((c != ' ' && c != '\n') || !is_blank))
			buf_add_byte(&buf, c == '\n' ? ' ' : c);
		if (!is_tag)
			is_blank = c == ' ' || c == '\n';
		if (c == '>')
			is_tag = false;
	}
	return buf.len ? buf.data : "an empty page";
}

int federated_run(struct task *task, const struct device *device, const char *url, struct text *ret)
{
	struct browser browser = {.task = task};
	struct http_client_response page;
	struct html_form form;
	struct text token = TEXT_EMPTY;
	int r;

	if (!url[0])
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "Discover: Federated without an AuthenticationServiceUrl");
	r = browser_visit(&browser, page_url(task, device, url), &page, &form);
	if (r == 0 && page.status != 200)
		return TASK_FAIL(task, OUTCOME_REFUSED, code_hresult(CODE_USER_CANCELLED),
				 "sign-in: HTTP %d: %s", page.status, page_words(task, page.body));
	if (r == 0)
		r = wire_check_type(task, &page, "text/html", "sign-in");
	if (r == 0)
		r = wire_check_framing(task, &page, "sign-in");
	if (r == 0)
		r = form_check(task, &form, &token);
	if (r == 0)
		r = policy_check(task, &page);
	if (r != 0)
		return r;
	task_step(task, "signed in, wresult of %zu bytes", token.len);
	*ret = token;
	return 0;
}
