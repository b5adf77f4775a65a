/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h: the parts of a running server, for the files of this folder only.
 *
 * Who may touch what: a loop and its connections belong to the loop's thread. Other threads reach
 * a loop in one way, by handing it a finished exchange and waking it. What is shared is the queue,
 * the counters, the sources and, behind tls_lock, the pointer to each listener's TLS.
 */
#ifndef MUSTER_HTTP_CORE_H
#define MUSTER_HTTP_CORE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>

#include "base/list.h"
#include "http/exchange.h"
#include "http/metrics.h"
#include "http/queue.h"
#include "http/respond.h"
#include "http/sources.h"

/* A listener on loopback is let in when the others have taken all connections: whoever asks whether
 * the server is well must be answered in a flood, too. */
enum { HTTP_LISTENERS_MAX = 16, HTTP_CONNECTIONS_PLAIN = 64 };

struct http_bound {
	const struct http_listener *listener;
	int *fds; /* one socket for each loop, on one port */
	int port;
	struct http_tls *tls; /* NULL: plain */
	struct http_metrics metrics;
};

struct http_loop {
	struct http_server *server;
	pthread_t thread;
	bool is_running;
	struct event_base *base;
	struct event *acceptors[HTTP_LISTENERS_MAX];
	struct event *resume;   /* begins to accept again after descriptors ran out */
	struct event *again;    /* gives starved connections their next turn */
	struct event *deadline; /* of a graceful stop */
	struct event *wake;
	int wake_fd;
	_Atomic(struct http_exchange *) finished; /* handed back by workers, newest first */
	const struct timeval *phases[HTTP_PHASES];
	struct list conns;
	struct list starved;    /* connections with more to read than their share */
	struct list handshakes; /* connections whose handshake can go on */
	struct http_exchange *pool;
	size_t pool_count;
	struct http_date date;
	bool is_stopping;
};

struct http_worker {
	struct http_server *server;
	size_t index;
	pthread_t thread;
	bool is_running;
	void *state;
	struct arena arena;
	struct http_date date;
};

struct http_server {
	struct http_server_options options;
	struct http_server_limits limits; /* without zeros */
	struct http_bound *bound;
	struct http_loop *loops;
	struct http_worker *workers;
	struct http_queue *queue;
	struct http_sources *sources;
	pthread_mutex_t tls_lock;
	pthread_mutex_t start_lock;
	pthread_cond_t started;
	size_t start_count; /* workers that have said whether they could start */
	size_t start_failures;
	atomic_size_t connections;
	atomic_size_t handshakes;
	atomic_size_t buffered;
	atomic_int grace_ms;
	atomic_bool is_stopping;
};

/* listener.c. All sockets of all listeners; what was bound before a failure stays in bound. */
MUST_CHECK int http_listener_bind(struct http_bound *bound, size_t loops, struct trail *trail);
void http_listener_close(struct http_bound *bound, size_t loops);

/* loop.c */
MUST_CHECK int http_loop_init(struct http_loop *loop, struct http_server *server, size_t index,
			      struct trail *trail);
MUST_CHECK int http_loop_start(struct http_loop *loop, size_t index, struct trail *trail);
void http_loop_wake(struct http_loop *loop);
/* Put a connection (its node `turn`) at the end of starved or handshakes. It gets its turn after
 * the sockets that are ready now. */
void http_loop_again(struct http_loop *loop, struct list *queue, struct list *turn);
void http_loop_join(struct http_loop *loop);
void http_loop_done(struct http_loop *loop); /* its thread is gone, all workers too */
/* Any thread: the exchange has its response. */
void http_loop_finish(struct http_loop *loop, struct http_exchange *exchange);
struct http_exchange *http_loop_take_exchange(struct http_loop *loop);
void http_loop_give_exchange(struct http_loop *loop, struct http_exchange *exchange);

/* worker.c */
MUST_CHECK int http_worker_launch(struct http_server *server, struct trail *trail);
void http_worker_join(struct http_server *server);

#endif
