/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: the program muster-entra, wired from top to bottom: options, files, keys, server, seed,
 * one `ready` line, then wait for a signal. contract.md sections 2 and 6.
 *
 * Exit status 0 after a signal, 2 on wrong usage, 1 on any other failure with one line that says
 * what is wrong.
 */
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "sim/entra/front.h"
#include "sim/entra/place.h"
#include "sim/entra/seed.h"

/* A worker may sleep for a slow fault, so there are more of them than processors. */
enum { WORKERS = 16, LOOPS = 1, GRACE_S = 1, LOGIN_BODY = 64 * 1024, GRAPH_BODY = 4 * 1024 * 1024 };

enum { ANY_METHOD = HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE };

static const struct http_route ROUTES[] = {
    {ANY_METHOD, "/*", 1U << LISTENER_LOGIN, LOGIN_BODY, front_login, NULL},
    {ANY_METHOD, "/*", 1U << LISTENER_GRAPH, GRAPH_BODY, front_graph, NULL},
    {ANY_METHOD, "/_ctl/*", 1U << LISTENER_CONTROL, GRAPH_BODY, front_control, NULL},
};

static void *worker_start(void *context, size_t index)
{
	return context;
}

static void worker_stop(void *worker)
{
}

/* One line on standard error: the cause, without the path it took. */
static int main_fail(const struct trail *trail)
{
	fprintf(stderr, "muster-entra: %s\n", trail->cause);
	return EXIT_FAILURE;
}

static void listeners_init(struct sim *sim, struct arena *arena)
{
	const char *dir = sim->options->dir;

	for (size_t i = 0; i < LISTENERS; i++)
		sim->listeners[i] = (struct http_listener){
		    .name = listener_name((enum listener)i),
		    .address = sim->options->addresses[i],
		    .is_plain = i == LISTENER_CONTROL,
		    .certificate_file = place_certificate(arena, dir, TEXT("good")),
		    .key_file = place_key(arena, dir),
		};
}

static void urls_init(struct sim *sim, struct arena *arena)
{
	for (size_t i = 0; i < LISTENERS; i++) {
		const char *address = sim->options->addresses[i];
		const char *colon = strrchr(address, ':');

		sim->urls[i] = heap_string(arena_printf(
		    arena, "%s://%.*s:%d", i == LISTENER_CONTROL ? "http" : "https",
		    (int)(colon - address), address, http_server_port(sim->server, i)));
	}
}

/* Requests that arrive while the addresses are not known yet wait for the lock. */
static int serve_begin(struct sim *sim, const struct http_server_options *options,
		       struct arena *arena, struct trail *trail)
{
	int r;

	pthread_mutex_lock(&sim->lock);
	r = http_server_new(&sim->server, options, trail);
	if (r == 0) {
		urls_init(sim, arena);
		r = place_tell(arena, sim, trail);
	}
	if (r == 0)
		r = seed_run(sim, arena, trail);
	pthread_mutex_unlock(&sim->lock);
	return r;
}

static void wait_for_signal(const sigset_t *signals)
{
	int which;

	while (sigwait(signals, &which) != 0)
		;
}

static int serve(struct sim *sim, struct arena *arena, const sigset_t *signals, struct trail *trail)
{
	const struct http_server_options options = {
	    .listeners = sim->listeners,
	    .listener_count = LISTENERS,
	    .routes = ROUTES,
	    .route_count = ARRAY_LEN(ROUTES),
	    .loops = LOOPS,
	    .workers = WORKERS,
	    .context = sim,
	    .worker_start = worker_start,
	    .worker_stop = worker_stop,
	};
	int r = serve_begin(sim, &options, arena, trail);

	if (r == 0) {
		printf("ready login=%s graph=%s control=%s\n", sim->urls[LISTENER_LOGIN],
		       sim->urls[LISTENER_GRAPH], sim->urls[LISTENER_CONTROL]);
		fflush(stdout);
		wait_for_signal(signals);
	}
	if (sim->server) {
		http_server_stop(sim->server, GRACE_S);
		http_server_free(sim->server);
	}
	return r;
}

static int run(const struct options *options, struct sim *sim, struct arena *arena,
	       const sigset_t *signals, struct trail *trail)
{
	int r = place_init(arena, options->dir, trail);

	if (r == 0)
		r = keys_init(&sim->keys, sim_now(sim), trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	listeners_init(sim, arena);
	return serve(sim, arena, signals, trail);
}

int main(int argc, char **argv)
{
	static struct sim sim;
	struct options options;
	struct trail trail;
	struct arena arena;
	sigset_t signals;
	int r = options_read(&options, argc, argv, stdout, stderr);

	if (r != 0)
		return r == OPTIONS_E_DONE ? EXIT_SUCCESS : 2;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	log_set_level(LOG_WARN);
	trail_reset(&trail);
	arena_init(&arena);
	sim_init(&sim, &options);
	sim.arena = &arena;
	r = run(&options, &sim, &arena, &signals, &trail);
	sim_done(&sim);
	arena_done(&arena);
	return r < 0 ? main_fail(&trail) : EXIT_SUCCESS;
}
