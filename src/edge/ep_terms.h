/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms.h: GET and POST /TermsOfUse, and what goes with its pages.
 */
#ifndef MUSTER_EDGE_EP_TERMS_H
#define MUSTER_EDGE_EP_TERMS_H

#include "edge/run.h"

MUST_CHECK int ep_terms_show(struct op *op, const struct http_request *request,
			     struct http_response *response);
/* The same path with the state of a page in its query: params, decoded. */
MUST_CHECK int ep_terms_show_again(struct op *op, const struct http_request *request,
				   const struct http_param *params, size_t count,
				   struct http_response *response);
MUST_CHECK int ep_terms_decide(struct op *op, const struct http_request *request,
			       struct http_response *response);
/* Style sheets, logos and the script of the pages, from memory. */
MUST_CHECK int ep_terms_asset(struct op *op, const struct http_request *request,
			      struct http_response *response);

#endif
