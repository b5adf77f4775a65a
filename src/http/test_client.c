/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_client.c: the HTTPS client against a server that answers what the test wants: rightly,
 * slowly, too much, or brokenly; and what the client refuses to do at all (abuse case 23).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/test_tiny.h"

enum { BODY_LIMIT = 1000 };

static struct tiny *tiny;
static struct http_client *client;
static struct arena arena;
static struct trail trail;

static void fill(struct buf *buf, size_t n)
{
	while (n-- > 0)
		buf_add_byte(buf, 'x');
}

/* Paths that answer with a fixed text. */
static const struct {
	const char *path;
	const char *raw;
} raw_answers[] = {
    {"/truncated", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"},
    {"/garbage", "\001\002\003 not HTTP\r\n\r\n"},
    {"/nothing", ""},
    {"/big-declared", "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"},
};

static const struct {
	const char *path;
	int status;
	const char *headers;
} head_answers[] = {
    {"/redirect", 302, "Location: https://127.0.0.1:1/elsewhere\r\n"},
    {"/redirect-plain", 301, "Location: http://127.0.0.1:1/\r\n"},
    {"/teapot", 418, "Content-Type: text/plain; charset=utf-8\r\nrequest-id: abc-1\r\n"},
    {"/cookie", 200, "Set-Cookie: a=b; Path=/\r\n"},
    {"/retry-120", 429, "Retry-After: 120\r\n"},
    {"/retry-0", 429, "Retry-After: 0\r\n"},
    {"/retry-huge", 429, "Retry-After: 99999999999\r\n"},
    {"/retry-overflow", 429, "Retry-After: 99999999999999999999999\r\n"},
    {"/retry-negative", 429, "Retry-After: -5\r\n"},
    {"/retry-garbage", 429, "Retry-After: soon\r\n"},
    {"/retry-date", 503,
     "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nRetry-After: Tue, 15 Nov 1994 08:14:31 GMT\r\n"},
    {"/retry-past", 503,
     "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nRetry-After: Tue, 15 Nov 1994 08:11:31 GMT\r\n"},
    {"/retry-date-alone", 503, "Retry-After: Tue, 15 Nov 1994 08:14:31 GMT\r\n"},
};

static bool answer_fixed(struct text path, struct buf *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(head_answers); i++)
		if (text_eq_c(path, head_answers[i].path)) {
			tiny_reply(ret, head_answers[i].status, head_answers[i].headers,
				   TEXT_EMPTY);
			return true;
		}
	return false;
}

static void answer_chunks(struct buf *ret, size_t n)
{
	buf_add_c(ret, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < n; i++)
		buf_add_c(ret, "a\r\n0123456789\r\n");
	buf_add_c(ret, "0\r\n\r\n");
}

static int answer_large(struct text path, struct buf *ret)
{
	struct buf body;

	buf_init(&body, NULL);
	if (text_eq_c(path, "/at-limit") || text_eq_c(path, "/past-limit")) {
		fill(&body, BODY_LIMIT + text_eq_c(path, "/past-limit"));
		tiny_reply(ret, 200, "", buf_text(&body));
	} else if (text_eq_c(path, "/chunked-at-limit")) {
		answer_chunks(ret, BODY_LIMIT / 10);
	} else if (text_eq_c(path, "/chunked-past-limit")) {
		answer_chunks(ret, BODY_LIMIT / 10 + 1);
	} else if (text_eq_c(path, "/endless")) {
		buf_add_c(ret, "HTTP/1.1 200 OK\r\n\r\n");
		fill(ret, 100 * BODY_LIMIT);
	} else if (text_eq_c(path, "/header-flood")) {
		buf_add_c(ret, "HTTP/1.1 200 OK\r\n");
		for (int i = 0; i < 100; i++) {
			buf_printf(ret, "X-%d: ", i);
			fill(ret, 1000);
			buf_add_c(ret, "\r\n");
		}
		buf_add_c(ret, "Content-Length: 0\r\n\r\n");
	} else {
		tiny_reply(ret, 404, "", TEXT("no such path"));
	}
	buf_done(&body);
	return text_eq_c(path, "/endless") ? -1 : 0;
}

