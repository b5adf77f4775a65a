/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c: an event loop: accepting, waking, and the pool of exchanges.
 *
 * libevent is used for what it does well, the poller and the timers, and never from two threads.
 * A socket is registered once, edge-triggered, and not touched again until it is closed. Time
 * limits are libevent's common timeouts: each phase has one duration, so its queue is sorted by
 * itself. A worker hands an exchange back over an atomic list; only the first of a batch costs
 * a system call.
 *
 * Handshakes are queued and a turn of the loop takes few of them: they are by far the most
 * expensive thing a loop does, and a flood of them must not hold up the requests of connections
 * that are established. A connection that has more to read than its share waits in the same way.
 *
 * When descriptors run out accepting stops for a moment, because the poller would otherwise report
 * the same waiting connection for ever.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/conn.h"
#include "http/conn_step.h"

/* In one turn. */
enum { LOOP_ACCEPTS = 16, LOOP_HANDSHAKES = 2 };
enum { LOOP_POOL = 64, LOOP_PAUSE_US = 100 * 1000 };

static struct timeval loop_timeval(long ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

struct http_exchange *http_loop_take_exchange(struct http_loop *loop)
{
	struct http_exchange *exchange = loop->pool;

	if (!exchange)
		return http_exchange_new();
	loop->pool = exchange->next;
	loop->pool_count--;
	return exchange;
}

void http_loop_give_exchange(struct http_loop *loop, struct http_exchange *exchange)
{
	size_t shrunk = http_exchange_reset(exchange);

	if (loop->pool_count < LOOP_POOL) {
		exchange->next = loop->pool;
		loop->pool = exchange;
		loop->pool_count++;
	} else {
		shrunk += exchange->in_cap - HTTP_EXCHANGE_FIRST;
		http_exchange_free(exchange);
	}
	atomic_fetch_sub(&loop->server->buffered, shrunk);
}

void http_loop_wake(struct http_loop *loop)
{
	const uint64_t one = 1;
	ssize_t n;

	/* It is never read: each write is an edge. It cannot fail before 2^64 of them. */
	do
		n = write(loop->wake_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void http_loop_again(struct http_loop *loop, struct list *queue, struct list *turn)
{
	static const struct timeval at_once = {0, 0};

	list_remove(turn);
	list_append(queue, turn);
	if (!event_pending(loop->again, EV_TIMEOUT, NULL))
		event_add(loop->again, &at_once);
}

void http_loop_finish(struct http_loop *loop, struct http_exchange *exchange)
{
	struct http_exchange *head = atomic_load(&loop->finished);

	do
		exchange->next = head;
	while (!atomic_compare_exchange_weak(&loop->finished, &head, exchange));
	if (!head)
		http_loop_wake(loop);
}

/* The finished exchanges, oldest first. */
static struct http_exchange *loop_take_finished(struct http_loop *loop)
{
	struct http_exchange *exchange = atomic_exchange(&loop->finished, NULL);
	struct http_exchange *oldest = NULL;

	while (exchange) {
		struct http_exchange *next = exchange->next;

		exchange->next = oldest;
		oldest = exchange;
		exchange = next;
	}
	return oldest;
}

/* Connections that wait in the backlog are reset, which tells their clients to try again. */
static void loop_close_listeners(struct http_loop *loop)
{
	struct http_server *server = loop->server;
	size_t index = (size_t)(loop - server->loops);

	for (size_t i = 0; i < server->options.listener_count; i++) {
		event_del(loop->acceptors[i]);
		close(server->bound[i].fds[index]);
		server->bound[i].fds[index] = -1;
	}
	event_del(loop->resume);
}

static void loop_stop(struct http_loop *loop)
{
	struct http_server *server = loop->server;
	int grace_ms = atomic_load(&server->grace_ms);
	const struct timeval grace = loop_timeval(grace_ms);
	struct list *node = loop->conns.next;

	loop->is_stopping = true;
	loop_close_listeners(loop);
	while (node != &loop->conns) {
		struct list *next = node->next;

		http_conn_stop(LIST_OWNER(node, struct http_conn, node));
		node = next;
	}
	if (list_is_empty(&loop->conns))
		event_base_loopbreak(loop->base);
	else
		event_add(loop->deadline, &grace);
}

static void loop_on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct http_loop *loop = arg;
	struct http_exchange *exchange = loop_take_finished(loop);

	while (exchange) {
		struct http_exchange *next = exchange->next;

		http_conn_finish(exchange->conn);
		exchange = next;
	}
	if (atomic_load(&loop->server->is_stopping) && !loop->is_stopping)
		loop_stop(loop);
}

static void loop_on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct http_loop *loop = arg;

	event_base_loopbreak(loop->base);
}

/* Run the first connections of a queue; those that come back meanwhile wait for the next turn. */
static void loop_run_queue(struct list *queue, size_t most)
{
	struct list turn, *node;

	list_init(&turn);
	for (; most && (node = list_take(queue)); most--)
		list_append(&turn, node);
	while ((node = list_take(&turn)))
		http_conn_run(LIST_OWNER(node, struct http_conn, turn));
}

static void loop_on_again(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once = {0, 0};
	struct http_loop *loop = arg;

	loop_run_queue(&loop->starved, SIZE_MAX);
	loop_run_queue(&loop->handshakes, LOOP_HANDSHAKES);
	if (!list_is_empty(&loop->starved) || !list_is_empty(&loop->handshakes))
		event_add(loop->again, &at_once);
}

static void loop_pause(struct http_loop *loop, struct http_metrics *metrics)
{
	static const struct timeval pause = {0, LOOP_PAUSE_US};

	http_metrics_add(&metrics->dropped[HTTP_DROP_RESOURCES], 1);
	for (size_t i = 0; i < loop->server->options.listener_count; i++)
		event_del(loop->acceptors[i]);
	event_add(loop->resume, &pause);
}

static void loop_on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct http_loop *loop = arg;

	for (size_t i = 0; i < loop->server->options.listener_count; i++)
		event_add(loop->acceptors[i], NULL);
}

