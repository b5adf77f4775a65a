/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_sqlite.h: what db_sqlite.c and db_sqlite_writer.c share. Private to the SQLite driver.
 */
#ifndef MUSTER_STORE_DB_SQLITE_H
#define MUSTER_STORE_DB_SQLITE_H

#include <sqlite3.h>

#include "store/db_cache.h"
#include "store/db_driver.h"

struct sqlite_conn {
	struct db_conn base;
	sqlite3 *handle;
	struct db_cache cache;
};

/* Opens a connection on an existing file and sets it up for a reader or the writer. */
MUST_CHECK int sqlite_conn_open(struct sqlite_conn *conn, const char *path, bool is_writer);
void sqlite_conn_close(struct sqlite_conn *conn);
/* Run a statement without parameters that is prepared anew. 0 or negative, text in the error. */
MUST_CHECK int sqlite_conn_exec(struct sqlite_conn *conn, const char *sql);
/* Write what the library says about its last failure into the error; ends the process when the
 * failure is one after which nothing written can be relied on. Returns ERR_STORE. */
int sqlite_conn_fail(struct sqlite_conn *conn, const char *what);

/* Copy the database file to a new one. ERR_CONFIG, ERR_STORE. */
MUST_CHECK int sqlite_backup(const char *from_path, const char *to_path, struct trail *trail);

/* The thread that runs all transactions of the process. */
struct sqlite_writer;

MUST_CHECK int sqlite_writer_start(struct sqlite_writer **ret, const char *path,
				   struct trail *trail);
/* Finishes what waits, ends the thread. */
void sqlite_writer_stop(struct sqlite_writer *writer);
/* Run fn in a transaction and wait until it is durable. error gets the text of a failure. */
MUST_CHECK int sqlite_writer_run(struct sqlite_writer *writer, db_transaction fn, void *argument,
				 char error[DB_ERROR_MAX]);

#endif
