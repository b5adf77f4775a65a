/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms.h: GET and POST /TermsOfUse.
 */
#ifndef MUSTER_EDGE_EP_TERMS_H
#define MUSTER_EDGE_EP_TERMS_H

#include "edge/run.h"

MUST_CHECK int ep_terms_show(struct op *op, const struct http_request *request,
			     struct http_response *response);
MUST_CHECK int ep_terms_decide(struct op *op, const struct http_request *request,
			       struct http_response *response);

#endif
