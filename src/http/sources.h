/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.h: how many connections each source address has open. See sources.c.
 */
#ifndef MUSTER_HTTP_SOURCES_H
#define MUSTER_HTTP_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"

struct http_sources;

/* An IPv4 address, or the first 64 bits of an IPv6 one: what one party can be given as a whole. */
struct http_source {
	uint64_t network;
	bool is_ipv6;
};

struct http_source http_source_of(const struct sockaddr_storage *address);

/* Room for `connections` sources at a time; at most `per_source` connections of each. */
struct http_sources *http_sources_new(size_t connections, size_t per_source);
void http_sources_free(struct http_sources *sources);

/* False: the source has its share already. Any thread. */
MUST_CHECK bool http_sources_enter(struct http_sources *sources, struct http_source source);
/* Once for each successful enter. */
void http_sources_leave(struct http_sources *sources, struct http_source source);

#endif
