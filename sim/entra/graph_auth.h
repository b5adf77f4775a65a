/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_auth.h: who calls Graph, and what that caller may do.
 */
#ifndef MUSTER_SIM_ENTRA_GRAPH_AUTH_H
#define MUSTER_SIM_ENTRA_GRAPH_AUTH_H

#include "sim/entra/call.h"

/* Judge the bearer token: sets token, tenant, principal and client_id of the call, or only
 * token_problem. Answers nothing. */
void graph_identify(struct call *call);
/* 401 where there is no good token or its application is gone. */
MUST_CHECK bool graph_require_token(struct call *call);
/* One of the alternatives must be held; "A+B" needs both. NULL ends the list; an empty list needs
 * nothing. 403 otherwise. Application tokens hold roles, delegated ones scopes. */
MUST_CHECK bool graph_require(struct call *call, const char *const *alternatives);
/* The same for a permission that exists for users only: an application token is refused. */
MUST_CHECK bool graph_require_delegated(struct call *call, const char *scope);

#endif
