/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_db_threads.c: many writers at once, and what survives the death of one. Threads collect
 * what they saw; only the main thread judges.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/test_cases.h"

enum { THREADS = 64, ROUNDS = 8 };

static int notes_setup(void **state)
{
	struct store_fixture *f;

	if (case_setup_empty(state))
		return -1;
	f = *state;
	return store_fixture_run(f->db, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY,"
					" value BIGINT NOT NULL)");
}

struct note {
	char id[32];
	int64_t value;
	int result;
};

static int note_add(struct db_conn *tx, void *argument)
{
	const struct note *note = argument;
	struct db_query q;
	int r;

	db_query_init(&q, tx, "INSERT INTO notes (id, value) VALUES ($1, $2)");
	db_bind_c(&q, 1, note->id);
	db_bind_int(&q, 2, note->value);
	r = db_run(&q);
	return r ? r : note->result;
}

static int64_t note_value(struct db *db, const char *id)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, db_reader(db), "SELECT value FROM notes WHERE id = $1");
	db_bind_c(&q, 1, id);
	return db_step(&q) == DB_ROW ? db_column_int(&q, 0) : -1;
}

struct writer {
	struct db *db;
	pthread_t thread;
	pthread_barrier_t *start;
	int number;
	int wrong;  /* results that were not as they should be */
	int unseen; /* acknowledged rows that a reader did not see at once */
	int seen;   /* refused rows that a reader saw */
};

/* Every third is refused with an outcome, every fifth collides with the row before it. */
static void writer_round(struct writer *w, int round)
{
	struct note note = {.value = round + 1};
	bool collides = round % 5 == 4;
	int expected;

	snprintf(note.id, sizeof(note.id), "%d.%d", w->number, collides ? round - 1 : round);
	note.result = round % 3 == 2 ? 42 : 0;
	expected = collides && (round - 1) % 3 != 2 ? DB_E_CONFLICT : note.result;
	if (db_transact(w->db, note_add, &note) != expected)
		w->wrong++;
	if (!expected && note_value(w->db, note.id) != note.value)
		w->unseen++;
	if (expected == 42 && note_value(w->db, note.id) != -1)
		w->seen++;
}

static void *writer_main(void *argument)
{
	struct writer *w = argument;

	pthread_barrier_wait(w->start);
	for (int round = 0; round < ROUNDS; round++)
		writer_round(w, round);
	return NULL;
}

static void run_writers(struct store_fixture *f, struct writer writers[THREADS],
			void *(*body)(void *))
{
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){.start = &start, .number = i};
		assert_ok(db_new(&writers[i].db, f->store, &f->trail));
	}
	for (int i = 0; i < THREADS; i++)
		assert_ok(pthread_create(&writers[i].thread, NULL, body, &writers[i]));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(writers[i].thread, NULL);
		db_free(writers[i].db);
	}
	pthread_barrier_destroy(&start);
}

static void each_of_many_gets_its_own_verdict(void **state)
{
	struct store_fixture *f = *state;
	struct writer writers[THREADS];
	int accepted = 0;

	run_writers(f, writers, writer_main);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(writers[i].wrong, 0);
		assert_int_equal(writers[i].unseen, 0);
		assert_int_equal(writers[i].seen, 0);
	}
	for (int round = 0; round < ROUNDS; round++)
		accepted += round % 3 != 2 && round % 5 != 4;
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM notes"),
			 THREADS * accepted);
}

/* Reads, thinks, writes: without isolation two of them would count from the same number. */
static int count_up(struct db_conn *tx, void *argument)
{
	struct db_query q;
	int64_t value;
	int r;

	(void)argument;
	db_query_init(&q, tx, "SELECT value FROM notes WHERE id = 'counter'");
	r = db_step(&q);
	value = r == DB_ROW ? db_column_int(&q, 0) : -1;
	db_query_done(&q);
	if (r != DB_ROW)
		return r < 0 ? r : ERR_INTERNAL;
	db_query_init(&q, tx, "UPDATE notes SET value = $1 WHERE id = 'counter'");
	db_bind_int(&q, 1, value + 1);
	return db_run(&q);
}

