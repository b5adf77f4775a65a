/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_in_seal.h: the two sealed values of a sign-in. Only oidc/ uses this header; the device's
 * token is in sign_in.h.
 */
#ifndef MUSTER_OIDC_SIGN_IN_SEAL_H
#define MUSTER_OIDC_SIGN_IN_SEAL_H

#include "model/op.h"

struct sign_in_state {
	const char *tenant_id;
	int64_t provider_version;
	const char *appru;
	const char *login_hint; /* who somebody said they were; "" */
	const char *nonce;
	const char *verifier;
	const char *binding_sha256; /* of the cookie's value, lower-case hex */
	int64_t expires_at;
};

enum sign_in_state_outcome { SIGN_IN_STATE_E_FORGED = 1 };

char *sign_in_state_seal(struct op *op, const struct sign_in_state *state);
/* Does not look at the time. */
MUST_CHECK int sign_in_state_open(struct op *op, struct text sealed, struct sign_in_state *ret);

#endif
