/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms_resume.c: a page of the Terms of Use that comes back with its sealed state: posted, or
 * asked for again by Back, Forward and Reload of the web view. The state alone says who and where
 * to; a bearer token that comes with it is not looked at.
 */
#include "edge/ep_terms.h"

#include "edge/attempt.h"
#include "edge/terms_answer.h"
#include "enroll/reason.h"

enum { PARAMS_MAX = 32 };

/* The parts of the answer that are the same for both. HEAD asks the same and leaves nothing behind.
 */
struct resume {
	struct op *op;
	bool is_recorded;
	struct http_response *response;
	struct terms_look look;
	struct enrollment *attempt; /* of what ends before anything is decided */
	const struct terms_resumed *resumed;
};

static void resume_record(const struct resume *resume)
{
	if (resume->is_recorded)
		edge_attempt_record(resume->op, resume->attempt);
}

/* The attempt says already why. */
static void resume_error(const struct resume *resume, enum terms_error error)
{
	const struct terms_resumed *resumed = resume->resumed;
	const char *location = terms_error_location(resume->op->arena, &resumed->redirect, error,
						    resumed->state.client_request_id);

	terms_answer_redirect(resume->response, &resume->look, location, resumed->frame_ancestors,
			      resumed->sealed);
	resume_record(resume);
}

static void resume_problem(const struct resume *resume, enum terms_problem problem)
{
	terms_answer_problem(resume->op, resume->response, &resume->look, problem);
	resume_record(resume);
}

/* Windows' hints come with the first request alone; what they said is in the state. */
static void resume_look(struct resume *resume)
{
	const struct terms_consent *state = &resume->resumed->state;

	if (!state->tenant_id)
		return;
	resume->look.theme = state->theme;
	resume->look.tenant_id = state->tenant_id;
}

static int resume_fail(const struct resume *resume, int r)
{
	buf_clear(&resume->response->body);
	enroll_attempt_fail(resume->attempt);
	resume_error(resume, TERMS_ERROR_INTERNAL);
	return ERR_TRACE(&resume->op->trail, r);
}

/* Every outcome but a decision. */
static void resume_answer(const struct resume *resume, enum terms_outcome outcome)
{
	const struct terms_resumed *resumed = resume->resumed;

	switch (outcome) {
	case TERMS_E_SHOW_AGAIN:
		terms_answer_page(resume->response, resumed->frame_ancestors);
		return;
	case TERMS_E_EXPIRED:
		enroll_attempt_refuse_known(resume->attempt, "terms_page_expired");
		resume_error(resume, TERMS_ERROR_INTERNAL);
		return;
	case TERMS_E_TENANT:
		enroll_attempt_refuse_known(resume->attempt, "tenant_gone");
		resume_error(resume, TERMS_ERROR_PREREQUISITE);
		return;
	case TERMS_E_REDIRECT_URI:
		terms_answer_redirect_refused(resume->op, resume->attempt, &resumed->redirect);
		resume_problem(resume, TERMS_PROBLEM_NOT_JOINING);
		return;
	case TERMS_E_VERSION:
	case TERMS_E_MODE:
	case TERMS_E_STATE:
		enroll_attempt_refuse_known(resume->attempt, "terms_state");
		resume_problem(resume, TERMS_PROBLEM_STATE);
		return;
	}
}

int ep_terms_show_again(struct op *op, const struct http_request *request,
			const struct http_param *params, size_t count,
			struct http_response *response)
{
	const struct terms_form query = {.params = params, .count = count};
	struct terms_resumed resumed;
	struct enrollment attempt;
	struct resume resume = {.op = op,
				.is_recorded = request->method != HTTP_HEAD,
				.response = response,
				.look = terms_answer_look(op, request),
				.attempt = &attempt,
				.resumed = &resumed};
	int r;

	edge_attempt_init(op, request, STAGE_TERMS, &attempt);
	r = terms_show_again(op, &query, !resume.is_recorded, &attempt, &response->body, &resumed);
	resume_look(&resume);
	if (r < 0)
		return resume_fail(&resume, r);
	resume_answer(&resume, (enum terms_outcome)r);
	return 0;
}

/* The rows a decision may leave, one for each ending; what ends before is in the first. */
static void attempts_init(struct op *op, const struct http_request *request,
			  struct enrollment attempts[TERMS_ENDINGS])
{
	struct enrollment attempt;

	edge_attempt_init(op, request, STAGE_TERMS, &attempt);
	for (size_t i = 0; i < TERMS_ENDINGS; i++)
		attempts[i] = attempt;
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_DECLINED], "terms_declined");
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_PIN_WRONG], "pin_wrong");
	enroll_attempt_refuse_known(&attempts[TERMS_ENDED_PIN_BLOCKED], "pin_blocked");
}

/* The posted form, when it is one that can be read. */
static int form_decide(struct op *op, const struct http_request *request,
		       struct enrollment attempts[TERMS_ENDINGS], struct buf *page,
		       struct terms_decision *decision)
{
	struct text type = http_request_header(request, "Content-Type");
	struct http_param params[PARAMS_MAX];
	struct terms_form form = {.params = params,
				  .user_agent = http_request_header(request, "User-Agent")};

	if (!type.ptr || !text_starts_nocase(type, TEXT("application/x-www-form-urlencoded")))
		return TERMS_E_STATE;
	if (http_form_read(op->arena, request->body, true, params, PARAMS_MAX, &form.count))
		return TERMS_E_STATE;
	return terms_decide(op, &form, attempts, page, decision);
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

int ep_terms_decide(struct op *op, const struct http_request *request,
		    struct http_response *response)
{
	struct terms_decision decision = {.resumed = {.frame_ancestors = ""}};
	struct enrollment attempts[TERMS_ENDINGS];
	struct resume resume = {.op = op,
				.is_recorded = true,
				.response = response,
				.look = terms_answer_look(op, request),
				.attempt = &attempts[TERMS_ENDED_ACCEPTED],
				.resumed = &decision.resumed};
	int r;

	attempts_init(op, request, attempts);
	r = form_decide(op, request, attempts, &response->body, &decision);
	resume_look(&resume);
	if (r < 0)
		return resume_fail(&resume, r);
	decide_log(op, &decision, r == 0);
	if (r)
		resume_answer(&resume, (enum terms_outcome)r);
	else
		terms_answer_redirect(response, &resume.look, decision.location,
				      decision.resumed.frame_ancestors, decision.resumed.sealed);
	return 0;
}
