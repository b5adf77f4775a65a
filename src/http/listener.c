/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.c: the listening sockets.
 *
 * Every loop has a socket of its own on the same port and the kernel spreads connections over
 * them, so that accepting needs no lock. The price is that the kernel would let a second server of
 * the same user share the port as well; a socket without that permission is therefore bound
 * first, to see whether the port is free.
 *
 * Addresses are numeric: a listener never depends on a name service. A listener without TLS is
 * refused anywhere but on loopback.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/core.h"

enum { LISTENER_BACKLOG = 4096, LISTENER_ADDRESS = 64 };

struct listener_address {
	struct sockaddr_storage storage;
	socklen_t len;
};

/* host:port or [host]:port into its parts. */
static bool listener_split(const char *address, char host[LISTENER_ADDRESS],
			   char port[LISTENER_ADDRESS])
{
	struct text all = text_of(address);
	const char *colon = strrchr(address, ':');
	uint64_t number;
	struct text left = colon ? text_take(all, (size_t)(colon - address)) : TEXT_EMPTY;

	if (text_starts(left, TEXT("[")) && text_ends(left, TEXT("]")))
		left = text_take(text_from(left, 1), left.len - 2);
	else if (text_has_byte(left, ':'))
		return false;
	if (!left.len || left.len >= LISTENER_ADDRESS ||
	    !text_to_u64(text_of(colon + 1), &number) || number > UINT16_MAX)
		return false;
	snprintf(host, LISTENER_ADDRESS, "%.*s", TEXT_ARG(left));
	snprintf(port, LISTENER_ADDRESS, "%u", (unsigned)number);
	return true;
}

static int listener_read_address(const char *address, struct listener_address *ret,
				 struct trail *trail)
{
	struct addrinfo hints = {
	    .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	char host[LISTENER_ADDRESS], port[LISTENER_ADDRESS];
	struct addrinfo *found = NULL;

	if (!listener_split(address, host, port) || getaddrinfo(host, port, &hints, &found) != 0)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the address \"%s\" is not of the form 127.0.0.1:443 or [::1]:443",
				address);
	memcpy(&ret->storage, found->ai_addr, found->ai_addrlen);
	ret->len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static in_port_t *listener_port_field(struct listener_address *address)
{
	if (address->storage.ss_family == AF_INET6)
		return &((struct sockaddr_in6 *)&address->storage)->sin6_port;
	return &((struct sockaddr_in *)&address->storage)->sin_port;
}

static bool listener_is_loopback(const struct listener_address *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->storage;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address->storage;

	if (address->storage.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	return ntohl(in->sin_addr.s_addr) >> 24 == 127;
}

/* A bound socket, or -1 with errno. Accepted connections inherit TCP_NODELAY. */
static int listener_open(const struct listener_address *address, bool is_shared)
{
	const int on = 1, off = 0;
	int family = address->storage.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (!is_shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0) &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	    (family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
	    bind(fd, (const struct sockaddr *)&address->storage, address->len) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int listener_fail(const struct http_bound *bound, struct trail *trail)
{
	char why[128];

	return ERR_FAIL(trail, ERR_CONFIG,
			"the %s listener cannot use %s: %s; end the program that uses it, or "
			"change %s_listen",
			bound->listener->name, bound->listener->address,
			strerror_r(errno, why, sizeof(why)), bound->listener->name);
}

static bool listener_bind_one(struct http_bound *bound, struct listener_address *address,
			      size_t loop)
{
	int fd = listener_open(address, true);

	if (fd < 0)
		return false;
	bound->fds[loop] = fd;
	/* The first socket may have picked the port; the others follow it. */
	if (listen(fd, LISTENER_BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address->storage, &address->len) != 0)
		return false;
	bound->port = ntohs(*listener_port_field(address));
	return true;
}

int http_listener_bind(struct http_bound *bound, size_t loops, struct trail *trail)
{
	const struct http_listener *listener = bound->listener;
	struct listener_address address;
	int r = listener_read_address(listener->address, &address, trail);
	int probe;

	if (r < 0)
		return ERR_TRACE(trail, r);
	if (listener->is_plain && !listener_is_loopback(&address))
		return ERR_FAIL(trail, ERR_CONFIG,
				"the %s listener has no TLS and may only be on loopback, not on %s",
				listener->name, listener->address);
	bound->fds = heap_alloc(loops * sizeof(*bound->fds));
	for (size_t i = 0; i < loops; i++)
		bound->fds[i] = -1;
	probe = listener_open(&address, false);
	if (probe < 0)
		return listener_fail(bound, trail);
	close(probe);
	for (size_t i = 0; i < loops; i++)
		if (!listener_bind_one(bound, &address, i))
			return listener_fail(bound, trail);
	return 0;
}

void http_listener_close(struct http_bound *bound, size_t loops)
{
	for (size_t i = 0; bound->fds && i < loops; i++)
		if (bound->fds[i] >= 0)
			close(bound->fds[i]);
	free(bound->fds);
	bound->fds = NULL;
}
