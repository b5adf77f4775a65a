/* SPDX-License-Identifier: Apache-2.0 */
/*
 * applied.h: each setting as a device last had it from us.
 * Key: (tenant_id, device_id, user_object_id, locuri).
 */
#ifndef MUSTER_STORE_APPLIED_H
#define MUSTER_STORE_APPLIED_H

#include "model/policy.h"
#include "store/store.h"

/* All of a device, by user_object_id and locuri. */
MUST_CHECK int store_applied_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text device_id, struct applied_setting **ret,
				  size_t *ret_n);
/* Adds or replaces. STORE_E_CONFLICT: no such device. */
MUST_CHECK int store_applied_put(struct db_conn *tx, const struct applied_setting *applied);
/* Of a row that is not there: 0, nothing to do. */
MUST_CHECK int store_applied_remove(struct db_conn *tx, struct text tenant_id,
				    struct text device_id, struct text user_object_id,
				    struct text locuri);
MUST_CHECK int store_applied_remove_all(struct db_conn *tx, struct text tenant_id,
					struct text device_id);

#endif
