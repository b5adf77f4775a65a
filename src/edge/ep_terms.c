/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms.c: the Terms of Use page. Every answer is either a page of ours or a redirect to an
 * address terms/ has allowed; what went wrong is told to Windows by the redirect, to the
 * administrator by the attempt, and to nobody else.
 *
 * The page lives in a frame on Windows 11, so nothing here forbids framing; it sets no cookie.
 */
#include "edge/ep_terms.h"

#include <stdatomic.h>

#include "base/log.h"
#include "edge/attempt.h"
#include "edge/bearer.h"
#include "enroll/reason.h"
#include "entra/tokens.h"
#include "graph/groups.h"
#include "terms/branding.h"
#include "terms/language.h"
#include "terms/terms.h"

enum { PARAMS_MAX = 32 };

static void page_headers(struct http_response *response, int status, const char *frame_ancestors)
{
	http_response_set(response, status, "text/html; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(
	    response, "Content-Security-Policy",
	    text_of(terms_content_security_policy(response->arena, frame_ancestors)));
	ep_terms_common_headers(response);
}

/* How our pages look for whoever sent this request. */
static struct terms_look look_of(struct op *op, const struct http_request *request)
{
	struct terms_hints hints = {
	    .host = http_request_header(request, "CXH-HOST"),
	    .os_version_info = http_request_header(request, "cxh-osVersionInfo"),
	    .personality = http_request_header(request, "cxh-personality"),
	    .preferred_language = http_request_header(request, "cxh-preferredLanguage"),
	    .accept_language = http_request_header(request, "Accept-Language"),
	};
	struct terms_look look = terms_look_of(op->arena, &hints);

	look.branding = op->config->branding;
	return look;
}

/* The body is for web views that stop at an address of another scheme. */
static void redirect_answer(struct http_response *response, const struct terms_look *look,
			    const char *location, const struct terms_decision *decision)
{
	bool is_decided = decision && decision->sealed.ptr;

	page_headers(response, 302, decision ? decision->frame_ancestors : "");
	http_response_header(response, "Location", text_of(location));
	terms_continue_write(&response->body, look, location,
			     is_decided ? decision->sealed : TEXT_EMPTY);
}

static void error_page(struct op *op, struct http_response *response, const struct terms_look *look,
		       enum terms_problem problem)
{
	page_headers(response, 400, "");
	terms_error_write(&response->body, look, problem, op->trace_id);
}

/* The address is none of the tenant's own rules. Which it was is what the rules are made from. */
static void redirect_refuse(struct op *op, struct enrollment *attempt,
			    const struct redirect_uri *redirect)
{
	enroll_attempt_refuse_known(attempt, "redirect_uri_tenant");
	attempt->remedy = arena_printf(op->arena, "%s Windows asked for %s", attempt->remedy,
				       terms_redirect_place(op->arena, redirect));
}

static enum terms_error token_error(enum entra_verdict verdict)
{
	if (verdict == ENTRA_TOKEN_TENANT_DISABLED)
		return TERMS_ERROR_PREREQUISITE;
	switch (entra_verdict_refusal(verdict)) {
	case ENTRA_REFUSED_FOR_THE_MOMENT:
		return TERMS_ERROR_INTERNAL;
	case ENTRA_REFUSED_PERMISSION:
		return TERMS_ERROR_PREREQUISITE;
	case ENTRA_ACCEPTED:
	case ENTRA_REFUSED_FORM:
	case ENTRA_REFUSED_IDENTITY:
		break;
	}
	return TERMS_ERROR_TOKEN;
}

/* The parts of the answer that are the same for all endings of GET. HEAD asks the same and leaves
 * nothing behind. */
struct show {
	struct op *op;
	bool is_recorded;
	struct http_response *response;
	struct terms_request request;
	struct terms_look look;
	struct enrollment attempt;
};

static void show_record(struct show *show)
{
	if (show->is_recorded)
		edge_attempt_record(show->op, &show->attempt);
}

static void show_error(struct show *show, enum terms_error error)
{
	redirect_answer(show->response, &show->look,
			terms_error_location(show->op->arena, &show->request.redirect, error,
					     show->request.client_request_id),
			NULL);
	show_record(show);
}

