/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_sqlite.c: the SQLite driver: files, connections and statements.
 *
 * Each struct db has a connection of its own that can only read; everything that writes goes
 * through the one writer (db_sqlite_writer.c). The file is in WAL mode with synchronous FULL, so
 * that a committed transaction survives a power cut and readers never wait for the writer. The
 * file, and with it the WAL beside it, can be read by its owner only.
 *
 * A failed fsync ends the process at once (threats.md 3.2): the kernel may have dropped the pages
 * it could not write, a second fsync would report success, and what was acknowledged would be
 * gone. At the next start SQLite recovers from what really is on the disk. A full disk is not such
 * a failure: the transaction fails, and later ones succeed when there is room again.
 */
#include "store/db_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"

enum { BUSY_TIMEOUT_MS = 5000 };

struct sqlite_store {
	char *path;
	struct sqlite_writer *writer;
};

/* A prepared statement; index maps our parameter numbers to SQLite's. */
struct sqlite_statement {
	sqlite3_stmt *handle;
	int index[DB_PARAMS_MAX];
	bool is_busy;
	bool is_cached;
};

static const char scheme[] = "sqlite:";

int sqlite_conn_fail(struct sqlite_conn *conn, const char *what)
{
	int code = conn->handle ? sqlite3_extended_errcode(conn->handle) : SQLITE_CANTOPEN;
	const char *why = conn->handle ? sqlite3_errmsg(conn->handle) : "out of memory";

	db_set_error(conn->base.error, "%s: %s (%d)", what, why, code);
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
		fatal_exit("the disk failed to store what was written (fsync)");
	return ERR_STORE;
}

int sqlite_conn_exec(struct sqlite_conn *conn, const char *sql)
{
	if (sqlite3_exec(conn->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_conn_fail(conn, sql);
	return 0;
}

/* The statement succeeds also where the mode cannot be had (a file system without shared memory).
 */
static int sqlite_set_wal(struct sqlite_conn *conn)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, &conn->base, "PRAGMA journal_mode = WAL");
	r = db_step(&q);
	if (r < 0)
		return r;
	if (r != DB_ROW || !text_eq_c(db_column_text(&q, 0), "wal")) {
		db_set_error(conn->base.error, "this file system cannot hold a database in WAL "
					       "mode; use a local disk");
		return ERR_STORE;
	}
	return 0;
}

int sqlite_conn_open(struct sqlite_conn *conn, const char *path, bool is_writer)
{
	static const char *const setup[] = {
	    "PRAGMA synchronous = FULL",
	    "PRAGMA foreign_keys = ON",
	    "PRAGMA temp_store = MEMORY",
	    "PRAGMA trusted_schema = OFF",
	};
	int r;

	conn->base.driver = &db_driver_sqlite;
	conn->base.has_failed = false;
	conn->base.error[0] = '\0';
	conn->handle = NULL;
	db_cache_init(&conn->cache);
	if (sqlite3_open_v2(path, &conn->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return sqlite_conn_fail(conn, "open");
	sqlite3_extended_result_codes(conn->handle, 1);
	sqlite3_busy_timeout(conn->handle, BUSY_TIMEOUT_MS);
	r = sqlite_set_wal(conn);
	if (r)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(setup); i++) {
		r = sqlite_conn_exec(conn, setup[i]);
		if (r)
			return r;
	}
	return is_writer ? 0 : sqlite_conn_exec(conn, "PRAGMA query_only = ON");
}

void sqlite_conn_close(struct sqlite_conn *conn)
{
	for (size_t i = 0; i < conn->cache.cap; i++) {
		struct sqlite_statement *s = conn->cache.slots[i].statement;

		if (!s)
			continue;
		sqlite3_finalize(s->handle);
		free(s);
	}
	db_cache_done(&conn->cache);
	sqlite3_close(conn->handle);
	conn->handle = NULL;
}

/* A path that was mistyped may name anything: what is no database is left as it is. */
static bool sqlite_is_ours(int fd, off_t size)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof(magic)];

	return size == 0 || (pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
			     memcmp(head, magic, sizeof(magic)) == 0);
}

