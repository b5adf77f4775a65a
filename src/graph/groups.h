/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h: asking Microsoft Graph which groups users are in, for assignments to Entra groups.
 *
 * Only for tenants that assign something to a group, and only for users who enrolled a device or
 * were signed in at one lately. Until Graph has told, a user's groups are not known, which is not
 * the same as none; what it told stays until it tells again.
 */
#ifndef MUSTER_GRAPH_GROUPS_H
#define MUSTER_GRAPH_GROUPS_H

#include "base/text.h"
#include "model/op.h"

struct db_conn;

/* One turn of the background loop: the users that are due, bounded. */
MUST_CHECK int graph_groups_turn(struct op *op);

/* The answer to getMemberGroups. False: it is not exactly a list of GUIDs. */
bool graph_groups_read(struct arena *arena, struct text body, struct text **ret, size_t *ret_n);
/* In a transaction: Graph told which groups a user is in. Where that is news, the user's devices
 * are judged again. */
MUST_CHECK int graph_groups_told(struct db_conn *tx, struct arena *arena, struct text tenant_id,
				 struct text user, const struct text *groups, size_t n,
				 int64_t now);

/* The groups of one user for a page that is to be shown, in lower case: what was told in the last
 * LIMIT_TERMS_GROUPS_S, else Graph is asked, for at most LIMIT_TERMS_GROUPS_MS in all. *ret_n is 0
 * when they are not known in that time, whatever the reason; it is in the log. Negative: the store
 * failed. */
MUST_CHECK int graph_groups_for_page(struct op *op, const char *tenant_id, const char *user,
				     const char *const **ret, size_t *ret_n);

#endif
