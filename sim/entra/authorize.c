/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize.c: see authorize.h. The authorization code flow of the v2.0 endpoint, RFC 6749 4.1 with
 * RFC 7636, as Entra answers it.
 *
 * Nobody types here: the user who signs in is the tenant's `signsIn` where a test has set one, else
 * the one that login_hint names. Until the redirect URI is known to be the application's own, what
 * is wrong is told on a page; after that by a redirect. A tenant with `deniesSignIn` has users who
 * press Cancel.
 */
#include "sim/entra/authorize.h"

#include "sim/entra/oauth.h"

enum { CHALLENGE_MIN = 43, CHALLENGE_MAX = 128 };

/* What is known of one request. */
struct authorize {
	struct call *call;
	struct app *app;
	struct user *user;
	struct text redirect_uri;
	struct text state;
	bool is_form_post;
};

static bool page_fail(struct call *call, int code, const char *text, struct text detail)
{
	struct buf buf;

	buf_init(&buf, call->arena);
	buf_printf(&buf,
		   "<!DOCTYPE html><title>Sign in to your account</title><h1>Sign in</h1><p>Sorry, "
		   "but we're having trouble signing you in.</p><p>AADSTS%d: %s",
		   code, text);
	buf_add_html(&buf, detail);
	buf_add_c(&buf, "</p>\n");
	call_text(call, 400, "text/html; charset=utf-8", buf_text(&buf));
	call_header(call, "Cache-Control", "no-store, no-cache");
	return false;
}

static void param_add(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "%s%s=", buf->len ? "&" : "", name);
	buf_add_url(buf, value);
}

static void field_add(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	buf_add_html(buf, value);
	buf_add_c(buf, "\">");
}

/* Back to the application: a code, or an error with its description. */
static bool answer_send(struct authorize *a, const char *name, struct text value, const char *text)
{
	struct call *call = a->call;
	const struct {
		const char *name;
		struct text value;
	} rows[] = {
	    {name, value},
	    {"error_description", text ? text_of(text) : (struct text){.ptr = NULL}},
	    {"state", a->state},
	};
	struct buf buf;

	buf_init(&buf, call->arena);
	if (a->is_form_post) {
		buf_add_c(&buf, "<html><body><form method=\"POST\" action=\"");
		buf_add_html(&buf, a->redirect_uri);
		buf_add_c(&buf, "\">");
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].value.ptr)
			continue;
		if (a->is_form_post)
			field_add(&buf, rows[i].name, rows[i].value);
		else
			param_add(&buf, rows[i].name, rows[i].value);
	}
	if (a->is_form_post) {
		buf_add_c(&buf, "</form><script>document.forms[0].submit()</script></body></html>");
		call_text(call, 200, "text/html; charset=utf-8", buf_text(&buf));
	} else {
		call_empty(call, 302);
		call_header(call, "Location",
			    arena_printf(call->arena, "%.*s%c%s", TEXT_ARG(a->redirect_uri),
					 text_has_byte(a->redirect_uri, '?') ? '&' : '?',
					 buf.data));
	}
	call_header(call, "Cache-Control", "no-store, no-cache");
	return false;
}

static bool answer_fail(struct authorize *a, const char *error, const char *text)
{
	return answer_send(a, "error", text_of(error), text);
}

static bool app_find(struct authorize *a)
{
	struct call *call = a->call;
	struct text client_id = call_query(call, "client_id");
	struct principal *principal;

	if (!call->tenant)
		return page_fail(call, 90002, "There is no tenant ", call->captures[0]);
	if (text_is_empty(client_id))
		return page_fail(call, 900144,
				 "The request body must contain the parameter 'client_id'.",
				 TEXT_EMPTY);
	principal = state_principal_by_client(call->tenant, client_id);
	if (!principal)
		return page_fail(call, 700016, "There is no application in the directory ",
				 client_id);
	if (!principal->is_enabled)
		return page_fail(call, 7000112, "The application is disabled ", client_id);
	call->client_id = client_id;
	call->principal = principal;
	a->app = principal->app;
	a->redirect_uri = call_query(call, "redirect_uri");
	if (!a->redirect_uri.ptr || !texts_has(&a->app->redirect_uris, a->redirect_uri))
		return page_fail(call, 50011,
				 "The redirect URI is not one of those registered for the "
				 "application: ",
				 a->redirect_uri.ptr ? a->redirect_uri : TEXT_EMPTY);
	return true;
}

