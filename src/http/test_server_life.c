/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_server_life.c: start, load, a full queue, and the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/test_serving.h"

#define GATE  "POST /gate HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"
#define HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"

static struct serving serving;

static void expect(struct client *client, int status, const char *body)
{
	struct reply reply;

	client_read(client, &reply, NULL);
	assert_int_equal(reply.status, status);
	if (body)
		assert_true(text_eq_c(reply.body, body));
	reply_done(&reply);
}

static void case17_a_full_queue_is_answered_at_once(void **state)
{
	const struct http_server_limits limits = {.queue = 2};
	struct client busy[3], late;
	struct reply reply;

	serving_start(&serving, &limits, 1, 1);
	gate_shut();
	for (size_t i = 0; i < ARRAY_LEN(busy); i++) {
		busy[i] = client_connect(&serving, ON_PLAIN);
		client_send(&busy[i], GATE);
		if (i == 0)
			gate_wait_for(1);
		else
			serving_wait_metric(&serving, "muster_http_queue_length", (long)i);
	}
	/* Refused at its head: the body is never sent. */
	late = client_connect(&serving, ON_PLAIN);
	client_send(&late, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n");
	client_read(&late, &reply, NULL);
	assert_int_equal(reply.status, 503);
	assert_true(reply.is_closing);
	assert_true(reply_has(&reply, "\r\nRetry-After: "));
	reply_done(&reply);
	client_close(&late);
	gate_open();
	for (size_t i = 0; i < ARRAY_LEN(busy); i++) {
		expect(&busy[i], 200, "through");
		client_close(&busy[i]);
	}
	late = client_connect(&serving, ON_PLAIN);
	client_send(&late, HELLO);
	expect(&late, 200, "hello");
	client_close(&late);
	serving_stop(&serving);
}

static void *stop_server(void *arg)
{
	http_server_stop(serving.server, 60);
	return NULL;
}

static bool is_refused(const struct serving *server)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)http_server_port(server->server, ON_PLAIN)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int r = connect(fd, (const struct sockaddr *)&address, sizeof(address));

	close(fd);
	return r != 0;
}

