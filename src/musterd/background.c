/* SPDX-License-Identifier: Apache-2.0 */
/*
 * background.c: see background.h. A job that fails is logged and tried again at its next turn;
 * nothing here keeps state between turns, so a crash or restart loses nothing.
 */
#include "musterd/background.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "comply/comply.h"
#include "enroll/crl.h"
#include "enroll/guessing.h"
#include "entra/keys.h"
#include "graph/groups.h"
#include "graph/outbox.h"
#include "store/api_token.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/enrollment.h"
#include "store/outbox.h"
#include "terms/pin.h"

enum { INTENT_KEPT_S = 24 * 3600, RECORD_KEPT_S = 90 * 24 * 3600 };
enum { ATTEMPT_KEPT_S = 180 * 24 * 3600 };

struct job {
	const char *name;
	int64_t interval_ms;
	int (*run)(struct op *op);
};

static int sweep_write(struct db_conn *tx, void *argument)
{
	const struct op *op = argument;
	int r;

	r = store_certificate_sweep_intended(tx, op->now - INTENT_KEPT_S);
	if (r == 0)
		r = store_outbox_sweep(tx, op->now - RECORD_KEPT_S);
	if (r == 0)
		r = store_command_sweep(tx, op->now - RECORD_KEPT_S);
	if (r == 0)
		r = store_api_token_sweep(tx, op->now - RECORD_KEPT_S);
	if (r == 0)
		r = store_enrollment_sweep(tx, op->now - ATTEMPT_KEPT_S);
	if (r == 0)
		r = guessing_sweep(tx, op->now);
	return r ? r : terms_pin_sweep(tx, op->now);
}

static int sweep(struct op *op)
{
	int r = db_transact(op->db, sweep_write, op);

	return r ? ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db)) : 0;
}

static const struct job jobs[] = {
    {"outbox", 250, graph_outbox_turn},
    {"groups", 1000, graph_groups_turn},
    {"signing_keys", INT64_C(60) * 1000, entra_keys_refresh_due},
    {"compliance", 500, comply_turn},
    {"crl", 2000, enroll_crl_turn},
    {"sweep", INT64_C(3600) * 1000, sweep},
};

struct background;

/* A job has a thread of its own, so that waiting for others in one delays no other. */
struct lane {
	struct background *background;
	const struct job *job;
	struct edge_worker worker;
	pthread_t thread;
	bool is_running;
};

struct background {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_stopping;
	struct lane lanes[ARRAY_LEN(jobs)];
};

static void job_run(struct lane *lane)
{
	struct op op;
	int r;

	edge_op_init(&op, &lane->worker, &lane->worker.arena, "");
	r = lane->job->run(&op);
	if (r == ERR_STORE)
		edge_store_failed(lane->worker.context);
	if (r < 0)
		log_error("background", LOG_TEXT("job", lane->job->name),
			  LOG_TEXT("trace_id", op.trace_id), LOG_TEXT("trail", op.trail.text));
	arena_reset(&lane->worker.arena);
}

static bool wait_interval(struct background *background, int64_t interval_ms)
{
	struct timespec until = clock_deadline(interval_ms);
	bool is_stopping;
	int r = 0;

	pthread_mutex_lock(&background->lock);
	while (!background->is_stopping && r == 0)
		r = pthread_cond_timedwait(&background->wake, &background->lock, &until);
	is_stopping = background->is_stopping;
	pthread_mutex_unlock(&background->lock);
	return !is_stopping;
}

static void *lane_main(void *argument)
{
	struct lane *lane = argument;

	do {
		job_run(lane);
	} while (wait_interval(lane->background, lane->job->interval_ms));
	return NULL;
}

static int lane_start(struct background *background, size_t i, struct edge_context *context,
		      struct trail *trail)
{
	struct lane *lane = &background->lanes[i];
	int r;

	lane->background = background;
	lane->job = &jobs[i];
	r = edge_worker_init(&lane->worker, context, trail);
	if (r == 0 && pthread_create(&lane->thread, NULL, lane_main, lane) != 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "cannot start a thread");
	if (r)
		edge_worker_done(&lane->worker);
	lane->is_running = r == 0;
	return r;
}

int background_start(struct background **ret, struct edge_context *context, struct trail *trail)
{
	struct background *background = heap_alloc(sizeof(*background));
	pthread_condattr_t monotonic;
	int r = 0;

	pthread_mutex_init(&background->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&background->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t i = 0; i < ARRAY_LEN(jobs) && r == 0; i++)
		r = lane_start(background, i, context, trail);
	if (r) {
		background_stop(background);
		return r;
	}
	*ret = background;
	return 0;
}

void background_stop(struct background *background)
{
	if (!background)
		return;
	pthread_mutex_lock(&background->lock);
	background->is_stopping = true;
	pthread_cond_broadcast(&background->wake);
	pthread_mutex_unlock(&background->lock);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct lane *lane = &background->lanes[i];

		if (!lane->is_running)
			continue;
		pthread_join(lane->thread, NULL);
		edge_worker_done(&lane->worker);
	}
	pthread_cond_destroy(&background->wake);
	pthread_mutex_destroy(&background->lock);
	free(background);
}
