/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appru.h: where Windows' sign-in broker wants the token posted to.
 *
 * The value comes from whoever opens the page and ends up as the action of a form that holds a
 * token, so it is taken apart and built again: ms-app://, a host of letters, digits, dots and
 * hyphens, and perhaps a plain path. Everything else is refused. MS-MDE2 3.2; abuse case 19.
 */
#ifndef MUSTER_OIDC_APPRU_H
#define MUSTER_OIDC_APPRU_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"

enum oidc_appru_outcome {
	OIDC_APPRU_E_MISSING = 1,
	OIDC_APPRU_E_TOO_LONG, /* LIMIT_APPRU */
	OIDC_APPRU_E_SCHEME,   /* not "ms-app://", in lower case as Windows sends it */
	OIDC_APPRU_E_HOST,
	OIDC_APPRU_E_PATH /* a byte that no plain path has; a query, a fragment */
};

/* The address, built anew in the arena; it equals what was read byte for byte. */
MUST_CHECK int oidc_appru_read(struct arena *arena, struct text in, const char **ret);

#endif
