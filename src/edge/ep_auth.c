/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_auth.c: see ep_auth.h. Every answer is a redirect to the tenant's provider, the page that
 * hands the token to Windows, or a page that says in plain words what went wrong, with the trace
 * id; the reason itself is in the attempt.
 *
 * The cookie that binds a sign-in to its browser is SameSite=Lax, which the provider's redirect
 * carries and another site's form does not. A provider that answers with a form is therefore sent
 * once around: its values go into the query of a GET of our own.
 */
#include "edge/ep_auth.h"

#include "edge/attempt.h"
#include "enroll/account.h"
#include "enroll/discovery.h"
#include "enroll/reason.h"
#include "entra/cloud.h"
#include "oidc/appru.h"
#include "oidc/page.h"
#include "oidc/sign_in.h"
#include "store/tenant.h"

#define COOKIE       "__Host-muster-sign-in"
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Lax"

enum { PARAMS_MAX = 32, HINT_MAX = 320 };

static void page_headers(struct op *op, struct http_response *response, int status)
{
	http_response_set(response, status, "text/html; charset=UTF-8");
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(response, "Referrer-Policy", TEXT("no-referrer"));
	http_response_header(response, "X-Content-Type-Options", TEXT("nosniff"));
	http_response_header(response, "Content-Security-Policy",
			     text_of(sign_in_page_policy(op->arena)));
}

static void redirect_answer(struct http_response *response, int status, const char *location)
{
	http_response_set(response, status, NULL);
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(response, "Referrer-Policy", TEXT("no-referrer"));
	http_response_header(response, "Location", text_of(location));
}

static void cookie_set(struct op *op, struct http_response *response, const char *value,
		       int max_age)
{
	http_response_header(response, "Set-Cookie",
			     text_of(arena_printf(op->arena, COOKIE "=%s; Max-Age=%d" COOKIE_RULES,
						  value, max_age)));
}

/* The value of our cookie when there is exactly one of that name; ptr NULL otherwise. */
static struct text cookie_get(const struct http_request *request)
{
	struct text found = {.ptr = NULL};
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		struct text rest = request->headers[i].value;

		if (!text_eq_nocase(request->headers[i].name, TEXT("Cookie")))
			continue;
		while (rest.ptr) {
			struct text value = text_trim(text_cut(&rest, ';'));
			struct text name = text_cut(&value, '=');

			if (text_eq_c(name, COOKIE)) {
				found = value;
				count++;
			}
		}
	}
	return count == 1 ? found : (struct text){.ptr = NULL};
}

/* One visit of the page. */
struct visit {
	struct op *op;
	const struct http_request *request;
	struct http_response *response;
	struct enrollment attempt;
	struct http_param params[PARAMS_MAX];
	size_t count;
};

/* What the user reads. */
static struct text locale_of(const struct http_request *request)
{
	return locale_wanted(http_request_header(request, "cxh-preferredLanguage"),
			     http_request_header(request, "Accept-Language"));
}

static void visit_error(struct visit *visit, int status, enum sign_in_say say)
{
	page_headers(visit->op, visit->response, status);
	sign_in_error_write(&visit->response->body, locale_of(visit->request), say,
			    visit->op->trace_id);
	edge_attempt_record(visit->op, &visit->attempt);
}

static void visit_refuse(struct visit *visit, int status, const char *reason, enum sign_in_say say)
{
	enroll_attempt_refuse_known(&visit->attempt, reason);
	visit_error(visit, status, say);
}

static int visit_failed(struct visit *visit, int r)
{
	enroll_attempt_fail(&visit->attempt);
	visit_error(visit, edge_failure_may_pass(r) ? 503 : 500, SAY_SERVER);
	return r;
}

/* The value when it is there once; ptr NULL otherwise, with *ret_twice set. */
static struct text param_get(const struct visit *visit, const char *name, bool *ret_twice)
{
	size_t count;
	struct text value = http_form_get(visit->params, visit->count, name, &count);

	if (count > 1)
		*ret_twice = true;
	return count == 1 ? value : (struct text){.ptr = NULL};
}

/* A claim, so that an administrator finds the attempt. */
static void hint_note(struct visit *visit, struct text hint)
{
	visit->attempt.is_claimed = true;
	if (hint.ptr && hint.len <= HINT_MAX && text_is_printable(hint))
		visit->attempt.user_principal_name = arena_cstr(visit->op->arena, hint);
}

