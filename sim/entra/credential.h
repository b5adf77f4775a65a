/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.h: what an application proves itself with: secrets, certificates and trust in another
 * issuer. A secret's text is kept only as its hash, so that it can be shown once and never again.
 */
#ifndef MUSTER_SIM_ENTRA_CREDENTIAL_H
#define MUSTER_SIM_ENTRA_CREDENTIAL_H

#include "base/arena.h"
#include "base/json.h"
#include "sim/entra/state.h"

/* A new random secret text, 40 characters. */
char *credential_secret_text(struct arena *arena);
struct credential *credential_add_secret(struct app *app, struct text secret, int64_t not_before,
					 int64_t not_after);
/* PEM or DER. NULL: not a certificate. Its own dates count. */
struct credential *credential_add_certificate(struct app *app, struct text certificate);
/* public_key: PEM of the issuer's RSA key. NULL: not a public key. */
struct credential *credential_add_federated(struct app *app, struct text issuer,
					    struct text subject, struct text public_key);
/* NULL: no such key id. */
struct credential *credential_find(const struct app *app, enum credential_kind kind,
				   struct text id);
/* As an object: id, kind, displayName, hint, thumbprint, startDateTime, endDateTime. */
void credential_write(struct json_writer *w, struct arena *arena,
		      const struct credential *credential);

#endif