static size_t loop_listener_of(const struct http_loop *loop, evutil_socket_t fd)
{
	size_t index = (size_t)(loop - loop->server->loops);
	size_t i = 0;

	while (loop->server->bound[i].fds[index] != fd)
		i++;
	return i;
}

static void loop_on_accept(evutil_socket_t listening, short what, void *arg)
{
	struct http_loop *loop = arg;
	size_t listener = loop_listener_of(loop, listening);

	for (int i = 0; i < LOOP_ACCEPTS; i++) {
		struct sockaddr_storage address;
		socklen_t len = sizeof(address);
		int fd = accept4(listening, (struct sockaddr *)&address, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			http_conn_open(loop, listener, fd, &address);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			loop_pause(loop, &loop->server->bound[listener].metrics);
		if (fd < 0)
			return;
	}
}

static struct event_base *loop_new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config &&
	    !event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) &&
	    !event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static bool loop_set_phases(struct http_loop *loop)
{
	const struct http_server_limits *limits = &loop->server->limits;
	const int ms[HTTP_PHASES] = {
	    [HTTP_PHASE_HANDSHAKE] = limits->handshake_ms,
	    [HTTP_PHASE_HEADERS] = limits->headers_ms,
	    [HTTP_PHASE_BODY] = limits->body_ms / HTTP_BODY_CHECKS + 1,
	    [HTTP_PHASE_WRITE] = limits->write_ms,
	    [HTTP_PHASE_IDLE] = limits->idle_ms,
	    [HTTP_PHASE_LINGER] = limits->linger_ms,
	};

	for (size_t i = 0; i < HTTP_PHASES; i++) {
		const struct timeval tv = loop_timeval(ms[i]);

		loop->phases[i] = event_base_init_common_timeout(loop->base, &tv);
		if (!loop->phases[i])
			return false;
	}
	return true;
}

static bool loop_set_events(struct http_loop *loop, size_t index)
{
	const struct http_server *server = loop->server;

	loop->again = evtimer_new(loop->base, loop_on_again, loop);
	loop->resume = evtimer_new(loop->base, loop_on_resume, loop);
	loop->deadline = evtimer_new(loop->base, loop_on_deadline, loop);
	loop->wake =
	    event_new(loop->base, loop->wake_fd, EV_READ | EV_ET | EV_PERSIST, loop_on_wake, loop);
	if (!loop->again || !loop->resume || !loop->deadline || !loop->wake ||
	    event_add(loop->wake, NULL) != 0)
		return false;
	for (size_t i = 0; i < server->options.listener_count; i++) {
		loop->acceptors[i] = event_new(loop->base, server->bound[i].fds[index],
					       EV_READ | EV_PERSIST, loop_on_accept, loop);
		if (!loop->acceptors[i] || event_add(loop->acceptors[i], NULL) != 0)
			return false;
	}
	return true;
}

int http_loop_init(struct http_loop *loop, struct http_server *server, size_t index,
		   struct trail *trail)
{
	loop->server = server;
	list_init(&loop->conns);
	list_init(&loop->starved);
	list_init(&loop->handshakes);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop->base = loop_new_base();
	if (loop->wake_fd < 0 || !loop->base || !loop_set_phases(loop) ||
	    !loop_set_events(loop, index))
		return ERR_FAIL(trail, ERR_SYSTEM, "event loop %zu cannot be set up", index);
	return 0;
}

static void *loop_main(void *arg)
{
	struct http_loop *loop = arg;

	event_base_dispatch(loop->base);
	return NULL;
}

int http_loop_start(struct http_loop *loop, size_t index, struct trail *trail)
{
	char name[16];

	if (pthread_create(&loop->thread, NULL, loop_main, loop) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "event loop %zu cannot be started", index);
	loop->is_running = true;
	snprintf(name, sizeof(name), "http-loop-%u", (unsigned)index % 1000);
	pthread_setname_np(loop->thread, name);
	return 0;
}

void http_loop_join(struct http_loop *loop)
{
	if (loop->is_running)
		pthread_join(loop->thread, NULL);
	loop->is_running = false;
}

static void loop_free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void http_loop_done(struct http_loop *loop)
{
	struct list *node;

	if (!loop->server)
		return;
	loop->is_stopping = false;
	while ((node = loop->conns.next) != &loop->conns)
		http_conn_close(LIST_OWNER(node, struct http_conn, node));
	while (loop->pool) {
		struct http_exchange *exchange = loop->pool;

		loop->pool = exchange->next;
		http_exchange_free(exchange);
	}
	for (size_t i = 0; i < loop->server->options.listener_count; i++)
		loop_free_event(loop->acceptors[i]);
	loop_free_event(loop->wake);
	loop_free_event(loop->again);
	loop_free_event(loop->resume);
	loop_free_event(loop->deadline);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	loop->server = NULL;
}
