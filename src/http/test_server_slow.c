/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_server_slow.c: slow, silent, crowding and vanishing clients.
 *
 * Time limits are set short and the tests wait for what must happen, however long that takes on
 * this machine. That a limit is a total and not a pause between two bytes shows in clients that
 * never stop sending.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/test_serving.h"

#define METRIC(name, label) "muster_http_" name "{listener=\"plain\"," label "}"

static struct serving serving;

/* Send one byte at a time until the server ends the connection. */
static void drip_until_closed(struct client *client, const char *prefix)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	client_send(client, prefix);
	while (client_try_send(client, "a", 1)) {
		char byte;

		if (recv(client->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0)
			return;
		if (clock_mono_ms() > until)
			fail_msg("the server bears with \"%s\" for ever", prefix);
		usleep(5000);
	}
}

static void expect_408(struct client *client)
{
	struct reply reply;

	client_read(client, &reply, NULL);
	assert_int_equal(reply.status, 408);
	assert_true(reply.is_closing);
	reply_done(&reply);
	client_drain(client);
	client_close(client);
}

static void case17_slow_headers_are_cut_off(void **state)
{
	static const char *const prefixes[] = {"G", "GET /hello HTTP/1.1\r\n" HOST "X: "};
	const struct http_server_limits limits = {.headers_ms = 150};

	serving_start(&serving, &limits, 1, 1);
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct client client = client_connect(&serving, ON_PLAIN);

		if (i)
			drip_until_closed(&client, prefixes[i]);
		else
			client_send(&client, prefixes[i]);
		expect_408(&client);
	}
	assert_int_equal(serving_metric(&serving, METRIC("timeouts_total", "phase=\"headers\"")),
			 2);
	serving_stop(&serving);
}

/* The patience with an idle connection ends where a request begins. */
static void case17_slow_headers_of_a_later_request_are_cut_off(void **state)
{
	const struct http_server_limits limits = {.headers_ms = 150, .idle_ms = 600 * 1000};
	struct client client;
	struct reply reply;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	drip_until_closed(&client, "GET /");
	expect_408(&client);
	serving_stop(&serving);
}

static void case17_a_silent_connection_is_closed(void **state)
{
	const struct http_server_limits limits = {.headers_ms = 100};
	struct client client;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	assert_int_equal(client_drain(&client), 0);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_slow_bodies_are_cut_off(void **state)
{
	static const char *const heads[] = {
	    "POST /big HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n",
	    "POST /big HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
	};
	/* A rate that the dripping keeps up with, so that only the total can end it. */
	const struct http_server_limits limits = {.body_ms = 300, .body_rate = 1};

	serving_start(&serving, &limits, 1, 1);
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct client client = client_connect(&serving, ON_PLAIN);

		drip_until_closed(&client, heads[i]);
		expect_408(&client);
	}
	assert_int_equal(serving_metric(&serving, METRIC("timeouts_total", "phase=\"body\"")), 2);
	serving_stop(&serving);
}

static void case17_a_body_below_the_rate_is_given_up_early(void **state)
{
	/* Looked at after a sixth of the total. */
	const struct http_server_limits limits = {.body_ms = PATIENCE_MS / 2, .body_rate = 1024};
	int64_t begin = clock_mono_ms();
	struct client client;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "POST /big HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\nabc");
	expect_408(&client);
	assert_true(clock_mono_ms() - begin < limits.body_ms * 4 / 5);
	serving_stop(&serving);
}

