/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_token.h: tokens of the admin API, of the server as a whole. Only the SHA-256 of a token is
 * stored, and it is never part of a list's filter or order.
 */
#ifndef MUSTER_STORE_API_TOKEN_H
#define MUSTER_STORE_API_TOKEN_H

#include "model/audit.h"
#include "store/store.h"

/* STORE_E_CONFLICT: the id, the name or the hash exists. */
MUST_CHECK int store_api_token_add(struct db_conn *tx, const struct api_token *token);
/* By the hash of what was presented; expired ones are found too. STORE_E_NOT_FOUND. */
MUST_CHECK int store_api_token_find(struct db_conn *conn, struct arena *arena, struct text sha256,
				    struct api_token *ret);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_api_token_load(struct db_conn *conn, struct arena *arena, struct text id,
				    struct api_token *ret);
/* By id, after the id `after`. */
MUST_CHECK int store_api_token_list(struct db_conn *conn, struct arena *arena, struct text after,
				    size_t limit, struct api_token **ret, size_t *ret_n);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_api_token_remove(struct db_conn *tx, struct text id);
/* last_used_at, never backwards. STORE_E_NOT_FOUND. */
MUST_CHECK int store_api_token_touch(struct db_conn *tx, struct text id, int64_t now);
/* Removes what expired before a time. */
MUST_CHECK int store_api_token_sweep(struct db_conn *tx, int64_t expired_before);

#endif
