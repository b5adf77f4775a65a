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

/* How whoever enrols a device proved who they are. */
enum enroll_auth {
	ENROLL_AUTH_ENTRA,       /* an Entra token */
	ENROLL_AUTH_FEDERATED,   /* a token of this server's sign-in page */
	ENROLL_AUTH_ON_PREMISES, /* user name and password */
	ENROLL_AUTH_CERTIFICATE  /* a signature by a certificate of a trusted issuer */
};

/* Whoever enrols a device, proved in one of those ways. user_key names the user within the tenant
 * for ever: the Entra object id, or "oidc:...", "local:...", "ldap:...", "x509:...". */
struct enroll_principal {
	enum enroll_auth auth;
	const char *tenant_id;
	const char *user_key;
	const char *object_id; /* Entra's, "" where Entra did not prove it */
	const char *device_id; /* Entra's, "" unless auth is ENROLL_AUTH_ENTRA */
	const char *user_name; /* a label */
	bool is_version_2;     /* of the Entra token */
	/* What was proved with: the hash of the token, which is good for one enrolment only; of
	 * the certificate; NULL for a password. Lower-case hex. */
	const char *proof_sha256;
};

enum api_role { ROLE_READER, ROLE_ADMINISTRATOR };

/* A caller of the admin API, proved by an API token. */
struct api_principal {
	const char *token_id; /* "" when nobody is signed in */
	const char *name;
	enum api_role role;
};

#endif
