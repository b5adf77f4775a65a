/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_driver.h: what a driver provides to db.c. Private to src/store.
 *
 * db.c owns struct db_query: it collects parameters, checks them, latches errors, and calls the
 * driver with a query that is consistent. A driver connects, steps, and runs a transaction; it
 * never sees an entity and never changes the SQL text.
 */
#ifndef MUSTER_STORE_DB_DRIVER_H
#define MUSTER_STORE_DB_DRIVER_H

#include "store/db.h"

struct db_driver {
	const char *scheme;            /* what its URLs begin with */
	const char *schema_exists_sql; /* a row when the table schema_version exists */

	/* location is the URL. Sets store->state. */
	int (*open)(struct db_store *store, const char *url, struct trail *trail);
	void (*close)(struct db_store *store);
	/* Sets db->reader. */
	int (*connect)(struct db *db, struct trail *trail);
	void (*disconnect)(struct db *db);

	/* Copy the whole database to a new file; NULL: the database has tools of its own. */
	int (*backup)(struct db_store *store, const char *path, struct trail *trail);

	int (*transact)(struct db *db, db_transaction fn, void *argument);
	/* Keep other programs from migrating at the same time, until disconnect. 0 or negative. */
	int (*lock_schema)(struct db *db);

	/* DB_ROW, DB_DONE, DB_E_CONFLICT or negative; the first call runs the statement with
	 * q->params. On anything but DB_ROW and DB_DONE the text is in q->conn->error. */
	int (*step)(struct db_query *q);
	struct text (*column_text)(struct db_query *q, int column); /* ptr NULL: NULL */
	int64_t (*column_int)(struct db_query *q, int column);
	bool (*column_is_null)(struct db_query *q, int column);
	void (*done)(struct db_query *q); /* only called after a step */
};

struct db_store {
	const struct db_driver *driver;
	void *state;
};

/* First member of the driver's connection. */
struct db_conn {
	const struct db_driver *driver;
	bool has_failed; /* a statement of the running transaction failed: it must not commit */
	char error[DB_ERROR_MAX];
};

struct db {
	struct db_store *store;
	struct db_conn *reader;
	bool is_in_transaction;
	char error[DB_ERROR_MAX]; /* of the last transaction; "" */
};

extern const struct db_driver db_driver_sqlite;
extern const struct db_driver db_driver_postgres;

void db_set_error(char ret[DB_ERROR_MAX], const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What a transaction function's result is worth: a 0 that hides a failed statement is not. */
int db_transaction_verdict(struct db_conn *tx, int result);

#endif