/* Rows 1 and 2 of the decision table. True: go on. */
static bool request_check(struct show *show, const struct http_request *request)
{
	struct http_param params[PARAMS_MAX];
	const char *reason = "query_malformed";
	enum terms_error error;
	size_t count;
	int r;

	r = http_form_read(show->op->arena, request->query, false, params, PARAMS_MAX, &count);
	if (r == 0)
		r = terms_request_read(show->op, params, count, &show->request, &reason);
	else
		r = TERMS_E_REDIRECT_URI;
	if (show->request.client_request_id)
		show->attempt.client_request_id = show->request.client_request_id;
	if (r == 0)
		return true;
	if (r == TERMS_E_REDIRECT_URI) {
		enroll_attempt_refuse_known(&show->attempt, reason);
		error_page(show->op, show->response, &show->look, TERMS_PROBLEM_NOT_JOINING);
		show_record(show);
		return false;
	}
	error = r == TERMS_E_MODE ? TERMS_ERROR_MODE : TERMS_ERROR_VERSION;
	enroll_attempt_refuse_known(&show->attempt,
				    r == TERMS_E_MODE ? "terms_mode_unknown" : "terms_api_version");
	show_error(show, error);
	return false;
}

/* Which text it is to be: what the user reads, and the user's groups where a text is for one. */
static int wish_read(struct show *show, const struct http_request *request,
		     const struct entra_principal *principal, const struct tenant *tenant)
{
	struct op *op = show->op;
	bool wants_groups;
	int r;

	show->request.look = show->look;
	show->request.languages =
	    languages_wanted(op->arena, http_request_header(request, "cxh-preferredLanguage"),
			     http_request_header(request, "Accept-Language"));
	r = terms_wants_groups(op, tenant, show->request.mode, &wants_groups);
	if (r == 0 && wants_groups)
		r = graph_groups_for_page(op, tenant->tenant_id, principal->object_id,
					  &show->request.groups, &show->request.group_count);
	return r ? ERR_TRACE(&op->trail, r) : 0;
}

/* Said once: the page is whole without it, but somebody asked for it. */
static void winjs_miss(const struct op *op, const struct tenant *tenant)
{
	static atomic_flag is_said = ATOMIC_FLAG_INIT;

	if (!tenant->is_winjs || !op->config->branding || op->config->branding->winjs_dark ||
	    atomic_flag_test_and_set(&is_said))
		return;
	log_warn("winjs_missing", LOG_TEXT("tenant_id", tenant->tenant_id),
		 LOG_TEXT("assets_dir", op->config->terms_assets_dir),
		 LOG_TEXT("remedy", "run tools/fetch-winjs.sh, or turn winjs off for the tenant"));
}

/* The token is good. */
static int page_show(struct show *show, const struct http_request *request,
		     const struct entra_principal *principal, const struct tenant *tenant)
{
	struct op *op = show->op;
	int r;

	edge_attempt_principal(&show->attempt, principal);
	if (!terms_redirect_is_allowed(op, tenant, &show->request.redirect)) {
		redirect_refuse(op, &show->attempt, &show->request.redirect);
		error_page(op, show->response, &show->look, TERMS_PROBLEM_NOT_JOINING);
		show_record(show);
		return 0;
	}
	r = wish_read(show, request, principal, tenant);
	if (r == 0)
		r = terms_show(op, &show->request, principal, tenant, !show->is_recorded,
			       &show->response->body);
	if (r) {
		buf_clear(&show->response->body);
		enroll_attempt_fail(&show->attempt);
		show_error(show, TERMS_ERROR_INTERNAL);
		return ERR_TRACE(&op->trail, r);
	}
	winjs_miss(op, tenant);
	page_headers(show->response, 200, tenant->frame_ancestors);
	/* A page that nobody answers is worth knowing of. */
	show->attempt.reason = "terms_shown";
	show_record(show);
	return 0;
}

int ep_terms_show(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct show show = {.op = op,
			    .response = response,
			    .is_recorded = request->method != HTTP_HEAD,
			    .look = look_of(op, request)};
	struct entra_principal principal;
	struct entra_token_note note;
	struct tenant tenant;
	int r;

	edge_attempt_init(op, request, STAGE_TERMS, &show.attempt);
	if (!request_check(&show, request))
		return 0;
	r = entra_token_check(op, ENTRA_TERMS, edge_bearer_token(request), &principal, &tenant,
			      &note);
	if (r < 0) {
		enroll_attempt_fail(&show.attempt);
		show_error(&show, TERMS_ERROR_INTERNAL);
		return ERR_TRACE(&op->trail, r);
	}
	if (r != ENTRA_TOKEN_OK) {
		edge_attempt_token(op, &show.attempt, (enum entra_verdict)r, &note, "");
		show_error(&show, token_error((enum entra_verdict)r));
		return 0;
	}
	r = page_show(&show, request, &principal, &tenant);
	return r ? ERR_TRACE(&op->trail, r) : 0;
}

/* A decision as it is worked on. Its rows: one for each ending; what ends before is in the first.
 */
struct decide {
	struct op *op;
	struct http_response *response;
	struct terms_look look;
	struct enrollment attempts[TERMS_ENDINGS];
	struct terms_decision decision;
};

