/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_value.h: the few values the server keeps about itself. Key: name.
 */
#ifndef MUSTER_STORE_SERVER_VALUE_H
#define MUSTER_STORE_SERVER_VALUE_H

#include "store/store.h"

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_server_value_load(struct db_conn *conn, struct arena *arena, const char *name,
				       const char **ret);
/* STORE_E_CONFLICT: there is one. */
MUST_CHECK int store_server_value_add(struct db_conn *tx, const char *name, const char *value);

#endif
