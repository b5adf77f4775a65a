/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io.c: bytes in and out of one socket that never blocks.
 *
 * The poller is edge-triggered: it speaks once when a socket becomes ready, and this file keeps
 * the answer until the kernel says EAGAIN. A read that got less than it asked for has most likely
 * emptied the socket, which spares an idle connection a system call; it is not proof, because a
 * reset hides behind the last data, so whoever waits in the middle of something reads again.
 * A read budget bounds what one connection may take of a loop's turn, encrypted bytes included, so
 * that TLS records without content cannot hold a loop.
 *
 * SIGPIPE is never raised: every send says MSG_NOSIGNAL, OpenSSL's too, because it sends through
 * here.
 */
#include "http/io.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/tls.h"

ssize_t http_io_read_raw(struct http_io *io, void *ret, size_t len)
{
	ssize_t n;

	if (io->is_broken)
		return HTTP_IO_FAILED;
	if (!io->is_readable)
		return HTTP_IO_WAIT;
	if (!io->budget) {
		io->is_starved = true;
		return HTTP_IO_WAIT;
	}
	do
		n = recv(io->fd, ret, len, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		io->budget -= (size_t)n < io->budget ? (size_t)n : io->budget;
		io->is_short = (size_t)n < len;
		return n;
	}
	if (n == 0) {
		io->is_eof = true;
		return 0;
	}
	io->is_readable = false;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return HTTP_IO_WAIT;
	io->is_broken = io->is_failed = true;
	return HTTP_IO_FAILED;
}

ssize_t http_io_write_raw(struct http_io *io, const void *data, size_t len)
{
	ssize_t n;

	if (!io->is_writable)
		return HTTP_IO_WAIT;
	do
		n = send(io->fd, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK) {
		io->is_writable = false;
		return HTTP_IO_WAIT;
	}
	/* OpenSSL may keep this to itself (a ticket that cannot be sent is no failure to it), so
	 * the next one who writes must hear it too and not wait for an edge that never comes. */
	io->is_failed = true;
	return HTTP_IO_FAILED;
}

ssize_t http_io_read(struct http_io *io, void *ret, size_t len)
{
	return io->ssl ? http_tls_read(io, ret, len) : http_io_read_raw(io, ret, len);
}

ssize_t http_io_write(struct http_io *io, const void *data, size_t len)
{
	return io->ssl ? http_tls_write(io, data, len) : http_io_write_raw(io, data, len);
}

bool http_io_has_more(const struct http_io *io)
{
	if (io->ssl)
		return io->is_readable || http_tls_has_pending(io);
	return io->is_readable && (!io->is_short || io->is_half_closed);
}

void http_io_shutdown(struct http_io *io)
{
	if (io->ssl && !io->is_failed)
		http_tls_shutdown(io);
	shutdown(io->fd, SHUT_WR);
}

void http_io_close(struct http_io *io)
{
	if (io->ssl)
		http_tls_free(io);
	close(io->fd);
	io->fd = -1;
}
