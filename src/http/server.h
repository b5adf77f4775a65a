/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h: the HTTP server. Event loops own sockets, TLS, parsing and time limits; worker threads
 * run handlers. Handlers never see a socket and loops never see a handler's work.
 *
 *   loop:   accept -> handshake -> read one whole request -> find its route -> queue
 *   worker: take -> handler(worker state, request, response) -> hand back
 *   loop:   write -> next request, or close
 *
 * A request is refused by the loop, before its body is read, when no route of its listener
 * matches: 400 malformed, 404, 405 with Allow, 408 too slow, 413, 414, 415, 417, 421 wrong host,
 * 431, 501, 503 when the queue is full. After any error the connection is closed: what follows is
 * never parsed.
 */
#ifndef MUSTER_HTTP_SERVER_H
#define MUSTER_HTTP_SERVER_H

#include "base/err.h"
#include "http/message.h"

/* Function pointers of the program live in five places; these two are the routes and the hand-off.
 */
typedef void (*http_handler)(void *worker, const struct http_request *request,
			     struct http_response *response);
typedef void *(*http_worker_start)(void *context, size_t index); /* NULL: cannot start */
typedef void (*http_worker_stop)(void *worker);

struct http_route {
	unsigned methods; /* of enum http_method, or-ed */
	/* Exact, byte for byte; one that ends in '*' matches any rest, except a rest with a second
	 * spelling of a path: // /./ /../ \\ ; or an encoded . / \\ % or NUL. The best match
	 * decides. */
	const char *path;
	unsigned listeners; /* bit i: valid on listener i */
	size_t body_limit;  /* 0: a body is refused with 413 */
	http_handler handler;
	const void *tag;   /* given to the handler as request->route */
	bool is_wide_host; /* also for hosts the listener knows by a pattern only */
};

enum http_client_auth { HTTP_CLIENT_NONE, HTTP_CLIENT_REQUIRED };

struct http_listener {
	const char *name;    /* for logs and metrics: "public", "manage", ... */
	const char *address; /* "127.0.0.1:8443", "[::1]:8443"; port 0 picks one */
	/* Host names this listener answers for (421 otherwise), ASCII case folded. Empty: any. One
	 * that ends in ".*" is a pattern: any rest of one byte or more, and only for routes that
	 * say is_wide_host, whose handlers look at the rest. */
	const char *const *hosts;
	size_t host_count;
	bool is_plain;                /* no TLS; only for loopback */
	const char *certificate_file; /* PEM chain */
	const char *key_file;
	enum http_client_auth client_auth;
	const char *client_ca_file; /* PEM; trust anchors for client certificates, nothing else */
	const char *const *client_ca_more; /* further such files */
	size_t client_ca_more_count;
};

/* Bounds that tests and operators move; 0 anywhere is the default of base/limits.h. */
struct http_server_limits {
	int handshake_ms; /* these are totals: activity does not prolong them */
	int headers_ms;   /* from the first byte of a request, or from the start of a connection */
	int body_ms;
	int write_ms;
	int idle_ms;        /* between two requests */
	int linger_ms;      /* after the last response, for the rest of what the peer is sending */
	size_t body_rate;   /* bytes a second below which a body is given up early */
	size_t connections; /* all listeners together */
	size_t connections_per_source;
	size_t handshakes; /* in progress at a time */
	size_t queue;      /* requests waiting for a worker */
	size_t buffered;   /* bytes of requests being read, all connections together */
};

struct http_server_options {
	const struct http_listener *listeners;
	size_t listener_count;
	const struct http_route *routes;
	size_t route_count;
	size_t loops;   /* 0: one per processor */
	size_t workers; /* 0: two per processor */
	void *context;
	http_worker_start worker_start;
	http_worker_stop worker_stop;
	struct http_server_limits limits;
};

struct http_server;

/* How many workers such a wish makes: http_server_options.workers. */
size_t http_server_workers(size_t wanted);

/* Bind, start loops and workers. Ignores SIGPIPE in the whole process and raises the soft limit of
 * open files to what the connections need; signals are blocked in all its threads. The options and
 * what they point to must outlive the server; files are read before it returns. A port that is
 * taken or a file that cannot be used is ERR_CONFIG with one sentence that names it. */
MUST_CHECK int http_server_new(struct http_server **ret, const struct http_server_options *options,
			       struct trail *trail);
/* The bound port of a listener (for port 0 and for tests). */
int http_server_port(const struct http_server *server, size_t listener);
/* Re-read certificate, key and client CA of every listener; all are swapped or none is. Running
 * connections keep theirs, sessions are not resumed across. Of the listeners given only those files
 * are used; count and order are those of the options. */
MUST_CHECK int http_server_reload_tls(struct http_server *server,
				      const struct http_listener *listeners, size_t count,
				      struct trail *trail);
/* Would this listener's certificate, key and client CA be usable? ERR_CONFIG with one sentence. */
MUST_CHECK int http_server_check_tls(const struct http_listener *listener, struct trail *trail);
/* Stop accepting, finish requests that have begun (at most grace_s), close, join all threads.
 * A handler that runs longer is waited for, but its response is lost. */
void http_server_stop(struct http_server *server, int grace_s);
void http_server_free(struct http_server *server);

/* Counters for /metrics, in Prometheus text form: connections, handshakes and why they failed,
 * requests by listener and status class, queue length, refusals by reason, request seconds. */
void http_server_metrics(const struct http_server *server, struct buf *buf);

#endif
