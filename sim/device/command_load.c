/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_load.c: `muster-device load`. Many devices, a bounded number of threads, four phases that
 * are measured apart: keys (from a pool on disk), the directory (tokens and device objects, all
 * before the server sees anything), Terms of Use with enrolment, and sessions.
 *
 * Every enrolment and every session has its own HTTP client, so that each is a new TLS connection
 * with a full handshake. Devices that the directory holds from an earlier load are not enrolled
 * again. A device is used by one thread at a time; what a step allocates is freed with the step.
 */
#include "sim/device/commands.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sim/device/file.h"
#include "sim/device/load_report.h"
#include "sim/device/terms.h"

enum { US_PER_S = 1000 * 1000 };

/* One device and what it has before it enrols. */
struct loaded {
	struct device device;
	struct tree tree;
	pthread_mutex_t lock;
	char *terms_token; /* on the heap until the device is enrolled */
	char *enroll_token;
	bool is_ready;
};

struct load {
	const struct options *options;
	struct loaded *devices;
	size_t count;
	enum phase phase; /* what the threads do */
	size_t jobs;      /* of the phase */
	int64_t end_us;   /* 0: no end but the jobs */
	_Atomic size_t next;
	_Atomic int64_t reused;
	enum theme theme;
	enum join join;
	const char *key_pool;
	const char **users;
	size_t user_count;
	pthread_mutex_t lock; /* of total */
	struct stats total;
};

/* What a thread works with. */
struct worker {
	struct load *load;
	struct task task;
	struct arena arena;
	struct trail trail;
	struct stats stats;
};

static struct enroll_wish wish_of(const struct load *load, const struct loaded *loaded)
{
	return (struct enroll_wish){
	    .discovery_url = load->options->discovery_url,
	    .directory = command_directory(load->options, &loaded->device),
	};
}

static void client_end(struct worker *worker)
{
	http_client_free(worker->task.client);
	worker->task.client = NULL;
}

/* A client without connections. */
static bool client_renew(struct worker *worker)
{
	client_end(worker);
	return http_client_new(&worker->task.client, worker->load->options->ca, &worker->trail) ==
	       0;
}

static bool client_begin(struct worker *worker)
{
	worker->task.code = 0;
	trail_reset(&worker->trail);
	arena_reset(&worker->arena);
	return client_renew(worker);
}

static void identity_set(const struct load *load, struct device *device, const char *dir,
			 size_t number)
{
	const struct options *options = load->options;

	device_init(device, options->os_version);
	device->dir = device_keep(device, dir);
	device->join = load->join;
	device->user = load->users[number % load->user_count];
	device->tenant = options->tenant;
	device->app = options->app;
	device->entra_control = options->entra_control;
	device->entra_token_file = options->entra_token_file;
}

static int device_prepare(struct worker *worker, struct loaded *loaded, size_t number)
{
	struct load *load = worker->load;
	const char *dir =
	    arena_printf(&worker->arena, "%s/device-%06zu", load->options->dir, number + 1);
	struct enroll_wish wish;
	struct text terms;
	struct text enroll;
	int r = device_load(&loaded->device, dir, &worker->trail);

	if (r < 0)
		return r;
	if (r == 0 && loaded->device.is_enrolled) {
		loaded->is_ready = true;
		atomic_fetch_add(&load->reused, 1);
		return 0;
	}
	device_done(&loaded->device);
	identity_set(load, &loaded->device, dir, number);
	wish = wish_of(load, loaded);
	r = enroll_sign_in(&worker->task, &loaded->device, &wish, &terms);
	if (r == 0)
		r = enroll_join(&worker->task, &loaded->device, &wish, &enroll);
	if (r != 0)
		return r;
	loaded->terms_token = heap_string(arena_cstr(&worker->arena, terms));
	loaded->enroll_token = heap_string(arena_cstr(&worker->arena, enroll));
	return 0;
}

static void prepare_job(struct worker *worker, size_t number)
{
	struct loaded *loaded = &worker->load->devices[number];
	int64_t begin = clock_mono_us();
	int r = client_begin(worker) ? device_prepare(worker, loaded, number) : ERR_NETWORK;

	if (r == 0)
		stats_add(&worker->stats, PHASE_PREPARE, clock_mono_us() - begin);
	else
		stats_fail(&worker->stats, PHASE_PREPARE, r, &worker->task);
	client_end(worker);
}

/* *ret_blob NULL where there are no terms. */
static bool terms_accept(struct worker *worker, const struct loaded *loaded, const char **ret_blob)
{
	const struct options *options = worker->load->options;
	const struct terms_wish wish = {
	    .url = options->terms_url,
	    .token = text_of(loaded->terms_token),
	    .theme = worker->load->theme,
	};
	int64_t begin = clock_mono_us();
	int r;

	*ret_blob = NULL;
	if (!options->terms_url)
		return true;
	r = terms_run(&worker->task, &loaded->device, &wish, ret_blob);
	if (r == 0)
		stats_add(&worker->stats, PHASE_TERMS, clock_mono_us() - begin);
	else
		stats_fail(&worker->stats, PHASE_TERMS, r, &worker->task);
	return r == 0;
}

