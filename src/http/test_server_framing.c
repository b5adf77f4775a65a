/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_server_framing.c: what a client can put on the wire, and what the server answers.
 *
 * Each refusal must be a final response that says the connection closes, then the end of the
 * stream: a good request sent right behind the bad one is never answered.
 */
#include <stdio.h>
#include <sys/socket.h>

#include "http/test_serving.h"

#define NEXT "GET /hello HTTP/1.1\r\n" HOST "\r\n"

static struct serving serving;

static int start(void **state)
{
	serving_start(&serving, NULL, 2, 2);
	return 0;
}

static int stop(void **state)
{
	serving_stop(&serving);
	return 0;
}

static const struct {
	const char *name;
	const char *data;
	int status;
} refused[] = {
    {"two lengths",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
    {"length and coding",
     "POST /echo HTTP/1.1\r\n" HOST
     "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"length with a sign", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400},
    {"gzip, chunked",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
    {"trailer",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 400},
    {"bare LF", "GET /hello HTTP/1.1\nHost: a.test\n\n", 400},
    {"folded line", "GET /hello HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400},
    {"blank before a colon", "GET /hello HTTP/1.1\r\nHost : a.test\r\n\r\n", 400},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET /hello HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"empty Host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"Host with a path", "GET /hello HTTP/1.1\r\nHost: a.test/x\r\n\r\n", 400},
    {"Host with a user", "GET /hello HTTP/1.1\r\nHost: x@a.test\r\n\r\n", 400},
    {"Host list", "GET /hello HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n", 400},
    {"Host with a bad port", "GET /hello HTTP/1.1\r\nHost: a.test:8x\r\n\r\n", 400},
    {"foreign Host", "GET /hello HTTP/1.1\r\nHost: evil.test\r\n\r\n", 421},
    {"Host with a dot more", "GET /hello HTTP/1.1\r\nHost: a.test.\r\n\r\n", 421},
    {"HTTP/1.0 without Host", "GET /hello HTTP/1.0\r\n\r\n", 421},
    {"absolute form", "GET http://a.test/hello HTTP/1.1\r\n" HOST "\r\n", 400},
    {"asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"CONNECT", "CONNECT a.test:443 HTTP/1.1\r\n" HOST "\r\n", 501},
    {"TRACE", "TRACE /hello HTTP/1.1\r\n" HOST "\r\n", 501},
    {"PROPFIND", "PROPFIND /hello HTTP/1.1\r\n" HOST "\r\n", 501},
    {"unknown method", "BREW /hello HTTP/1.1\r\n" HOST "\r\n", 501},
    {"wrong method", "DELETE /hello HTTP/1.1\r\n" HOST "\r\n", 405},
    {"no route", "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404},
    {"route of another listener", "GET /public-only HTTP/1.1\r\n" HOST "\r\n", 404},
    {"double slash", "GET //hello HTTP/1.1\r\n" HOST "\r\n", 404},
    {"dot segment", "GET /./hello HTTP/1.1\r\n" HOST "\r\n", 404},
    {"parent segment", "GET /x/../hello HTTP/1.1\r\n" HOST "\r\n", 404},
    {"encoded letter", "GET /%68ello HTTP/1.1\r\n" HOST "\r\n", 404},
    {"path parameter", "GET /hello;x HTTP/1.1\r\n" HOST "\r\n", 404},
    {"slash at the end", "GET /hello/ HTTP/1.1\r\n" HOST "\r\n", 404},
    {"capitals", "GET /Hello HTTP/1.1\r\n" HOST "\r\n", 404},
    {"body where none is taken", "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx", 413},
    {"chunks where none are taken",
     "GET /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413},
    {"length over the limit", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", 413},
    {"huge length", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10737418240\r\n\r\n", 413},
    {"huge chunk", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n280000000\r\n",
     413},
    {"gzip body",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
     415},
    {"unknown expectation",
     "POST /echo HTTP/1.1\r\n" HOST "Expect: more\r\nContent-Length: 5\r\n\r\nhello", 417},
    {"expectation over the limit",
     "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n", 413},
};

static void expect_refusal(const char *name, const char *data, size_t len, int status)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;
	int continues = 0;

	(void)client_try_send(&client, data, len);
	(void)client_try_send(&client, NEXT, strlen(NEXT));
	client_read(&client, &reply, &continues);
	if (reply.status != status || !reply.is_closing || continues)
		fail_msg("%s: %d instead of %d", name, reply.status, status);
	if (client_drain(&client) != 0)
		fail_msg("%s: something was answered after the refusal", name);
	reply_done(&reply);
	client_close(&client);
}

static void case16_a_refusal_ends_the_connection(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		expect_refusal(refused[i].name, refused[i].data, strlen(refused[i].data),
			       refused[i].status);
}

static void case16_a_nul_in_a_header_is_refused(void **state)
{
	static const char data[] = "GET /hello HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n";

	expect_refusal("NUL", data, sizeof(data) - 1, 400);
}

/* prefix, then filler up to size, in one request that does not end. */
static void expect_refusal_of_filler(const char *prefix, size_t size, int status)
{
	size_t len = strlen(prefix);
	char *data = heap_alloc(len + size);

	memcpy(data, prefix, len);
	memset(data + len, 'a', size);
	expect_refusal(prefix, data, len + size, status);
	free(data);
}

static void case16_a_long_head_is_refused_while_it_comes(void **state)
{
	expect_refusal_of_filler("GET /", 10 * 1024, 414);
	expect_refusal_of_filler("GET /hello HTTP/1.1\r\n" HOST "X: ", 40 * 1024, 431);
	expect_refusal_of_filler("GET /hello HTTP/1.1\r\n" HOST "X: ", 10 * 1024 * 1024, 431);
	expect_refusal_of_filler("POST /echo HTTP/1.1\r\n" HOST
				 "Transfer-Encoding: chunked\r\n\r\n5;",
				 1024 * 1024, 400);
}

static void case16_a_large_body_is_refused_before_it_is_read(void **state)
{
	static char block[65536];
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 413);
	reply_done(&reply);
	/* Who is still sending is not reset, so that the answer arrives everywhere. */
	for (int i = 0; i < 16; i++)
		assert_true(client_try_send(&client, block, sizeof(block)));
	shutdown(client.fd, SHUT_WR);
	assert_int_equal(client_drain(&client), 0);
	client_close(&client);
}

static void case16_a_truncated_body_is_not_served(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\nhello");
	shutdown(client.fd, SHUT_WR);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 400);
	assert_int_equal(client_drain(&client), 0);
	reply_done(&reply);
	client_close(&client);
}

/* The buffer has grown, and moved, since the head was judged; the refusal still knows the path. */
static void case16_a_large_body_that_breaks_off_is_refused(void **state)
{
	static char body[512 * 1024];
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client,
		    "POST /api/v1/big HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n");
	assert_true(client_try_send(&client, body, sizeof(body)));
	shutdown(client.fd, SHUT_WR);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 400);
	assert_true(reply_has(&reply, "\r\nContent-Type: application/problem+json\r\n"));
	reply_done(&reply);
	client_close(&client);
}

static void case16_a_body_longer_than_its_length_is_the_next_request(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nhello");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(text_eq_c(reply.body, "hell"));
	reply_done(&reply);
	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 400);
	reply_done(&reply);
	client_close(&client);
}

static void a_405_says_what_is_allowed(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "POST /hello HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 405);
	assert_true(reply_has(&reply, "\r\nAllow: GET, HEAD\r\n"));
	assert_true(reply_has(&reply, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	reply_done(&reply);
	client_close(&client);
}

static void a_refusal_under_api_is_a_problem_document(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "GET /api/v1/nothing HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 404);
	assert_true(reply_has(&reply, "\r\nContent-Type: application/problem+json\r\n"));
	assert_true(reply_has(&reply, "\"status\":404"));
	assert_true(reply_has(&reply, "\"trace_id\":\""));
	reply_done(&reply);
	client_close(&client);
}

static const struct {
	const char *name;
	const char *data;
	const char *body;
	bool is_closing;
} served[] = {
    {"GET", "GET /hello HTTP/1.1\r\n" HOST "\r\n", "hello", false},
    {"query", "GET /hello?a=%00&b HTTP/1.1\r\n" HOST "\r\n", "hello", false},
    {"host in capitals with a port", "GET /hello HTTP/1.1\r\nhost: A.Test:8443\r\n\r\n", "hello",
     false},
    {"Connection: close", "GET /hello HTTP/1.1\r\n" HOST "Connection: keep-alive, Close\r\n\r\n",
     "hello", true},
    {"HTTP/1.0", "GET /hello HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n", "hello", true},
    {"body", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", "hello", false},
    {"chunks",
     "POST /echo HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
     "hello", false},
    {"identity",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: identity\r\nContent-Length: 2"
     "\r\n\r\nhi",
     "hi", false},
    {"handler closes", "GET /close HTTP/1.1\r\n" HOST "\r\n", "", true},
    {"wild path", "GET /wild/a/b%20c HTTP/1.1\r\n" HOST "\r\n", "/wild/a/b%20c", false},
};

static void a_sound_request_is_served(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(served); i++) {
		struct client client = client_connect(&serving, ON_PLAIN);
		struct reply reply;

		client_send(&client, served[i].data);
		client_read(&client, &reply, NULL);
		if (reply.status != 200 || !text_eq_c(reply.body, served[i].body) ||
		    reply.is_closing != served[i].is_closing)
			fail_msg("%s: %d", served[i].name, reply.status);
		reply_done(&reply);
		if (served[i].is_closing)
			assert_int_equal(client_drain(&client), 0);
		client_close(&client);
	}
}

static void head_has_the_length_but_no_body(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n" NEXT);
	client_read_head(&client, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "\r\nContent-Length: 5\r\n"));
	reply_done(&reply);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(text_eq_c(reply.body, "hello"));
	reply_done(&reply);
	client_close(&client);
}

static void a_204_has_neither_body_nor_length(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "DELETE /empty HTTP/1.1\r\n" HOST "\r\n" NEXT);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 204);
	assert_false(reply_has(&reply, "Content-Length"));
	reply_done(&reply);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&client);
}

static void case16_continue_is_said_once_and_only_when_waited_for(void **state)
{
	static const char *const heads[] = {
	    "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n",
	    "POST /echo HTTP/1.1\r\n" HOST
	    "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
	    "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	    "POST /echo HTTP/1.0\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	};
	static const char *const bodies[] = {"hello", "5\r\nhello\r\n0\r\n\r\n", "", "", ""};
	static const int expected[] = {1, 1, 0, 0, 0};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct client client = client_connect(&serving, ON_PLAIN);
		struct reply reply;
		int continues = 0;

		client_send(&client, heads[i]);
		if (expected[i]) {
			char line[26] = "";

			assert_int_equal(recv(client.fd, line, 25, MSG_WAITALL), 25);
			assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
		}
		client_send(&client, bodies[i]);
		client_read(&client, &reply, &continues);
		assert_int_equal(reply.status, 200);
		assert_int_equal(continues, 0);
		reply_done(&reply);
		client_close(&client);
	}
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	char data[200 * 80];
	size_t len = 0;

	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(
		    data + len, sizeof(data) - len,
		    "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n%03d", i);
	assert_true(client_try_send(&client, data, len));
	for (int i = 0; i < 200; i++) {
		struct reply reply;
		char expected[4];

		snprintf(expected, sizeof(expected), "%03d", i);
		client_read(&client, &reply, NULL);
		assert_int_equal(reply.status, 200);
		assert_true(text_eq_c(reply.body, expected));
		reply_done(&reply);
	}
	client_close(&client);
}

