/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms.c: the Terms of Use page as Windows asks for it, with a bearer token: rows 1 to 7 of the
 * protocol's decision table. What comes back with the state of a page is in ep_terms_resume.c.
 */
#include "edge/ep_terms.h"

#include <stdatomic.h>

#include "base/log.h"
#include "edge/attempt.h"
#include "edge/bearer.h"
#include "edge/terms_answer.h"
#include "enroll/reason.h"
#include "entra/tokens.h"
#include "graph/groups.h"
#include "terms/branding.h"
#include "terms/language.h"

enum { PARAMS_MAX = 32 };

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
	const char *location = terms_error_location(show->op->arena, &show->request.redirect, error,
						    show->request.client_request_id);

	terms_answer_redirect(show->response, &show->look, location, "", TEXT_EMPTY);
	show_record(show);
}

/* Rows 1 and 2 of the decision table. params NULL: the query cannot be read. True: go on. */
static bool request_check(struct show *show, const struct http_param *params, size_t count)
{
	const char *reason = "query_malformed";
	enum terms_error error;
	int r = TERMS_E_REDIRECT_URI;

	if (params)
		r = terms_request_read(show->op, params, count, &show->request, &reason);
	if (show->request.client_request_id)
		show->attempt.client_request_id = show->request.client_request_id;
	if (r == 0)
		return true;
	if (r == TERMS_E_REDIRECT_URI) {
		enroll_attempt_refuse_known(&show->attempt, reason);
		terms_answer_problem(show->op, show->response, &show->look,
				     TERMS_PROBLEM_NOT_JOINING);
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
		terms_answer_redirect_refused(op, &show->attempt, &show->request.redirect);
		terms_answer_problem(op, show->response, &show->look, TERMS_PROBLEM_NOT_JOINING);
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
	terms_answer_page(show->response, tenant->frame_ancestors);
	/* A page that nobody answers is worth knowing of. */
	show->attempt.reason = "terms_shown";
	show_record(show);
	return 0;
}

/* A page for the user of the request's token. */
static int entry_show(struct op *op, const struct http_request *request,
		      const struct http_param *params, size_t count, struct http_response *response)
{
	struct show show = {.op = op,
			    .response = response,
			    .is_recorded = request->method != HTTP_HEAD,
			    .look = terms_answer_look(op, request)};
	struct entra_principal principal;
	struct entra_token_note note;
	struct tenant tenant;
	int r;

	edge_attempt_init(op, request, STAGE_TERMS, &show.attempt);
	if (!request_check(&show, params, count))
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
		if (http_request_header_count(request, "Authorization") == 0)
			enroll_attempt_refuse_known(&show.attempt, "token_missing");
		show_error(&show, token_error((enum entra_verdict)r));
		return 0;
	}
	r = page_show(&show, request, &principal, &tenant);
	return r ? ERR_TRACE(&op->trail, r) : 0;
}

int ep_terms_show(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct http_param params[PARAMS_MAX];
	size_t count;

	if (http_form_read(op->arena, request->query, false, params, PARAMS_MAX, &count))
		return entry_show(op, request, NULL, 0, response);
	if (http_form_get(params, count, "state", NULL).ptr)
		return ep_terms_show_again(op, request, params, count, response);
	return entry_show(op, request, params, count, response);
}
