/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member.h: whether a user is in an Entra group, now, for somebody who waits for the answer.
 *
 * What Graph told lately is believed when it says yes; otherwise Graph is asked, within a budget of
 * time, and what it tells is kept for everybody. A silent or refusing Graph is "unknown", never
 * "no". Unlike the loops this neither waits for a tenant that is paused nor pauses one.
 */
#ifndef MUSTER_GRAPH_MEMBER_H
#define MUSTER_GRAPH_MEMBER_H

#include "model/op.h"
#include "model/tenant.h"

enum graph_member { GRAPH_MEMBER_YES, GRAPH_MEMBER_NO, GRAPH_MEMBER_UNKNOWN };

/* An enum graph_member, or negative when this program failed. *ret_why is written with
 * GRAPH_MEMBER_UNKNOWN only: a sentence about what kept Graph from telling. */
MUST_CHECK int graph_member_check(struct op *op, const struct tenant *tenant,
				  const char *user_object_id, const char *group_id,
				  int64_t max_age_s, int64_t budget_ms, const char **ret_why);

#endif
