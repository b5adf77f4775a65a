/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.c: the life of one connection: its beginning, its time limits, its end.
 *
 * A connection is always in one state (conn.h) and under at most one time limit. The limits are
 * totals for a phase, not pauses between two bytes: a peer that sends one byte a second is as late
 * as one that sends nothing. Only work has none, because the loop does not own a request while a
 * worker has it; the connection is then left alone until the exchange comes back, whatever the
 * socket says.
 *
 * What happens inside a state is in conn_step.c.
 *
 * Specification: threats, abuse case 17.
 */
#include "http/conn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/conn_step.h"
#include "http/tls.h"

/* What one connection may read before the others get their turn. */
enum { CONN_BUDGET = 64 * 1024 };

void http_conn_run(struct http_conn *conn)
{
	enum http_conn_step step;

	conn->io.budget = CONN_BUDGET;
	conn->io.is_starved = false;
	do
		step = http_conn_step(conn);
	while (step == HTTP_CONN_STEP_AGAIN);
	if (step == HTTP_CONN_STEP_CLOSE) {
		http_conn_close(conn);
	} else if (conn->io.is_starved) {
		http_loop_again(conn->loop, &conn->loop->starved, &conn->turn);
	}
}

void http_conn_deadline(struct http_conn *conn, enum http_phase phase)
{
	conn->phase = phase;
	event_add(&conn->timer, conn->loop->phases[phase]);
}

static void conn_on_event(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *conn = arg;

	if (what & EV_CLOSED)
		conn->io.is_half_closed = true;
	if (what & (EV_READ | EV_CLOSED))
		conn->io.is_readable = true;
	conn->io.is_short = false;
	if (what & EV_WRITE)
		conn->io.is_writable = true;
	/* A step of a handshake takes as long as dozens of requests: it waits for its turn. */
	if (conn->state == HTTP_CONN_HANDSHAKE)
		http_loop_again(conn->loop, &conn->loop->handshakes, &conn->turn);
	else
		http_conn_run(conn);
}

/* The timer for a body comes several times; the last one is the limit. */
static bool conn_is_body_late(const struct http_conn *conn)
{
	const struct http_server_limits *limits = &conn->loop->server->limits;
	int64_t elapsed = clock_mono_ms() - conn->body_since_ms;

	return elapsed + limits->body_ms / (2 * HTTP_BODY_CHECKS) >= limits->body_ms ||
	       (int64_t)conn->body_bytes * 1000 < (int64_t)limits->body_rate * elapsed;
}

static void conn_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *conn = arg;
	struct http_server *server = conn->loop->server;
	bool has_begun = conn->exchange && conn->exchange->in_len;

	if (conn->phase == HTTP_PHASE_BODY && !conn_is_body_late(conn)) {
		http_conn_deadline(conn, HTTP_PHASE_BODY);
		return;
	}
	http_metrics_add(&server->bound[conn->listener].metrics.timeouts[conn->phase], 1);
	if (conn->state == HTTP_CONN_READ && has_begun) {
		http_conn_refuse(conn, 408);
		http_conn_run(conn);
		return;
	}
	/* In the middle of a record or a handshake there is nothing sound to say. */
	if (conn->state != HTTP_CONN_READ)
		conn->io.is_failed = true;
	http_conn_close(conn);
}

static void conn_write_address(struct http_peer *peer, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, text, sizeof(text));
		else
			inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	} else {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	}
	snprintf(peer->address, sizeof(peer->address), "%s", text);
}