static void bodies_of_all_sizes_arrive_whole(void **state)
{
	static const size_t sizes[] = {1, 4095, 4096, 4097, 65536, 300000, BIG_LIMIT};
	struct client client = client_connect(&serving, ON_PLAIN);

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *body = heap_alloc(sizes[i]);
		char head[128], expected[16];
		struct reply reply;

		snprintf(head, sizeof(head),
			 "POST /big HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", sizes[i]);
		snprintf(expected, sizeof(expected), "%zu", sizes[i]);
		client_send(&client, head);
		assert_true(client_try_send(&client, body, sizes[i]));
		client_read(&client, &reply, NULL);
		assert_int_equal(reply.status, 200);
		assert_true(text_eq_c(reply.body, expected));
		reply_done(&reply);
		free(body);
	}
	assert_int_equal(serving_metric(&serving, "muster_http_buffered_bytes") >= 0, 1);
	client_close(&client);
}

static void a_large_response_arrives_whole(void **state)
{
	struct client client = client_connect(&serving, ON_PLAIN);
	struct reply reply;

	client_send(&client, "GET /large HTTP/1.1\r\n" HOST "\r\n" NEXT);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.body.len, LARGE_BODY);
	for (size_t i = 0; i < reply.body.len; i++)
		if (reply.body.ptr[i] != "0123456789abcdef"[i % 16])
			fail_msg("byte %zu is wrong", i);
	reply_done(&reply);
	client_read(&client, &reply, NULL);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_close(&client);
}

