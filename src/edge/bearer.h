/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bearer.h: the credential in an Authorization header (RFC 6750 section 2.1).
 */
#ifndef MUSTER_EDGE_BEARER_H
#define MUSTER_EDGE_BEARER_H

#include "http/message.h"

/* The token of the one "Authorization: Bearer" header; ptr NULL when there is none, another
 * scheme, or more than one such header. */
struct text edge_bearer_token(const struct http_request *request);

#endif
