/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fixture.c: databases for tests. A failure here is no verdict on what is tested, so it ends
 * the process with the reason.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/test_store.h"

/* The schema to use is the connection's search path, so that the text stays a constant. */
static const char drop_schema[] =
    "DO $$ BEGIN EXECUTE 'DROP SCHEMA IF EXISTS ' || current_setting('search_path') || ' CASCADE';"
    " END $$";
static const char create_schema[] =
    "DO $$ BEGIN EXECUTE 'CREATE SCHEMA ' || current_setting('search_path'); END $$";

static void fixture_fail(const struct store_fixture *f, const char *what)
{
	fprintf(stderr, "fixture %s: %s: %s %s\n", f->url, what, f->trail.text,
		f->db ? db_error(f->db) : "");
	exit(1);
}

bool store_fixture_has_postgres(void)
{
	const char *url = getenv("MUSTER_TEST_POSTGRES");

	return url && *url;
}

void store_fixture_attach(struct store_fixture *f)
{
	if (db_store_open(&f->store, f->url, &f->trail) || db_new(&f->db, f->store, &f->trail))
		fixture_fail(f, "open");
}

void store_fixture_detach(struct store_fixture *f)
{
	db_free(f->db);
	db_store_close(f->store);
	f->db = NULL;
	f->store = NULL;
}

void store_fixture_reopen(struct store_fixture *f)
{
	store_fixture_detach(f);
	store_fixture_attach(f);
}

static void fixture_place_sqlite(struct store_fixture *f)
{
	snprintf(f->dir, sizeof(f->dir), "/tmp/muster-store-XXXXXX");
	if (!mkdtemp(f->dir))
		fixture_fail(f, "mkdtemp");
	snprintf(f->path, sizeof(f->path), "%s/muster.db", f->dir);
	snprintf(f->url, sizeof(f->url), "sqlite:%s/muster.db", f->dir);
}

static void fixture_place_postgres(struct store_fixture *f)
{
	const char *url = getenv("MUSTER_TEST_POSTGRES");

	if (!url)
		fixture_fail(f, "MUSTER_TEST_POSTGRES is not set");
	else
		snprintf(f->url, sizeof(f->url), "%s%coptions=-csearch_path%%3Dtest_store_%d", url,
			 strchr(url, '?') ? '&' : '?', (int)getpid());
}

void store_fixture_empty(struct store_fixture *f, enum store_fixture_kind kind)
{
	*f = (struct store_fixture){.kind = kind};
	arena_init(&f->arena);
	if (kind == FIXTURE_SQLITE)
		fixture_place_sqlite(f);
	else
		fixture_place_postgres(f);
	store_fixture_attach(f);
	if (kind == FIXTURE_POSTGRES &&
	    (store_fixture_run(f->db, drop_schema) || store_fixture_run(f->db, create_schema)))
		fixture_fail(f, "schema");
}

void store_fixture_open(struct store_fixture *f, enum store_fixture_kind kind)
{
	store_fixture_empty(f, kind);
	if (db_store_migrate(f->store, &f->trail))
		fixture_fail(f, "migrate");
}

static void fixture_remove_files(const struct store_fixture *f)
{
	DIR *dir = opendir(f->dir);

	if (!dir)
		return;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(f->dir);
}

void store_fixture_close(struct store_fixture *f)
{
	if (f->kind == FIXTURE_POSTGRES && store_fixture_run(f->db, drop_schema))
		fixture_fail(f, "drop schema");
	store_fixture_detach(f);
	if (f->kind == FIXTURE_SQLITE)
		fixture_remove_files(f);
	arena_done(&f->arena);
}

static int fixture_run(struct db_conn *tx, void *argument)
{
	const char *const *sql = argument;
	struct db_query q;

	db_query_init(&q, tx, *sql);
	return db_run(&q);
}

int store_fixture_run(struct db *db, const char *sql)
{
	return db_transact(db, fixture_run, &sql);
}

int64_t store_fixture_number(struct db *db, const char *sql)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, db_reader(db), sql);
	return db_step(&q) == DB_ROW ? db_column_int(&q, 0) : -1;
}
