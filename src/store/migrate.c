/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c: brings the schema of a database to what this program knows.
 *
 * The table schema_version has a row for each step that was taken. Step N is the N-th row of the
 * table below; the version of a database is the highest N it has. A database with a higher one was
 * made by a newer program and is refused, because this program cannot know what its rows mean.
 * Programs that migrate at the same time take turns, and each step looks again, inside its own
 * transaction, whether it is still due.
 */
#include "store/migrate.h"

#include "base/clock.h"
#include "store/db_driver.h"

static const struct migration *const migrations[] = {&migration_first, &migration_joining,
						     &migration_closing, &migration_stories};

enum { SCHEMA_VERSION = ARRAY_LEN(migrations) };

/* 0 for a database without a schema. */
static int schema_version_load(struct db_conn *conn, int64_t *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, conn->driver->schema_exists_sql);
	r = db_step(&q);
	if (r == DB_DONE) {
		*ret = 0;
		return 0;
	}
	if (r != DB_ROW)
		return r;
	db_query_done(&q);
	db_query_init(&q, conn, "SELECT MAX(version) FROM schema_version");
	r = db_step(&q);
	if (r != DB_ROW)
		return r == DB_DONE ? ERR_STORE : r;
	*ret = db_column_int(&q, 0);
	return 0;
}

static int migration_record(struct db_conn *tx, int64_t version, const char *name)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)");
	db_bind_int(&q, 1, version);
	db_bind_c(&q, 2, name);
	db_bind_int(&q, 3, clock_now());
	return db_run(&q);
}

/* argument: the number of the step. */
static int migration_run(struct db_conn *tx, void *argument)
{
	const int64_t *number = argument;
	const struct migration *m = migrations[*number - 1];
	struct db_query q;
	int64_t version;
	int r = schema_version_load(tx, &version);

	if (r || version >= *number)
		return r;
	for (size_t i = 0; i < m->count && !r; i++) {
		db_query_init(&q, tx, m->statements[i]);
		r = db_run(&q);
	}
	return r ? r : migration_record(tx, *number, m->name);
}

static int schema_refuse_newer(int64_t version, struct trail *trail)
{
	return ERR_FAIL(trail, DB_E_NEWER_SCHEMA,
			"the database has schema %lld, this program knows up to %d: "
			"use the newer musterd, or restore the backup made before the upgrade",
			(long long)version, SCHEMA_VERSION);
}

static int schema_migrate(struct db *db, struct trail *trail)
{
	int64_t version;
	int r = db->store->driver->lock_schema(db);

	if (!r)
		r = schema_version_load(db->reader, &version);
	if (r)
		return ERR_FAIL(trail, r, "cannot read the schema: %s", db_error(db));
	if (version > SCHEMA_VERSION)
		return schema_refuse_newer(version, trail);
	for (int64_t number = version + 1; number <= SCHEMA_VERSION; number++) {
		r = db_transact(db, migration_run, &number);
		if (r)
			return ERR_FAIL(trail, r < 0 ? r : ERR_STORE,
					"cannot make schema step %lld: %s", (long long)number,
					db_error(db));
	}
	return 0;
}

int db_store_migrate(struct db_store *store, struct trail *trail)
{
	struct db *db;
	int r = db_new(&db, store, trail);

	if (r)
		return ERR_TRACE(trail, r);
	r = schema_migrate(db, trail);
	db_free(db);
	return r;
}

/* There and back: SQLite does not write a row that stays as it is. */
static int probe_write(struct db_conn *tx, void *argument)
{
	struct db_query q;
	int r;

	(void)argument;
	db_query_init(&q, tx, "UPDATE schema_version SET applied_at = applied_at + 1");
	r = db_run(&q);
	if (r)
		return r;
	db_query_init(&q, tx, "UPDATE schema_version SET applied_at = applied_at - 1");
	return db_run(&q);
}

int db_store_probe(struct db *db)
{
	return db_transact(db, probe_write, NULL);
}

int db_store_check(struct db_store *store, struct trail *trail)
{
	int64_t version;
	struct db *db;
	int r = db_new(&db, store, trail);

	if (r)
		return ERR_TRACE(trail, r);
	r = schema_version_load(db_reader(db), &version);
	if (r)
		r = ERR_FAIL(trail, r, "cannot read the schema: %s", db_conn_error(db_reader(db)));
	else if (version > SCHEMA_VERSION)
		r = schema_refuse_newer(version, trail);
	else if (version < SCHEMA_VERSION)
		r = ERR_FAIL(trail, DB_E_NOT_MIGRATED,
			     "the database has schema %lld, this program needs %d: "
			     "run `musterd migrate`",
			     (long long)version, SCHEMA_VERSION);
	db_free(db);
	return r;
}
