/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tiny.h: the other side of an outbound request, for tests: a small TLS server on loopback
 * whose answers are bytes the test chooses, also broken ones. Part of no program. It owes nothing
 * to http/server.h, so that client and server are not tested only against each other.
 */
#ifndef MUSTER_HTTP_TEST_TINY_H
#define MUSTER_HTTP_TEST_TINY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

struct tiny_request {
	struct text head; /* with the request line, to the empty line */
	struct text body;
	size_t connection;    /* counted from 1 */
	bool has_certificate; /* the client showed one */
};

/* Append the bytes to send. Returns milliseconds to wait between single bytes; 0: send at once.
 * A negative value sends everything and then closes the connection. Several threads may call. */
typedef int (*tiny_answer)(void *context, const struct tiny_request *request, struct buf *ret);

struct tiny_options {
	tiny_answer answer;
	void *context;
	bool is_plain;
	const char *san;        /* "IP:127.0.0.1" when NULL */
	long valid_for_s;       /* 3600 when 0; negative: expired */
	bool wants_certificate; /* ask for one, take any */
};

struct tiny;

struct tiny *tiny_start(const struct tiny_options *options);
void tiny_stop(struct tiny *tiny);
int tiny_port(const struct tiny *tiny);
size_t tiny_connections(const struct tiny *tiny);
const char *tiny_ca_file(const struct tiny *tiny);  /* its certificate, PEM */
const char *tiny_key_file(const struct tiny *tiny); /* its key, PEM */

/* "HTTP/1.1 STATUS X", Content-Length and the body. headers: complete lines with CRLF, or "". */
void tiny_reply(struct buf *buf, int status, const char *headers, struct text body);
/* The value of a field of the head; ptr NULL when absent. */
struct text tiny_header(const struct tiny_request *request, const char *name);

#endif
