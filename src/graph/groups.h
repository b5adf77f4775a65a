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

#include "model/op.h"

/* One turn of the background loop: the users that are due, bounded. */
MUST_CHECK int graph_groups_turn(struct op *op);

#endif
