/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_step.c: what happens inside a state of a connection.
 *
 * A step does one thing and says whether another can follow at once. Requests of one connection
 * are strictly one after the other: the next one is not parsed before the response of the last is
 * written, so pipelined requests are answered in order and wait in the socket.
 *
 * A request is judged at the end of its head, before memory is spent on its body. After a refusal
 * the rest of what the peer sends is thrown away unread for a moment, because closing at once would
 * reset the connection and could take the answer with it.
 *
 * Specification: RFC 9112 sections 9.3 and 9.6; threats, abuse cases 16 to 18.
 */
#include "http/conn_step.h"

#include <string.h>

#include "base/clock.h"
#include "http/route.h"
#include "http/tls.h"

enum { STATUS_MALFORMED = 400, STATUS_MISDIRECTED = 421, STATUS_BUSY = 503 };
/* The most a read takes also bounds what can lie behind a request and has to be moved. */
enum { STEP_RETRY_AFTER_S = 5, STEP_SCRATCH = 8 * 1024, STEP_READ = 64 * 1024 };

static struct http_bound *step_bound(struct http_conn *conn)
{
	return &conn->loop->server->bound[conn->listener];
}

static enum http_conn_step step_linger(struct http_conn *conn)
{
	if (conn->exchange)
		http_loop_give_exchange(conn->loop, conn->exchange);
	conn->exchange = NULL;
	http_io_shutdown(&conn->io);
	conn->state = HTTP_CONN_LINGER;
	http_conn_deadline(conn, HTTP_PHASE_LINGER);
	return HTTP_CONN_STEP_AGAIN;
}

static enum http_conn_step step_handshake(struct http_conn *conn)
{
	struct http_metrics *metrics = &step_bound(conn)->metrics;
	struct http_tls_session session;
	enum http_tls_verdict verdict = http_tls_handshake(&conn->io, &session);

	if (verdict == HTTP_TLS_WAIT)
		return HTTP_CONN_STEP_WAIT;
	atomic_fetch_sub(&conn->loop->server->handshakes, 1);
	conn->state = HTTP_CONN_READ;
	if (verdict != HTTP_TLS_READY) {
		http_metrics_add(&metrics->failures[verdict], 1);
		return verdict == HTTP_TLS_CLOSED ? HTTP_CONN_STEP_CLOSE : step_linger(conn);
	}
	http_metrics_add(&metrics->handshakes[session.is_resumed], 1);
	conn->peer.is_verified = session.is_verified;
	memcpy(conn->peer.certificate_sha256, session.certificate_sha256, SHA256_LEN);
	conn->is_misdirected =
	    session.server_name &&
	    !http_route_is_host(step_bound(conn)->listener, text_of(session.server_name));
	http_conn_deadline(conn, HTTP_PHASE_HEADERS);
	return HTTP_CONN_STEP_AGAIN;
}

static enum http_conn_step step_refuse(struct http_conn *conn, const struct http_refusal *refusal)
{
	struct http_exchange *exchange = conn->exchange;
	struct http_metrics *metrics = &step_bound(conn)->metrics;
	struct http_respond_options options = {
	    .date = &conn->loop->date,
	    .is_head = exchange->request.method == HTTP_HEAD,
	};

	http_respond_refusal(&exchange->out, refusal, &options);
	exchange->status = refusal->status;
	exchange->is_closing = true;
	exchange->is_unread = true;
	http_metrics_refusal(metrics, refusal->status);
	http_metrics_response(metrics, refusal->status);
	conn->state = HTTP_CONN_WRITE;
	http_conn_deadline(conn, HTTP_PHASE_WRITE);
	return HTTP_CONN_STEP_AGAIN;
}

static enum http_conn_step step_refuse_status(struct http_conn *conn, int status)
{
	struct http_refusal refusal = {
	    .status = status,
	    .path = conn->exchange->request.path,
	    .retry_after_s = status == STATUS_BUSY ? STEP_RETRY_AFTER_S : 0,
	};

	return step_refuse(conn, &refusal);
}

void http_conn_refuse(struct http_conn *conn, int status)
{
	(void)step_refuse_status(conn, status);
}

/* The client waits for leave to send the body. An empty socket takes 25 bytes at once or is
 * broken. */
