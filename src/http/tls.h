/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h: TLS of one listener (tls_context.c) and of one connection (tls.c). These two files are the
 * only ones with OpenSSL.
 */
#ifndef MUSTER_HTTP_TLS_H
#define MUSTER_HTTP_TLS_H

#include "base/err.h"
#include "http/io.h"
#include "http/server.h"

struct ssl_ctx_st;
struct http_tls; /* certificate, key, trust and session cache of one listener; never changed */

/* ERR_CONFIG with one sentence when a file cannot be used. index: of the listener. */
MUST_CHECK int http_tls_new(struct http_tls **ret, const struct http_listener *listener,
			    size_t index, struct trail *trail);
void http_tls_release(struct http_tls *tls); /* connections that began on it go on; NULL is fine */

/* Borrowed. */
struct ssl_ctx_st *http_tls_context(const struct http_tls *tls);

/* Of a client: *ret becomes true once a server asks for a certificate; none is sent. */
void http_tls_note_request(struct ssl_ctx_st *context, bool *ret);

/* Begin as server on io->fd: sets io->ssl. io must stay where it is. False: no memory. */
MUST_CHECK bool http_tls_accept(struct http_tls *tls, struct http_io *io);

enum http_tls_verdict {
	HTTP_TLS_WAIT,
	HTTP_TLS_READY,
	/* Why a handshake failed, for the metrics. */
	HTTP_TLS_NO_CERTIFICATE, /* the client sent none where one is required */
	HTTP_TLS_BAD_CERTIFICATE,
	HTTP_TLS_NO_COMMON_GROUND, /* version, cipher, group, protocol */
	HTTP_TLS_CLOSED,           /* by the peer, in the middle */
	HTTP_TLS_FAILED            /* anything else: not TLS at all, a broken message */
};
enum { HTTP_TLS_VERDICTS = HTTP_TLS_FAILED + 1 };

struct http_tls_session {
	bool is_resumed;
	bool is_verified; /* a client certificate was required and verified */
	uint8_t certificate_sha256[SHA256_LEN];
	const char *server_name; /* from SNI, NULL for none; valid while the connection is */
};

/* Go on with the handshake; *ret is filled on HTTP_TLS_READY. */
MUST_CHECK enum http_tls_verdict http_tls_handshake(struct http_io *io,
						    struct http_tls_session *ret);

ssize_t http_tls_read(struct http_io *io, void *ret, size_t len);
ssize_t http_tls_write(struct http_io *io, const void *data, size_t len);
bool http_tls_has_pending(const struct http_io *io);
void http_tls_shutdown(struct http_io *io);
void http_tls_free(struct http_io *io);

#endif
