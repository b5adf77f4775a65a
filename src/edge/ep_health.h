/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_health.h: the plain loopback listener: is the process alive, can it serve, what does it count.
 */
#ifndef MUSTER_EDGE_EP_HEALTH_H
#define MUSTER_EDGE_EP_HEALTH_H

#include "edge/run.h"

MUST_CHECK int ep_health_live(struct op *op, const struct http_request *request,
			      struct http_response *response);
MUST_CHECK int ep_health_ready(struct op *op, const struct http_request *request,
			       struct http_response *response);
MUST_CHECK int ep_metrics(struct op *op, const struct http_request *request,
			  struct http_response *response);

#endif