static int device_enroll(struct worker *worker, struct loaded *loaded, size_t number,
			 const char *blob)
{
	struct load *load = worker->load;
	struct enroll_wish wish = wish_of(load, loaded);
	const char *key_file = key_pool_path(&worker->arena, load->key_pool, number);
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	struct enroll_result result;
	int64_t begin;
	int r = key_read(&key, key_file, &worker->trail);

	if (r < 0)
		return r;
	wish.opaque_blob = blob;
	begin = clock_mono_us();
	r = enroll_with_server(&worker->task, &loaded->device, &wish, text_of(loaded->enroll_token),
			       &key, &result);
	if (r != 0)
		return r;
	stats_add(&worker->stats, PHASE_ENROLL, clock_mono_us() - begin);
	r = file_make_dir(loaded->device.dir, &worker->trail);
	if (r == 0)
		r = enroll_keep(&worker->task, &loaded->device, wish.discovery_url, &result,
				key_file);
	return r;
}

static void enroll_job(struct worker *worker, size_t number)
{
	struct loaded *loaded = &worker->load->devices[number];
	const char *blob;
	int r;

	if (loaded->is_ready || !loaded->enroll_token)
		return;
	/* The page is shown by a browser, which has its own connection. */
	if (client_begin(worker) && terms_accept(worker, loaded, &blob) && client_renew(worker)) {
		r = device_enroll(worker, loaded, number, blob);
		loaded->is_ready = r == 0;
		if (r != 0)
			stats_fail(&worker->stats, PHASE_ENROLL, r, &worker->task);
	}
	client_end(worker);
	free(loaded->terms_token);
	free(loaded->enroll_token);
	loaded->terms_token = NULL;
	loaded->enroll_token = NULL;
}

static void session_job(struct worker *worker, size_t number)
{
	static const struct session_wish wish = {
	    .login = "none", .mode = "Maintenance", .origin = SESSION_BY_SCHEDULE};
	struct loaded *loaded = &worker->load->devices[number];
	struct session_result result = {0};
	int64_t begin;
	int r;

	if (!loaded->is_ready)
		return;
	pthread_mutex_lock(&loaded->lock);
	begin = clock_mono_us();
	r = client_begin(worker)
		? session_run(&worker->task, &loaded->device, &loaded->tree, &wish, &result)
		: ERR_NETWORK;
	client_end(worker);
	if (r == 0)
		stats_add(&worker->stats, PHASE_SESSION, clock_mono_us() - begin);
	else
		stats_fail(&worker->stats, PHASE_SESSION, r, &worker->task);
	if (result.actions & (CSP_UNENROLL | CSP_WIPE))
		loaded->is_ready = false;
	pthread_mutex_unlock(&loaded->lock);
	worker->stats.messages += result.messages;
	worker->stats.commands += result.commands;
}

static void (*const JOBS[PHASES])(struct worker *worker, size_t number) = {
    [PHASE_ENROLL] = enroll_job,
    [PHASE_SESSION] = session_job,
    [PHASE_PREPARE] = prepare_job,
};

static void *worker_thread(void *context)
{
	struct load *load = context;
	struct worker *worker = heap_alloc(sizeof(*worker));

	worker->load = load;
	arena_init(&worker->arena);
	worker->task = (struct task){.arena = &worker->arena, .trail = &worker->trail};
	for (;;) {
		size_t job = atomic_fetch_add(&load->next, 1);

		if (job >= load->jobs || (load->end_us && clock_mono_us() >= load->end_us))
			break;
		JOBS[load->phase](worker, job % load->count);
	}
	arena_done(&worker->arena);
	pthread_mutex_lock(&load->lock);
	stats_merge(&load->total, &worker->stats);
	pthread_mutex_unlock(&load->lock);
	free(worker);
	return NULL;
}

/* Run one phase on all threads; its wall-clock seconds. */
static int phase_run(struct load *load, enum phase phase, size_t jobs, int64_t seconds,
		     double *ret_seconds, struct trail *trail)
{
	size_t wanted = (size_t)load->options->concurrency;
	pthread_t *threads = heap_alloc(wanted * sizeof(*threads));
	int64_t begin = clock_mono_us();
	size_t started = 0;

	load->phase = phase;
	load->jobs = jobs;
	load->next = 0;
	load->end_us = seconds ? begin + seconds * US_PER_S : 0;
	while (started < wanted &&
	       pthread_create(&threads[started], NULL, worker_thread, load) == 0)
		started++;
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	*ret_seconds = (double)(clock_mono_us() - begin) / US_PER_S;
	if (started < wanted)
		return ERR_FAIL(trail, ERR_SYSTEM, "only %zu of %zu threads can be started",
				started, wanted);
	return 0;
}

