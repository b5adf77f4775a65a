/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targeting.h: which policies a device and its user are to have, as the ordered list of settings
 * that desired_diff takes.
 *
 * A policy for devices is judged for the device and the user who enrolled it, one for users for the
 * user whose ./User the session can reach. Entra groups are what Graph last told about a user;
 * where it never told, a policy whose assignment depends on a group is neither sent nor taken
 * back: it is held.
 */
#ifndef MUSTER_MANAGE_TARGETING_H
#define MUSTER_MANAGE_TARGETING_H

#include "csp/desired.h"
#include "model/device.h"

struct db_conn;

struct server_keys;

/* What is wanted of the device and, where user_object_id is not "", of that user. The list has
 * room for `spare` more at its end. */
MUST_CHECK int target_load(struct db_conn *conn, struct arena *arena,
			   const struct server_keys *keys, const struct device *device,
			   const char *user_object_id, size_t spare, struct desired_setting **ret,
			   size_t *ret_n);

#endif
