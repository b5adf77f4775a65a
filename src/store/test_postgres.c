/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_postgres.c: what the PostgreSQL driver promises about its connection: collisions are
 * repeated and not for ever, a broken connection is replaced, a server that is away costs little
 * time, and errors do not repeat the values of rows.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/db_postgres.h"
#include "store/test_cases.h"

static int notes_setup(void **state)
{
	struct store_fixture *f;

	if (case_setup_empty(state))
		return -1;
	f = *state;
	return store_fixture_run(f->db, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY,"
					" value BIGINT NOT NULL)");
}

static const char count_notes[] = "SELECT COUNT(*) FROM notes";

/* Two that each read what the other will write: only one order of them is possible. */
struct skew {
	struct db *db;
	pthread_t thread;
	pthread_barrier_t *both_have_read;
	const char *id;
	int attempts;
	int result;
};

static int skew_run(struct db_conn *tx, void *argument)
{
	struct skew *s = argument;
	struct db_query q;
	int64_t count;
	int r;

	s->attempts++;
	db_query_init(&q, tx, count_notes);
	r = db_step(&q);
	count = db_column_int(&q, 0);
	db_query_done(&q);
	if (s->attempts == 1)
		pthread_barrier_wait(s->both_have_read);
	if (r != DB_ROW)
		return r;
	db_query_init(&q, tx, "INSERT INTO notes (id, value) VALUES ($1, $2)");
	db_bind_c(&q, 1, s->id);
	db_bind_int(&q, 2, count);
	return db_run(&q);
}

static void *skew_main(void *argument)
{
	struct skew *s = argument;

	s->result = db_transact(s->db, skew_run, s);
	return NULL;
}

static void a_collision_is_repeated(void **state)
{
	struct store_fixture *f = *state;
	pthread_barrier_t barrier;
	struct skew skews[2] = {{.id = "a"}, {.id = "b"}};

	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++) {
		skews[i].both_have_read = &barrier;
		assert_ok(db_new(&skews[i].db, f->store, &f->trail));
		assert_ok(pthread_create(&skews[i].thread, NULL, skew_main, &skews[i]));
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(skews[i].thread, NULL);
		db_free(skews[i].db);
	}
	pthread_barrier_destroy(&barrier);
	assert_ok(skews[0].result);
	assert_ok(skews[1].result);
	assert_true(skews[0].attempts + skews[1].attempts >= 3);
	/* One saw none, the other saw one: as if they had come one after the other. */
	assert_int_equal(store_fixture_number(f->db, "SELECT SUM(value) FROM notes"), 1);
}

struct failing {
	const char *sql;
	int attempts;
	bool hides; /* makes an outcome of the failure */
};

static int fail_run(struct db_conn *tx, void *argument)
{
	struct failing *failing = argument;
	struct db_query q;
	int r;

	failing->attempts++;
	db_query_init(&q, tx, failing->sql);
	r = db_run(&q);
	return failing->hides ? 1 : r;
}

static void collisions_are_not_repeated_for_ever(void **state)
{
	static const char serialization[] = "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$";
	static const char deadlock[] = "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$";
	static const char other[] = "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '22012'; END $$";
	static const struct {
		const char *sql;
		bool hides;
		bool is_repeated;
		int result;
	} table[] = {
	    {serialization, false, true, ERR_STORE},
	    {serialization, true, true, ERR_STORE},
	    {deadlock, false, true, ERR_STORE},
	    {other, false, false, ERR_STORE},
	    {other, true, false, 1},
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct failing failing = {.sql = table[i].sql, .hides = table[i].hides};

		assert_int_equal(db_transact(f->db, fail_run, &failing), table[i].result);
		if (table[i].is_repeated)
			assert_in_range(failing.attempts, 3, 50);
		else
			assert_int_equal(failing.attempts, 1);
	}
	assert_ok(store_fixture_run(f->db, "INSERT INTO notes VALUES ('after', 1)"));
}

static int terminate_run(struct db_conn *tx, void *argument)
{
	struct db_query q;
	int r;

	db_query_init(&q, tx, "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)");
	db_bind_int(&q, 1, *(const int64_t *)argument);
	r = db_step(&q);
	db_query_done(&q);
	return r == DB_ROW ? 0 : ERR_STORE;
}

/* End the server's side of the fixture's connection. */
static void break_connection(struct store_fixture *f)
{
	int64_t pid = store_fixture_number(f->db, "SELECT pg_backend_pid()");
	struct db *other;

	assert_true(pid > 0);
	assert_ok(db_new(&other, f->store, &f->trail));
	assert_ok(db_transact(other, terminate_run, &pid));
	db_free(other);
}

static void a_broken_idle_connection_is_replaced(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(store_fixture_run(f->db, "INSERT INTO notes VALUES ('a', 1)"));
	break_connection(f);
	assert_int_equal(store_fixture_number(f->db, count_notes), 1);
	break_connection(f);
	assert_ok(store_fixture_run(f->db, "INSERT INTO notes VALUES ('b', 1)"));
	assert_int_equal(store_fixture_number(f->db, count_notes), 2);
}

