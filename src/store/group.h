/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h: the Entra groups a user is in, as Microsoft Graph last told. Key: (tenant_id,
 * user_object_id, group_id). A user who was never asked about is not the same as one in no group: a
 * row with an empty group_id says that the answer is known.
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
/* Replaces all rows of the user. STORE_E_CONFLICT: no such tenant. */
MUST_CHECK int store_group_replace(struct db_conn *tx, struct text tenant_id,
				   struct text user_object_id, const struct text *groups, size_t n,
				   int64_t now);

#endif
