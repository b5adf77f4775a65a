/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_proof.h: one attempt to get a token: a stored credential is opened, turned into a proof, and
 * sent. Only app_tokens.c uses this header.
 */
#ifndef MUSTER_ENTRA_APP_PROOF_H
#define MUSTER_ENTRA_APP_PROOF_H

#include "entra/app_grant.h"

/* 0 with *ret, or an enum entra_app_outcome with *error. */
MUST_CHECK int app_proof_send(struct op *op, const struct tenant *tenant,
			      const struct credential *credential, struct app_grant *ret,
			      struct entra_app_error *error);

#endif
