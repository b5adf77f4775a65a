/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms.c: the Terms of Use page. Every answer is either a page of ours or a redirect to an
 * address terms/ has allowed; what went wrong is told to Windows by the redirect, to the
 * administrator by the attempt, and to nobody else.
 *
 * The page lives in a frame on Windows 11, so nothing here forbids framing; it sets no cookie.
 */
#include "edge/ep_terms.h"

#include "edge/attempt.h"
#include "edge/bearer.h"
#include "enroll/reason.h"
#include "entra/tokens.h"
#include "terms/terms.h"

enum { PARAMS_MAX = 32 };

static void page_headers(struct http_response *response, int status)
{
	http_response_set(response, status, "text/html; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(response, "Referrer-Policy", TEXT("no-referrer"));
	http_response_header(response, "X-Content-Type-Options", TEXT("nosniff"));
	http_response_header(response, "Content-Security-Policy",
			     text_of(terms_content_security_policy()));
}

static void redirect_answer(struct http_response *response, const char *location)
{
	page_headers(response, 302);
	http_response_header(response, "Location", text_of(location));
	/* For web views that stop at an address of another scheme. */
	buf_add_c(&response->body, "<!DOCTYPE html>\n<title>Continue</title>\n<p><a href=\"");
	buf_add_html(&response->body, text_of(location));
	buf_add_c(&response->body, "\">Continue</a></p>\n");
}

static void error_page(struct op *op, struct http_response *response, const char *message)
{
	page_headers(response, 400);
	terms_error_write(&response->body, message, op->trace_id);
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
	struct enrollment attempt;
};

static void show_record(struct show *show)
{
	if (show->is_recorded)
		edge_attempt_record(show->op, &show->attempt);
}

static void show_error(struct show *show, enum terms_error error)
{
	redirect_answer(show->response,
			terms_error_location(show->op->arena, &show->request.redirect, error,
					     show->request.client_request_id));
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
		error_page(show->op, show->response,
			   "This page can only be opened while Windows joins your organization.");
		show_record(show);
		return false;
	}
	error = r == TERMS_E_MODE ? TERMS_ERROR_MODE : TERMS_ERROR_VERSION;
	enroll_attempt_refuse_known(&show->attempt,
				    r == TERMS_E_MODE ? "terms_mode_unknown" : "terms_api_version");
	show_error(show, error);
	return false;
}

int ep_terms_show(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct show show = {
	    .op = op, .response = response, .is_recorded = request->method != HTTP_HEAD};
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
	edge_attempt_principal(&show.attempt, &principal);
	show.request.look = terms_look_of(http_request_header(request, "CXH-HOST"),
					  http_request_header(request, "cxh-osVersionInfo"));
	page_headers(response, 200);
	terms_show(op, &show.request, &principal, tenant.domain, &response->body);
	/* A page that nobody answers is worth knowing of. */
	show.attempt.reason = "terms_shown";
	show_record(&show);
	return 0;
}

/* The attempt says already why. */
static void decide_error(struct op *op, struct http_response *response, struct enrollment *attempt,
			 const struct terms_decision *decision, enum terms_error error)
{
	redirect_answer(response, terms_error_location(op->arena, &decision->redirect, error,
						       decision->state.client_request_id));
	edge_attempt_record(op, attempt);
}

static void decide_bad_state(struct op *op, struct http_response *response,
			     struct enrollment *attempt)
{
	enroll_attempt_refuse_known(attempt, "terms_state");
	error_page(op, response, "This page is no longer valid. Go back and start joining again.");
	edge_attempt_record(op, attempt);
}

/* The posted form, when it is one that can be read. */
static int form_decide(struct op *op, const struct http_request *request,
		       struct enrollment *attempt, struct http_response *response,
		       struct terms_decision *decision)
{
	struct text type = http_request_header(request, "Content-Type");
	struct http_param params[PARAMS_MAX];
	size_t count;

	if (!type.ptr || !text_starts_nocase(type, TEXT("application/x-www-form-urlencoded")))
		return TERMS_E_STATE;
	if (http_form_read(op->arena, request->body, true, params, PARAMS_MAX, &count))
		return TERMS_E_STATE;
	return terms_decide(op, params, count, attempt, &response->body, decision);
}

int ep_terms_decide(struct op *op, const struct http_request *request,
		    struct http_response *response)
{
	struct terms_decision decision = {0};
	struct enrollment attempt;
	int r;

	edge_attempt_init(op, request, STAGE_TERMS, &attempt);
	r = form_decide(op, request, &attempt, response, &decision);
	if (r < 0) {
		enroll_attempt_fail(&attempt);
		decide_error(op, response, &attempt, &decision, TERMS_ERROR_INTERNAL);
		return ERR_TRACE(&op->trail, r);
	}
	switch ((enum terms_outcome)r) {
	case TERMS_E_SHOW_AGAIN:
		page_headers(response, 200);
		return 0;
	case TERMS_E_EXPIRED:
		enroll_attempt_refuse_known(&attempt, "terms_page_expired");
		decide_error(op, response, &attempt, &decision, TERMS_ERROR_INTERNAL);
		return 0;
	case TERMS_E_TENANT:
		enroll_attempt_refuse_known(&attempt, "tenant_gone");
		decide_error(op, response, &attempt, &decision, TERMS_ERROR_PREREQUISITE);
		return 0;
	case TERMS_E_REDIRECT_URI:
	case TERMS_E_VERSION:
	case TERMS_E_MODE:
	case TERMS_E_STATE:
		decide_bad_state(op, response, &attempt);
		return 0;
	}
	redirect_answer(response, decision.location);
	op->log_outcome = decision.is_accepted ? "" : "terms_declined";
	return 0;
}