/* The attempt says already why. */
static void decide_error(struct decide *decide, enum terms_error error)
{
	const struct terms_decision *decision = &decide->decision;

	redirect_answer(decide->response, &decide->look,
			terms_error_location(decide->op->arena, &decision->redirect, error,
					     decision->state.client_request_id),
			decision);
	edge_attempt_record(decide->op, &decide->attempts[TERMS_ENDED_ACCEPTED]);
}

static void decide_bad(struct decide *decide, enum terms_problem problem)
{
	error_page(decide->op, decide->response, &decide->look, problem);
	edge_attempt_record(decide->op, &decide->attempts[TERMS_ENDED_ACCEPTED]);
}

/* The rows a decision may leave, one for each ending. */
static void attempts_init(const struct enrollment *attempt,
			  struct enrollment attempts[TERMS_ENDINGS])
{
	for (size_t i = 0; i < TERMS_ENDINGS; i++)
		attempts[i] = *attempt;
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_DECLINED], "terms_declined");
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_PIN_WRONG], "pin_wrong");
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_PIN_BLOCKED], "pin_blocked");
}

/* The posted form, when it is one that can be read. */
static int form_decide(struct decide *decide, const struct http_request *request)
{
	struct text type = http_request_header(request, "Content-Type");
	struct http_param params[PARAMS_MAX];
	struct terms_form form = {.params = params,
				  .user_agent = http_request_header(request, "User-Agent")};

	if (!type.ptr || !text_starts_nocase(type, TEXT("application/x-www-form-urlencoded")))
		return TERMS_E_STATE;
	if (http_form_read(decide->op->arena, request->body, true, params, PARAMS_MAX, &form.count))
		return TERMS_E_STATE;
	return terms_decide(decide->op, &form, decide->attempts, &decide->response->body,
			    &decide->decision);
}

static void decide_log(struct op *op, const struct terms_decision *decision, bool is_decided)
{
	static const char *const outcomes[TERMS_ENDINGS] = {
	    [TERMS_ENDED_ACCEPTED] = "",
	    [TERMS_ENDED_DECLINED] = "terms_declined",
	    [TERMS_ENDED_PIN_WRONG] = "pin_wrong",
	    [TERMS_ENDED_PIN_BLOCKED] = "pin_blocked",
	};

	if (is_decided || decision->is_refused)
		op->log_outcome = outcomes[decision->ending];
}

/* Windows' hints come with the first request alone; what they said is in the state. */
static void decide_look(struct decide *decide)
{
	const struct terms_consent *state = &decide->decision.state;

	if (!state->tenant_id)
		return;
	decide->look.theme = state->theme;
	decide->look.tenant_id = state->tenant_id;
}

int ep_terms_decide(struct op *op, const struct http_request *request,
		    struct http_response *response)
{
	struct decide decide = {.op = op,
				.response = response,
				.look = look_of(op, request),
				.decision = {.frame_ancestors = ""}};
	struct enrollment *attempt = &decide.attempts[TERMS_ENDED_ACCEPTED];
	struct enrollment started;
	int r;

	edge_attempt_init(op, request, STAGE_TERMS, &started);
	attempts_init(&started, decide.attempts);
	r = form_decide(&decide, request);
	decide_look(&decide);
	if (r < 0) {
		buf_clear(&response->body);
		enroll_attempt_fail(attempt);
		decide_error(&decide, TERMS_ERROR_INTERNAL);
		return ERR_TRACE(&op->trail, r);
	}
	decide_log(op, &decide.decision, r == 0);
	switch ((enum terms_outcome)r) {
	case TERMS_E_SHOW_AGAIN:
		page_headers(response, 200, decide.decision.frame_ancestors);
		return 0;
	case TERMS_E_EXPIRED:
		enroll_attempt_refuse_known(attempt, "terms_page_expired");
		decide_error(&decide, TERMS_ERROR_INTERNAL);
		return 0;
	case TERMS_E_TENANT:
		enroll_attempt_refuse_known(attempt, "tenant_gone");
		decide_error(&decide, TERMS_ERROR_PREREQUISITE);
		return 0;
	case TERMS_E_REDIRECT_URI:
		redirect_refuse(op, attempt, &decide.decision.redirect);
		decide_bad(&decide, TERMS_PROBLEM_NOT_JOINING);
		return 0;
	case TERMS_E_VERSION:
	case TERMS_E_MODE:
	case TERMS_E_STATE:
		enroll_attempt_refuse_known(attempt, "terms_state");
		decide_bad(&decide, TERMS_PROBLEM_STATE);
		return 0;
	}
	redirect_answer(response, &decide.look, decide.decision.location, &decide.decision);
	return 0;
}
