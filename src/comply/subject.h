/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.h: what is known of a device and a user of it, for judging whom an assignment means.
 */
#ifndef MUSTER_COMPLY_SUBJECT_H
#define MUSTER_COMPLY_SUBJECT_H

#include "base/arena.h"
#include "model/assign.h"
#include "model/device.h"

struct db_conn;

/* Who a device belongs to, as assignments and the rows of a user name that: the Entra object id, or
 * the key of a user whom Entra did not prove. "": nobody. */
const char *comply_device_user(const struct device *device);

/* user_object_id "": no user. One whom Entra did not prove is in no group of Entra either. Nobody
 * is in no group, and that is known. Borrows from device and user_object_id. 0, or negative. */
MUST_CHECK int comply_subject_load(struct db_conn *conn, struct arena *arena,
				   const struct device *device, const char *user_object_id,
				   struct assign_subject *ret);

#endif
