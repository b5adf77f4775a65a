/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.c: putting the server together, taking it apart, and swapping its TLS.
 *
 * Start: sockets, TLS, workers, loops. Everything that can be wrong with the configuration is
 * found before the first connection is accepted. Stop is the reverse: loops first, which finish
 * what has begun, then workers, which empty the queue; only when no thread is left are exchanges
 * of connections that were cut off given back.
 *
 * A reload builds all new TLS contexts before it swaps the first one.
 */
#include "http/server.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/conn.h"

enum { SERVER_WORKERS_PER_PROCESSOR = 2, SERVER_OTHER_FILES = 1024 };

static int server_default(int value, int fallback)
{
	return value ? value : fallback;
}

static size_t server_default_size(size_t value, size_t fallback)
{
	return value ? value : fallback;
}

static struct http_server_limits server_limits(const struct http_server_limits *in)
{
	return (struct http_server_limits){
	    .handshake_ms = server_default(in->handshake_ms, LIMIT_HTTP_HANDSHAKE_S * 1000),
	    .headers_ms = server_default(in->headers_ms, LIMIT_HTTP_HEADERS_S * 1000),
	    .body_ms = server_default(in->body_ms, LIMIT_HTTP_BODY_S * 1000),
	    .write_ms = server_default(in->write_ms, LIMIT_HTTP_WRITE_S * 1000),
	    .idle_ms = server_default(in->idle_ms, LIMIT_HTTP_IDLE_S * 1000),
	    .linger_ms = server_default(in->linger_ms, LIMIT_HTTP_LINGER_S * 1000),
	    .body_rate = server_default_size(in->body_rate, LIMIT_HTTP_BODY_RATE),
	    .connections = server_default_size(in->connections, LIMIT_HTTP_CONNECTIONS),
	    .connections_per_source =
		server_default_size(in->connections_per_source, LIMIT_HTTP_CONNECTIONS_PER_SOURCE),
	    .handshakes = server_default_size(in->handshakes, LIMIT_HTTP_HANDSHAKES),
	    .queue = server_default_size(in->queue, LIMIT_HTTP_QUEUE),
	    .buffered = server_default_size(in->buffered, LIMIT_HTTP_BUFFERED),
	};
}

/* How many connections the process can have: none may take the descriptors of the database. */
static size_t server_raise_files(size_t connections)
{
	struct rlimit limit;
	rlim_t wanted = connections + SERVER_OTHER_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return connections;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == wanted)
		return connections;
	if (limit.rlim_cur / 2 < SERVER_OTHER_FILES)
		return limit.rlim_cur / 2;
	return limit.rlim_cur - SERVER_OTHER_FILES;
}

static size_t server_processors(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors > 0 ? (size_t)processors : 1;
}

size_t http_server_workers(size_t wanted)
{
	return server_default_size(wanted, server_processors() * SERVER_WORKERS_PER_PROCESSOR);
}

static struct http_server *server_alloc(const struct http_server_options *options)
{
	struct http_server *server = heap_alloc(sizeof(*server));

	server->options = *options;
	server->options.loops = server_default_size(options->loops, server_processors());
	server->options.workers = http_server_workers(options->workers);
	server->limits = server_limits(&options->limits);
	server->limits.connections = server_raise_files(server->limits.connections);
	server->bound = heap_alloc(options->listener_count * sizeof(*server->bound));
	server->loops = heap_alloc(server->options.loops * sizeof(*server->loops));
	server->workers = heap_alloc(server->options.workers * sizeof(*server->workers));
	server->queue = http_queue_new(server->limits.queue);
	server->sources = http_sources_new(server->limits.connections + HTTP_CONNECTIONS_PLAIN,
					   server->limits.connections_per_source);
	pthread_mutex_init(&server->tls_lock, NULL);
	pthread_mutex_init(&server->start_lock, NULL);
	pthread_cond_init(&server->started, NULL);
	return server;
}