static bool scope_has(struct text scope, const char *wanted)
{
	while (scope.ptr)
		if (text_eq_c(text_cut(&scope, ' '), wanted))
			return true;
	return false;
}

static bool challenge_is_ok(const struct call *call)
{
	struct text challenge = call_query(call, "code_challenge");
	struct text method = call_query(call, "code_challenge_method");

	if (!challenge.ptr)
		return !method.ptr;
	if (method.ptr && !text_eq_c(method, "S256") && !text_eq_c(method, "plain"))
		return false;
	return challenge.len >= CHALLENGE_MIN && challenge.len <= CHALLENGE_MAX;
}

static bool request_check(struct authorize *a)
{
	static const char *const single[] = {"client_id", "redirect_uri", "response_type",
					     "scope",     "state",        "nonce"};
	struct call *call = a->call;
	struct text mode = call_query(call, "response_mode");

	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		size_t count;

		http_form_get(call->query, call->query_count, single[i], &count);
		if (count > 1)
			return page_fail(call, 9000411,
					 "A parameter is duplicated: ", text_of(single[i]));
	}
	if (!app_find(a))
		return false;
	a->state = call_query(call, "state");
	if (mode.ptr && !text_eq_c(mode, "query") && !text_eq_c(mode, "form_post"))
		return answer_fail(a, "unsupported_response_mode",
				   "AADSTS70007: The response_mode is not supported.");
	a->is_form_post = mode.ptr && text_eq_c(mode, "form_post");
	if (!text_eq_c(call_query(call, "response_type"), "code"))
		return answer_fail(a, "unsupported_response_type",
				   "AADSTS700054: The response_type is not enabled for the "
				   "application.");
	if (!call_query(call, "scope").ptr || !scope_has(call_query(call, "scope"), "openid"))
		return answer_fail(a, "invalid_request",
				   "AADSTS900144: The request must contain the scope 'openid'.");
	if (!challenge_is_ok(call))
		return answer_fail(a, "invalid_request",
				   "AADSTS501491: Invalid size or method of code_challenge.");
	return true;
}

static bool user_find(struct authorize *a)
{
	struct call *call = a->call;
	struct text name = call->tenant->signs_in ? text_of(call->tenant->signs_in)
						  : call_query(call, "login_hint");

	if (text_is_empty(name))
		return page_fail(call, 50058,
				 "Nobody is signed in, and nobody types here: send "
				 "login_hint, or set signsIn of the tenant.",
				 TEXT_EMPTY);
	if (call->tenant->denies_sign_in)
		return answer_fail(a, "access_denied",
				   "AADSTS65004: User declined to consent to access the app.");
	a->user = state_user(call->tenant, name);
	if (!a->user)
		return page_fail(call, 50034,
				 "The user account does not exist in the directory: ", name);
	if (!a->user->is_enabled)
		return page_fail(call, 50057, "The user account is disabled: ", name);
	return true;
}

static char *kept(struct text value)
{
	char *copy = NULL;

	state_set(&copy, value);
	return copy;
}

void authorize_answer(struct call *call)
{
	struct authorize a = {.call = call, .state = {.ptr = NULL}};
	struct code *code;

	if (!request_check(&a) || !user_find(&a))
		return;
	code = codes_add(&call->sim->codes);
	code->tenant = call->tenant->id;
	code->client_id = a.app->client_id;
	code->user = a.user->entity.id;
	code->redirect_uri = kept(a.redirect_uri);
	code->nonce = kept(call_query(call, "nonce"));
	code->challenge = kept(call_query(call, "code_challenge"));
	code->is_plain = !text_eq_c(call_query(call, "code_challenge_method"), "S256");
	code->scope = kept(call_query(call, "scope"));
	code->expires_at = call->now + CODE_LIFETIME_S;
	answer_send(&a, "code", text_of(code->text), NULL);
}
