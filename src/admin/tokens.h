/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.h: API tokens. A token is shown once, when it is made; what is stored is its SHA-256.
 */
#ifndef MUSTER_ADMIN_TOKENS_H
#define MUSTER_ADMIN_TOKENS_H

#include "admin/admin.h"
#include "model/audit.h"

/* *ret_secret is the token itself, in the arena: wipe it when it is written. expires_at 0: never.
 */
MUST_CHECK int admin_token_add(struct admin *admin, const char *name, enum api_role role,
			       int64_t expires_at, struct api_token *ret, const char **ret_secret);
MUST_CHECK int admin_token_remove(struct admin *admin, const char *id);

enum admin_sign_in { SIGN_IN_OK, SIGN_IN_UNKNOWN, SIGN_IN_EXPIRED };

/* Who presents this token. Negative: the store failed. Marks the token as used now and then. */
MUST_CHECK int admin_token_check(struct op *op, struct text token, struct api_principal *ret);

#endif