/* Make the file, or narrow who may open it: SQLite gives the WAL the mode of the file. */
static int sqlite_prepare_file(const char *path, struct trail *trail)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_STORE, "cannot open the database %s: %s", path,
				strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = ERR_FAIL(trail, ERR_STORE, "the database %s is not a regular file", path);
	else if (!sqlite_is_ours(fd, st.st_size))
		r = ERR_FAIL(trail, ERR_STORE, "%s is not a database; look at [store] url", path);
	else if ((st.st_mode & 077) && fchmod(fd, 0600) < 0)
		r = ERR_FAIL(trail, ERR_STORE,
			     "the database %s is open to others and its mode cannot be changed to "
			     "0600: %s",
			     path, strerror(errno));
	close(fd);
	return r;
}

static void sqlite_configure(void)
{
	/* Its statistics take a lock shared by all threads at every allocation. Refused, without
	 * harm, when something else in the process has started the library. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sqlite_open(struct db_store *store, const char *url, struct trail *trail)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *path = url + strlen(scheme);
	struct sqlite_store *s;
	int r;

	if (!*path || *path == ':')
		return ERR_FAIL(trail, ERR_CONFIG,
				"[store] url must name a file: sqlite:/path/to/muster.db");
	pthread_once(&once, sqlite_configure);
	r = sqlite_prepare_file(path, trail);
	if (r)
		return r;
	s = heap_alloc(sizeof(*s));
	s->path = heap_string(path);
	r = sqlite_writer_start(&s->writer, path, trail);
	if (r) {
		free(s->path);
		free(s);
		return ERR_TRACE(trail, r);
	}
	store->state = s;
	return 0;
}

static void sqlite_close(struct db_store *store)
{
	struct sqlite_store *s = store->state;

	sqlite_writer_stop(s->writer);
	free(s->path);
	free(s);
}

static int sqlite_connect(struct db *db, struct trail *trail)
{
	const struct sqlite_store *s = db->store->state;
	struct sqlite_conn *conn = heap_alloc(sizeof(*conn));
	int r = sqlite_conn_open(conn, s->path, false);

	if (r) {
		r = ERR_FAIL(trail, r, "cannot read the database %s: %s", s->path,
			     conn->base.error);
		sqlite_conn_close(conn);
		free(conn);
		return r;
	}
	db->reader = &conn->base;
	return 0;
}

static void sqlite_disconnect(struct db *db)
{
	struct sqlite_conn *conn = (struct sqlite_conn *)db->reader;

	sqlite_conn_close(conn);
	free(conn);
}

static int sqlite_transact(struct db *db, db_transaction fn, void *argument)
{
	const struct sqlite_store *s = db->store->state;

	return sqlite_writer_run(s->writer, fn, argument, db->error);
}

/* BEGIN IMMEDIATE keeps others out while a migration runs; each looks at the version inside. */
static int sqlite_lock_schema(struct db *db)
{
	(void)db;
	return 0;
}

/* Our $7 is a named parameter to SQLite, numbered by where it first stands in the text. */
static int sqlite_map_params(struct sqlite_conn *conn, struct sqlite_statement *s)
{
	int n = sqlite3_bind_parameter_count(s->handle);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(s->handle, i);
		long number = name && name[0] == '$' ? strtol(name + 1, NULL, 10) : 0;

		if (number < 1 || number > DB_PARAMS_MAX) {
			db_set_error(conn->base.error, "a statement has a parameter that is not "
						       "a number after $");
			return ERR_INTERNAL;
		}
		s->index[number - 1] = i;
	}
	return 0;
}

/* The connection's statement for this text, or another where that one is in use; NULL: failed. */
static struct sqlite_statement *sqlite_prepare(struct sqlite_conn *conn, const char *sql)
{
	struct sqlite_statement *s = db_cache_get(&conn->cache, sql, 0);
	bool is_cached = !s;

	if (s && !s->is_busy)
		return s;
	s = heap_alloc(sizeof(*s));
	if (sqlite3_prepare_v3(conn->handle, sql, -1, is_cached ? SQLITE_PREPARE_PERSISTENT : 0,
			       &s->handle, NULL) != SQLITE_OK) {
		(void)sqlite_conn_fail(conn, "prepare");
		free(s);
		return NULL;
	}
	if (sqlite_map_params(conn, s)) {
		sqlite3_finalize(s->handle);
		free(s);
		return NULL;
	}
	s->is_cached = is_cached;
	if (is_cached)
		db_cache_add(&conn->cache, sql, 0, s);
	return s;
}