/* /echo gives back the request itself. */
static int answer(void *context UNUSED, const struct tiny_request *request, struct buf *ret)
{
	struct text line = request->head, path;
	struct buf body;

	text_cut(&line, ' ');
	path = text_cut(&line, ' ');
	for (size_t i = 0; i < ARRAY_LEN(raw_answers); i++)
		if (text_eq_c(path, raw_answers[i].path)) {
			buf_add_c(ret, raw_answers[i].raw);
			return -1;
		}
	if (answer_fixed(path, ret))
		return 0;
	if (text_eq_c(path, "/drip")) {
		tiny_reply(ret, 200, "", TEXT("a slow body that goes on for a while"));
		return 50;
	}
	if (!text_starts(path, TEXT("/echo")))
		return answer_large(path, ret);
	buf_init(&body, NULL);
	buf_printf(&body, "connection %zu certificate %d\n", request->connection,
		   request->has_certificate);
	buf_add_text(&body, request->head);
	buf_add_text(&body, request->body);
	tiny_reply(ret, 200, "Content-Type: message/http\r\n",
		   text_starts(request->head, TEXT("HEAD")) ? TEXT_EMPTY : buf_text(&body));
	buf_done(&body);
	return 0;
}

static int start(void **state UNUSED)
{
	struct tiny_options options = {.answer = answer, .wants_certificate = true};

	arena_init(&arena);
	tiny = tiny_start(&options);
	return http_client_new(&client, tiny_ca_file(tiny), &trail);
}

static int end(void **state UNUSED)
{
	http_client_free(client);
	tiny_stop(tiny);
	arena_done(&arena);
	return 0;
}

static char *url_of(const struct tiny *server, const char *path)
{
	return arena_printf(&arena, "https://127.0.0.1:%d%s", tiny_port(server), path);
}

static int send_request(struct http_client_request request, struct http_client_response *ret)
{
	trail_reset(&trail);
	return http_client_send(client, &arena, &request, ret, &trail);
}

static int get(const char *path, struct http_client_response *ret)
{
	return send_request((struct http_client_request){.method = "GET",
							 .url = url_of(tiny, path),
							 .body_limit = BODY_LIMIT},
			    ret);
}

static bool contains(struct text t, const char *what)
{
	return strstr(arena_cstr(&arena, t), what) != NULL;
}

static void a_response_is_read(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(get("/teapot", &r), 0);
	assert_int_equal(r.status, 418);
	assert_true(text_eq_c(r.content_type, "text/plain; charset=utf-8"));
	assert_true(text_eq_c(r.request_id, "abc-1"));
	assert_int_equal(r.body.len, 0);
	assert_null(r.location.ptr);
	assert_int_equal(r.retry_after_s, -1);
}

static void a_request_is_sent_as_given(void **state UNUSED)
{
	static const char *const headers[] = {"Authorization: Bearer abc",
					      "Content-Type: application/json", NULL};
	struct http_client_response r = {0};

	assert_int_equal(send_request((struct http_client_request){.method = "PATCH",
								   .url = url_of(tiny, "/echo?q=1"),
								   .headers = headers,
								   .body = TEXT("{\"a\":1}")},
				      &r),
			 0);
	assert_true(contains(r.body, "PATCH /echo?q=1 HTTP/1.1\r\n"));
	assert_true(contains(r.body, "Authorization: Bearer abc\r\n"));
	assert_true(contains(r.body, "Content-Type: application/json\r\n"));
	assert_true(contains(r.body, "Content-Length: 7\r\n"));
	assert_true(contains(r.body, "\r\n\r\n{\"a\":1}"));
}

/* Also over a connection that an earlier request left open. */
static void case23_a_private_address_is_not_connected_to(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(get("/echo", &r), 0);
	assert_int_equal(send_request((struct http_client_request){.method = "GET",
								   .url = url_of(tiny, "/echo"),
								   .is_public_only = true},
				      &r),
			 HTTP_CLIENT_E_REFUSED);
	assert_non_null(strstr(trail.cause, "private network"));
	assert_int_equal(get("/echo", &r), 0);
}

static void nothing_is_added(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(send_request((struct http_client_request){.method = "POST",
								   .url = url_of(tiny, "/echo"),
								   .body = TEXT("x")},
				      &r),
			 0);
	assert_false(contains(r.body, "Content-Type"));
	assert_false(contains(r.body, "Expect"));
	assert_false(contains(r.body, "Accept-Encoding"));
	assert_int_equal(get("/cookie", &r), 0);
	assert_int_equal(get("/echo", &r), 0);
	assert_false(contains(r.body, "Cookie"));
	assert_true(contains(r.body, "GET /echo HTTP/1.1\r\n"));
}

static void every_method_works(void **state UNUSED)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		struct http_client_response r = {0};

		assert_int_equal(
		    send_request((struct http_client_request){.method = methods[i],
							      .url = url_of(tiny, "/echo")},
				 &r),
		    0);
		assert_int_equal(r.status, 200);
		if (i != 1)
			assert_true(
			    contains(r.body, arena_printf(&arena, "\n%s /echo", methods[i])));
	}
}