static bool step_send_continue(struct http_conn *conn)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const ssize_t len = (ssize_t)sizeof(line) - 1;

	return http_io_write(&conn->io, line, sizeof(line) - 1) == len;
}

/* From here on the clock of the body runs, and its rate counts. */
static void step_begin_body(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;

	conn->body_since_ms = clock_mono_ms();
	conn->body_bytes = exchange->in_len - exchange->parser.head_len;
	http_conn_deadline(conn, HTTP_PHASE_BODY);
}

static int step_judge(struct http_conn *conn, struct http_admission *admission)
{
	struct http_exchange *exchange = conn->exchange;
	struct http_server *server = conn->loop->server;
	struct http_request *request = &exchange->request;
	int status;

	request->peer = conn->peer;
	request->listener = conn->listener;
	status = http_request_read(request, &exchange->parser, exchange->in);
	if (status)
		return status;
	if (conn->is_misdirected)
		return STATUS_MISDIRECTED;
	http_route_admit(&server->options, request, &exchange->parser, admission);
	if (admission->status)
		return admission->status;
	return http_queue_length(server->queue) >= server->limits.queue ? STATUS_BUSY : 0;
}

static enum http_conn_step step_admit(struct http_conn *conn)
{
	struct http_admission admission = {.status = 0};
	struct http_exchange *exchange = conn->exchange;
	struct http_parser *parser = &exchange->parser;
	int status = step_judge(conn, &admission);

	if (status == 405) {
		struct http_refusal refusal = {status, exchange->request.path, admission.allow, 0};

		return step_refuse(conn, &refusal);
	}
	if (status)
		return step_refuse_status(conn, status);
	exchange->route = admission.route;
	parser->body_limit = admission.route->body_limit;
	exchange->is_fed = false;
	if (!parser->head.is_chunked && !parser->head.content_length)
		return HTTP_CONN_STEP_AGAIN;
	if (admission.is_continue_wanted && exchange->in_len == parser->head_len &&
	    !step_send_continue(conn))
		return HTTP_CONN_STEP_CLOSE;
	step_begin_body(conn);
	return HTTP_CONN_STEP_AGAIN;
}

static enum http_conn_step step_dispatch(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;
	int status;

	/* Once more, because the buffer may have moved since the head was judged. */
	status = http_request_read(&exchange->request, &exchange->parser, exchange->in);
	if (status)
		return step_refuse_status(conn, status);
	exchange->request.route = exchange->route->tag;
	exchange->is_closing = !exchange->parser.head.is_keep_alive;
	exchange->queued_us = clock_mono_us();
	event_del(&conn->timer);
	conn->state = HTTP_CONN_WORK;
	if (!http_queue_put(conn->loop->server->queue, exchange))
		return step_refuse_status(conn, STATUS_BUSY);
	return HTTP_CONN_STEP_WAIT;
}

static enum http_conn_step step_feed(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;

	exchange->is_fed = true;
	switch (http_parser_feed(&exchange->parser, exchange->in, &exchange->in_len)) {
	case HTTP_PARSE_MORE:
		return HTTP_CONN_STEP_AGAIN;
	case HTTP_PARSE_HEAD:
		return step_admit(conn);
	case HTTP_PARSE_DONE:
		return step_dispatch(conn);
	case HTTP_PARSE_REFUSED:
		break;
	}
	return step_refuse_status(conn, exchange->parser.status);
}

/* Room to read into, within what all requests together may take. */
static bool step_reserve(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;
	struct http_server *server = conn->loop->server;
	const struct http_parser *parser = &exchange->parser;
	size_t need = 0;

	if (exchange->in_len < exchange->in_cap)
		return true;
	if (atomic_load(&server->buffered) + exchange->in_cap > server->limits.buffered)
		return false;
	if (parser->at == HTTP_PARSE_HEAD && parser->head.has_length)
		need = parser->head_len + (size_t)parser->head.content_length;
	atomic_fetch_add(&server->buffered, http_exchange_reserve(exchange, need));
	/* What was read of the head points into the buffer, which may have moved. */
	return !exchange->route || http_request_read(&exchange->request, parser, exchange->in) == 0;
}

/* Nothing came after all: an idle connection keeps no buffers. */
static enum http_conn_step step_rest(struct http_conn *conn)
{
	if (!conn->exchange->in_len) {
		http_loop_give_exchange(conn->loop, conn->exchange);
		conn->exchange = NULL;
	}
	return HTTP_CONN_STEP_WAIT;
}