static int named_tenant(struct op *op, struct text tenant_id, struct tenant *ret)
{
	int r;

	if (!uuid_is(tenant_id))
		return ENROLL_HOST_E_UNKNOWN;
	r = store_tenant_load(db_reader(op->db), op->arena, tenant_id, ret);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_conn_error(db_reader(op->db)));
	return r > 0 || !tenant_is_served(op->config, ret) ? ENROLL_HOST_E_UNKNOWN : 0;
}

/* By the path, which discovery made for this tenant; else by the user's mail address; else the only
 * one there is. */
static int tenant_find(struct visit *visit, struct text hint, struct tenant *ret)
{
	const struct enroll_question question = {
	    .mail = hint,
	    .offered = ENROLL_METHOD(METHOD_FEDERATED),
	};
	struct text rest = text_from(visit->request->path, strlen(ENROLL_PATH_AUTH));
	struct enroll_way way;
	int r;

	if (rest.len > 1)
		return named_tenant(visit->op, text_from(rest, 1), ret);
	r = enroll_way_choose(visit->op, &question, &way);
	if (r < 0)
		return r;
	if (r > 0 || !way.tenant.tenant_id)
		return ENROLL_HOST_E_UNKNOWN;
	*ret = way.tenant;
	return 0;
}

static int visit_begin(struct visit *visit, const struct tenant *tenant,
		       const struct sign_in_start *start)
{
	struct op *op = visit->op;
	const char *location;
	int r = sign_in_begin(op, tenant, start, &location);

	if (r < 0)
		return visit_failed(visit, ERR_TRACE(&op->trail, r));
	visit->attempt.tenant_id = tenant->tenant_id;
	if (r == SIGN_IN_E_PROVIDER) {
		visit_refuse(visit, 503, "sign_in_provider", SAY_PROVIDER);
	} else if (r > 0) {
		visit_refuse(visit, 400, "sign_in_method", SAY_METHOD);
	} else {
		redirect_answer(visit->response, 302, location);
		cookie_set(op, visit->response, start->binding, LIMIT_SIGN_IN_S);
	}
	return 0;
}

int ep_auth_begin(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct visit visit = {.op = op, .request = request, .response = response};
	struct text cookie = cookie_get(request);
	struct sign_in_start start = {.appru = ""};
	struct tenant tenant;
	bool is_twice = false;
	int r;

	edge_attempt_init(op, request, STAGE_SIGN_IN, &visit.attempt);
	/* Windows escapes what it appends; a plus in a mail address is a plus. */
	r = http_form_read(op->arena, request->query, false, visit.params, PARAMS_MAX,
			   &visit.count);
	if (r == 0) {
		start.login_hint = param_get(&visit, "login_hint", &is_twice);
		hint_note(&visit, start.login_hint);
		r = oidc_appru_read(op->arena, param_get(&visit, "appru", &is_twice), &start.appru);
	}
	if (r || is_twice) {
		visit_refuse(&visit, 400, "sign_in_appru", SAY_NOT_JOINING);
		return 0;
	}
	r = tenant_find(&visit, start.login_hint, &tenant);
	if (r < 0)
		return visit_failed(&visit, ERR_TRACE(&op->trail, r));
	if (r > 0) {
		visit_refuse(&visit, 400, "sign_in_tenant", SAY_UNKNOWN);
		return 0;
	}
	/* A second window of the same browser goes on with the same value. */
	start.binding = sign_in_binding_is_ok(cookie) ? arena_cstr(op->arena, cookie)
						      : sign_in_binding_new(op->arena);
	return visit_begin(&visit, &tenant, &start);
}

/* What is told the user, and an administrator. */
static const struct {
	int status;
	const char *reason; /* NULL: by the verdict on the token */
	enum sign_in_say say;
} endings[] = {
    [SIGN_IN_E_METHOD] = {400, "sign_in_method", SAY_METHOD},
    [SIGN_IN_E_PROVIDER] = {503, "sign_in_provider", SAY_PROVIDER},
    [SIGN_IN_E_STATE] = {400, "sign_in_state", SAY_AGAIN},
    [SIGN_IN_E_EXPIRED] = {400, "sign_in_expired", SAY_AGAIN},
    [SIGN_IN_E_TENANT] = {400, "sign_in_changed", SAY_AGAIN},
    [SIGN_IN_E_DENIED] = {403, "sign_in_denied", SAY_DENIED},
    [SIGN_IN_E_FAILED] = {502, "sign_in_failed", SAY_FAILED},
    [SIGN_IN_E_CODE] = {502, "sign_in_code", SAY_FAILED},
    [SIGN_IN_E_CLIENT] = {502, "sign_in_client", SAY_FAILED},
    [SIGN_IN_E_EXCHANGE] = {502, "sign_in_exchange", SAY_FAILED},
    [SIGN_IN_E_TOKEN] = {403, NULL, SAY_TOKEN},
};

