/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c: threads that run handlers.
 *
 * A worker takes a request from the queue, runs its handler from top to bottom, writes the
 * response into the exchange and hands it back to the loop it came from. Handlers may block; that
 * is what these threads are for. A worker's state is made and unmade on its own thread and is seen
 * by no other. The arena is emptied after each request, when the response is bytes already.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "http/conn.h"

static void worker_serve(struct http_worker *worker, struct http_exchange *exchange)
{
	struct http_response response = {.arena = &worker->arena};
	struct http_respond_options options = {
	    .date = &worker->date,
	    .is_head = exchange->request.method == HTTP_HEAD,
	    .is_closing = exchange->is_closing || atomic_load(&worker->server->is_stopping),
	};

	buf_init(&response.body, &worker->arena);
	exchange->route->handler(worker->state, &exchange->request, &response);
	exchange->status =
	    http_respond_write(&exchange->out, &response, &options, &exchange->is_closing);
	arena_reset(&worker->arena);
}

static void worker_report(struct http_server *server, bool is_started)
{
	pthread_mutex_lock(&server->start_lock);
	server->start_count++;
	server->start_failures += !is_started;
	pthread_cond_signal(&server->started);
	pthread_mutex_unlock(&server->start_lock);
}

static void *worker_main(void *arg)
{
	struct http_worker *worker = arg;
	struct http_server *server = worker->server;
	const struct http_server_options *options = &server->options;
	struct http_exchange *exchange;

	worker->state = options->worker_start
			    ? options->worker_start(options->context, worker->index)
			    : options->context;
	if (options->worker_start && !worker->state) {
		worker_report(server, false);
		return NULL;
	}
	arena_init(&worker->arena);
	worker_report(server, true);
	while ((exchange = http_queue_take(server->queue))) {
		worker_serve(worker, exchange);
		http_loop_finish(exchange->conn->loop, exchange);
	}
	arena_done(&worker->arena);
	if (options->worker_stop)
		options->worker_stop(worker->state);
	return NULL;
}

static bool worker_start(struct http_worker *worker)
{
	char name[16];

	if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
		return false;
	worker->is_running = true;
	snprintf(name, sizeof(name), "http-work-%u", (unsigned)worker->index % 1000);
	pthread_setname_np(worker->thread, name);
	return true;
}

int http_worker_launch(struct http_server *server, struct trail *trail)
{
	size_t launched = 0, failures;

	while (launched < server->options.workers) {
		struct http_worker *worker = &server->workers[launched];

		worker->server = server;
		worker->index = launched;
		if (!worker_start(worker))
			break;
		launched++;
	}
	pthread_mutex_lock(&server->start_lock);
	while (server->start_count < launched)
		pthread_cond_wait(&server->started, &server->start_lock);
	failures = server->start_failures;
	pthread_mutex_unlock(&server->start_lock);
	if (failures || launched < server->options.workers)
		return ERR_FAIL(trail, ERR_SYSTEM, "%zu of %zu workers could not start",
				failures + server->options.workers - launched,
				server->options.workers);
	return 0;
}

void http_worker_join(struct http_server *server)
{
	for (size_t i = 0; server->workers && i < server->options.workers; i++) {
		struct http_worker *worker = &server->workers[i];

		if (worker->is_running)
			pthread_join(worker->thread, NULL);
		worker->is_running = false;
	}
}