static void *counter_main(void *argument)
{
	struct writer *w = argument;

	pthread_barrier_wait(w->start);
	for (int round = 0; round < 2; round++)
		w->wrong += db_transact(w->db, count_up, NULL) != 0;
	return NULL;
}

/* Under such contention a transaction may give up; then it must not have counted. */
static void no_update_is_lost(void **state)
{
	struct store_fixture *f = *state;
	struct writer writers[THREADS];
	int wrong = 0;

	assert_ok(store_fixture_run(f->db, "INSERT INTO notes (id, value) VALUES ('counter', 0)"));
	run_writers(f, writers, counter_main);
	for (int i = 0; i < THREADS; i++)
		wrong += writers[i].wrong;
	assert_int_equal(store_fixture_number(f->db, "SELECT value FROM notes"),
			 2 * THREADS - wrong);
	assert_true(wrong < THREADS / 4);
}

struct limited {
	int64_t limit;
	char id[32];
};

/* The shape of "a user may have so many devices": the limit is over rows others are adding. */
static int add_below_limit(struct db_conn *tx, void *argument)
{
	const struct limited *limited = argument;
	struct note note = {.value = 1};
	struct db_query q;
	int64_t count;
	int r;

	db_query_init(&q, tx, "SELECT COUNT(*) FROM notes WHERE value = 1");
	r = db_step(&q);
	count = r == DB_ROW ? db_column_int(&q, 0) : 0;
	db_query_done(&q);
	if (r != DB_ROW)
		return r < 0 ? r : ERR_INTERNAL;
	if (count >= limited->limit)
		return 1;
	snprintf(note.id, sizeof(note.id), "%s", limited->id);
	return note_add(tx, &note);
}

static void *limited_main(void *argument)
{
	struct writer *w = argument;
	struct limited limited = {.limit = 5};

	pthread_barrier_wait(w->start);
	snprintf(limited.id, sizeof(limited.id), "%d", w->number);
	w->wrong = db_transact(w->db, add_below_limit, &limited);
	return NULL;
}

static void a_limit_over_rows_holds(void **state)
{
	struct store_fixture *f = *state;
	struct writer writers[THREADS];
	int accepted = 0;

	run_writers(f, writers, limited_main);
	for (int i = 0; i < THREADS; i++)
		accepted += writers[i].wrong == 0;
	assert_int_equal(accepted, 5);
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM notes"), 5);
}

/* The child writes and tells the number of each row that was acknowledged, until it is killed. */
static void write_until_killed(const char *url, int out)
{
	struct db_store *store;
	struct trail trail;
	struct db *db;

	trail_reset(&trail);
	if (db_store_open(&store, url, &trail) || db_new(&db, store, &trail))
		_exit(1);
	for (int i = 0;; i++) {
		struct note note = {.value = i};

		snprintf(note.id, sizeof(note.id), "%d", i);
		if (db_transact(db, note_add, &note) ||
		    write(out, &i, sizeof(i)) != (ssize_t)sizeof(i))
			_exit(1);
	}
}

static void case25_acknowledged_rows_survive_kill(void **state)
{
	struct store_fixture *f = *state;
	int fds[2], last = -1, number, status;
	pid_t child;

	store_fixture_detach(f);
	assert_ok(pipe(fds));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		write_until_killed(f->url, fds[1]);
	}
	close(fds[1]);
	while (last < 200 && read(fds[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
		last = number;
	kill(child, SIGKILL);
	while (read(fds[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
		last = number;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	store_fixture_attach(f);
	assert_true(last >= 200);
	for (int i = 0; i <= last; i++) {
		char id[32];

		snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(note_value(f->db, id), i);
	}
	/* At most the one that was under way is there beyond those. */
	assert_true(store_fixture_number(f->db, "SELECT COUNT(*) FROM notes") <= last + 2);
}

#define NOTES(function) cmocka_unit_test_setup_teardown(function, notes_setup, case_teardown)

static const struct CMUnitTest cases[] = {
    NOTES(each_of_many_gets_its_own_verdict),
    NOTES(no_update_is_lost),
    NOTES(a_limit_over_rows_holds),
    NOTES(case25_acknowledged_rows_survive_kill),
};

const struct case_table db_thread_cases = {cases, ARRAY_LEN(cases)};
