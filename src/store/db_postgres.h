/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_postgres.h: what db_postgres.c and db_postgres_query.c share. Private to the PostgreSQL
 * driver.
 */
#ifndef MUSTER_STORE_DB_POSTGRES_H
#define MUSTER_STORE_DB_POSTGRES_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "store/db_cache.h"
#include "store/db_driver.h"

struct postgres_store {
	char *url;
	/* Until this monotonic time nobody tries to connect: a server that is away costs each
	 * request no more than one refusal. */
	_Atomic int64_t no_connect_before_ms;
};

struct postgres_conn {
	struct db_conn base;
	struct postgres_store *store;
	PGconn *handle; /* NULL: never connected */
	struct db_cache cache;
	unsigned statement_count;
	bool is_in_transaction;
	bool must_repeat; /* the last failure was a conflict with another transaction */
	int answer_ms;    /* how long an answer is waited for; 0: for ever */
	bool is_late;     /* the last one did not come in time */
};

/* Connect if there is no living connection. 0, or ERR_STORE with the text in the error. */
MUST_CHECK int postgres_conn_ensure(struct postgres_conn *conn);
/* Forget the connection and all that was prepared on it. */
void postgres_conn_drop(struct postgres_conn *conn);
/* Run a text without parameters. 0 or ERR_STORE. */
MUST_CHECK int postgres_conn_exec(struct postgres_conn *conn, const char *sql);
/* Takes note of why a result is an error. DB_E_CONFLICT or ERR_STORE. */
int postgres_conn_fail(struct postgres_conn *conn, const PGresult *result);

/* The last result of what a PQsend... function has sent (its return value is is_sent), or NULL. A
 * connection that gives none in time is broken afterwards. */
PGresult *postgres_call(struct postgres_conn *conn, int is_sent);

/* The query half of the driver. */
int postgres_step(struct db_query *q);
struct text postgres_column_text(struct db_query *q, int column);
int64_t postgres_column_int(struct db_query *q, int column);
bool postgres_column_is_null(struct db_query *q, int column);
void postgres_done(struct db_query *q);

#endif
