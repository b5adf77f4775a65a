/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sqlite.c: what the SQLite driver promises about its file: who may read it, how many fsyncs
 * a crowd costs, and what happens when the disk is full or fails (threats.md 3.2, case 25).
 *
 * The disk is made to fail by standing in for the two calls with which SQLite writes and syncs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "store/test_cases.h"

enum { THREADS = 64 };

static atomic_int sync_count;
static atomic_int sync_pause_us;
static atomic_bool is_disk_full;
static const char *_Atomic sync_fails_on; /* the end of a path; NULL: none */

static bool fd_is(int fd, const char *ending)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	return len > 0 && text_ends(text_make(path, (size_t)len), text_of(ending));
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	const char *ending = atomic_load(&sync_fails_on);

	atomic_fetch_add(&sync_count, 1);
	if (atomic_load(&sync_pause_us))
		usleep((useconds_t)atomic_load(&sync_pause_us));
	if (ending && fd_is(fd, ending)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *data, size_t len,
							off64_t offset)
{
	if (atomic_load(&is_disk_full)) {
		errno = ENOSPC;
		return -1;
	}
	return (ssize_t)syscall(SYS_pwrite64, fd, data, len, offset);
}

static int notes_setup(void **state)
{
	struct store_fixture *f;

	if (case_setup_empty(state))
		return -1;
	f = *state;
	return store_fixture_run(f->db, "CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY,"
					" value TEXT NOT NULL)");
}

static int notes_teardown(void **state)
{
	atomic_store(&is_disk_full, false);
	atomic_store(&sync_fails_on, NULL);
	atomic_store(&sync_pause_us, 0);
	return case_teardown(state);
}

struct note {
	int64_t id;
	size_t len;
	int result;
};

static int note_add(struct db_conn *tx, void *argument)
{
	static const char filler[60000] = {[0 ... 59999] = 'x'};
	const struct note *note = argument;
	struct db_query q;
	int r;

	db_query_init(&q, tx, "INSERT INTO notes (id, value) VALUES ($1, $2)");
	db_bind_int(&q, 1, note->id);
	db_bind_text(&q, 2, text_make(filler, note->len));
	r = db_run(&q);
	return r ? r : note->result;
}

static const char count_notes[] = "SELECT COUNT(*) FROM notes";

static void assert_sound(struct store_fixture *f)
{
	struct db_query q;

	db_query_init(&q, db_reader(f->db), "PRAGMA integrity_check");
	assert_int_equal(db_step(&q), DB_ROW);
	assert_true(text_eq_c(db_column_text(&q, 0), "ok"));
	db_query_done(&q);
}

struct worker {
	struct db *db;
	pthread_t thread;
	struct note note;
	int result;
};

static void *worker_main(void *argument)
{
	struct worker *w = argument;

	w->result = db_transact(w->db, note_add, &w->note);
	return NULL;
}

/* Every fourth is refused by its own function. */
static void run_workers(struct store_fixture *f, struct worker workers[THREADS])
{
	for (int i = 0; i < THREADS; i++) {
		workers[i] =
		    (struct worker){.note = {.id = i, .len = 100, .result = i % 4 == 3 ? 42 : 0}};
		assert_ok(db_new(&workers[i].db, f->store, &f->trail));
	}
	for (int i = 0; i < THREADS; i++)
		assert_ok(pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		db_free(workers[i].db);
	}
}

static void one_sync_serves_a_crowd(void **state)
{
	struct store_fixture *f = *state;
	struct worker workers[THREADS];
	int before = atomic_load(&sync_count);

	atomic_store(&sync_pause_us, 20000);
	run_workers(f, workers);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].result, i % 4 == 3 ? 42 : 0);
	assert_int_equal(store_fixture_number(f->db, count_notes), THREADS * 3 / 4);
	assert_true(atomic_load(&sync_count) > before);
	assert_true(atomic_load(&sync_count) - before < THREADS / 4);
}

static void every_commit_is_synced(void **state)
{
	struct store_fixture *f = *state;

	for (int i = 0; i < 20; i++) {
		struct note note = {.id = i, .len = 10};
		int before = atomic_load(&sync_count);

		assert_ok(db_transact(f->db, note_add, &note));
		assert_true(atomic_load(&sync_count) > before);
	}
}

static void case25_a_full_disk_fails_the_whole_group(void **state)
{
	struct store_fixture *f = *state;
	struct worker workers[THREADS];

	atomic_store(&is_disk_full, true);
	run_workers(f, workers);
	/* Where a group had only refused ones in it nothing had to be written. */
	for (int i = 0; i < THREADS; i++)
		assert_true(workers[i].result < 0 || (workers[i].result == 42 && i % 4 == 3));
	atomic_store(&is_disk_full, false);
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	assert_sound(f);
	run_workers(f, workers);
	assert_int_equal(store_fixture_number(f->db, count_notes), THREADS * 3 / 4);
}

