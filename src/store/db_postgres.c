/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_postgres.c: the PostgreSQL driver: connections and transactions.
 *
 * Each struct db has one connection, made when it is first needed. A transaction runs SERIALIZABLE
 * and is repeated, a bounded number of times and after a random pause, when the server finds that
 * it collided with another (40001) or was in a deadlock (40P01); see
 * doc/decisions/0001-serializable-transactions.md. Outside a transaction the connection is read
 * only.
 *
 * A server that is away is noticed in two seconds at most, and in no time by those who ask shortly
 * after; the next request after that finds out whether it is back. One that falls silent in the
 * middle costs each connection a few seconds (db_postgres_call.c). A connection lost while COMMIT
 * was under way leaves the outcome unknown: that is reported as a failure, and whoever repeats the
 * request must be safe to repeat it. Errors are told by their code and first line only: the
 * details would repeat the values of a row, and the URL may hold a password.
 */
#include "store/db_postgres.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/rand.h"

enum {
	ATTEMPTS_MAX = 16,
	PAUSE_MS_MAX = 64,
	ANSWER_MS = 12 * 1000, /* more than the statement_timeout below */
	CONNECT_PAUSE_MS = 200,
	CONNECT_PAUSE_JITTER_MS = 300
};

static const char scheme[] = "postgresql://";

static const char session_setup[] = "SET default_transaction_read_only = on;"
				    "SET statement_timeout = '10s';"
				    "SET lock_timeout = '5s';"
				    "SET idle_in_transaction_session_timeout = '30s';"
				    /* Conflicts are found by what a plan reads: one that reads a
				     * small table from end to end collides with everybody. */
				    "SET enable_seqscan = off";

enum failure { FAILURE_OTHER, FAILURE_CONFLICT, FAILURE_REPEAT };

static enum failure failure_of(const char *sqlstate)
{
	static const struct {
		const char *sqlstate;
		enum failure failure;
	} table[] = {
	    {"23505", FAILURE_CONFLICT}, /* unique_violation */
	    {"23503", FAILURE_CONFLICT}, /* foreign_key_violation */
	    {"40001", FAILURE_REPEAT},   /* serialization_failure */
	    {"40P01", FAILURE_REPEAT},   /* deadlock_detected */
	};

	for (size_t i = 0; sqlstate && i < ARRAY_LEN(table); i++) {
		if (strcmp(sqlstate, table[i].sqlstate) == 0)
			return table[i].failure;
	}
	return FAILURE_OTHER;
}

int postgres_conn_fail(struct postgres_conn *conn, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum failure failure = failure_of(sqlstate);

	if (!why)
		why = conn->is_late ? "PostgreSQL takes too long" : PQerrorMessage(conn->handle);
	db_set_error(conn->base.error, "%s (%s)", why, sqlstate ? sqlstate : "no answer");
	if (failure == FAILURE_REPEAT)
		conn->must_repeat = true;
	return failure == FAILURE_CONFLICT ? DB_E_CONFLICT : ERR_STORE;
}

int postgres_conn_exec(struct postgres_conn *conn, const char *sql)
{
	PGresult *result = postgres_call(conn, PQsendQuery(conn->handle, sql));
	ExecStatusType status = PQresultStatus(result);
	int r = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		(void)postgres_conn_fail(conn, result);
		r = ERR_STORE;
	}
	PQclear(result);
	return r;
}

void postgres_conn_drop(struct postgres_conn *conn)
{
	for (size_t i = 0; i < conn->cache.cap; i++)
		free(conn->cache.slots[i].statement);
	db_cache_done(&conn->cache);
	db_cache_init(&conn->cache);
	PQfinish(conn->handle);
	conn->handle = NULL;
	conn->is_in_transaction = false;
}

/* The server's notices ("relation exists, skipping") are not for our standard error. */
static void postgres_ignore_notice(void *argument, const PGresult *result)
{
	(void)argument;
	(void)result;
}

static int postgres_conn_open(struct postgres_conn *conn)
{
	/* What stands before dbname can be changed by the URL. */
	const char *const keywords[] = {
	    "connect_timeout",  "keepalives_idle",  "keepalives_interval",
	    "keepalives_count", "tcp_user_timeout", "fallback_application_name",
	    "dbname",           "client_encoding",  NULL};
	const char *const values[] = {"2",    "5", "2", "2", "5000", "musterd", conn->store->url,
				      "UTF8", NULL};
	const char *encoding;

	conn->handle = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(conn->handle) != CONNECTION_OK) {
		db_set_error(conn->base.error, "cannot connect to PostgreSQL: %s",
			     conn->handle ? PQerrorMessage(conn->handle) : "out of memory");
		return ERR_STORE;
	}
	PQsetNoticeReceiver(conn->handle, postgres_ignore_notice, NULL);
	conn->answer_ms = ANSWER_MS;
	if (PQsetnonblocking(conn->handle, 1) != 0) {
		db_set_error(conn->base.error, "%s", PQerrorMessage(conn->handle));
		return ERR_STORE;
	}
	encoding = PQparameterStatus(conn->handle, "server_encoding");
	if (!encoding || strcmp(encoding, "UTF8") != 0) {
		db_set_error(conn->base.error,
			     "the database's encoding is %s; make one with "
			     "ENCODING 'UTF8'",
			     encoding ? encoding : "unknown");
		return ERR_STORE;
	}
	return postgres_conn_exec(conn, session_setup);
}

