/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_crl.h: GET and HEAD /EnrollmentServer/CRL/<key id>.crl.
 */
#ifndef MUSTER_EDGE_EP_CRL_H
#define MUSTER_EDGE_EP_CRL_H

#include "edge/run.h"

int ep_crl(struct op *op, const struct http_request *request, struct http_response *response);

#endif
