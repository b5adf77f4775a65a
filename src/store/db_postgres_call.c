/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_postgres_call.c: one question to the server and its answer, within a time.
 *
 * The library's own blocking calls wait for ever, and a machine that has frozen still keeps its
 * connections open: every worker would hang on one, those that answer health checks too. So the
 * question is sent without blocking and the answer awaited here. The server is told to give up
 * earlier than this side does; whoever is silent even then has lost the connection, and what
 * happened to a COMMIT under way is unknown.
 *
 * Specification: threats.md 3.2 (database down or slow).
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "store/db_postgres.h"

/* False: the time is over. */
static bool call_wait(const struct postgres_conn *conn, bool is_sending, int64_t since_ms)
{
	struct pollfd socket = {
	    .fd = PQsocket(conn->handle),
	    .events = is_sending ? POLLIN | POLLOUT : POLLIN,
	};
	int64_t left = since_ms + conn->answer_ms - clock_mono_ms();
	int n;

	if (conn->answer_ms == 0)
		left = -1;
	else if (left < 0)
		left = 0;
	n = poll(&socket, 1, (int)left);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Until a result can be had without waiting, be it that of a connection that broke. */
static void call_await(struct postgres_conn *conn, int64_t since_ms)
{
	int unsent = PQflush(conn->handle);

	while (unsent > 0 || (unsent == 0 && PQisBusy(conn->handle))) {
		if (!call_wait(conn, unsent > 0, since_ms)) {
			conn->is_late = true;
			/* The library finds its socket at the end and lets go of it. */
			(void)shutdown(PQsocket(conn->handle), SHUT_RDWR);
		}
		if (!PQconsumeInput(conn->handle) || conn->is_late)
			return;
		if (unsent > 0)
			unsent = PQflush(conn->handle);
	}
}

PGresult *postgres_call(struct postgres_conn *conn, int is_sent)
{
	int64_t since_ms = clock_mono_ms();
	PGresult *last = NULL, *next;

	conn->is_late = false;
	if (!is_sent)
		return NULL;
	for (;;) {
		call_await(conn, since_ms);
		next = PQgetResult(conn->handle);
		if (!next)
			return last;
		PQclear(last);
		last = next;
	}
}