int postgres_conn_ensure(struct postgres_conn *conn)
{
	struct postgres_store *store = conn->store;
	int r;

	if (conn->handle && PQstatus(conn->handle) == CONNECTION_OK)
		return 0;
	postgres_conn_drop(conn);
	if (clock_mono_ms() < atomic_load(&store->no_connect_before_ms)) {
		db_set_error(conn->base.error, "PostgreSQL cannot be reached; trying again soon");
		return ERR_STORE;
	}
	r = postgres_conn_open(conn);
	if (r) {
		postgres_conn_drop(conn);
		atomic_store(&store->no_connect_before_ms,
			     clock_mono_ms() + CONNECT_PAUSE_MS +
				 (int64_t)rand_below(CONNECT_PAUSE_JITTER_MS));
	}
	return r;
}

static int postgres_open(struct db_store *store, const char *url, struct trail *trail)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	struct postgres_store *s;

	if (!options)
		return ERR_FAIL(trail, ERR_CONFIG,
				"[store] url is not a valid PostgreSQL URL: "
				"postgresql://user@host:5432/database");
	PQconninfoFree(options);
	s = heap_alloc(sizeof(*s));
	s->url = heap_string(url);
	atomic_init(&s->no_connect_before_ms, INT64_MIN);
	store->state = s;
	return 0;
}

static void postgres_close(struct db_store *store)
{
	struct postgres_store *s = store->state;

	free(s->url);
	free(s);
}

static int postgres_connect(struct db *db, struct trail *trail)
{
	struct postgres_conn *conn = heap_alloc(sizeof(*conn));

	(void)trail;
	conn->base.driver = &db_driver_postgres;
	conn->store = db->store->state;
	db_cache_init(&conn->cache);
	db->reader = &conn->base;
	return 0;
}

static void postgres_disconnect(struct db *db)
{
	struct postgres_conn *conn = (struct postgres_conn *)db->reader;

	postgres_conn_drop(conn);
	db_cache_done(&conn->cache);
	free(conn);
}

/* A connection that broke while it was idle shows it here, where nothing is lost by a second. */
static int postgres_begin(struct postgres_conn *conn)
{
	static const char sql[] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
	int r = postgres_conn_ensure(conn);

	if (r)
		return r;
	r = postgres_conn_exec(conn, sql);
	if (r && PQstatus(conn->handle) == CONNECTION_BAD) {
		r = postgres_conn_ensure(conn);
		if (!r)
			r = postgres_conn_exec(conn, sql);
	}
	conn->is_in_transaction = !r;
	return r;
}

/* The server answers COMMIT of a transaction that had failed with success and "ROLLBACK". */
static int postgres_commit(struct postgres_conn *conn)
{
	PGresult *result = postgres_call(conn, PQsendQuery(conn->handle, "COMMIT"));
	int r = 0;

	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		(void)postgres_conn_fail(conn, result);
		r = ERR_STORE;
	} else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
		db_set_error(conn->base.error, "the server rolled the transaction back");
		r = ERR_STORE;
	}
	PQclear(result);
	return r;
}

static void postgres_rollback(struct postgres_conn *conn)
{
	PGresult *result;

	if (PQstatus(conn->handle) != CONNECTION_OK)
		return; /* gone, and the transaction with it */
	result = postgres_call(conn, PQsendQuery(conn->handle, "ROLLBACK"));
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		postgres_conn_drop(conn);
	PQclear(result);
}

static int postgres_attempt(struct postgres_conn *conn, db_transaction fn, void *argument)
{
	int r = postgres_begin(conn);

	if (r)
		return r;
	conn->base.has_failed = false;
	r = db_transaction_verdict(&conn->base, fn(&conn->base, argument));
	/* A collision is repeated whatever the function made of it. */
	if (conn->must_repeat)
		r = ERR_STORE;
	if (!r)
		r = postgres_commit(conn);
	if (r)
		postgres_rollback(conn);
	conn->is_in_transaction = false;
	return r;
}

static void postgres_pause(int attempt)
{
	uint64_t limit = attempt < 6 ? (uint64_t)1 << attempt : PAUSE_MS_MAX;
	struct timespec pause = {.tv_nsec = (long)(rand_below(limit * 1000) * 1000)};

	nanosleep(&pause, NULL);
}

static int postgres_transact(struct db *db, db_transaction fn, void *argument)
{
	struct postgres_conn *conn = (struct postgres_conn *)db->reader;
	int r;

	for (int attempt = 0;; attempt++) {
		conn->must_repeat = false;
		r = postgres_attempt(conn, fn, argument);
		if (!conn->must_repeat || attempt + 1 == ATTEMPTS_MAX)
			break;
		postgres_pause(attempt);
	}
	if (r)
		db_set_error(db->error, "%s", conn->base.error);
	return r;
}

/* Held until the connection is closed. Not inside the transaction that migrates: that one must see
 * what another program did before it got the lock. */
static int postgres_lock_schema(struct db *db)
{
	struct postgres_conn *conn = (struct postgres_conn *)db->reader;
	int r = postgres_conn_ensure(conn);

	if (r)
		return r;
	conn->answer_ms = 0;
	return postgres_conn_exec(conn, "SET statement_timeout = 0; SET lock_timeout = 0;"
					"SELECT pg_advisory_lock(5571820348316)");
}

const struct db_driver db_driver_postgres = {
    .scheme = scheme,
    .schema_exists_sql = "SELECT 1 FROM information_schema.tables"
			 " WHERE table_schema = current_schema() AND table_name = 'schema_version'",
    .open = postgres_open,
    .close = postgres_close,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .transact = postgres_transact,
    .lock_schema = postgres_lock_schema,
    .step = postgres_step,
    .column_text = postgres_column_text,
    .column_int = postgres_column_int,
    .column_is_null = postgres_column_is_null,
    .done = postgres_done,
};
