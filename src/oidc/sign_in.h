/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_in.h: signing in a user who enrols a device without Entra's join: authorization code with
 * PKCE and nonce at the tenant's identity provider, and the token a device then enrols with.
 *
 * Between the first page and the provider's answer everything is in the sealed state that goes
 * through the browser: nothing is stored, and nobody but this server can read or make one. It is
 * bound to a random value in a cookie, so that an answer is taken only in the browser that asked.
 * MS-MDE2 3.2, protocol: enrolment 2.2; doc/decisions/0037.
 */
#ifndef MUSTER_OIDC_SIGN_IN_H
#define MUSTER_OIDC_SIGN_IN_H

#include "model/op.h"
#include "model/tenant.h"
#include "oidc/rules.h"

/* Below the public URL: where the provider sends the browser back to. */
#define SIGN_IN_PATH_RETURN "/EnrollmentServer/Auth/Return"

enum sign_in_outcome {
	SIGN_IN_E_METHOD = 1, /* the tenant does not let people sign in, or has no provider */
	SIGN_IN_E_PROVIDER,   /* the provider has no usable answer at the moment */
	SIGN_IN_E_STATE,      /* no sign-in of this server and this browser */
	SIGN_IN_E_EXPIRED,    /* begun too long ago */
	SIGN_IN_E_TENANT,     /* the tenant was removed or disabled, or its provider changed */
	SIGN_IN_E_DENIED,     /* the user, or the provider on its own, said no */
	SIGN_IN_E_FAILED,     /* the provider reports another error */
	SIGN_IN_E_CODE,       /* the provider does not take its own code: used, or expired */
	SIGN_IN_E_CLIENT,     /* the provider does not take this server's client id or secret */
	SIGN_IN_E_EXCHANGE,   /* the provider gives no ID token for its code, for another reason */
	SIGN_IN_E_TOKEN       /* the ID token is not acceptable: result.verdict */
};

struct sign_in_start {
	const char *appru;      /* of oidc_appru_read */
	struct text login_hint; /* ptr NULL: none */
	const char *binding;    /* what the browser's cookie holds */
};

/* The provider's address to send the browser to. */
MUST_CHECK int sign_in_begin(struct op *op, const struct tenant *tenant,
			     const struct sign_in_start *start, const char **ret);

/* A value for the cookie, and whether one is such a value. */
const char *sign_in_binding_new(struct arena *arena);
bool sign_in_binding_is_ok(struct text t);

/* What the provider's answer brought; ptr NULL: not there. */
struct sign_in_answer {
	struct text state;
	struct text code;
	struct text error;
	struct text error_description;
	struct text issuer;  /* RFC 9207 */
	struct text binding; /* of the cookie */
};

struct sign_in_result {
	const char *appru;      /* "": not known */
	const char *tenant_id;  /* "": not known */
	const char *login_hint; /* a claim: who somebody said they were; "": nobody */
	const char *said;       /* the provider's own error, printable and short; "": none */
	enum oidc_verdict verdict;
	struct oidc_user user;
	bool is_proved;         /* the provider signed what is in user, for this server */
	const char *joining_id; /* on 0: a GUID that is in the token too */
	const char *wresult;    /* on 0: the device's token, printable, one line */
};

/* *ret is set as far as it got, also on a positive outcome. */
MUST_CHECK int sign_in_end(struct op *op, const struct sign_in_answer *answer,
			   struct sign_in_result *ret);

/* The token of a device: who it is for. Strings are in the arena. */
struct sign_in_token {
	const char *id; /* a GUID: the sign-in it came of */
	const char *tenant_id;
	const char *user_key;
	const char *object_id; /* Entra's, else "" */
	const char *user_name;
	int64_t expires_at;
};

enum sign_in_token_outcome {
	SIGN_IN_TOKEN_E_FORGED = 1, /* not made by this server with this key, or changed */
	SIGN_IN_TOKEN_E_EXPIRED     /* *ret is set */
};

char *sign_in_token_seal(struct op *op, const struct sign_in_token *token);
MUST_CHECK int sign_in_token_open(struct op *op, struct text sealed, struct sign_in_token *ret);

/* Whether the tenant lets people sign in with this server's page. */
bool sign_in_is_offered(const struct tenant *tenant);

#endif