static void a_graceful_stop_finishes_what_has_begun(void **state)
{
	struct client running, reading, idle, silent;
	struct reply reply;
	pthread_t thread;

	serving_start(&serving, NULL, 1, 1);
	gate_shut();
	running = client_connect(&serving, ON_PLAIN);
	client_send(&running, GATE);
	gate_wait_for(1);
	reading = client_connect(&serving, ON_PLAIN);
	client_send(&reading, "GET /hel");
	silent = client_connect(&serving, ON_PUBLIC);
	idle = client_connect(&serving, ON_PLAIN);
	serving_wait_metric(&serving, "muster_http_connections{listener=\"plain\"}", 3);
	serving_wait_metric(&serving, "muster_http_connections{listener=\"public\"}", 1);
	usleep(50 * 1000); /* so that "GET /hel" is most likely read; it is served either way */
	assert_int_equal(pthread_create(&thread, NULL, stop_server, NULL), 0);
	/* What has not begun ends at once. */
	assert_int_equal(client_drain(&idle), 0);
	assert_int_equal(client_drain(&silent), 0);
	assert_true(is_refused(&serving));
	/* What has begun goes on: the rest of a request is read and served. */
	client_send(&reading, "lo HTTP/1.1\r\n" HOST "\r\n");
	gate_open();
	client_read(&running, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(text_eq_c(reply.body, "through"));
	reply_done(&reply);
	assert_int_equal(client_drain(&running), 0);
	client_read(&reading, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(reply.is_closing);
	reply_done(&reply);
	assert_int_equal(client_drain(&reading), 0);
	pthread_join(thread, NULL);
	client_close(&running);
	client_close(&reading);
	client_close(&idle);
	client_close(&silent);
	serving_stop(&serving);
}

static void *open_gate_later(void *arg)
{
	usleep(200 * 1000);
	gate_open();
	return NULL;
}

static void a_stop_without_grace_waits_for_handlers_only(void **state)
{
	struct client running, queued, slow;
	pthread_t thread;

	serving_start(&serving, NULL, 2, 1);
	gate_shut();
	running = client_connect(&serving, ON_PLAIN);
	client_send(&running, GATE);
	gate_wait_for(1);
	queued = client_connect(&serving, ON_PLAIN);
	client_send(&queued, GATE);
	serving_wait_metric(&serving, "muster_http_queue_length", 1);
	slow = client_connect(&serving, ON_PLAIN);
	client_send(&slow, "GET /hel");
	assert_int_equal(pthread_create(&thread, NULL, open_gate_later, NULL), 0);
	http_server_stop(serving.server, 0);
	pthread_join(thread, NULL);
	serving_stop(&serving);
	assert_int_equal(client_drain(&slow), 0);
	client_close(&running);
	client_close(&queued);
	client_close(&slow);
}

static void stopping_twice_is_stopping_once(void **state)
{
	serving_start(&serving, NULL, 2, 2);
	http_server_stop(serving.server, 5);
	http_server_stop(serving.server, 5);
	serving_stop(&serving);
}

enum { LOAD_CLIENTS = 8, LOAD_REQUESTS = 200 };

static void *load(void *arg)
{
	size_t which = (size_t)(uintptr_t)arg;
	struct client client = {.fd = -1};

	for (int i = 0; i < LOAD_REQUESTS; i++) {
		char body[16], request[128];
		struct reply reply;

		/* Some keep their connection, some open a new one each time. */
		if (client.fd < 0)
			client = client_connect(&serving, ON_PLAIN);
		snprintf(body, sizeof(body), "%zu.%d", which, i);
		snprintf(request, sizeof(request),
			 "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n%s",
			 strlen(body), body);
		client_send(&client, request);
		client_read(&client, &reply, NULL);
		assert_int_equal(reply.status, 200);
		assert_true(text_eq_c(reply.body, body));
		reply_done(&reply);
		if (which % 2)
			client_close(&client);
	}
	client_close(&client);
	return NULL;
}

static void requests_of_many_clients_do_not_mix(void **state)
{
	pthread_t threads[LOAD_CLIENTS];
	long served;

	serving_start(&serving, NULL, 3, 4);
	for (size_t i = 0; i < LOAD_CLIENTS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load, (void *)(uintptr_t)i), 0);
	for (size_t i = 0; i < LOAD_CLIENTS; i++)
		pthread_join(threads[i], NULL);
	served = serving_metric(&serving, "muster_http_responses_total{listener=\"plain\","
					  "status=\"2xx\"}");
	assert_int_equal(served, LOAD_CLIENTS * LOAD_REQUESTS);
	assert_int_equal(
	    serving_metric(&serving, "muster_http_request_seconds_count{listener=\"plain\"}"),
	    served);
	serving_stop(&serving);
}

static void a_connection_serves_many_requests(void **state)
{
	struct client client;

	serving_start(&serving, NULL, 1, 1);
	client = client_connect(&serving, ON_PLAIN);
	for (int i = 0; i < 100; i++) {
		client_send(&client, HELLO);
		expect(&client, 200, "hello");
	}
	assert_int_equal(serving_metric(&serving, "muster_http_accepted_total{listener=\"plain\"}"),
			 1);
	client_close(&client);
	serving_stop(&serving);
}

static int start_with(const struct http_listener *listener, struct trail *trail)
{
	struct http_server_options options = serving.options;
	struct http_server *server = NULL;
	int r;

	options.listeners = listener;
	options.listener_count = 1;
	trail_reset(trail);
	r = http_server_new(&server, &options, trail);
	if (r == 0)
		http_server_free(server);
	else
		assert_null(server);
	return r;
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return has;
}

static void an_address_that_cannot_be_used_is_named(void **state)
{
	const struct {
		const char *address;
		bool is_good;
	} cases[] = {
	    {"127.0.0.1:0", true},  {"[::1]:0", has_ipv6()}, {"127.0.0.1", false},
	    {"127.0.0.1:", false},  {":8443", false},        {"localhost:0", false},
	    {"127.0.0.1:x", false}, {"::1:0", false},        {"127.0.0.1:70000", false},
	    {"192.0.2.1:0", false}, {"0.0.0.0:0", false},    {"[::]:0", false},
	};
	char taken[64];
	struct trail trail;
	struct http_listener listener;

	serving_start(&serving, NULL, 1, 1);
	listener = serving.listeners[ON_PLAIN];
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int r;

		listener.address = cases[i].address;
		r = start_with(&listener, &trail);
		if (r != (cases[i].is_good ? 0 : ERR_CONFIG))
			fail_msg("%s: %d %s", cases[i].address, r, trail.text);
		if (!cases[i].is_good)
			assert_non_null(strstr(trail.text, cases[i].address));
	}
	/* With TLS any address will do. */
	listener = serving.listeners[ON_PUBLIC];
	listener.address = "0.0.0.0:0";
	assert_int_equal(start_with(&listener, &trail), 0);
	/* A port that another server has, also one of this user that shares ports. */
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", http_server_port(serving.server, ON_PLAIN));
	listener = serving.listeners[ON_PLAIN];
	listener.address = taken;
	assert_int_equal(start_with(&listener, &trail), ERR_CONFIG);
	assert_non_null(strstr(trail.text, taken));
	serving_stop(&serving);
}

