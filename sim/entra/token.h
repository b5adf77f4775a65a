/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h: the token endpoint, client credentials grant only.
 */
#ifndef MUSTER_SIM_ENTRA_TOKEN_H
#define MUSTER_SIM_ENTRA_TOKEN_H

#include "sim/entra/call.h"

/* POST /{tenant}/oauth2/v2.0/token; captures[0] is the tenant as spelled. */
void token_answer(struct call *call);

#endif
