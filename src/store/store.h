/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: what all entity files of the store share.
 *
 * One header for each entity. Every function takes the connection it runs on: a reader for
 * queries, the transaction for changes (a reader refuses to write). Results are copied into the
 * arena that is passed; strings are never NULL, absent is "". Lists hold at most `limit` rows in
 * the order the function states; to page, pass the key of the last row seen as `after` (empty:
 * from the start) and ask for one row more than is shown to learn whether there is a next page.
 *
 * Returned: 0, a positive outcome of enum store_outcome that the function names, or negative; the
 * text of a negative failure is db_conn_error(conn), and after db_transact returned, db_error(db).
 * After STORE_E_CONFLICT the transaction must be rolled back (return it from the function).
 * The store decides nothing: it keeps rows, and refuses what would break a uniqueness rule.
 */
#ifndef MUSTER_STORE_STORE_H
#define MUSTER_STORE_STORE_H

#include "store/db.h"

enum store_outcome {
	STORE_E_NOT_FOUND = 1, /* no such row, or not in the state the change needs */
	STORE_E_CONFLICT = 2,  /* a uniqueness rule refused the row, or its parent does not exist */
	STORE_E_IN_USE = 3,    /* other rows still need it */
	STORE_E_STALE = 4      /* the row was changed since the version the struct holds */
};

/* An id for a new row: a GUID in lower case that sorts by the time it was made. In the arena. */
const char *store_new_id(struct arena *arena);

/* As `limit`: every row there is. For sets that are bounded by what administrators type. */
enum { STORE_NO_LIMIT = 1000000 };

#endif