static void redirects_are_not_followed(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(get("/redirect", &r), 0);
	assert_int_equal(r.status, 302);
	assert_true(text_eq_c(r.location, "https://127.0.0.1:1/elsewhere"));
	assert_int_equal(get("/redirect-plain", &r), 0);
	assert_int_equal(r.status, 301);
}

static void retry_after_is_read(void **state UNUSED)
{
	static const struct {
		const char *path;
		int64_t expected;
	} rows[] = {
	    {"/retry-120", 120},     {"/retry-0", 0},         {"/retry-huge", INT32_MAX},
	    {"/retry-overflow", -1}, {"/retry-negative", -1}, {"/retry-garbage", -1},
	    {"/retry-date", 120},    {"/retry-past", 0},      {"/retry-date-alone", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_client_response r = {0};

		assert_int_equal(get(rows[i].path, &r), 0);
		assert_int_equal(r.retry_after_s, rows[i].expected);
	}
}

static void connections_are_kept(void **state UNUSED)
{
	struct http_client_response first = {0}, second = {0}, fresh = {0}, third = {0};
	size_t before;

	assert_int_equal(get("/echo", &first), 0);
	before = tiny_connections(tiny);
	assert_int_equal(get("/echo", &second), 0);
	assert_int_equal(tiny_connections(tiny), before);
	assert_int_equal(send_request((struct http_client_request){.method = "GET",
								   .url = url_of(tiny, "/echo"),
								   .is_fresh = true},
				      &fresh),
			 0);
	assert_int_equal(tiny_connections(tiny), before + 1);
	assert_int_equal(get("/echo", &third), 0);
	assert_true(tiny_connections(tiny) <= before + 2);
}

static void a_client_certificate_is_shown(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(get("/echo", &r), 0);
	assert_true(contains(r.body, "certificate 0\n"));
	assert_int_equal(
	    send_request((struct http_client_request){.method = "GET",
						      .url = url_of(tiny, "/echo"),
						      .certificate_file = tiny_ca_file(tiny),
						      .key_file = tiny_key_file(tiny)},
			 &r),
	    0);
	assert_true(contains(r.body, "certificate 1\n"));
	assert_int_equal(get("/echo", &r), 0);
	assert_true(contains(r.body, "certificate 0\n"));
	assert_true(send_request((struct http_client_request){.method = "GET",
							      .url = url_of(tiny, "/echo"),
							      .certificate_file = "/nonexistent",
							      .key_file = "/nonexistent"},
				 &r) < 0);
}

static void case23_answers_are_bounded(void **state UNUSED)
{
	static const struct {
		const char *path;
		int expected;
	} rows[] = {
	    {"/at-limit", 0},
	    {"/past-limit", HTTP_CLIENT_E_TOO_LARGE},
	    {"/chunked-at-limit", 0},
	    {"/chunked-past-limit", HTTP_CLIENT_E_TOO_LARGE},
	    {"/endless", HTTP_CLIENT_E_TOO_LARGE},
	    {"/big-declared", HTTP_CLIENT_E_TOO_LARGE},
	    {"/header-flood", HTTP_CLIENT_E_TOO_LARGE},
	    {"/truncated", HTTP_CLIENT_E_UNREACHABLE},
	    {"/garbage", HTTP_CLIENT_E_UNREACHABLE},
	    {"/nothing", HTTP_CLIENT_E_UNREACHABLE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_client_response r = {0};
		int result = get(rows[i].path, &r);

		if (result != rows[i].expected)
			print_error("%s: %d: %s\n", rows[i].path, result, trail.text);
		assert_int_equal(result, rows[i].expected);
		/* Untouched on failure. */
		assert_int_equal(r.status, result == 0 ? 200 : 0);
		assert_int_equal(r.body.len, result == 0 ? BODY_LIMIT : 0);
	}
}

static void case23_time_is_bounded(void **state UNUSED)
{
	struct http_client_response r = {0};
	int64_t before = clock_mono_ms();

	assert_int_equal(send_request((struct http_client_request){.method = "GET",
								   .url = url_of(tiny, "/drip"),
								   .timeout_ms = 300},
				      &r),
			 HTTP_CLIENT_E_UNREACHABLE);
	assert_in_range(clock_mono_ms() - before, 200, 3000);
}

static void case23_only_https(void **state UNUSED)
{
	static const char *const urls[] = {
	    "http://127.0.0.1:1/",
	    "HTTPS://127.0.0.1:1/",
	    "file:///etc/passwd",
	    "ftp://127.0.0.1/",
	    "gopher://127.0.0.1/",
	    "//127.0.0.1/",
	    "127.0.0.1/",
	    "",
	    "https://",
	    "https://127.0.0.1:1/\r\nX: y",
	    "https://a b/",
	    "https://user:pw@127.0.0.1:1/",
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct http_client_response r = {0};

		assert_int_equal(
		    send_request((struct http_client_request){.method = "GET", .url = urls[i]}, &r),
		    HTTP_CLIENT_E_REFUSED);
	}
}

static void malformed_requests_are_refused(void **state UNUSED)
{
	static const char *const headers[][2] = {
	    {"X: a\r\nY: b", NULL}, {"X: a\nY: b", NULL}, {"no colon", NULL}, {"X: \001", NULL}};
	static const char *const methods[] = {"", "get", "GET /x HTTP/1.1\r\nA:", "G T"};
	struct http_client_response r = {0};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		assert_int_equal(
		    send_request((struct http_client_request){.method = "GET",
							      .url = url_of(tiny, "/echo"),
							      .headers = headers[i]},
				 &r),
		    HTTP_CLIENT_E_REFUSED);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		assert_int_equal(
		    send_request((struct http_client_request){.method = methods[i],
							      .url = url_of(tiny, "/echo")},
				 &r),
		    HTTP_CLIENT_E_REFUSED);
}

static void plain_where_asked_for(void **state UNUSED)
{
	struct tiny_options options = {.answer = answer, .is_plain = true};
	struct tiny *plain = tiny_start(&options);
	struct http_client_response r = {0};
	char *url = arena_printf(&arena, "http://127.0.0.1:%d/echo", tiny_port(plain));

	assert_int_equal(
	    send_request(
		(struct http_client_request){.method = "GET", .url = url, .allow_plain = true}, &r),
	    0);
	assert_int_equal(r.status, 200);
	assert_int_equal(
	    send_request((struct http_client_request){.method = "GET", .url = url}, &r),
	    HTTP_CLIENT_E_REFUSED);
	tiny_stop(plain);
}

/* Each server shows a certificate the client has a reason not to take. */
static void case23_certificates_are_checked(void **state UNUSED)
{
	static const struct {
		struct tiny_options options;
		bool is_trusted;
	} rows[] = {
	    {{.answer = answer}, false},
	    {{.answer = answer, .san = "DNS:login.example"}, true},
	    {{.answer = answer, .san = "IP:127.0.0.2"}, true},
	    {{.answer = answer, .valid_for_s = -60}, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tiny *server = tiny_start(&rows[i].options);
		struct http_client *other = NULL;
		struct http_client_response r = {0};
		struct http_client_request request = {.method = "GET",
						      .url = url_of(server, "/echo")};

		assert_int_equal(http_client_new(&other,
						 tiny_ca_file(rows[i].is_trusted ? server : tiny),
						 &trail),
				 0);
		assert_int_equal(http_client_send(other, &arena, &request, &r, &trail),
				 HTTP_CLIENT_E_UNTRUSTED);
		http_client_free(other);
		tiny_stop(server);
	}
}

static void nobody_there(void **state UNUSED)
{
	struct http_client_response r = {0};

	assert_int_equal(
	    send_request(
		(struct http_client_request){.method = "GET", .url = "https://127.0.0.1:1/x"}, &r),
	    HTTP_CLIENT_E_UNREACHABLE);
	assert_non_null(strstr(trail.text, "https://127.0.0.1:1/x"));
	assert_int_equal(
	    send_request((struct http_client_request){.method = "GET",
						      .url = "https://127.0.0.1:1/x?secret=1"},
			 &r),
	    HTTP_CLIENT_E_UNREACHABLE);
	assert_null(strstr(trail.text, "secret"));
}

static void proxies_are_ignored(void **state UNUSED)
{
	struct http_client_response r = {0};

	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
	assert_int_equal(send_request((struct http_client_request){.method = "GET",
								   .url = url_of(tiny, "/echo"),
								   .is_fresh = true},
				      &r),
			 0);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_response_is_read),
	    cmocka_unit_test(a_request_is_sent_as_given),
	    cmocka_unit_test(nothing_is_added),
	    cmocka_unit_test(case23_a_private_address_is_not_connected_to),
	    cmocka_unit_test(every_method_works),
	    cmocka_unit_test(redirects_are_not_followed),
	    cmocka_unit_test(retry_after_is_read),
	    cmocka_unit_test(connections_are_kept),
	    cmocka_unit_test(a_client_certificate_is_shown),
	    cmocka_unit_test(case23_answers_are_bounded),
	    cmocka_unit_test(case23_time_is_bounded),
	    cmocka_unit_test(case23_only_https),
	    cmocka_unit_test(malformed_requests_are_refused),
	    cmocka_unit_test(plain_where_asked_for),
	    cmocka_unit_test(case23_certificates_are_checked),
	    cmocka_unit_test(nobody_there),
	    cmocka_unit_test(proxies_are_ignored),
	};

	return cmocka_run_group_tests(tests, start, end);
}
