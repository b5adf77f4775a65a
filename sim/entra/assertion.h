/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assertion.h: client authentication by signed assertion: the certificate kind (the application
 * signs) and the federated kind (another issuer signs), and the proof of addKey.
 */
#ifndef MUSTER_SIM_ENTRA_ASSERTION_H
#define MUSTER_SIM_ENTRA_ASSERTION_H

#include "sim/entra/call.h"
#include "sim/entra/jose.h"

/* Judge the assertion for `app` at this tenant's token endpoint. False: the reply is the error. The
 * parsed parts go into the call for its journal row, also when they are refused. */
MUST_CHECK bool assertion_check(struct call *call, const struct app *app, struct text assertion);

/* The registered certificate credential that the header names by x5t#S256 or x5t; NULL none. */
const struct credential *assertion_credential(struct arena *arena, const struct app *app,
					      const struct json *header);
/* alg is RS256 or PS256 and the signature verifies under the credential's certificate, which is
 * valid at `now`. NULL: it does; else the reason. */
const char *assertion_signature_problem(const struct jose *jose,
					const struct credential *credential, int64_t now);

#endif
