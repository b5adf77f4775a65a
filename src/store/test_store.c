/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_store.c: the one test program of the store: every case that does not name a driver runs on
 * SQLite and, when MUSTER_TEST_POSTGRES holds the URL of a cluster, on PostgreSQL.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/test_cases.h"

enum store_fixture_kind test_kind;

int case_setup_empty(void **state)
{
	struct store_fixture *f = heap_alloc(sizeof(*f));

	store_fixture_empty(f, test_kind);
	*state = f;
	return 0;
}

int case_setup(void **state)
{
	struct store_fixture *f = heap_alloc(sizeof(*f));

	store_fixture_open(f, test_kind);
	*state = f;
	return 0;
}

int case_teardown(void **state)
{
	store_fixture_close(*state);
	free(*state);
	return 0;
}

static int run(const struct case_table *table, const char *name, enum store_fixture_kind kind)
{
	char title[64];

	test_kind = kind;
	snprintf(title, sizeof(title), "%s on %s", name,
		 kind == FIXTURE_SQLITE ? "SQLite" : "PostgreSQL");
	/* What cmocka_run_group_tests_name expands to, for a table of another file. */
	return _cmocka_run_group_tests(title, table->cases, table->count, NULL, NULL);
}

static int run_both(enum store_fixture_kind kind)
{
	int failed = 0;

	failed += run(&db_cases, "database", kind);
	failed += run(&db_thread_cases, "threads", kind);
	failed += run(&migrate_cases, "migrations", kind);
	failed += run(&entity_cases, "entities", kind);
	failed += run(&device_cases, "devices", kind);
	failed += run(&account_cases, "accounts", kind);
	failed += run(&manage_cases, "management", kind);
	failed += run(&terms_cases, "terms", kind);
	failed += run(&story_cases, "stories", kind);
	failed += run(&trusted_issuer_cases, "trusted issuers", kind);
	return failed;
}

int main(void)
{
	int failed;

	/* A file size limit must be an error of write, not the end of the process. */
	signal(SIGXFSZ, SIG_IGN);
	failed = run_both(FIXTURE_SQLITE);
	failed += run(&sqlite_cases, "driver", FIXTURE_SQLITE);
	if (!store_fixture_has_postgres()) {
		printf("PostgreSQL: skipped, MUSTER_TEST_POSTGRES is not set\n");
		return failed;
	}
	failed += run_both(FIXTURE_POSTGRES);
	return failed + run(&postgres_cases, "driver", FIXTURE_POSTGRES);
}
