/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_store.h: an empty database for a test, on SQLite or on PostgreSQL.
 *
 * SQLite databases are files in a new directory under /tmp. PostgreSQL is used when the environment
 * has MUSTER_TEST_POSTGRES; each process has a schema of its own there. Also for the tests of the
 * folders above: store_fixture_open gives them a migrated SQLite database.
 */
#ifndef MUSTER_STORE_TEST_STORE_H
#define MUSTER_STORE_TEST_STORE_H

#include <limits.h>

#include "store/store.h"

enum store_fixture_kind { FIXTURE_SQLITE, FIXTURE_POSTGRES };

struct store_fixture {
	enum store_fixture_kind kind;
	char url[512];
	char dir[64];        /* SQLite: holds the file */
	char path[PATH_MAX]; /* SQLite: the file */
	struct db_store *store;
	struct db *db;
	struct arena arena;
	struct trail trail;
};

bool store_fixture_has_postgres(void);
/* An empty database without a schema; exits the process with a message on failure. */
void store_fixture_empty(struct store_fixture *f, enum store_fixture_kind kind);
/* The same and migrated. */
void store_fixture_open(struct store_fixture *f, enum store_fixture_kind kind);
void store_fixture_close(struct store_fixture *f);
/* Close the handles and open them again, as a restart would. */
void store_fixture_reopen(struct store_fixture *f);
void store_fixture_detach(struct store_fixture *f); /* the first half of reopen */
void store_fixture_attach(struct store_fixture *f); /* the second */

/* A transaction of one statement without parameters. */
MUST_CHECK int store_fixture_run(struct db *db, const char *sql);
/* The one number a query without parameters answers with; -1 when it fails. */
int64_t store_fixture_number(struct db *db, const char *sql);

#endif
