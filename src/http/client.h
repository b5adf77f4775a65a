/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h: outbound HTTPS over libcurl. One handle per worker; connections are kept between
 * requests. TLS 1.2 or later with full chain and host name checks, https only, no redirects, no
 * proxy from the environment, no cookies, one bound on time and one on size for each request.
 */
#ifndef MUSTER_HTTP_CLIENT_H
#define MUSTER_HTTP_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "http/message.h"

struct http_client;

struct http_client_request {
	const char *method; /* "GET", "POST", "PATCH", ... */
	const char *url;    /* https://...; http:// is refused unless allow_plain */
	/* "Name: value" lines, NULL terminated; NULL for none. */
	const char *const *headers;
	struct text body;
	size_t body_limit; /* of the response; 0: LIMIT_OUTBOUND_BODY */
	long timeout_ms;   /* of the whole exchange; 0: LIMIT_OUTBOUND_S */
	long connect_ms;   /* of its beginning, TLS included; 0: 10 s */
	bool allow_plain;  /* loopback tools only */
	/* Optional client certificate (PEM files). A change of certificate uses a new connection.
	 */
	const char *certificate_file;
	const char *key_file;
	bool is_fresh; /* do not reuse a connection, close it afterwards */
	/* Connect to addresses of the public internet only, whatever the name resolves to. Implies
	 * is_fresh. */
	bool is_public_only;
	/* Optional: set to true once the server asks for a client certificate, whatever comes then.
	 */
	bool *ret_wants_certificate;
};

struct http_client_response {
	int status;
	struct text content_type;
	struct text body;       /* in the arena */
	struct text location;   /* Location header, ptr NULL when absent */
	int64_t retry_after_s;  /* seconds; -1 absent or not understood. Both forms are read */
	struct text request_id; /* `request-id` header, ptr NULL when absent */
	const struct http_header *headers; /* all of them, in order, names as sent */
	size_t header_count;
};

enum http_client_outcome {
	/* Name, connection, reset, time-out, or the program stops: may work later. */
	HTTP_CLIENT_E_UNREACHABLE = 1,
	HTTP_CLIENT_E_UNTRUSTED = 2, /* the server's certificate does not verify */
	HTTP_CLIENT_E_TOO_LARGE = 3,
	HTTP_CLIENT_E_REFUSED = 4, /* the URL or the request is not one this client makes */
	HTTP_CLIENT_E_TLS = 5      /* TLS fails, but not for trust: may work later */
};

/* ca_bundle: PEM file of trust anchors, NULL or "" for the system's. */
MUST_CHECK int http_client_new(struct http_client **ret, const char *ca_bundle,
			       struct trail *trail);
void http_client_free(struct http_client *client);

/* Once *is_stopping is not 0, an exchange is given up after HTTP_CLIENT_STOP_MS more. */
enum { HTTP_CLIENT_STOP_MS = 1000 };
void http_client_watch(struct http_client *client, const atomic_int *is_stopping);

/* 0: an HTTP response arrived, whatever its status. The text of a failure is in the trail. */
MUST_CHECK int http_client_send(struct http_client *client, struct arena *arena,
				const struct http_client_request *request,
				struct http_client_response *ret, struct trail *trail);

/* The first field of that name (ASCII case folded); ptr NULL when absent. */
struct text http_client_response_header(const struct http_client_response *response,
					const char *name);

#endif
