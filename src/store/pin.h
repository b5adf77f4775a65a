/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.h: one-time PINs that IT gives to users. Key: (tenant_id, id). Only a keyed hash is here.
 */
#ifndef MUSTER_STORE_PIN_H
#define MUSTER_STORE_PIN_H

#include "model/terms.h"
#include "store/store.h"

/* STORE_E_CONFLICT: the same PIN is open in the tenant, or there is no such tenant. */
MUST_CHECK int store_pin_add(struct db_conn *tx, const struct pin *pin);
MUST_CHECK int store_pin_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			      struct text id, struct pin *ret);
struct pin_filter {
	struct text tenant_id;
	struct text state; /* empty: any, as the next */
	struct text user_principal_name;
};
/* Newest first. */
MUST_CHECK int store_pin_list(struct db_conn *conn, struct arena *arena,
			      const struct pin_filter *filter, struct text after, size_t limit,
			      struct pin **ret, size_t *ret_n);
MUST_CHECK int store_pin_count_open(struct db_conn *conn, struct text tenant_id, int64_t *ret);
/* Revoke an open one. STORE_E_NOT_FOUND: there is none of that id; STORE_E_IN_USE: it is not open.
 */
MUST_CHECK int store_pin_revoke(struct db_conn *tx, struct text tenant_id, struct text id);
/* Use up the open PIN with this hash, for a user of this name (lower case, may be empty).
 * *ret: its id, in the arena. STORE_E_NOT_FOUND: there is none for that user now. */
MUST_CHECK int store_pin_use(struct db_conn *tx, struct arena *arena, struct text tenant_id,
			     struct text mac, struct text user_name, struct text user_object_id,
			     int64_t now, const char **ret);

#endif
