/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h: the driver interface of the store. One SQL text, two drivers.
 *
 * SQL is written once, in the common subset of SQLite and PostgreSQL: $1 parameters, columns of
 * type TEXT and BIGINT only, ON CONFLICT, RETURNING. Statements are static strings; SQL is never
 * built from data. Each connection prepares a statement once and finds it by the string's address.
 *
 * Reading:   struct db_query q;
 *            db_query_init(&q, db_reader(db), SQL);
 *            db_bind_text(&q, 1, id);
 *            while ((r = db_step(&q)) == DB_ROW) ... db_column_text(&q, 0) ...
 *            db_query_done(&q);               (CLEANUP(db_query_done) works)
 * Binding errors are latched: only db_step can fail. A bound text is borrowed until db_query_done
 * and must be UTF-8 without NUL, or db_step fails. Column texts are valid until the next step;
 * copy what must live longer into an arena. A query must be done before its function returns.
 *
 * Writing: a function handed to db_transact. It may be run more than once (a serialization failure)
 * and on another thread (the SQLite writer), while the caller waits; it must therefore touch only
 * what its argument points to, set results from scratch each time, and do nothing but database
 * work. When it returns 0 the transaction is committed and durable before db_transact returns 0;
 * any other value rolls back and is what db_transact returns. Positive outcomes pass through
 * unchanged.
 */
#ifndef MUSTER_STORE_DB_H
#define MUSTER_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct db_store; /* the database of the process: opened once, shared */
struct db;       /* one thread's handle on it */
struct db_conn;  /* what queries run on: a reader, or the transaction */

enum db_result {
	DB_ROW = 100,
	DB_DONE = 0 /* no more rows */
};

enum db_outcome {
	DB_E_NEWER_SCHEMA = 1, /* made by a newer program: refused */
	DB_E_NOT_MIGRATED = 2, /* older schema: run `musterd migrate` */
	DB_E_CONFLICT = 3      /* a uniqueness rule refused the row; see db_step */
};

enum { DB_PARAMS_MAX = 48, DB_ERROR_MAX = 512 };

struct db_param {
	enum { DB_PARAM_NONE, DB_PARAM_TEXT, DB_PARAM_INT } kind;
	struct text text; /* ptr NULL: NULL */
	int64_t number;
};

/* Its fields belong to db.c and the drivers. */
struct db_query {
	struct db_conn *conn;
	const char *sql;
	struct db_param params[DB_PARAMS_MAX];
	int param_count;
	int error;       /* latched */
	bool is_started; /* parameters are with the driver */
	void *statement; /* the driver's */
	void *rows;      /* the driver's */
	int64_t row;     /* the driver's */
	int64_t changes;
};

/* url: "sqlite:/path/to/file" or "postgresql://...". Trail gets one sentence that says what to do.
 */
MUST_CHECK int db_store_open(struct db_store **ret, const char *url, struct trail *trail);
void db_store_close(struct db_store *store);
/* Create or upgrade the schema to what this program knows; DB_E_NEWER_SCHEMA. */
MUST_CHECK int db_store_migrate(struct db_store *store, struct trail *trail);
/* 0 only when the schema is exactly what this program knows. */
MUST_CHECK int db_store_check(struct db_store *store, struct trail *trail);

/* A transaction that writes and changes nothing: 0 when the database can store something now. */
MUST_CHECK int db_store_probe(struct db *db);

/* Copy the whole database to a new file while it is in use. SQLite only; ERR_CONFIG otherwise. */
MUST_CHECK int db_store_backup(struct db_store *store, const char *path, struct trail *trail);

MUST_CHECK int db_new(struct db **ret, struct db_store *store, struct trail *trail);
void db_free(struct db *db);

/* For reads outside a transaction: each statement sees what was committed when it began. Writing
 * through it fails. Not for use inside a transaction function. */
struct db_conn *db_reader(struct db *db);

typedef int (*db_transaction)(struct db_conn *tx, void *argument);
/* Not from inside a transaction function. */
MUST_CHECK int db_transact(struct db *db, db_transaction fn, void *argument);

void db_query_init(struct db_query *q, struct db_conn *conn, const char *sql);
void db_bind_text(struct db_query *q, int index, struct text value); /* ptr NULL: NULL */
void db_bind_c(struct db_query *q, int index, const char *value);    /* NULL: NULL */
void db_bind_int(struct db_query *q, int index, int64_t value);
void db_bind_null(struct db_query *q, int index);

/* DB_ROW, DB_DONE, DB_E_CONFLICT (unique or foreign key violation; the transaction must then be
 * rolled back by returning non-zero), or negative. */
MUST_CHECK int db_step(struct db_query *q);
struct text db_column_text(struct db_query *q, int column); /* ptr NULL for NULL */
int64_t db_column_int(struct db_query *q, int column);      /* 0 for NULL */
bool db_column_is_null(struct db_query *q, int column);
/* Rows written by an INSERT, UPDATE or DELETE; after DB_DONE, and still after db_run. */
int64_t db_changes(const struct db_query *q);
void db_query_done(struct db_query *q);

/* Bind nothing more, expect no row: step once and finish. For writes without RETURNING. */
MUST_CHECK int db_run(struct db_query *q);

/* Text of the last failure on this connection or handle, for ERR_FAIL. Never NULL. */
const char *db_conn_error(const struct db_conn *conn);
const char *db_error(const struct db *db);

#endif