/* --sessions a device, or as many as fit into --duration; one without either. */
static size_t session_jobs(const struct load *load)
{
	const struct options *options = load->options;
	size_t each = options->sessions ? (size_t)options->sessions : 1;
	size_t ready = 0;

	for (size_t i = 0; i < load->count; i++)
		ready += load->devices[i].is_ready;
	if (ready == 0)
		return 0;
	return options->duration && !options->sessions ? SIZE_MAX / 2 : each * load->count;
}

static int phases_run(struct load *load, struct load_report *report, struct trail *trail)
{
	const struct options *options = load->options;
	int64_t limit = options->is_enroll_only ? options->duration : 0;
	int r = key_pool_fill(load->key_pool, load->count, &report->keys, trail);

	if (r == 0)
		r = phase_run(load, PHASE_PREPARE, load->count, 0, &report->prepare_seconds, trail);
	if (r == 0)
		r = phase_run(load, PHASE_ENROLL, load->count, limit, &report->enroll_seconds,
			      trail);
	if (r == 0 && !options->is_enroll_only)
		r = phase_run(load, PHASE_SESSION, session_jobs(load), options->duration,
			      &report->session_seconds, trail);
	return r;
}

/* --user, or the lines of --users-file. */
static int users_read(struct load *load, struct task *task)
{
	const struct options *options = load->options;
	struct text rest = text_of(options->user);
	int r;

	if (options->users_file) {
		r = command_read_file(task, options->users_file, &rest);
		if (r < 0)
			return ERR_TRACE(task->trail, r);
	}
	load->users = ARENA_ARRAY(task->arena, rest.len + 1, const char *);
	while (rest.ptr) {
		struct text line = text_trim(text_cut(&rest, '\n'));

		if (!text_is_empty(line))
			load->users[load->user_count++] = arena_cstr(task->arena, line);
	}
	if (load->user_count == 0)
		return ERR_FAIL(task->trail, ERR_CONFIG, "load needs --user or --users-file");
	return 0;
}

static int load_check(struct load *load, struct task *task)
{
	const struct options *options = load->options;
	const char *word = options->join ? options->join : "entra";
	struct trail *trail = task->trail;

	if (!options->entra_control || !options->entra_token_file || !options->tenant ||
	    !options->app)
		return ERR_FAIL(trail, ERR_CONFIG,
				"load needs --entra-control, --entra-token-file, --tenant and "
				"--app");
	if (!join_read(word, &load->join) ||
	    (load->join != JOIN_ENTRA && load->join != JOIN_WORK_ACCOUNT))
		return ERR_FAIL(trail, ERR_CONFIG, "load joins entra or work-account, not %s",
				word);
	if (options->theme && !theme_read(options->theme, &load->theme))
		return ERR_FAIL(trail, ERR_CONFIG, "--theme is not known");
	return users_read(load, task);
}

static void devices_init(struct load *load)
{
	load->count = (size_t)load->options->devices;
	load->devices = heap_alloc(load->count * sizeof(*load->devices));
	for (size_t i = 0; i < load->count; i++) {
		pthread_mutex_init(&load->devices[i].lock, NULL);
		tree_init(&load->devices[i].tree);
		arena_init(&load->devices[i].device.arena);
	}
	pthread_mutex_init(&load->lock, NULL);
}

/* The session numbers must go on where they were. */
static int devices_done(struct load *load, struct trail *trail)
{
	int r = 0;

	for (size_t i = 0; i < load->count; i++) {
		struct loaded *loaded = &load->devices[i];

		if (r == 0 && loaded->is_ready)
			r = device_save(&loaded->device, trail);
		free(loaded->terms_token);
		free(loaded->enroll_token);
		tree_done(&loaded->tree);
		device_done(&loaded->device);
		pthread_mutex_destroy(&loaded->lock);
	}
	free(load->devices);
	pthread_mutex_destroy(&load->lock);
	return r;
}

int command_load(struct task *task, const struct options *options)
{
	struct load *load = heap_alloc(sizeof(*load));
	struct load_report report = {.devices = options->devices,
				     .concurrency = options->concurrency,
				     .stats = &load->total};
	int done;
	int r;

	load->options = options;
	load->key_pool = options->key_pool ? options->key_pool
					   : arena_printf(task->arena, "%s/keys", options->dir);
	r = load_check(load, task);
	if (r == 0)
		r = file_make_dir(options->dir, task->trail);
	if (r == 0) {
		devices_init(load);
		r = phases_run(load, &report, task->trail);
		report.reused = load->reused;
		done = devices_done(load, task->trail);
		r = r == 0 ? done : r;
	}
	if (r == 0 && options->is_json)
		load_report_json(task->out, task->arena, &report);
	else if (r == 0)
		load_report_print(task->out, &report);
	if (r == 0 && stats_errors(&load->total) > 0)
		r = ERR_FAIL(task->trail, ERR_NETWORK, "%llu steps failed",
			     (unsigned long long)stats_errors(&load->total));
	free(load);
	return r;
}