/* The transaction outgrows the page cache, so that the error comes in the middle of the function.
 */
static int add_much(struct db_conn *tx, void *argument)
{
	struct note note = {.len = 60000};
	int r = 0;

	(void)argument;
	for (note.id = 1000; note.id < 1200 && !r; note.id++)
		r = note_add(tx, &note);
	return r;
}

static void case25_a_full_disk_in_mid_transaction(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = 1, .len = 10};

	atomic_store(&is_disk_full, true);
	assert_true(db_transact(f->db, add_much, NULL) < 0);
	assert_true(db_error(f->db)[0] != '\0');
	atomic_store(&is_disk_full, false);
	assert_ok(db_transact(f->db, note_add, &note));
	assert_int_equal(store_fixture_number(f->db, count_notes), 1);
	assert_sound(f);
}

/* It must really write: reading works all the time. */
static void case25_a_probe_tells_a_full_disk(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(db_store_migrate(f->store, &f->trail));
	assert_ok(db_store_probe(f->db));
	atomic_store(&is_disk_full, true);
	assert_true(db_store_probe(f->db) < 0);
	atomic_store(&is_disk_full, false);
	assert_ok(db_store_probe(f->db));
	assert_ok(db_store_check(f->store, &f->trail));
}

static void case25_a_file_size_limit_is_an_error(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = 1, .len = 100};
	struct rlimit limit, small;

	assert_ok(db_transact(f->db, note_add, &note));
	assert_ok(getrlimit(RLIMIT_FSIZE, &limit));
	small = limit;
	small.rlim_cur = 300 * 1024;
	assert_ok(setrlimit(RLIMIT_FSIZE, &small));
	assert_true(db_transact(f->db, add_much, NULL) < 0);
	assert_ok(setrlimit(RLIMIT_FSIZE, &limit));
	note.id = 2;
	assert_ok(db_transact(f->db, note_add, &note));
	store_fixture_reopen(f);
	assert_int_equal(store_fixture_number(f->db, count_notes), 2);
	assert_sound(f);
}

