/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_tokens.h: this server's own access tokens for Microsoft Graph, one for each tenant, from the
 * client credentials grant. Shared by all threads: one request in flight for a key, tokens kept in
 * memory only, not used in their last five minutes.
 */
#ifndef MUSTER_ENTRA_APP_TOKENS_H
#define MUSTER_ENTRA_APP_TOKENS_H

#include <stdint.h>

#include "base/attr.h"
#include "model/op.h"
#include "model/tenant.h"

enum entra_app_outcome {
	ENTRA_APP_E_NO_CREDENTIAL = 1, /* none is active */
	ENTRA_APP_E_CREDENTIAL = 2,    /* wrong or expired: add a new one */
	ENTRA_APP_E_NOT_INSTALLED = 3, /* the application is unknown in the tenant */
	ENTRA_APP_E_DISABLED = 4,      /* the application is disabled in the tenant */
	ENTRA_APP_E_CONSENT = 5,       /* an administrator has not consented */
	ENTRA_APP_E_BLOCKED = 6,       /* Conditional Access: slow retry */
	ENTRA_APP_E_CONFIGURATION = 7, /* tenant, cloud or address wrong */
	ENTRA_APP_E_TRANSIENT = 8,     /* unreachable, throttled, 5xx: retry after retry_after_s */
	ENTRA_APP_E_REQUEST = 9        /* Entra calls our request wrong: a defect of this program */
};

struct entra_app_error {
	int64_t aadsts;        /* 0: none given */
	int64_t retry_after_s; /* at least; 0: the caller's own back-off */
	const char *remedy;    /* static; a sentence for an administrator */
	const char *detail;    /* in op->arena: error code and trace id, never the secret */
};

struct entra_app_tokens *entra_app_tokens_new(void);
void entra_app_tokens_free(struct entra_app_tokens *tokens);

/*
 * *ret: the token for the tenant's Graph, in op->arena (wipe it with secret_wipe when done). Active
 * credentials are tried newest first; one that Entra refuses is passed over for the next. On a
 * positive outcome *error is set. error may be NULL.
 */
MUST_CHECK int entra_app_token(struct op *op, const struct tenant *tenant, char **ret,
			       struct entra_app_error *error);

/* Graph answered 401: the next entra_app_token asks anew. */
void entra_app_token_drop(struct op *op, const struct tenant *tenant);

/* Ask for a token with one given credential and do not keep it: for checking a new one. */
MUST_CHECK int entra_app_credential_probe(struct op *op, const struct tenant *tenant,
					  const struct credential *credential,
					  struct entra_app_error *error);

const char *entra_app_outcome_name(enum entra_app_outcome outcome);

#endif
