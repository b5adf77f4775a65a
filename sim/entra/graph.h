/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h: Graph itself. graph_answer serves a call from the wire or from a batch; the handlers
 * below are the rows of its route table, one file for each family.
 */
#ifndef MUSTER_SIM_ENTRA_GRAPH_H
#define MUSTER_SIM_ENTRA_GRAPH_H

#include "sim/entra/call.h"
#include "sim/entra/props.h"

void graph_answer(struct call *call);

/* graph_device.c */
void graph_device_get(struct call *call);
void graph_device_get_by_device_id(struct call *call);
void graph_device_list(struct call *call);
void graph_device_patch(struct call *call);
void graph_device_patch_by_device_id(struct call *call);
void graph_device_props(struct props *props, const struct device *device);

/* graph_people.c */
void graph_user_get(struct call *call);
void graph_user_list(struct call *call);
void graph_user_member_groups(struct call *call);
void graph_user_check_groups(struct call *call);
void graph_user_transitive(struct call *call);
void graph_user_transitive_cast(struct call *call);
void graph_group_get(struct call *call);
void graph_group_list(struct call *call);
void graph_group_members(struct call *call);
void graph_user_props(struct props *props, const struct user *user);
void graph_group_props(struct props *props, const struct group *group);

/* graph_delta.c */
void graph_device_delta(struct call *call);
void graph_user_delta(struct call *call);
void graph_group_delta(struct call *call);

/* graph_app.c: captures[0] is the object id or, in the second form of the path, the client id. */
void graph_app_action(struct call *call);
void graph_app_action_by_client(struct call *call);
void graph_app_get_by_client(struct call *call);
void graph_mobility_get(struct call *call);
void graph_mobility_patch(struct call *call);

/* graph_batch.c */
void graph_batch(struct call *call);

#endif
