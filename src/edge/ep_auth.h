/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_auth.h: /EnrollmentServer/Auth: the page on which users sign in who enrol a device without
 * Entra's join (MS-MDE2 3.2).
 */
#ifndef MUSTER_EDGE_EP_AUTH_H
#define MUSTER_EDGE_EP_AUTH_H

#include "edge/run.h"

/* GET .../Auth?appru=&login_hint= and .../Auth/<tenant id>?...: to the identity provider. */
MUST_CHECK int ep_auth_begin(struct op *op, const struct http_request *request,
			     struct http_response *response);
/* GET .../Auth/Return?code=&state=: back from it. */
MUST_CHECK int ep_auth_return(struct op *op, const struct http_request *request,
			      struct http_response *response);
/* POST: the same from a provider that answers with a form. */
MUST_CHECK int ep_auth_post(struct op *op, const struct http_request *request,
			    struct http_response *response);

#endif
