/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal.h: who is asking, as far as it has been proved. Made only by the checks that prove it.
 */
#ifndef MUSTER_MODEL_PRINCIPAL_H
#define MUSTER_MODEL_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

/* A user (and at enrolment a device) proved by a validated Entra token. The identity is
 * (tenant_id, object_id); the name is a label that may be missing or change. */
struct entra_principal {
	const char *tenant_id;  /* lower case GUID */
	const char *object_id;  /* lower case GUID */
	const char *device_id;  /* Entra device id, lower case GUID; "" when the token has none */
	const char *user_name;  /* upn, else preferred_username, else "": a label only */
	const char *client_app; /* appid or azp */
	const char *token_id;   /* uti */
	int64_t expires_at;
	bool is_version_2;
	bool is_guest;
};

enum api_role { ROLE_READER, ROLE_ADMINISTRATOR };

/* A caller of the admin API, proved by an API token. */
struct api_principal {
	const char *token_id; /* "" when nobody is signed in */
	const char *name;
	enum api_role role;
};

#endif
