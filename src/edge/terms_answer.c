/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms_answer.c: see terms_answer.h.
 */
#include "edge/terms_answer.h"

#include "enroll/reason.h"

struct terms_look terms_answer_look(struct op *op, const struct http_request *request)
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

void terms_answer_common(struct http_response *response)
{
	http_response_header(response, "Referrer-Policy", TEXT("no-referrer"));
	http_response_header(response, "X-Content-Type-Options", TEXT("nosniff"));
	http_response_header(response, "Strict-Transport-Security", TEXT("max-age=31536000"));
}

static void page_headers(struct http_response *response, int status, enum terms_page_kind kind,
			 const char *frame_ancestors)
{
	http_response_set(response, status, "text/html; charset=utf-8");
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	http_response_header(
	    response, "Content-Security-Policy",
	    text_of(terms_content_security_policy(response->arena, kind, frame_ancestors)));
	terms_answer_common(response);
}

void terms_answer_page(struct http_response *response, const char *frame_ancestors)
{
	page_headers(response, 200, TERMS_PAGE_FORM, frame_ancestors);
}

void terms_answer_redirect(struct http_response *response, const struct terms_look *look,
			   const char *location, const char *frame_ancestors, struct text sealed)
{
	page_headers(response, 302, TERMS_PAGE_PLAIN, frame_ancestors);
	http_response_header(response, "Location", text_of(location));
	terms_continue_write(&response->body, look, location, sealed);
}

void terms_answer_problem(struct op *op, struct http_response *response,
			  const struct terms_look *look, enum terms_problem problem)
{
	page_headers(response, 400, TERMS_PAGE_PLAIN, "");
	terms_error_write(&response->body, look, problem, op->trace_id);
}

void terms_answer_redirect_refused(struct op *op, struct enrollment *attempt,
				   const struct redirect_uri *redirect)
{
	enroll_attempt_refuse_known(attempt, "redirect_uri_tenant");
	attempt->remedy = arena_printf(op->arena, "%s Windows asked for %s", attempt->remedy,
				       terms_redirect_place(op->arena, redirect));
}