static void case19_a_broken_response_becomes_500(void **state)
{
	static const char *const requests[] = {"GET /broken HTTP/1.1\r\n" HOST "\r\n",
					       "GET /unset HTTP/1.1\r\n" HOST "\r\n"};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct client client = client_connect(&serving, ON_PLAIN);
		struct reply reply;

		client_send(&client, requests[i]);
		client_read(&client, &reply, NULL);
		assert_int_equal(reply.status, 500);
		assert_true(reply.is_closing);
		assert_false(reply_has(&reply, "evil"));
		assert_false(reply_has(&reply, "must not be sent"));
		assert_int_equal(client_drain(&client), 0);
		reply_done(&reply);
		client_close(&client);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case16_a_refusal_ends_the_connection),
	    cmocka_unit_test(case16_a_nul_in_a_header_is_refused),
	    cmocka_unit_test(case16_a_long_head_is_refused_while_it_comes),
	    cmocka_unit_test(case16_a_large_body_is_refused_before_it_is_read),
	    cmocka_unit_test(case16_a_truncated_body_is_not_served),
	    cmocka_unit_test(case16_a_large_body_that_breaks_off_is_refused),
	    cmocka_unit_test(case16_a_body_longer_than_its_length_is_the_next_request),
	    cmocka_unit_test(a_405_says_what_is_allowed),
	    cmocka_unit_test(a_refusal_under_api_is_a_problem_document),
	    cmocka_unit_test(a_sound_request_is_served),
	    cmocka_unit_test(head_has_the_length_but_no_body),
	    cmocka_unit_test(a_204_has_neither_body_nor_length),
	    cmocka_unit_test(case16_continue_is_said_once_and_only_when_waited_for),
	    cmocka_unit_test(pipelined_requests_are_answered_in_order),
	    cmocka_unit_test(bodies_of_all_sizes_arrive_whole),
	    cmocka_unit_test(a_large_response_arrives_whole),
	    cmocka_unit_test(case19_a_broken_response_becomes_500),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
