/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h: the users of a tenant that this server has met, and the Entra groups they are in, as
 * Microsoft Graph last told. Keys: (tenant_id, user_object_id), and with group_id.
 *
 * A user who was never asked about is not the same as one in no group: whoever judges by groups
 * asks store_group_is_known first.
 */
#ifndef MUSTER_STORE_GROUP_H
#define MUSTER_STORE_GROUP_H

#include "store/store.h"

/* Group ids of a user, in order. */
MUST_CHECK int store_group_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				struct text user_object_id, const char ***ret, size_t *ret_n);
/* Whether Graph ever told about the user. */
MUST_CHECK int store_group_is_known(struct db_conn *conn, struct text tenant_id,
				    struct text user_object_id, bool *ret);

/* When Graph last told about the user; 0: never. */
MUST_CHECK int store_group_fetched_at(struct db_conn *conn, struct text tenant_id,
				      struct text user_object_id, int64_t *ret);
/* Whether Graph told about the user at or after a time. */
MUST_CHECK int store_group_is_fresh(struct db_conn *conn, struct text tenant_id,
				    struct text user_object_id, int64_t since, bool *ret);
/* Whether the tenant's Graph is not to be asked for groups now; also when it is disabled. */
MUST_CHECK int store_group_is_paused(struct db_conn *conn, struct text tenant_id, int64_t now,
				     bool *ret);

/* The user enrolled a device or is signed in at one: their groups are of interest. An unknown user
 * becomes due at once. STORE_E_CONFLICT: no such tenant. */
MUST_CHECK int store_group_want(struct db_conn *tx, struct text tenant_id,
				struct text user_object_id, int64_t now);
/* Users of a tenant seen since a time whose groups are to be asked for, longest due first. */
MUST_CHECK int store_group_due(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			       int64_t now, int64_t seen_since, size_t limit, const char ***ret,
			       size_t *ret_n);
/* What Graph told: replaces all groups of the user, who is known from now on and due again at
 * next_at. STORE_E_CONFLICT: no such tenant. */
MUST_CHECK int store_group_replace(struct db_conn *tx, struct text tenant_id,
				   struct text user_object_id, const struct text *groups, size_t n,
				   int64_t now, int64_t next_at);
/* Graph told the same as before. STORE_E_NOT_FOUND: no such user. */
MUST_CHECK int store_group_confirm(struct db_conn *tx, struct text tenant_id,
				   struct text user_object_id, int64_t now, int64_t next_at);
/* Graph did not tell: what is known stays. STORE_E_NOT_FOUND: no such user. */
MUST_CHECK int store_group_retry_at(struct db_conn *tx, struct text tenant_id,
				    struct text user_object_id, int64_t at);

#endif
