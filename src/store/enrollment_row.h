/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrollment_row.h: the columns of enrollments and how a row of them is read. Private to src/store.
 */
#ifndef MUSTER_STORE_ENROLLMENT_ROW_H
#define MUSTER_STORE_ENROLLMENT_ROW_H

#include "model/device.h"
#include "store/store.h"

#define ENROLLMENT_COLUMNS                                                                         \
	"tenant_id, id, at, stage, outcome, error_code, reason, remedy, client_request_id,"        \
	" trace_id, device_id, entra_device_id, user_principal_name, user_object_id, device_name," \
	" os_version, source, auth, user_key, story_id"

/* All rows of a query with these columns. */
MUST_CHECK int story_rows_read(struct db_query *q, struct arena *arena, struct enrollment **ret,
			       size_t *ret_n);
MUST_CHECK int enrollment_read(struct db_query *q, struct arena *arena, struct enrollment *ret);

#endif
