/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_run.c: `muster-device run` and `renew`. A device by itself: a session at once, then by
 * the poll schedule, the renewal of its certificate when it is time, until a signal, the number of
 * sessions asked for, an unenrolment or a wipe.
 *
 * A server that cannot be reached, or says no, is tried again after the account's back-off and
 * then by schedule, as Windows does; one that breaks a rule ends the run. Each session has its own
 * memory and its own connections, so that a run of days does not grow.
 */
#include "sim/device/commands.h"

#include <errno.h>
#include <signal.h>

#include "sim/device/renew.h"
#include "sim/device/schedule.h"

enum { MS_PER_MINUTE = 60 * 1000, NS_PER_MS = 1000 * 1000 };

struct running {
	struct task *task;
	const struct options *options;
	struct device *device;
	struct tree *tree;
	sigset_t signals;
	int64_t sessions; /* of this run */
	int64_t polled;   /* since the schedule began anew */
	struct poll poll;
};

/* True: a signal ended the wait. */
static bool wait_ms(const struct running *running, int64_t ms)
{
	int64_t scaled = ms / running->options->time_scale;
	const struct timespec timeout = {scaled / 1000, (scaled % 1000) * NS_PER_MS};
	int r;

	do
		r = sigtimedwait(&running->signals, NULL, &timeout);
	while (r < 0 && errno == EINTR);
	return r > 0;
}

/* One session with memory and client of its own. */
static int session_once(struct running *running)
{
	struct task task = *running->task;
	struct arena arena;
	int r;

	arena_init(&arena);
	task.arena = &arena;
	trail_reset(task.trail);
	r = http_client_new(&task.client, running->options->ca, task.trail);
	if (r == 0) {
		r = command_one_session(&task, running->options, running->device, running->tree,
					running->device->sessions == 0 ? SESSION_AFTER_ENROLMENT
								       : SESSION_BY_SCHEDULE);
		http_client_free(task.client);
	}
	running->task->code = task.code;
	arena_done(&arena);
	return r;
}

/* As Windows' task does it: in the renewal period, before whatever else is done. One that fails is
 * tried again after the retry interval; the session is held with the certificate there is. */
static int renewal_once(struct running *running)
{
	struct task task = *running->task;
	struct arena arena;
	bool is_due;
	int r;

	arena_init(&arena);
	task.arena = &arena;
	trail_reset(task.trail);
	r = renew_is_due(&task, running->device, running->tree, &is_due);
	if (r == 0 && is_due) {
		r = http_client_new(&task.client, running->options->ca, task.trail);
		if (r == 0) {
			r = renew_run(&task, running->device, running->tree,
				      &(struct renew_wish){0});
			http_client_free(task.client);
		}
	}
	running->task->code = task.code;
	arena_done(&arena);
	return r;
}

static bool may_try_again(int r)
{
	return r == OUTCOME_UNREACHABLE || r == OUTCOME_REFUSED;
}

/* A session and its repetitions; *ret_is_over after a signal. */
static int session_with_retries(struct running *running, bool *ret_is_over)
{
	const struct device *device = running->device;
	int64_t wait = device->retry_first_ms;
	int r = session_once(running);

	for (int64_t i = 0; may_try_again(r) && device->is_enrolled; i++) {
		task_tell(running->task, "no session: %s", running->task->trail->cause);
		if (i == device->retry_count)
			return 0;
		*ret_is_over = wait_ms(running, wait);
		if (*ret_is_over)
			return 0;
		wait = 2 * wait > device->retry_max_ms ? device->retry_max_ms : 2 * wait;
		r = session_once(running);
	}
	return r;
}

/* What the server changed starts the schedule anew. */
static int64_t minutes_to_next(struct running *running)
{
	struct poll poll = schedule_poll(running->device, running->tree);

	if (!schedule_is_same(&poll, &running->poll)) {
		running->poll = poll;
		running->polled = 0;
	}
	return schedule_next(&running->poll, running->polled++);
}

static int run_loop(struct running *running)
{
	bool is_over = false;

	running->poll = schedule_poll(running->device, running->tree);
	while (!is_over) {
		int r = renewal_once(running);
		int64_t minutes;

		if (may_try_again(r))
			task_tell(running->task, "not renewed: %s", running->task->trail->cause);
		if (r == 0 || may_try_again(r))
			r = session_with_retries(running, &is_over);
		if (r != 0)
			return r;
		running->sessions++;
		if (is_over || !running->device->is_enrolled ||
		    running->sessions == running->options->sessions)
			return 0;
		minutes = minutes_to_next(running);
		task_step(running->task, "next session in %d minutes", (int)minutes);
		is_over = wait_ms(running, minutes * MS_PER_MINUTE);
	}
	return 0;
}

int command_run(struct task *task, const struct options *options)
{
	struct device device;
	struct tree tree;
	struct running running = {
	    .task = task, .options = options, .device = &device, .tree = &tree};
	int r = command_open(task, options, &device);

	tree_init(&tree);
	sigemptyset(&running.signals);
	sigaddset(&running.signals, SIGINT);
	sigaddset(&running.signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &running.signals, NULL);
	if (r == 0)
		r = tree_load(&tree, device_path(task->arena, &device, "tree.json"), task->trail);
	if (r == 0)
		r = run_loop(&running);
	tree_done(&tree);
	device_done(&device);
	return r;
}

int command_renew(struct task *task, const struct options *options)
{
	const struct renew_wish wish = {
	    .is_mde_type = options->is_mde_type,
	    .is_encoded_twice = options->is_encoded_twice,
	    .is_password_empty = options->is_password_empty,
	    .is_key_kept = options->is_key_kept,
	};
	struct device device;
	struct tree tree;
	int r = command_open(task, options, &device);

	tree_init(&tree);
	if (r == 0)
		r = tree_load(&tree, device_path(task->arena, &device, "tree.json"), task->trail);
	if (r == 0)
		r = renew_run(task, &device, &tree, &wish);
	tree_done(&tree);
	device_done(&device);
	return r;
}
