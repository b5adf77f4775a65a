/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_migrate.c: a schema is made once, by whoever comes first, and one from the future is
 * refused.
 */
#include <pthread.h>

#include "store/test_cases.h"

static const char versions[] = "SELECT MAX(version) FROM schema_version";

static void an_empty_database_is_migrated(void **state)
{
	struct store_fixture *f = *state;

	trail_reset(&f->trail);
	assert_int_equal(db_store_check(f->store, &f->trail), DB_E_NOT_MIGRATED);
	assert_non_null(strstr(f->trail.text, "musterd migrate"));
	assert_ok(db_store_migrate(f->store, &f->trail));
	assert_ok(db_store_check(f->store, &f->trail));
	assert_true(store_fixture_number(f->db, versions) >= 1);
}

static void migrating_again_changes_nothing(void **state)
{
	struct store_fixture *f = *state;
	int64_t rows = store_fixture_number(f->db, "SELECT COUNT(*) FROM schema_version");

	assert_ok(db_store_migrate(f->store, &f->trail));
	store_fixture_reopen(f);
	assert_ok(db_store_migrate(f->store, &f->trail));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM schema_version"), rows);
}

static void a_newer_schema_is_refused(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(store_fixture_run(f->db, "INSERT INTO schema_version (version, name, applied_at)"
					   " VALUES (4711, 'future', 0)"));
	trail_reset(&f->trail);
	assert_int_equal(db_store_check(f->store, &f->trail), DB_E_NEWER_SCHEMA);
	assert_non_null(strstr(f->trail.text, "4711"));
	assert_int_equal(db_store_migrate(f->store, &f->trail), DB_E_NEWER_SCHEMA);
	assert_int_equal(store_fixture_number(f->db, versions), 4711);
}

static void an_older_schema_is_told(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(store_fixture_run(f->db, "DELETE FROM schema_version"));
	assert_int_equal(db_store_check(f->store, &f->trail), DB_E_NOT_MIGRATED);
}

/* What was written under the step before is there under the new one. */
static void a_later_step_keeps_the_rows_of_before(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(store_fixture_run(f->db, "INSERT INTO crls (issuer_key_id, number, der, revoked,"
					   " made_at, next_at) VALUES ('ab', 1, '', '', 7, 8)"));
	assert_ok(store_fixture_run(f->db, "ALTER TABLE tenants DROP COLUMN closed_message"));
	assert_ok(store_fixture_run(f->db, "DROP INDEX enrollments_stories"));
	assert_ok(store_fixture_run(f->db, "DELETE FROM schema_version WHERE version > 2"));
	store_fixture_reopen(f);
	assert_int_equal(db_store_check(f->store, &f->trail), DB_E_NOT_MIGRATED);
	assert_ok(db_store_migrate(f->store, &f->trail));
	assert_ok(db_store_check(f->store, &f->trail));
	assert_int_equal(store_fixture_number(f->db, "SELECT made_at FROM crls"), 7);
	assert_int_equal(
	    store_fixture_number(f->db, "SELECT COUNT(*) FROM tenants WHERE closed_message <> ''"),
	    0);
}

/* A step that cannot be made leaves nothing of itself. */
static void a_failed_step_leaves_nothing(void **state)
{
	struct store_fixture *f = *state;
	struct db_query q;

	assert_ok(store_fixture_run(f->db, "CREATE TABLE outbox (id TEXT)"));
	trail_reset(&f->trail);
	assert_int_equal(db_store_migrate(f->store, &f->trail), ERR_STORE);
	assert_non_null(strstr(f->trail.text, "outbox"));
	db_query_init(&q, db_reader(f->db), "SELECT COUNT(*) FROM tenants");
	assert_true(db_step(&q) < 0);
	db_query_done(&q);
	assert_ok(store_fixture_run(f->db, "DROP TABLE outbox"));
	assert_ok(db_store_migrate(f->store, &f->trail));
	assert_ok(db_store_check(f->store, &f->trail));
}

struct migrator {
	const char *url;
	pthread_t thread;
	pthread_barrier_t *start;
	int result;
	struct trail trail;
};

static void *migrator_main(void *argument)
{
	struct migrator *m = argument;
	struct db_store *store;

	m->result = db_store_open(&store, m->url, &m->trail);
	pthread_barrier_wait(m->start);
	if (m->result)
		return NULL;
	m->result = db_store_migrate(store, &m->trail);
	db_store_close(store);
	return NULL;
}

static void many_migrate_at_once(void **state)
{
	struct store_fixture *f = *state;
	struct migrator migrators[8];
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, ARRAY_LEN(migrators));
	for (size_t i = 0; i < ARRAY_LEN(migrators); i++) {
		migrators[i] = (struct migrator){.url = f->url, .start = &start};
		assert_ok(pthread_create(&migrators[i].thread, NULL, migrator_main, &migrators[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(migrators); i++)
		pthread_join(migrators[i].thread, NULL);
	pthread_barrier_destroy(&start);
	for (size_t i = 0; i < ARRAY_LEN(migrators); i++)
		assert_string_equal(migrators[i].result ? migrators[i].trail.text : "", "");
	assert_ok(db_store_check(f->store, &f->trail));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) - MAX(version)"
						     " FROM schema_version"),
			 0);
}

/* Every table that belongs to a tenant is keyed by it first; columns are TEXT or BIGINT. */
static void the_schema_keeps_its_rules(void **state)
{
	struct store_fixture *f = *state;
	const char *wrong_types, *wrong_keys;

	if (f->kind == FIXTURE_SQLITE) {
		wrong_types = "SELECT COUNT(*) FROM sqlite_master m, pragma_table_info(m.name) c"
			      " WHERE m.type = 'table' AND c.type NOT IN ('TEXT', 'BIGINT')";
		wrong_keys = "SELECT COUNT(*) FROM sqlite_master m, pragma_table_info(m.name) c"
			     " WHERE m.type = 'table' AND m.name NOT IN ('schema_version',"
			     " 'server_values', 'api_tokens', 'crls') AND c.pk = 1 AND c.name <> "
			     "'tenant_id'";
	} else {
		wrong_types = "SELECT COUNT(*) FROM information_schema.columns"
			      " WHERE table_schema = current_schema()"
			      " AND data_type NOT IN ('text', 'bigint')";
		wrong_keys = "SELECT COUNT(*) FROM information_schema.key_column_usage k JOIN"
			     " information_schema.table_constraints c USING (constraint_name,"
			     " constraint_schema) WHERE c.table_schema = current_schema()"
			     " AND c.constraint_type = 'PRIMARY KEY' AND k.ordinal_position = 1"
			     " AND c.table_name NOT IN ('schema_version', 'server_values',"
			     " 'api_tokens', 'crls')"
			     " AND k.column_name <> 'tenant_id'";
	}
	assert_int_equal(store_fixture_number(f->db, wrong_types), 0);
	assert_int_equal(store_fixture_number(f->db, wrong_keys), 0);
}

static const struct CMUnitTest cases[] = {
    CASE_EMPTY(an_empty_database_is_migrated),
    CASE(migrating_again_changes_nothing),
    CASE(a_newer_schema_is_refused),
    CASE(an_older_schema_is_told),
    CASE(a_later_step_keeps_the_rows_of_before),
    CASE_EMPTY(a_failed_step_leaves_nothing),
    CASE_EMPTY(many_migrate_at_once),
    CASE(the_schema_keeps_its_rules),
};

const struct case_table migrate_cases = {cases, ARRAY_LEN(cases)};