/* In a child, which must end itself and must not have said that the last row is stored. */
static int exit_of_writer(struct store_fixture *f, const char *fails_on, int rows)
{
	pid_t child;
	int status;

	store_fixture_detach(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		store_fixture_attach(f);
		atomic_store(&sync_fails_on, fails_on);
		for (int i = 0; i < rows; i++) {
			struct note note = {.id = i, .len = 5000};

			if (db_transact(f->db, note_add, &note))
				_exit(2);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	store_fixture_attach(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void case25_a_failed_sync_of_the_log_ends_the_process(void **state)
{
	struct store_fixture *f = *state;

	assert_int_equal(exit_of_writer(f, "-wal", 1), FATAL_STATUS);
	assert_sound(f);
}

static void case25_a_failed_sync_of_the_file_ends_the_process(void **state)
{
	struct store_fixture *f = *state;
	int64_t rows;

	assert_int_equal(exit_of_writer(f, "muster.db", 2000), FATAL_STATUS);
	rows = store_fixture_number(f->db, count_notes);
	assert_true(rows > 100 && rows < 2000);
	assert_sound(f);
}

static void the_log_does_not_grow_for_ever(void **state)
{
	struct store_fixture *f = *state;
	char path[PATH_MAX + 8];
	struct stat st;

	for (int i = 0; i < 1500; i++) {
		struct note note = {.id = i, .len = 8000};

		assert_ok(db_transact(f->db, note_add, &note));
	}
	snprintf(path, sizeof(path), "%s-wal", f->path);
	assert_ok(stat(path, &st));
	assert_true(st.st_size < 8 * 1024 * 1024);
	assert_ok(stat(f->path, &st));
	assert_true(st.st_size > 4 * 1024 * 1024);
}

static void assert_private(const char *path, const char *ending)
{
	char full[PATH_MAX + 8];
	struct stat st;

	snprintf(full, sizeof(full), "%s%s", path, ending);
	assert_ok(stat(full, &st));
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void only_the_owner_reads_the_files(void **state)
{
	struct store_fixture *f = *state;
	mode_t mask;

	store_fixture_detach(f);
	assert_ok(chmod(f->path, 0664));
	mask = umask(0);
	store_fixture_attach(f);
	assert_ok(store_fixture_run(f->db, "DELETE FROM notes"));
	umask(mask);
	assert_private(f->path, "");
	assert_private(f->path, "-wal");
	assert_private(f->path, "-shm");
}

static void what_is_no_database_is_refused(void **state)
{
	struct store_fixture *f = *state;
	char url[PATH_MAX + 32], path[PATH_MAX + 16];
	struct db_store *store = NULL;
	struct trail trail;
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/text.db", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database\n", file);
	fclose(file);
	assert_ok(chmod(path, 0644));
	snprintf(url, sizeof(url), "sqlite:%s", path);
	trail_reset(&trail);
	assert_int_equal(db_store_open(&store, url, &trail), ERR_STORE);
	assert_non_null(strstr(trail.text, "not a database"));
	assert_ok(stat(path, &st));
	assert_int_equal(st.st_mode & 07777, 0644);

	snprintf(url, sizeof(url), "sqlite:%s", f->dir);
	assert_true(db_store_open(&store, url, &trail) < 0);

	snprintf(path, sizeof(path), "%s/link.db", f->dir);
	assert_ok(symlink(f->path, path));
	snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_true(db_store_open(&store, url, &trail) < 0);
	assert_null(store);
}

static void a_backup_is_a_whole_database(void **state)
{
	struct store_fixture *f = *state;
	char url[PATH_MAX + 32], path[PATH_MAX + 16];
	struct db_store *copy;
	struct db *db;

	for (int i = 0; i < 50; i++) {
		struct note note = {.id = i, .len = 5000};

		assert_ok(db_transact(f->db, note_add, &note));
	}
	snprintf(path, sizeof(path), "%s/copy.db", f->dir);
	assert_ok(db_store_backup(f->store, path, &f->trail));
	assert_private(path, "");
	/* It never writes over what is there. */
	assert_int_equal(db_store_backup(f->store, path, &f->trail), ERR_CONFIG);
	assert_ok(store_fixture_run(f->db, "DELETE FROM notes"));
	snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_ok(db_store_open(&copy, url, &f->trail));
	assert_ok(db_new(&db, copy, &f->trail));
	assert_int_equal(store_fixture_number(db, count_notes), 50);
	db_free(db);
	db_store_close(copy);
}

static void case25_a_backup_to_a_full_disk_leaves_nothing(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = 1, .len = 5000};
	char path[PATH_MAX + 16];

	assert_ok(db_transact(f->db, note_add, &note));
	snprintf(path, sizeof(path), "%s/copy.db", f->dir);
	atomic_store(&is_disk_full, true);
	assert_int_equal(db_store_backup(f->store, path, &f->trail), ERR_STORE);
	atomic_store(&is_disk_full, false);
	assert_int_equal(access(path, F_OK), -1);
	assert_ok(db_store_backup(f->store, path, &f->trail));
}

/* Whoever holds the lock in another process for too long costs an error, not a hang. */
static void a_lock_held_elsewhere_ends_in_an_error(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = 1, .len = 1};
	int to_parent[2], to_child[2], status;
	int64_t before;
	char byte = 0;
	pid_t child;

	assert_ok(pipe(to_parent));
	assert_ok(pipe(to_child));
	store_fixture_detach(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct flock lock = {.l_type = F_WRLCK, .l_start = 120, .l_len = 1};
		char path[PATH_MAX + 8];
		int fd;

		store_fixture_attach(f); /* the shared memory file exists while it is open */
		snprintf(path, sizeof(path), "%s-shm", f->path);
		fd = open(path, O_RDWR);
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) || write(to_parent[1], "l", 1) != 1 ||
		    read(to_child[0], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(to_parent[0], &byte, 1), 1);
	store_fixture_attach(f);
	before = clock_mono_ms();
	assert_int_equal(db_transact(f->db, note_add, &note), ERR_STORE);
	assert_true(clock_mono_ms() - before < 8000);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_ok(status);
	assert_ok(db_transact(f->db, note_add, &note));
	close(to_parent[0]), close(to_parent[1]), close(to_child[0]), close(to_child[1]);
}

#define NOTES(function) cmocka_unit_test_setup_teardown(function, notes_setup, notes_teardown)

static const struct CMUnitTest cases[] = {
    NOTES(one_sync_serves_a_crowd),
    NOTES(every_commit_is_synced),
    NOTES(case25_a_full_disk_fails_the_whole_group),
    NOTES(case25_a_full_disk_in_mid_transaction),
    NOTES(case25_a_probe_tells_a_full_disk),
    NOTES(case25_a_file_size_limit_is_an_error),
    NOTES(case25_a_failed_sync_of_the_log_ends_the_process),
    NOTES(case25_a_failed_sync_of_the_file_ends_the_process),
    NOTES(the_log_does_not_grow_for_ever),
    NOTES(only_the_owner_reads_the_files),
    NOTES(what_is_no_database_is_refused),
    NOTES(a_backup_is_a_whole_database),
    NOTES(case25_a_backup_to_a_full_disk_leaves_nothing),
    NOTES(a_lock_held_elsewhere_ends_in_an_error),
};

const struct case_table sqlite_cases = {cases, ARRAY_LEN(cases)};