/* The provider signed who it is. */
static void user_note(struct visit *visit, const struct sign_in_result *result)
{
	struct enrollment *attempt = &visit->attempt;

	attempt->user_principal_name = result->user.name;
	attempt->user_object_id = result->user.object_id;
	attempt->user_key = result->user.user_key;
	attempt->auth = enroll_auth_name(ENROLL_AUTH_FEDERATED);
	attempt->asked_name = result->login_hint;
	attempt->is_claimed = false;
}

static void return_refuse(struct visit *visit, enum sign_in_outcome outcome,
			  const struct sign_in_result *result)
{
	const char *reason = endings[outcome].reason;

	if (!reason)
		reason = arena_printf(visit->op->arena, "id_token_%s",
				      oidc_verdict_name(result->verdict));
	visit->attempt.tenant_id = result->tenant_id;
	hint_note(visit, text_of(result->login_hint));
	if (result->is_proved)
		user_note(visit, result);
	enroll_attempt_refuse_known(&visit->attempt, reason);
	if (result->said[0])
		visit->attempt.remedy = arena_printf(visit->op->arena, "%s The provider says: %s",
						     visit->attempt.remedy, result->said);
	visit_error(visit, endings[outcome].status, endings[outcome].say);
}

int ep_auth_return(struct op *op, const struct http_request *request,
		   struct http_response *response)
{
	struct visit visit = {.op = op, .request = request, .response = response};
	struct sign_in_answer answer = {.binding = cookie_get(request)};
	struct sign_in_result result = {.appru = ""};
	bool is_twice = false;
	int r;

	edge_attempt_init(op, request, STAGE_SIGN_IN, &visit.attempt);
	r = http_form_read(op->arena, request->query, true, visit.params, PARAMS_MAX, &visit.count);
	if (r == 0) {
		answer.state = param_get(&visit, "state", &is_twice);
		answer.code = param_get(&visit, "code", &is_twice);
		answer.error = param_get(&visit, "error", &is_twice);
		answer.error_description = param_get(&visit, "error_description", &is_twice);
		answer.issuer = param_get(&visit, "iss", &is_twice);
	}
	if (r || is_twice)
		answer = (struct sign_in_answer){.state = {.ptr = NULL}};
	r = sign_in_end(op, &answer, &result);
	if (r < 0)
		return visit_failed(&visit, ERR_TRACE(&op->trail, r));
	if (r > 0) {
		return_refuse(&visit, (enum sign_in_outcome)r, &result);
		return 0;
	}
	visit.attempt.tenant_id = result.tenant_id;
	visit.attempt.client_request_id = result.joining_id;
	user_note(&visit, &result);
	edge_attempt_record(op, &visit.attempt);
	page_headers(op, response, 200);
	cookie_set(op, response, "", 0);
	sign_in_page_write(&response->body, locale_of(request), result.appru, result.wresult);
	return 0;
}

int ep_auth_post(struct op *op, const struct http_request *request, struct http_response *response)
{
	static const char *const kept[] = {"state", "code", "error", "error_description", "iss"};
	struct visit visit = {.op = op, .request = request, .response = response};
	struct text type = http_request_header(request, "Content-Type");
	bool is_twice = false;
	char mark = '?';
	struct buf buf;

	if (!type.ptr || !text_starts_nocase(type, TEXT("application/x-www-form-urlencoded")) ||
	    http_form_read(op->arena, request->body, true, visit.params, PARAMS_MAX, &visit.count))
		visit.count = 0;
	buf_init(&buf, op->arena);
	buf_printf(&buf, "%s" SIGN_IN_PATH_RETURN, op->config->public.url);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct text value = param_get(&visit, kept[i], &is_twice);

		if (!value.ptr || value.len > LIMIT_SIGN_IN_CODE)
			continue;
		buf_printf(&buf, "%c%s=", mark, kept[i]);
		buf_add_url(&buf, value);
		mark = '&';
	}
	redirect_answer(response, 303, buf.data);
	return 0;
}