static void case17_a_steady_body_is_read_to_its_end(void **state)
{
	const struct http_server_limits limits = {.body_ms = PATIENCE_MS, .body_rate = 1};
	struct client client;
	struct reply reply;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "POST /big HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n");
	for (int i = 0; i < 100; i++) {
		client_send(&client, "x");
		usleep(1000);
	}
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_a_reader_that_does_not_read_is_cut_off(void **state)
{
	const struct http_server_limits limits = {.write_ms = 200};
	struct client client;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /large HTTP/1.1\r\n" HOST "\r\n");
	serving_wait_metric(&serving, METRIC("timeouts_total", "phase=\"write\""), 1);
	assert_true(client_drain(&client) < LARGE_BODY);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_an_idle_connection_is_closed(void **state)
{
	const struct http_server_limits limits = {.idle_ms = 100};
	struct client client;
	struct reply reply;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_false(reply.is_closing);
	assert_int_equal(client_drain(&client), 0);
	assert_int_equal(serving_metric(&serving, METRIC("timeouts_total", "phase=\"idle\"")), 1);
	reply_done(&reply);
	client_close(&client);
	serving_stop(&serving);
}

/* A client that goes on sending after it was refused is not listened to for ever. */
static void case17_a_refused_sender_is_cut_off(void **state)
{
	const struct http_server_limits limits = {.linger_ms = 150};
	struct client client;
	static char block[65536];
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10737418240\r\n\r\n");
	while (client_try_send(&client, block, sizeof(block)))
		assert_true(clock_mono_ms() < until);
	serving_wait_metric(&serving, METRIC("timeouts_total", "phase=\"linger\""), 1);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_slow_handshakes_are_cut_off(void **state)
{
	static const char hello[] = "\x16\x03\x01\x02\x00\x01";
	const struct http_server_limits limits = {.handshake_ms = 150};
	struct client silent, begun;

	serving_start(&serving, &limits, 1, 1);
	silent = client_connect(&serving, ON_PUBLIC);
	begun = client_connect(&serving, ON_PUBLIC);
	assert_true(client_try_send(&begun, hello, sizeof(hello) - 1));
	assert_int_equal(client_drain(&silent), 0);
	assert_int_equal(client_drain(&begun), 0);
	assert_int_equal(
	    serving_metric(&serving,
			   "muster_http_timeouts_total{listener=\"public\",phase=\"handshake\"}"),
	    2);
	client_close(&silent);
	client_close(&begun);
	serving_stop(&serving);
}

static void case18_handshakes_in_progress_are_bounded(void **state)
{
	const struct http_server_limits limits = {.handshakes = 3};
	struct client clients[4];

	serving_start(&serving, &limits, 1, 1);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		clients[i] = client_connect(&serving, ON_PUBLIC);
	assert_int_equal(client_drain(&clients[3]), 0);
	assert_int_equal(
	    serving_metric(&serving,
			   "muster_http_dropped_total{listener=\"public\",reason=\"handshakes\"}"),
	    1);
	client_close(&clients[0]);
	/* The place is free again once the server has seen the end. */
	while (serving_metric(&serving, "muster_http_connections{listener=\"public\"}") > 2)
		usleep(1000);
	clients[0] = client_connect(&serving, ON_PUBLIC);
	serving_wait_metric(&serving, "muster_http_connections{listener=\"public\"}", 3);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		client_close(&clients[i]);
	serving_stop(&serving);
}

static void expect_bounded(const struct http_server_limits *limits, const char *dropped)
{
	struct client clients[3];
	struct reply reply;

	serving_start(&serving, limits, 2, 1);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		clients[i] = client_connect(&serving, ON_PLAIN);
		if (i < 2)
			serving_wait_metric(&serving,
					    "muster_http_accepted_total{listener=\"plain\"}",
					    (long)i + 1);
	}
	assert_int_equal(client_drain(&clients[2]), 0);
	assert_int_equal(serving_metric(&serving, dropped), 1);
	/* Those that are in are served, and one that leaves makes room. */
	client_send(&clients[0], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&clients[0], &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&clients[1]);
	while (serving_metric(&serving, "muster_http_connections{listener=\"plain\"}") > 1)
		usleep(1000);
	clients[1] = client_connect(&serving, ON_PLAIN);
	client_send(&clients[1], "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&clients[1], &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		client_close(&clients[i]);
	serving_stop(&serving);
}

static void case17_connections_of_a_source_are_bounded(void **state)
{
	const struct http_server_limits limits = {.connections_per_source = 2};

	expect_bounded(&limits, METRIC("dropped_total", "reason=\"source\""));
}

/* Whoever asks on loopback how the server is gets an answer when all other places are taken. */
static void case17_connections_are_bounded_but_for_the_loopback(void **state)
{
	static const char dropped[] =
	    "muster_http_dropped_total{listener=\"public\",reason=\"full\"}";
	const struct http_server_limits limits = {.connections = 2};
	struct client clients[3], local;
	struct reply reply;

	serving_start(&serving, &limits, 2, 1);
	for (size_t i = 0; i < 2; i++) {
		clients[i] = client_connect(&serving, ON_PUBLIC);
		serving_wait_metric(&serving, "muster_http_accepted_total{listener=\"public\"}",
				    (long)i + 1);
	}
	clients[2] = client_connect(&serving, ON_PUBLIC);
	assert_int_equal(client_drain(&clients[2]), 0);
	assert_int_equal(serving_metric(&serving, dropped), 1);
	local = client_connect(&serving, ON_PLAIN);
	client_send(&local, "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	client_read(&local, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&local);
	client_close(&clients[2]);
	client_close(&clients[0]);
	while (serving_metric(&serving, "muster_http_connections{listener=\"public\"}") > 1)
		usleep(1000);
	clients[0] = client_connect(&serving, ON_PUBLIC);
	serving_wait_metric(&serving, "muster_http_accepted_total{listener=\"public\"}", 3);
	client_close(&clients[0]);
	client_close(&clients[1]);
	serving_stop(&serving);
}

static void case17_memory_of_requests_is_bounded(void **state)
{
	const struct http_server_limits limits = {.buffered = 256 * 1024};
	static char body[BIG_LIMIT];
	struct client client;
	struct reply reply;

	serving_start(&serving, &limits, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "POST /big HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n");
	(void)client_try_send(&client, body, sizeof(body));
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 503);
	reply_done(&reply);
	client_close(&client);
	/* What was taken is given back. */
	while (serving_metric(&serving, "muster_http_connections{listener=\"plain\"}") > 0)
		usleep(1000);
	assert_true(serving_metric(&serving, "muster_http_buffered_bytes") <= 16 * 1024);
	serving_stop(&serving);
}

static void case25_running_out_of_descriptors_is_survived(void **state)
{
	struct rlimit before, tight;
	struct client client;
	struct reply reply;

	serving_start(&serving, NULL, 1, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	/* The next descriptor is the client's; none is left for the server's side of it. */
	client.fd = open("/dev/null", O_RDONLY);
	assert_true(client.fd >= 0);
	tight = before;
	tight.rlim_cur = (rlim_t)client.fd + 1;
	close(client.fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	serving_wait_metric(&serving, METRIC("dropped_total", "reason=\"resources\""), 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_half_closed_clients_get_their_answer(void **state)
{
	struct client client;
	struct reply reply;

	serving_start(&serving, NULL, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	shutdown(client.fd, SHUT_WR);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(client_drain(&client), 0);
	reply_done(&reply);
	client_close(&client);
	serving_stop(&serving);
}

static void case17_resets_leave_nothing_behind(void **state)
{
	static const char *const beginnings[] = {
	    "", "GET /hel", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe",
	    "GET /large HTTP/1.1\r\n" HOST "\r\n", "GET /hello HTTP/1.1\r\n" HOST "\r\n"};
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct client client;
	struct reply reply;

	serving_start(&serving, NULL, 2, 2);
	for (size_t i = 0; i < 200; i++) {
		client = client_connect(&serving, i % 4 ? ON_PLAIN : ON_PUBLIC);
		client_send(&client, beginnings[i % ARRAY_LEN(beginnings)]);
		setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		client_close(&client);
	}
	while (serving_metric(&serving, "muster_http_connections{listener=\"plain\"}") > 0 ||
	       serving_metric(&serving, "muster_http_connections{listener=\"public\"}") > 0)
		usleep(1000);
	/* They were noticed, not waited out. */
	assert_int_equal(serving_metric(&serving, METRIC("timeouts_total", "phase=\"headers\"")),
			 0);
	assert_int_equal(serving_metric(&serving, METRIC("timeouts_total", "phase=\"idle\"")), 0);
	client = client_connect(&serving, ON_PLAIN);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&client);
	serving_stop(&serving);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case17_slow_headers_are_cut_off),
	    cmocka_unit_test(case17_slow_headers_of_a_later_request_are_cut_off),
	    cmocka_unit_test(case17_a_silent_connection_is_closed),
	    cmocka_unit_test(case17_slow_bodies_are_cut_off),
	    cmocka_unit_test(case17_a_body_below_the_rate_is_given_up_early),
	    cmocka_unit_test(case17_a_steady_body_is_read_to_its_end),
	    cmocka_unit_test(case17_a_reader_that_does_not_read_is_cut_off),
	    cmocka_unit_test(case17_an_idle_connection_is_closed),
	    cmocka_unit_test(case17_a_refused_sender_is_cut_off),
	    cmocka_unit_test(case17_slow_handshakes_are_cut_off),
	    cmocka_unit_test(case18_handshakes_in_progress_are_bounded),
	    cmocka_unit_test(case17_connections_of_a_source_are_bounded),
	    cmocka_unit_test(case17_connections_are_bounded_but_for_the_loopback),
	    cmocka_unit_test(case17_memory_of_requests_is_bounded),
	    cmocka_unit_test(case25_running_out_of_descriptors_is_survived),
	    cmocka_unit_test(case17_half_closed_clients_get_their_answer),
	    cmocka_unit_test(case17_resets_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