/* Count the connection in, or say why not. */
static bool conn_enter(struct http_server *server, size_t listener, struct http_source source)
{
	struct http_bound *bound = &server->bound[listener];
	const struct http_server_limits *limits = &server->limits;
	enum http_drop drop = HTTP_DROP_FULL;
	bool is_plain = bound->listener->is_plain;

	if (atomic_fetch_add(&server->connections, 1) >=
	    limits->connections + (is_plain ? HTTP_CONNECTIONS_PLAIN : 0))
		goto full;
	drop = HTTP_DROP_SOURCE;
	if (!http_sources_enter(server->sources, source))
		goto full;
	if (!is_plain && atomic_fetch_add(&server->handshakes, 1) >= limits->handshakes) {
		atomic_fetch_sub(&server->handshakes, 1);
		http_sources_leave(server->sources, source);
		drop = HTTP_DROP_HANDSHAKES;
		goto full;
	}
	http_metrics_add(&bound->metrics.accepted, 1);
	http_metrics_add(&bound->metrics.open, 1);
	return true;
full:
	atomic_fetch_sub(&server->connections, 1);
	http_metrics_add(&bound->metrics.dropped[drop], 1);
	return false;
}

static void conn_leave(struct http_conn *conn)
{
	struct http_server *server = conn->loop->server;

	if (conn->state == HTTP_CONN_HANDSHAKE)
		atomic_fetch_sub(&server->handshakes, 1);
	http_sources_leave(server->sources, conn->source);
	atomic_fetch_sub(&server->connections, 1);
	http_metrics_take(&server->bound[conn->listener].metrics.open, 1);
}

static bool conn_begin_tls(struct http_conn *conn)
{
	struct http_server *server = conn->loop->server;
	struct http_bound *bound = &server->bound[conn->listener];
	bool is_begun;

	pthread_mutex_lock(&server->tls_lock);
	is_begun = http_tls_accept(bound->tls, &conn->io);
	pthread_mutex_unlock(&server->tls_lock);
	return is_begun;
}

void http_conn_open(struct http_loop *loop, size_t listener, int fd,
		    const struct sockaddr_storage *address)
{
	struct http_source source = http_source_of(address);
	bool is_tls = !loop->server->bound[listener].listener->is_plain;
	struct http_conn *conn;

	if (!conn_enter(loop->server, listener, source)) {
		close(fd);
		return;
	}
	conn = heap_alloc(sizeof(*conn));
	conn->loop = loop;
	conn->listener = listener;
	conn->source = source;
	conn->state = is_tls ? HTTP_CONN_HANDSHAKE : HTTP_CONN_READ;
	conn->io = (struct http_io){.fd = fd, .is_writable = true};
	conn_write_address(&conn->peer, address);
	list_append(&loop->conns, &conn->node);
	list_init(&conn->turn);
	event_assign(&conn->event, loop->base, fd,
		     EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, conn_on_event, conn);
	event_assign(&conn->timer, loop->base, -1, 0, conn_on_timer, conn);
	http_conn_deadline(conn, is_tls ? HTTP_PHASE_HANDSHAKE : HTTP_PHASE_HEADERS);
	if ((is_tls && !conn_begin_tls(conn)) || event_add(&conn->event, NULL) != 0) {
		http_metrics_add(
		    &loop->server->bound[listener].metrics.dropped[HTTP_DROP_RESOURCES], 1);
		conn->io.is_failed = true;
		http_conn_close(conn);
	}
}

void http_conn_close(struct http_conn *conn)
{
	struct http_loop *loop = conn->loop;

	event_del(&conn->event);
	event_del(&conn->timer);
	list_remove(&conn->node);
	list_remove(&conn->turn);
	conn_leave(conn);
	http_io_close(&conn->io);
	if (conn->exchange)
		http_loop_give_exchange(loop, conn->exchange);
	free(conn);
	if (loop->is_stopping && list_is_empty(&loop->conns))
		event_base_loopbreak(loop->base);
}

void http_conn_stop(struct http_conn *conn)
{
	bool has_begun = conn->exchange && conn->exchange->in_len;

	if ((conn->state == HTTP_CONN_READ && !has_begun) || conn->state == HTTP_CONN_HANDSHAKE ||
	    conn->state == HTTP_CONN_LINGER)
		http_conn_close(conn);
}
