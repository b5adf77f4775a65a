/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_enrollment.h: the three services of enrolment (MS-MDE2): discovery, certificate policy, and
 * the request for a security token.
 */
#ifndef MUSTER_EDGE_EP_ENROLLMENT_H
#define MUSTER_EDGE_EP_ENROLLMENT_H

#include "edge/run.h"

/* GET: Windows asks whether the service exists. */
MUST_CHECK int ep_discovery_probe(struct op *op, const struct http_request *request,
				  struct http_response *response);
MUST_CHECK int ep_discovery(struct op *op, const struct http_request *request,
			    struct http_response *response);
MUST_CHECK int ep_policy(struct op *op, const struct http_request *request,
			 struct http_response *response);
MUST_CHECK int ep_enrollment(struct op *op, const struct http_request *request,
			     struct http_response *response);

#endif