static int sqlite_bind(struct sqlite_conn *conn, struct sqlite_statement *s,
		       const struct db_query *q)
{
	for (int i = 0; i < q->param_count; i++) {
		const struct db_param *p = &q->params[i];
		int code = SQLITE_OK;

		if (!s->index[i]) {
			db_set_error(conn->base.error, "parameter $%d is not in the statement",
				     i + 1);
			return ERR_INTERNAL;
		}
		if (p->kind == DB_PARAM_INT)
			code = sqlite3_bind_int64(s->handle, s->index[i], p->number);
		else if (p->kind == DB_PARAM_TEXT && p->text.ptr)
			code = sqlite3_bind_text64(s->handle, s->index[i], p->text.ptr, p->text.len,
						   SQLITE_STATIC, SQLITE_UTF8);
		if (code != SQLITE_OK)
			return sqlite_conn_fail(conn, "bind");
	}
	return 0;
}

static int sqlite_start(struct sqlite_conn *conn, struct db_query *q)
{
	struct sqlite_statement *s = sqlite_prepare(conn, q->sql);

	if (!s)
		return ERR_STORE;
	s->is_busy = true;
	q->statement = s;
	return sqlite_bind(conn, s, q);
}

static int sqlite_step(struct db_query *q)
{
	struct sqlite_conn *conn = (struct sqlite_conn *)q->conn;
	struct sqlite_statement *s;
	int r;

	if (!q->is_started) {
		r = sqlite_start(conn, q);
		if (r)
			return r;
	}
	s = q->statement;
	r = sqlite3_step(s->handle);
	if (r == SQLITE_ROW)
		return DB_ROW;
	if (r == SQLITE_DONE) {
		q->changes = sqlite3_changes64(conn->handle);
		return DB_DONE;
	}
	if (r == SQLITE_CONSTRAINT_UNIQUE || r == SQLITE_CONSTRAINT_PRIMARYKEY ||
	    r == SQLITE_CONSTRAINT_FOREIGNKEY) {
		db_set_error(q->conn->error, "%s", sqlite3_errmsg(conn->handle));
		return DB_E_CONFLICT;
	}
	return sqlite_conn_fail(conn, "statement");
}

static struct text sqlite_column_text(struct db_query *q, int column)
{
	const struct sqlite_statement *s = q->statement;
	const unsigned char *t = sqlite3_column_text(s->handle, column);

	if (!t)
		return (struct text){.ptr = NULL, .len = 0};
	return text_make(t, (size_t)sqlite3_column_bytes(s->handle, column));
}

static int64_t sqlite_column_int(struct db_query *q, int column)
{
	const struct sqlite_statement *s = q->statement;

	return sqlite3_column_int64(s->handle, column);
}

static bool sqlite_column_is_null(struct db_query *q, int column)
{
	const struct sqlite_statement *s = q->statement;

	return sqlite3_column_type(s->handle, column) == SQLITE_NULL;
}

static void sqlite_done(struct db_query *q)
{
	struct sqlite_statement *s = q->statement;

	if (!s)
		return;
	q->statement = NULL;
	if (!s->is_cached) {
		sqlite3_finalize(s->handle);
		free(s);
		return;
	}
	sqlite3_reset(s->handle);
	sqlite3_clear_bindings(s->handle);
	s->is_busy = false;
}

static int sqlite_store_backup(struct db_store *store, const char *path, struct trail *trail)
{
	const struct sqlite_store *sqlite = store->state;

	return sqlite_backup(sqlite->path, path, trail);
}

const struct db_driver db_driver_sqlite = {
    .scheme = scheme,
    .schema_exists_sql =
	"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
    .open = sqlite_open,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .backup = sqlite_store_backup,
    .transact = sqlite_transact,
    .lock_schema = sqlite_lock_schema,
    .step = sqlite_step,
    .column_text = sqlite_column_text,
    .column_int = sqlite_column_int,
    .column_is_null = sqlite_column_is_null,
    .done = sqlite_done,
};
