/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms_answer.h: what the endpoints of the Terms of Use answer with. Every answer is either a page
 * of ours or a redirect to an address terms/ has allowed; what went wrong is told to Windows by the
 * redirect, to the administrator by the attempt, and to nobody else.
 *
 * The page lives in a frame on Windows 11, so nothing here forbids framing; it sets no cookie.
 */
#ifndef MUSTER_EDGE_TERMS_ANSWER_H
#define MUSTER_EDGE_TERMS_ANSWER_H

#include "edge/run.h"
#include "terms/terms.h"

/* How our pages look for whoever sent this request. */
struct terms_look terms_answer_look(struct op *op, const struct http_request *request);

/* Fields that all answers have, files that go with the pages included. */
void terms_answer_common(struct http_response *response);
/* The page that terms/ wrote. */
void terms_answer_page(struct http_response *response, const char *frame_ancestors);
/* The body is for web views that stop at an address of another scheme; sealed, where there is one,
 * leads from it back to the terms. */
void terms_answer_redirect(struct http_response *response, const struct terms_look *look,
			   const char *location, const char *frame_ancestors, struct text sealed);
void terms_answer_problem(struct op *op, struct http_response *response,
			  const struct terms_look *look, enum terms_problem problem);

/* The attempt ends because the address is none of the tenant's own rules. Which it was is what the
 * rules are made from. */
void terms_answer_redirect_refused(struct op *op, struct enrollment *attempt,
				   const struct redirect_uri *redirect);

#endif
