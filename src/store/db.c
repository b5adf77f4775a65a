/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.c: the half of the database interface that does not depend on the driver.
 *
 * Owns struct db_query and the rules that hold for every driver: text that is not UTF-8 or holds a
 * NUL never reaches a database, an error stays until the query is done, a transaction in which a
 * statement failed never commits, transactions do not nest. Refuses to know any SQL.
 */
#include "store/db.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/db_driver.h"

static const struct db_driver *const drivers[] = {&db_driver_sqlite, &db_driver_postgres};

void db_set_error(char ret[DB_ERROR_MAX], const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(ret, DB_ERROR_MAX, fmt, args);
	va_end(args);
	if (n < 0)
		ret[0] = '\0';
	/* The database ends its messages with a newline; the trail is one line. */
	for (char *c = ret; *c; c++) {
		if (*c == '\n' || *c == '\r')
			*c = c[1] ? ' ' : '\0';
	}
}

int db_store_open(struct db_store **ret, const char *url, struct trail *trail)
{
	struct db_store *store;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
		if (!text_starts(text_of(url), text_of(drivers[i]->scheme)))
			continue;
		store = heap_alloc(sizeof(*store));
		store->driver = drivers[i];
		r = store->driver->open(store, url, trail);
		if (r) {
			free(store);
			return ERR_TRACE(trail, r);
		}
		*ret = store;
		return 0;
	}
	return ERR_FAIL(trail, ERR_CONFIG,
			"[store] url must begin with sqlite: or postgresql://, for example "
			"sqlite:/var/lib/muster/muster.db");
}

int db_store_backup(struct db_store *store, const char *path, struct trail *trail)
{
	if (!store->driver->backup)
		return ERR_FAIL(trail, ERR_CONFIG,
				"this database is copied with its own tools; use pg_dump");
	return store->driver->backup(store, path, trail);
}

void db_store_close(struct db_store *store)
{
	if (!store)
		return;
	store->driver->close(store);
	free(store);
}

int db_new(struct db **ret, struct db_store *store, struct trail *trail)
{
	struct db *db = heap_alloc(sizeof(*db));
	int r;

	db->store = store;
	r = store->driver->connect(db, trail);
	if (r) {
		free(db);
		return ERR_TRACE(trail, r);
	}
	*ret = db;
	return 0;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db->store->driver->disconnect(db);
	free(db);
}

struct db_conn *db_reader(struct db *db)
{
	return db->reader;
}

int db_transact(struct db *db, db_transaction fn, void *argument)
{
	int r;

	if (db->is_in_transaction) {
		db_set_error(db->error, "a transaction was begun inside another");
		return ERR_INTERNAL;
	}
	db->error[0] = '\0';
	db->is_in_transaction = true;
	r = db->store->driver->transact(db, fn, argument);
	db->is_in_transaction = false;
	return r;
}

int db_transaction_verdict(struct db_conn *tx, int result)
{
	if (result || !tx->has_failed)
		return result;
	return ERR_INTERNAL; /* the text of the ignored failure is in tx->error */
}

void db_query_init(struct db_query *q, struct db_conn *conn, const char *sql)
{
	q->conn = conn;
	q->sql = sql;
	q->param_count = 0;
	q->error = 0;
	q->is_started = false;
	q->statement = NULL;
	q->rows = NULL;
	q->row = 0;
	q->changes = 0;
}

static struct db_param *query_param(struct db_query *q, int index)
{
	if (q->is_started || index < 1 || index > DB_PARAMS_MAX) {
		db_set_error(q->conn->error, "parameter $%d cannot be bound now", index);
		q->error = ERR_INTERNAL;
		return NULL;
	}
	for (; q->param_count < index; q->param_count++)
		q->params[q->param_count] = (struct db_param){.kind = DB_PARAM_NONE};
	return &q->params[index - 1];
}

void db_bind_text(struct db_query *q, int index, struct text value)
{
	struct db_param *p = query_param(q, index);

	if (!p)
		return;
	if (value.ptr && !text_is_utf8(value)) {
		db_set_error(q->conn->error, "parameter $%d is not UTF-8 text", index);
		q->error = ERR_INTERNAL;
		return;
	}
	*p = (struct db_param){.kind = DB_PARAM_TEXT, .text = value};
}

void db_bind_c(struct db_query *q, int index, const char *value)
{
	db_bind_text(q, index, value ? text_of(value) : (struct text){.ptr = NULL, .len = 0});
}

void db_bind_int(struct db_query *q, int index, int64_t value)
{
	struct db_param *p = query_param(q, index);

	if (p)
		*p = (struct db_param){.kind = DB_PARAM_INT, .number = value};
}

void db_bind_null(struct db_query *q, int index)
{
	struct db_param *p = query_param(q, index);

	if (p)
		*p = (struct db_param){.kind = DB_PARAM_NONE};
}

int db_step(struct db_query *q)
{
	int r;

	if (!q->error) {
		r = q->conn->driver->step(q);
		q->is_started = true;
		if (r == DB_ROW || r == DB_DONE)
			return r;
		q->error = r;
	}
	q->conn->has_failed = true;
	return q->error;
}

struct text db_column_text(struct db_query *q, int column)
{
	return q->conn->driver->column_text(q, column);
}

int64_t db_column_int(struct db_query *q, int column)
{
	return q->conn->driver->column_int(q, column);
}

bool db_column_is_null(struct db_query *q, int column)
{
	return q->conn->driver->column_is_null(q, column);
}

int64_t db_changes(const struct db_query *q)
{
	return q->changes;
}

void db_query_done(struct db_query *q)
{
	if (!q->is_started)
		return;
	q->conn->driver->done(q);
	q->is_started = false;
}

int db_run(struct db_query *q)
{
	int r = db_step(q);

	if (r == DB_ROW) {
		db_set_error(q->conn->error, "a statement that should return no row did");
		q->conn->has_failed = true;
		r = ERR_INTERNAL;
	}
	db_query_done(q);
	return r;
}

const char *db_conn_error(const struct db_conn *conn)
{
	return conn->error;
}

const char *db_error(const struct db *db)
{
	return db->error[0] ? db->error : db->reader->error;
}
