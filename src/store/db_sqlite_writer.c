/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_sqlite_writer.c: the one thread that writes to a SQLite database.
 *
 * Workers queue a transaction function and sleep. The writer takes all that wait, begins one
 * transaction, runs each function inside a savepoint of its own, commits once, which costs one
 * fsync for all of them, and only then wakes them. A function that returns non-zero takes back
 * its own savepoint and nothing else. Where the commit fails nobody is told of success: the
 * functions had seen each other's changes, so every outcome of the group becomes a failure.
 *
 * The WAL is copied back into the file here, after the workers are awake, and not by SQLite's own
 * hook, because that hook hides a failed fsync.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/log.h"
#include "store/db_sqlite.h"

enum { CHECKPOINT_FRAMES = 1000 };

struct sqlite_writer {
	struct sqlite_conn conn; /* the thread's, once it runs */
	int wal_frames;          /* the thread's: frames in the WAL after the last commit */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows, and of the jobs' is_done */
	pthread_cond_t wake;
	struct list waiting;
	bool is_stopping;
};

/* On the stack of the worker that sleeps until is_done. */
struct job {
	struct list node;
	db_transaction fn;
	void *argument;
	char *error;
	int result;
	bool is_done;
	pthread_cond_t done;
};

static int writer_exec(struct sqlite_writer *w, const char *sql)
{
	struct db_query q;

	db_query_init(&q, &w->conn.base, sql);
	return db_run(&q);
}

/* SQLite ends a transaction by itself on some failures (disk full, I/O error). */
static bool writer_has_lost_transaction(const struct sqlite_writer *w)
{
	return sqlite3_get_autocommit(w->conn.handle) != 0;
}

static void job_run(struct sqlite_writer *w, struct job *job)
{
	struct db_conn *tx = &w->conn.base;

	tx->has_failed = false;
	tx->error[0] = '\0';
	job->result = writer_exec(w, "SAVEPOINT job");
	if (!job->result)
		job->result = db_transaction_verdict(tx, job->fn(tx, job->argument));
	if (job->result)
		db_set_error(job->error, "%s", tx->error);
	if (writer_has_lost_transaction(w))
		return;
	if (job->result && writer_exec(w, "ROLLBACK TO job")) {
		/* Part of a refused change is still in the transaction: none of it may stay. */
		sqlite3_exec(w->conn.handle, "ROLLBACK", NULL, NULL, NULL);
		return;
	}
	if (writer_exec(w, "RELEASE job") && !job->result) {
		db_set_error(job->error, "%s", tx->error);
		job->result = ERR_STORE;
		if (!writer_has_lost_transaction(w))
			sqlite3_exec(w->conn.handle, "ROLLBACK", NULL, NULL, NULL);
	}
}

static void jobs_fail(struct list *jobs, const char *why)
{
	LIST_EACH (node, jobs) {
		struct job *job = LIST_OWNER(node, struct job, node);

		if (job->result < 0)
			continue;
		job->result = ERR_STORE;
		db_set_error(job->error, "%s", why);
	}
}

static void jobs_finish(struct sqlite_writer *w, struct list *jobs)
{
	pthread_mutex_lock(&w->lock);
	for (struct list *node = list_take(jobs); node; node = list_take(jobs)) {
		struct job *job = LIST_OWNER(node, struct job, node);

		job->is_done = true;
		pthread_cond_signal(&job->done);
	}
	pthread_mutex_unlock(&w->lock);
}

static int writer_commit(struct sqlite_writer *w)
{
	if (writer_has_lost_transaction(w)) {
		if (!w->conn.base.error[0])
			db_set_error(w->conn.base.error, "the database gave up the transaction");
		return ERR_STORE;
	}
	if (!writer_exec(w, "COMMIT"))
		return 0;
	if (!writer_has_lost_transaction(w))
		sqlite3_exec(w->conn.handle, "ROLLBACK", NULL, NULL, NULL);
	return ERR_STORE;
}