static int server_open_listeners(struct http_server *server, struct trail *trail)
{
	for (size_t i = 0; i < server->options.listener_count; i++) {
		struct http_bound *bound = &server->bound[i];
		int r;

		bound->listener = &server->options.listeners[i];
		if (!bound->listener->is_plain) {
			r = http_tls_new(&bound->tls, bound->listener, i, trail);
			if (r < 0)
				return ERR_TRACE(trail, r);
		}
		r = http_listener_bind(bound, server->options.loops, trail);
		if (r < 0)
			return ERR_TRACE(trail, r);
	}
	return 0;
}

static int server_start_loops(struct http_server *server, struct trail *trail)
{
	for (size_t i = 0; i < server->options.loops; i++) {
		int r = http_loop_init(&server->loops[i], server, i, trail);

		if (r < 0)
			return ERR_TRACE(trail, r);
	}
	for (size_t i = 0; i < server->options.loops; i++) {
		int r = http_loop_start(&server->loops[i], i, trail);

		if (r < 0)
			return ERR_TRACE(trail, r);
	}
	return 0;
}

/* Threads inherit the mask: signals of the process stay with the thread that called. */
static int server_start_threads(struct http_server *server, struct trail *trail)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = http_worker_launch(server, trail);
	if (r == 0)
		r = server_start_loops(server, trail);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int http_server_new(struct http_server **ret, const struct http_server_options *options,
		    struct trail *trail)
{
	struct http_server *server;
	int r;

	if (!options->listener_count || options->listener_count > HTTP_LISTENERS_MAX)
		return ERR_FAIL(trail, ERR_INTERNAL, "a server has 1 to %d listeners",
				HTTP_LISTENERS_MAX);
	signal(SIGPIPE, SIG_IGN);
	server = server_alloc(options);
	r = server_open_listeners(server, trail);
	if (r == 0)
		r = server_start_threads(server, trail);
	if (r < 0) {
		http_server_free(server);
		return ERR_TRACE(trail, r);
	}
	*ret = server;
	return 0;
}

int http_server_port(const struct http_server *server, size_t listener)
{
	return server->bound[listener].port;
}

int http_server_reload_tls(struct http_server *server, const struct http_listener *listeners,
			   size_t count, struct trail *trail)
{
	struct http_tls *fresh[HTTP_LISTENERS_MAX] = {NULL};
	int r = 0;

	if (count != server->options.listener_count)
		return ERR_FAIL(trail, ERR_INTERNAL, "%zu listeners cannot replace %zu", count,
				server->options.listener_count);
	for (size_t i = 0; i < count && r == 0; i++)
		if (server->bound[i].tls)
			r = http_tls_new(&fresh[i], &listeners[i], i, trail);
	if (r == 0) {
		pthread_mutex_lock(&server->tls_lock);
		for (size_t i = 0; i < count; i++) {
			struct http_tls *old = server->bound[i].tls;

			server->bound[i].tls = fresh[i];
			fresh[i] = old;
		}
		pthread_mutex_unlock(&server->tls_lock);
	}
	for (size_t i = 0; i < count; i++)
		http_tls_release(fresh[i]);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

void http_server_stop(struct http_server *server, int grace_s)
{
	atomic_store(&server->grace_ms, grace_s * 1000);
	atomic_store(&server->is_stopping, true);
	for (size_t i = 0; i < server->options.loops; i++)
		if (server->loops[i].is_running)
			http_loop_wake(&server->loops[i]);
	for (size_t i = 0; i < server->options.loops; i++)
		http_loop_join(&server->loops[i]);
	http_queue_close(server->queue);
	http_worker_join(server);
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	http_server_stop(server, 0);
	for (size_t i = 0; i < server->options.loops; i++)
		http_loop_done(&server->loops[i]);
	for (size_t i = 0; i < server->options.listener_count; i++) {
		http_listener_close(&server->bound[i], server->options.loops);
		http_tls_release(server->bound[i].tls);
	}
	http_sources_free(server->sources);
	http_queue_free(server->queue);
	pthread_cond_destroy(&server->started);
	pthread_mutex_destroy(&server->start_lock);
	pthread_mutex_destroy(&server->tls_lock);
	free(server->workers);
	free(server->loops);
	free(server->bound);
	free(server);
}
