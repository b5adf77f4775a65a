/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io.h: bytes in and out of one socket that never blocks, with TLS or without. See io.c.
 */
#ifndef MUSTER_HTTP_IO_H
#define MUSTER_HTTP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"

struct ssl_st;

/* What the poller said last, corrected by what the socket said since. */
struct http_io {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	bool is_readable;
	bool is_writable;
	bool is_short;       /* the last read got less than it asked for */
	bool is_half_closed; /* the peer has sent FIN: its end is still to be read */
	bool is_eof;
	bool is_broken;  /* the socket itself has failed */
	bool is_failed;  /* nothing may be sent any more, not even a close_notify */
	bool is_starved; /* stopped by the budget, not by the socket: come again */
	size_t budget;   /* bytes that may be read from the socket until the next refill */
};

/* Results of read and write besides a positive count; 0 is the end of the stream. */
enum { HTTP_IO_WAIT = -1, HTTP_IO_FAILED = -2 };

MUST_CHECK ssize_t http_io_read(struct http_io *io, void *ret, size_t len);
MUST_CHECK ssize_t http_io_write(struct http_io *io, const void *data, size_t len);

/* Past TLS, on the socket itself. */
MUST_CHECK ssize_t http_io_read_raw(struct http_io *io, void *ret, size_t len);
MUST_CHECK ssize_t http_io_write_raw(struct http_io *io, const void *data, size_t len);

/* Whether a read is likely to give something without the poller speaking first. */
bool http_io_has_more(const struct http_io *io);
/* Say the last word: close_notify where TLS is in order, then no more sending. */
void http_io_shutdown(struct http_io *io);
/* Release TLS and socket. */
void http_io_close(struct http_io *io);

#endif
