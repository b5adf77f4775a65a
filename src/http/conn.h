/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h: one connection. See conn.c. All functions run on the thread of its loop.
 */
#ifndef MUSTER_HTTP_CONN_H
#define MUSTER_HTTP_CONN_H

#include "http/core.h"
#include "http/io.h"

enum http_conn_state {
	HTTP_CONN_HANDSHAKE,
	HTTP_CONN_READ,  /* a request, or waiting for one */
	HTTP_CONN_WORK,  /* the exchange is in the queue or at a worker */
	HTTP_CONN_WRITE, /* the response */
	HTTP_CONN_LINGER /* all is said; throw away what still comes, so that it arrives */
};

struct http_conn {
	struct http_loop *loop;
	struct list node; /* in loop->conns */
	struct list turn; /* in loop->starved or loop->handshakes, or alone */
	struct event event;
	struct event timer;
	struct http_io io;
	enum http_conn_state state;
	enum http_phase phase; /* that the timer is for */
	size_t listener;
	struct http_source source;
	struct http_peer peer;
	struct http_exchange *exchange; /* NULL while idle */
	int64_t body_since_ms;
	size_t body_bytes;   /* read since then, as they came from the wire */
	bool is_misdirected; /* SNI named a host of another listener */
};

/* Take over an accepted socket; closes it when there is no room. */
void http_conn_open(struct http_loop *loop, size_t listener, int fd,
		    const struct sockaddr_storage *address);
/* Go on as far as is possible without waiting. May free the connection. */
void http_conn_run(struct http_conn *conn);
/* The worker is done with the exchange of this connection. */
void http_conn_finish(struct http_conn *conn);
/* The server stops: close unless a request has begun. */
void http_conn_stop(struct http_conn *conn);
void http_conn_close(struct http_conn *conn);

#endif