static enum http_conn_step step_read(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;
	size_t room;
	ssize_t n;

	if (!exchange) {
		if (!http_io_has_more(&conn->io))
			return HTTP_CONN_STEP_WAIT;
		exchange = conn->exchange = http_loop_take_exchange(conn->loop);
		exchange->conn = conn;
	}
	if (!exchange->is_fed)
		return step_feed(conn);
	if (!step_reserve(conn))
		return step_refuse_status(conn, STATUS_BUSY);
	room = exchange->in_cap - exchange->in_len;
	n = http_io_read(&conn->io, exchange->in + exchange->in_len,
			 room < STEP_READ ? room : STEP_READ);
	if (n == HTTP_IO_WAIT)
		return step_rest(conn);
	if (n == 0 && exchange->in_len)
		return step_refuse_status(conn, STATUS_MALFORMED);
	if (n <= 0)
		return HTTP_CONN_STEP_CLOSE;
	if (!exchange->in_len && conn->phase == HTTP_PHASE_IDLE)
		http_conn_deadline(conn, HTTP_PHASE_HEADERS);
	exchange->in_len += (size_t)n;
	conn->body_bytes += (size_t)n;
	return step_feed(conn);
}

/* The response is out: the next request, or the end. */
static enum http_conn_step step_written(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;
	bool has_rest = exchange->is_unread || exchange->in_len > exchange->parser.parsed ||
			(!conn->io.ssl && http_io_has_more(&conn->io));

	if (exchange->is_closing || conn->loop->is_stopping)
		return has_rest ? step_linger(conn) : HTTP_CONN_STEP_CLOSE;
	http_exchange_next(exchange);
	conn->state = HTTP_CONN_READ;
	http_conn_deadline(conn, exchange->in_len ? HTTP_PHASE_HEADERS : HTTP_PHASE_IDLE);
	if (!exchange->in_len && !http_io_has_more(&conn->io))
		return step_rest(conn);
	return HTTP_CONN_STEP_AGAIN;
}

static enum http_conn_step step_write(struct http_conn *conn)
{
	struct http_exchange *exchange = conn->exchange;

	while (exchange->out_sent < exchange->out.len) {
		ssize_t n = http_io_write(&conn->io, exchange->out.data + exchange->out_sent,
					  exchange->out.len - exchange->out_sent);

		if (n == HTTP_IO_WAIT) {
			if (conn->phase != HTTP_PHASE_WRITE)
				http_conn_deadline(conn, HTTP_PHASE_WRITE);
			return HTTP_CONN_STEP_WAIT;
		}
		if (n < 0)
			return HTTP_CONN_STEP_CLOSE;
		exchange->out_sent += (size_t)n;
	}
	return step_written(conn);
}

static enum http_conn_step step_discard(struct http_conn *conn)
{
	char scratch[STEP_SCRATCH];
	ssize_t n = http_io_read_raw(&conn->io, scratch, sizeof(scratch));

	if (n == HTTP_IO_WAIT)
		return HTTP_CONN_STEP_WAIT;
	return n > 0 ? HTTP_CONN_STEP_AGAIN : HTTP_CONN_STEP_CLOSE;
}

enum http_conn_step http_conn_step(struct http_conn *conn)
{
	switch (conn->state) {
	case HTTP_CONN_HANDSHAKE:
		return step_handshake(conn);
	case HTTP_CONN_READ:
		return step_read(conn);
	case HTTP_CONN_WORK:
		return HTTP_CONN_STEP_WAIT;
	case HTTP_CONN_WRITE:
		return step_write(conn);
	case HTTP_CONN_LINGER:
		return step_discard(conn);
	}
	return HTTP_CONN_STEP_CLOSE;
}

void http_conn_finish(struct http_conn *conn)
{
	struct http_metrics *metrics = &step_bound(conn)->metrics;

	http_metrics_response(metrics, conn->exchange->status);
	http_metrics_seconds(metrics, clock_mono_us() - conn->exchange->queued_us);
	conn->state = HTTP_CONN_WRITE;
	/* No time limit is running; the first write that has to wait begins one. */
	conn->phase = HTTP_PHASE_IDLE;
	http_conn_run(conn);
}
