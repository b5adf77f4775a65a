/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_code.h: the grant authorization_code of the token endpoint.
 */
#ifndef MUSTER_SIM_ENTRA_TOKEN_CODE_H
#define MUSTER_SIM_ENTRA_TOKEN_CODE_H

#include "sim/entra/call.h"

struct token_code_request {
	struct text code; /* each ptr NULL: not sent */
	struct text redirect_uri;
	struct text verifier;
};

/* The tenant, application and credential have been checked. Answers. */
void token_code_answer(struct call *call, const struct token_code_request *request);

#endif
