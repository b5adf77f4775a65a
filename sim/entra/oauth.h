/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oauth.h: the errors of the login endpoints, with their AADSTS numbers.
 */
#ifndef MUSTER_SIM_ENTRA_OAUTH_H
#define MUSTER_SIM_ENTRA_OAUTH_H

#include "sim/entra/call.h"

enum oauth_error {
	OAUTH_POST_ONLY,
	OAUTH_PARAMETER_MISSING,
	OAUTH_PARAMETER_DUPLICATE,
	OAUTH_REQUEST_INVALID,
	OAUTH_GRANT_UNSUPPORTED,
	OAUTH_TENANT_UNKNOWN,
	OAUTH_TENANT_UNKNOWN_METADATA,
	OAUTH_TENANT_COMMON,
	OAUTH_APP_UNKNOWN,
	OAUTH_APP_DISABLED,
	OAUTH_SCOPE_INVALID,
	OAUTH_SCOPE_EMPTY,
	OAUTH_SCOPE_TWO_RESOURCES,
	OAUTH_RESOURCE_UNKNOWN,
	OAUTH_CREDENTIAL_MISSING,
	OAUTH_SECRET_WRONG,
	OAUTH_SECRET_EXPIRED,
	OAUTH_ASSERTION_TYPE,
	OAUTH_ASSERTION_MALFORMED,
	OAUTH_ASSERTION_UNSIGNED, /* key not registered, signature wrong, certificate out of date */
	OAUTH_ASSERTION_AUDIENCE,
	OAUTH_ASSERTION_SUBJECT,
	OAUTH_ASSERTION_TIME,
	OAUTH_ASSERTION_REPLAYED,
	OAUTH_FEDERATION_UNKNOWN,
	OAUTH_REDIRECT_URI,
	OAUTH_CODE_UNKNOWN,
	OAUTH_CODE_USED,
	OAUTH_CODE_EXPIRED,
	OAUTH_CODE_TENANT,
	OAUTH_CODE_REDIRECT,
	OAUTH_CODE_VERIFIER,
	OAUTH_CODE_NO_CREDENTIAL, /* of an application that is not public */
	OAUTH_PUBLIC_CREDENTIAL,  /* of one that is */
	OAUTH_USER_DISABLED,
	OAUTH_TRANSIENT
};

/* Answer with that error; `detail` goes into its text. Always returns false, so that a check can
 * `return oauth_fail(...)`. */
bool oauth_fail(struct call *call, enum oauth_error error, struct text detail);
/* The reply of an injected status fault on the login listener. */
void oauth_fail_status(struct call *call, int status);

#endif
