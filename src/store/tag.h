/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag.h: words an administrator puts on devices, for assignments. Key: (tenant_id, device_id, tag).
 */
#ifndef MUSTER_STORE_TAG_H
#define MUSTER_STORE_TAG_H

#include "store/store.h"

/* All of a device. */
MUST_CHECK int store_tag_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			      struct text device_id, const char ***ret, size_t *ret_n);
/* Adding one that is there is 0. STORE_E_CONFLICT: no such device. */
MUST_CHECK int store_tag_add(struct db_conn *tx, struct text tenant_id, struct text device_id,
			     struct text tag);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_tag_remove(struct db_conn *tx, struct text tenant_id, struct text device_id,
				struct text tag);

#endif
