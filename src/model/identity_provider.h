/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_provider.h: where the users of a tenant sign in who enrol without Entra's join: an
 * OpenID provider. A tenant has at most one.
 */
#ifndef MUSTER_MODEL_IDENTITY_PROVIDER_H
#define MUSTER_MODEL_IDENTITY_PROVIDER_H

#include <stdint.h>

struct identity_provider {
	const char *tenant_id;
	const char *issuer; /* exactly as its metadata and tokens spell it */
	const char *client_id;
	/* The client secret, sealed for "identity_providers|<tenant>"; "": a public client. */
	const char *sealed;
	const char *scopes;         /* with blanks between; openid is among them */
	const char *user_claim;     /* "": preferred_username, else upn, else email */
	const char *required_claim; /* NAME=VALUE, "": none */
	int64_t version;            /* +1 with each change */
	int64_t created_at;
	int64_t updated_at;
};

#endif