static atomic_int started, stopped;

static void *worker_start(void *context, size_t index)
{
	const size_t *failing = context;

	if (index == *failing)
		return NULL;
	atomic_fetch_add(&started, 1);
	return context;
}

static void worker_stop(void *worker)
{
	atomic_fetch_add(&stopped, 1);
}

static void a_worker_that_cannot_start_stops_the_others(void **state)
{
	struct http_server_options options;
	struct http_server *server = NULL;
	struct trail trail;
	size_t failing = 2;

	serving_start(&serving, NULL, 1, 1);
	options = serving.options;
	options.workers = 4;
	options.context = &failing;
	options.worker_start = worker_start;
	options.worker_stop = worker_stop;
	trail_reset(&trail);
	assert_true(http_server_new(&server, &options, &trail) < 0);
	assert_null(server);
	assert_int_equal(atomic_load(&started), 3);
	assert_int_equal(atomic_load(&stopped), 3);
	failing = 100;
	assert_int_equal(http_server_new(&server, &options, &trail), 0);
	http_server_free(server);
	assert_int_equal(atomic_load(&started), 7);
	assert_int_equal(atomic_load(&stopped), 7);
	serving_stop(&serving);
}

/* Every line is a comment or `name{labels} value`, and every family has its type first. */
static void metrics_are_in_the_text_form(void **state)
{
	struct buf buf;
	char family[128] = "";

	serving_start(&serving, NULL, 1, 1);
	buf_init(&buf, NULL);
	http_server_metrics(serving.server, &buf);
	for (char *save, *line = strtok_r(buf.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *end;

		if (sscanf(line, "# TYPE %127s", family) == 1 ||
		    strncmp(line, "# HELP muster_http_", 19) == 0)
			continue;
		assert_int_equal(strncmp(line, family, strlen(family)), 0);
		assert_non_null(strrchr(line, ' '));
		strtod(strrchr(line, ' ') + 1, &end);
		assert_int_equal(*end, '\0');
	}
	assert_string_equal(family, "muster_http_buffered_bytes");
	buf_done(&buf);
	serving_stop(&serving);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case17_a_full_queue_is_answered_at_once),
	    cmocka_unit_test(a_graceful_stop_finishes_what_has_begun),
	    cmocka_unit_test(a_stop_without_grace_waits_for_handlers_only),
	    cmocka_unit_test(stopping_twice_is_stopping_once),
	    cmocka_unit_test(requests_of_many_clients_do_not_mix),
	    cmocka_unit_test(a_connection_serves_many_requests),
	    cmocka_unit_test(an_address_that_cannot_be_used_is_named),
	    cmocka_unit_test(a_worker_that_cannot_start_stops_the_others),
	    cmocka_unit_test(metrics_are_in_the_text_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