static int add_and_die(struct db_conn *tx, void *argument)
{
	static const char *const statements[] = {
	    "INSERT INTO notes VALUES ('a', 1)",
	    "DO $$ BEGIN PERFORM pg_catalog.pg_terminate_backend(pg_backend_pid()); END $$",
	    "INSERT INTO notes VALUES ('b', 1)",
	};
	int *attempts = argument;
	struct db_query q;
	int r = 0;

	++*attempts;
	for (size_t i = 0; i < ARRAY_LEN(statements) && !r; i++) {
		db_query_init(&q, tx, statements[i]);
		r = db_run(&q);
	}
	return r;
}

static void a_connection_lost_in_a_transaction_fails_it(void **state)
{
	struct store_fixture *f = *state;
	int attempts = 0;

	assert_int_equal(db_transact(f->db, add_and_die, &attempts), ERR_STORE);
	assert_int_equal(attempts, 1);
	assert_true(db_error(f->db)[0] != '\0');
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	assert_ok(store_fixture_run(f->db, "INSERT INTO notes VALUES ('a', 1)"));
}

static void assert_unreachable(const char *url, int64_t first_ms)
{
	struct db_store *store;
	struct trail trail;
	struct db *db;
	int64_t before;

	trail_reset(&trail);
	assert_ok(db_store_open(&store, url, &trail));
	assert_ok(db_new(&db, store, &trail));
	before = clock_mono_ms();
	assert_int_equal(store_fixture_run(db, count_notes), ERR_STORE);
	assert_in_range(clock_mono_ms() - before, 0, first_ms);
	assert_true(db_error(db)[0] != '\0');
	before = clock_mono_ms();
	assert_int_equal(store_fixture_run(db, count_notes), ERR_STORE);
	assert_in_range(clock_mono_ms() - before, 0, 100);
	assert_int_equal(db_store_check(store, &trail), ERR_STORE);
	assert_null(strstr(trail.text, "hunter2"));
	assert_null(strstr(db_error(db), "hunter2"));
	db_free(db);
	db_store_close(store);
}

static void case25_a_server_that_is_away_fails_fast(void **state)
{
	(void)state;
	assert_unreachable("postgresql://muster:hunter2@/db?host=/nonexistent", 500);
}

/* Something accepts the connection and never says a word. */
static void case25_a_silent_server_fails_in_seconds(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char url[128];

	(void)state;
	assert_true(fd >= 0);
	assert_ok(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	assert_ok(listen(fd, 8));
	assert_ok(getsockname(fd, (struct sockaddr *)&address, &len));
	snprintf(url, sizeof(url), "postgresql://muster:hunter2@127.0.0.1:%d/db?sslmode=disable",
		 ntohs(address.sin_port));
	assert_unreachable(url, 3000);
	close(fd);
}

/* The connection is there and an answer does not come: the machine has frozen. */
static void case25_a_server_that_falls_silent_is_given_up(void **state)
{
	static const char sleep[] = "DO $$ BEGIN PERFORM pg_sleep(20); END $$";
	struct store_fixture *f = *state;
	struct postgres_conn *conn = (struct postgres_conn *)db_reader(f->db);
	struct failing failing = {.sql = sleep};
	int64_t before = clock_mono_ms();

	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	assert_true(conn->answer_ms > 10 * 1000); /* what the server is told */
	conn->answer_ms = 200;
	assert_int_equal(db_transact(f->db, fail_run, &failing), ERR_STORE);
	assert_int_equal(failing.attempts, 1);
	assert_in_range(clock_mono_ms() - before, 150, 5000);
	assert_non_null(strstr(db_error(f->db), "takes too long"));
	assert_ok(store_fixture_run(f->db, "INSERT INTO notes VALUES ('a', 1)"));
	assert_int_equal(store_fixture_number(f->db, count_notes), 1);
}

/* More than the socket takes at once, both ways. */
static void large_values_come_through(void **state)
{
	struct store_fixture *f = *state;
	static char large[4 * 1024 * 1024];
	struct db_query q;

	memset(large, 'x', sizeof(large));
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	db_query_init(&q, db_reader(f->db), "SELECT $1 || 'y'");
	db_bind_text(&q, 1, text_make(large, sizeof(large)));
	assert_int_equal(db_step(&q), DB_ROW);
	assert_int_equal(db_column_text(&q, 0).len, sizeof(large) + 1);
	assert_memory_equal(db_column_text(&q, 0).ptr, large, sizeof(large));
	db_query_done(&q);
}

static void errors_do_not_repeat_values(void **state)
{
	struct store_fixture *f = *state;
	const char *insert = "INSERT INTO notes VALUES ('confidential', 1)";

	assert_ok(store_fixture_run(f->db, insert));
	assert_int_equal(store_fixture_run(f->db, insert), DB_E_CONFLICT);
	assert_non_null(strstr(db_error(f->db), "23505"));
	assert_null(strstr(db_error(f->db), "confidential"));
}

#define NOTES(function) cmocka_unit_test_setup_teardown(function, notes_setup, case_teardown)

static const struct CMUnitTest cases[] = {
    NOTES(a_collision_is_repeated),
    NOTES(collisions_are_not_repeated_for_ever),
    NOTES(a_broken_idle_connection_is_replaced),
    NOTES(a_connection_lost_in_a_transaction_fails_it),
    cmocka_unit_test(case25_a_server_that_is_away_fails_fast),
    cmocka_unit_test(case25_a_silent_server_fails_in_seconds),
    NOTES(case25_a_server_that_falls_silent_is_given_up),
    NOTES(large_values_come_through),
    NOTES(errors_do_not_repeat_values),
};

const struct case_table postgres_cases = {cases, ARRAY_LEN(cases)};