/* Runs jobs until all are done or the transaction is lost; what did not run stays in group. */
static void writer_run_group(struct sqlite_writer *w, struct list *group)
{
	struct list ran;

	if (writer_exec(w, "BEGIN IMMEDIATE")) {
		jobs_fail(group, w->conn.base.error);
		jobs_finish(w, group);
		return;
	}
	list_init(&ran);
	for (struct list *node = list_take(group); node; node = list_take(group)) {
		list_append(&ran, node);
		job_run(w, LIST_OWNER(node, struct job, node));
		if (writer_has_lost_transaction(w))
			break;
	}
	if (writer_commit(w))
		jobs_fail(&ran, w->conn.base.error);
	jobs_finish(w, &ran);
}

static void writer_checkpoint(struct sqlite_writer *w)
{
	int r;

	if (w->wal_frames < CHECKPOINT_FRAMES)
		return;
	r = sqlite3_wal_checkpoint_v2(w->conn.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	/* Readers may hold it up, or the disk be full: the WAL keeps everything until next time. */
	if (r != SQLITE_OK && (r & 0xff) != SQLITE_BUSY) {
		sqlite_conn_fail(&w->conn, "checkpoint");
		log_warn("store_checkpoint_failed", LOG_TEXT("reason", w->conn.base.error));
	}
	w->wal_frames = 0;
}

static int writer_on_commit(void *argument, sqlite3 *handle, const char *name, int frames)
{
	struct sqlite_writer *w = argument;

	(void)handle;
	(void)name;
	w->wal_frames = frames;
	return SQLITE_OK;
}

/* Moves all that wait into group. False: nothing waits and the writer is told to stop. */
static bool writer_take(struct sqlite_writer *w, struct list *group)
{
	bool is_work;

	list_init(group);
	pthread_mutex_lock(&w->lock);
	while (list_is_empty(&w->waiting) && !w->is_stopping)
		pthread_cond_wait(&w->wake, &w->lock);
	is_work = !list_is_empty(&w->waiting);
	if (is_work) {
		*group = w->waiting;
		group->next->prev = group;
		group->prev->next = group;
		list_init(&w->waiting);
	}
	pthread_mutex_unlock(&w->lock);
	return is_work;
}

static void *writer_main(void *argument)
{
	struct sqlite_writer *w = argument;
	struct list group;

	while (writer_take(w, &group)) {
		while (!list_is_empty(&group))
			writer_run_group(w, &group);
		writer_checkpoint(w);
	}
	return NULL;
}

static int writer_start_thread(struct sqlite_writer *w)
{
	sigset_t all, before;
	int r;

	/* Signals are for the main thread; a handler must not run in the middle of a commit. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int sqlite_writer_start(struct sqlite_writer **ret, const char *path, struct trail *trail)
{
	struct sqlite_writer *w = heap_alloc(sizeof(*w));
	int r = sqlite_conn_open(&w->conn, path, true);

	if (r) {
		r = ERR_FAIL(trail, r, "cannot write the database %s: %s", path,
			     w->conn.base.error);
	} else {
		sqlite3_wal_hook(w->conn.handle, writer_on_commit, w);
		pthread_mutex_init(&w->lock, NULL);
		pthread_cond_init(&w->wake, NULL);
		list_init(&w->waiting);
		r = writer_start_thread(w);
		if (r)
			r = ERR_FAIL(trail, ERR_SYSTEM, "cannot start a thread: %s", strerror(r));
	}
	if (r) {
		sqlite_conn_close(&w->conn);
		free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void sqlite_writer_stop(struct sqlite_writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	sqlite_conn_close(&w->conn);
	free(w);
}

int sqlite_writer_run(struct sqlite_writer *w, db_transaction fn, void *argument,
		      char error[DB_ERROR_MAX])
{
	struct job job = {.fn = fn, .argument = argument, .error = error};

	pthread_cond_init(&job.done, NULL);
	pthread_mutex_lock(&w->lock);
	list_append(&w->waiting, &job.node);
	pthread_cond_signal(&w->wake);
	while (!job.is_done)
		pthread_cond_wait(&job.done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	pthread_cond_destroy(&job.done);
	return job.result;
}
