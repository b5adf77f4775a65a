/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal.h: a RequestSecurityToken that asks to renew, on either listener.
 */
#ifndef MUSTER_EDGE_RENEWAL_H
#define MUSTER_EDGE_RENEWAL_H

#include "edge/soap_call.h"
#include "soap/wstep.h"

/* Answer it. 0, or negative when the program failed; answered then too. */
MUST_CHECK int edge_renew(struct soap_call *call, const struct soap_token_request *request);

#endif
