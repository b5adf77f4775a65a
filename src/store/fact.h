/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact.h: what a device said about itself. Key: (tenant_id, device_id, name); the last value wins.
 */
#ifndef MUSTER_STORE_FACT_H
#define MUSTER_STORE_FACT_H

#include "model/compliance.h"
#include "store/store.h"

/* Adds or replaces each. STORE_E_CONFLICT: no such device. */
MUST_CHECK int store_fact_put(struct db_conn *tx, struct text tenant_id, struct text device_id,
			      const struct fact *facts, size_t n);
/* All of a device, by name. */
MUST_CHECK int store_fact_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			       struct text device_id, struct fact **ret, size_t *ret_n);
MUST_CHECK int store_fact_remove_all(struct db_conn *tx, struct text tenant_id,
				     struct text device_id);

#endif
