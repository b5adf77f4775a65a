/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_serving.h: a server in this process, a client that can misbehave, and certificates, for the
 * tests of the whole server. See test_serving.c and test_certs.c.
 */
#ifndef MUSTER_HTTP_TEST_SERVING_H
#define MUSTER_HTTP_TEST_SERVING_H

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/server.h"

enum { ON_PLAIN, ON_PUBLIC, ON_MANAGE, LISTENERS };
enum { ECHO_LIMIT = 1000, BIG_LIMIT = 1024 * 1024, LARGE_BODY = 8 * 1024 * 1024 };

/* What no wait of a test is longer than. */
enum { PATIENCE_MS = 20000 };

#define HOST "Host: a.test\r\n"

struct serving {
	char dir[64];
	struct http_listener listeners[LISTENERS];
	struct http_server_options options;
	struct http_server *server;
};

/* Routes: GET,HEAD /hello; POST /echo /big /gate; GET /large /peer /close /broken /unset /empty
 * /wild/'*' /api/v1/thing. */
void serving_start(struct serving *serving, const struct http_server_limits *limits, size_t loops,
		   size_t workers);
void serving_stop(struct serving *serving);

/* /gate holds its worker until the gate opens. */
void gate_shut(void);
void gate_open(void);
void gate_wait_for(int entered); /* so many have gone in since it was shut */

/* The value of one series of the metrics; -1: there is none. */
long serving_metric(const struct serving *serving, const char *series);
void serving_wait_metric(const struct serving *serving, const char *series, long at_least);

struct client {
	int fd;
	SSL *ssl; /* NULL: plain */
};

struct reply {
	int status;     /* 0: the connection ended without one */
	struct buf all; /* head and body */
	struct text body;
	bool is_closing; /* Connection: close */
};

struct client client_connect(const struct serving *serving, size_t listener);
void client_close(struct client *client);
/* False: the other side does not take it any more. */
bool client_try_send(struct client *client, const void *data, size_t len);
void client_send(struct client *client, const char *text);
/* One final response (100 is skipped and counted). The connection may go on after it. */
void client_read(struct client *client, struct reply *ret, int *ret_continues);
/* Body of a response to HEAD: none. */
void client_read_head(struct client *client, struct reply *ret);
void reply_done(struct reply *reply);
bool reply_has(const struct reply *reply, const char *line);
/* Everything up to the end of the stream; fails when that does not come. */
size_t client_drain(struct client *client);

/* Certificates, as files in the directory of the serving. */
struct cert {
	X509 *x509;
	EVP_PKEY *key;
};

struct cert_profile {
	const char *name;
	int rsa_bits; /* 0: P-256 */
	bool is_ca;
	bool is_server; /* extended key usage, with is_client */
	bool is_client;
	long from_s; /* validity, relative to now */
	long until_s;
};

/* issuer NULL: self-signed. */
struct cert cert_make(const struct cert_profile *profile, const struct cert *issuer);
void cert_free(struct cert *cert);
/* Write a certificate (and, key_file not NULL, its key) as PEM. */
void cert_write(const struct cert *cert, const char *certificate_file, const char *key_file);
void cert_sha256(const struct cert *cert, uint8_t ret[SHA256_LEN]);

#endif
