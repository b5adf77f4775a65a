/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_route.c: which requests go on, to which route, and with which status the others end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/route.h"

static void handler(void *worker, const struct http_request *request,
		    struct http_response *response)
{
}

static const char tags[] = "0123456789";

#define ROUTE(methods, path, listeners, limit, tag)                                                \
	{                                                                                          \
		methods, path, listeners, limit, handler, tags + (tag)                             \
	}
static const struct http_route routes[] = {
    ROUTE(HTTP_GET, "/both", 3, 0, 0),
    ROUTE(HTTP_POST, "/both", 3, 100, 1),
    ROUTE(HTTP_GET, "/first", 1, 0, 2),
    ROUTE(HTTP_GET | HTTP_HEAD, "/console/*", 1, 0, 3),
    ROUTE(HTTP_POST, "/console/login", 1, 10, 4),
    ROUTE(HTTP_GET, "/console/deep/*", 1, 0, 5),
    ROUTE(HTTP_GET, "/star", 1, 0, 6),
    {HTTP_GET, "/wide", 1, 0, handler, tags + 7, true},
};

static const char *const hosts[] = {"mdm.Contoso.com", "[::1]", "find.me.*"};
static const struct http_listener listeners[] = {
    {.name = "named", .hosts = hosts, .host_count = ARRAY_LEN(hosts)},
    {.name = "any"},
};
static const struct http_server_options options = {
    .listeners = listeners,
    .listener_count = ARRAY_LEN(listeners),
    .routes = routes,
    .route_count = ARRAY_LEN(routes),
};

/* The verdict on a whole head. */
static void admit(const char *head, size_t listener, struct http_admission *ret)
{
	static struct http_request request;
	struct http_parser parser;
	size_t len = strlen(head);
	char *data = heap_alloc(len + 1);

	memcpy(data, head, len);
	*ret = (struct http_admission){.status = 0};
	http_parser_init(&parser);
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_HEAD);
	memset(&request, 0, sizeof(request));
	request.listener = listener;
	ret->status = http_request_read(&request, &parser, data);
	if (!ret->status)
		http_route_admit(&options, &request, &parser, ret);
	http_parser_done(&parser);
	free(data);
}

static void expect(const char *head, size_t listener, int status, int tag, unsigned allow)
{
	struct http_admission admission;

	admit(head, listener, &admission);
	if (admission.status != status)
		fail_msg("%s on %zu: %d, not %d", head, listener, admission.status, status);
	if (tag >= 0)
		assert_true(admission.route && admission.route->tag == tags + tag);
	if (status == 405)
		assert_int_equal(admission.allow, allow);
}

static const struct {
	const char *method;
	const char *target;
	size_t listener;
	int status;
	int tag;
	unsigned allow;
} targets[] = {
    {"GET", "/both", 0, 0, 0, 0},
    {"GET", "/both", 1, 0, 0, 0},
    {"POST", "/both", 1, 0, 1, 0},
    {"GET", "/both?x=//../", 0, 0, 0, 0},
    {"GET", "/both?", 0, 0, 0, 0},
    {"PUT", "/both", 0, 405, -1, HTTP_GET | HTTP_POST},
    {"HEAD", "/both", 0, 405, -1, HTTP_GET | HTTP_POST},
    {"GET", "/first", 0, 0, 2, 0},
    {"GET", "/first", 1, 404, -1, 0},
    {"GET", "/console/", 0, 0, 3, 0},
    {"HEAD", "/console/app.js", 0, 0, 3, 0},
    {"GET", "/console/a/b%20c", 0, 0, 3, 0},
    {"GET", "/console/deep/x", 0, 0, 5, 0},
    {"POST", "/console/login", 0, 0, 4, 0},
    {"GET", "/console/login", 0, 405, -1, HTTP_POST},
    {"POST", "/console/other", 0, 405, -1, HTTP_GET | HTTP_HEAD},
    {"GET", "/console", 0, 404, -1, 0},
    {"GET", "/consolex", 0, 404, -1, 0},
    {"GET", "/star*", 0, 404, -1, 0},
    {"GET", "/console/*", 0, 0, 3, 0},
    {"GET", "/", 0, 404, -1, 0},
    /* No second spelling of anything, with a route of its own or under a wild one. */
    {"GET", "//both", 0, 404, -1, 0},
    {"GET", "/both/", 0, 404, -1, 0},
    {"GET", "/./both", 0, 404, -1, 0},
    {"GET", "/x/../both", 0, 404, -1, 0},
    {"GET", "/%62oth", 0, 404, -1, 0},
    {"GET", "/Both", 0, 404, -1, 0},
    {"GET", "/both;x", 0, 404, -1, 0},
    {"GET", "/both%00", 0, 404, -1, 0},
    {"GET", "/both%3f", 0, 404, -1, 0},
    {"GET", "/console//a", 0, 404, -1, 0},
    {"GET", "/console/./a", 0, 404, -1, 0},
    {"GET", "/console/../first", 0, 404, -1, 0},
    {"GET", "/console/..", 0, 404, -1, 0},
    {"GET", "/console/%2e%2e/first", 0, 404, -1, 0},
    {"GET", "/console/%2E./first", 0, 404, -1, 0},
    {"GET", "/console/a%2Fb", 0, 404, -1, 0},
    {"GET", "/console/a%5cb", 0, 404, -1, 0},
    {"GET", "/console/a\\b", 0, 404, -1, 0},
    {"GET", "/console/a;b", 0, 404, -1, 0},
    {"GET", "/console/a%00", 0, 404, -1, 0},
    {"GET", "/console/a%252e", 0, 404, -1, 0},
    {"GET", "/console/.", 0, 404, -1, 0},
    {"GET", "/console/a/../b", 0, 404, -1, 0},
    {"GET", "/console/.well-known", 0, 0, 3, 0},
    {"GET", "/console/..x", 0, 0, 3, 0},
    {"GET", "http://mdm.contoso.com/both", 0, 400, -1, 0},
    {"GET", "both", 0, 400, -1, 0},
    {"OPTIONS", "*", 0, 400, -1, 0},
    {"CONNECT", "mdm.contoso.com:443", 0, 501, -1, 0},
    {"TRACE", "/both", 0, 501, -1, 0},
    {"MERGE", "/both", 0, 501, -1, 0},
};

static void case16_a_path_has_one_spelling(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		char head[256];

		/* llhttp itself refuses some targets; those tests are in test_parse.c. */
		snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: mdm.contoso.com\r\n\r\n",
			 targets[i].method, targets[i].target);
		if (strcmp(targets[i].target, "both") == 0)
			continue;
		expect(head, targets[i].listener, targets[i].status, targets[i].tag,
		       targets[i].allow);
	}
}

static const struct {
	const char *fields;
	size_t listener;
	int status;
} host_cases[] = {
    {"Host: mdm.contoso.com\r\n", 0, 0},
    {"Host: MDM.CONTOSO.COM:8443\r\n", 0, 0},
    {"Host: mdm.contoso.com:\r\n", 0, 0},
    {"Host: [::1]:8443\r\n", 0, 0},
    {"Host: mdm.contoso.com.\r\n", 0, 421},
    {"Host: contoso.com\r\n", 0, 421},
    {"Host: xmdm.contoso.com\r\n", 0, 421},
    {"Host: mdm.contoso.comx\r\n", 0, 421},
    {"Host: 127.0.0.1\r\n", 0, 421},
    {"Host: anything.at.all\r\n", 1, 0},
    {"", 0, 400},
    {"", 1, 400},
    {"Host:\r\n", 1, 400},
    {"Host: a\r\nHost: a\r\n", 1, 400},
    {"Host: a\r\nhost: b\r\n", 1, 400},
    {"Host: a b\r\n", 1, 400},
    {"Host: a,b\r\n", 1, 400},
    {"Host: a/b\r\n", 1, 400},
    {"Host: a@b\r\n", 1, 400},
    {"Host: a:b\r\n", 1, 400},
    {"Host: a:80:80\r\n", 1, 400},
    {"Host: [::1\r\n", 1, 400},
    {"Host: :80\r\n", 1, 400},
};

static void case16_hosts_belong_to_listeners(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(host_cases); i++) {
		char head[256];

		snprintf(head, sizeof(head), "GET /both HTTP/1.1\r\n%s\r\n", host_cases[i].fields);
		expect(head, host_cases[i].listener, host_cases[i].status, -1, 0);
	}
	expect("GET /both HTTP/1.0\r\n\r\n", 1, 0, 0, 0);
	expect("GET /both HTTP/1.0\r\n\r\n", 0, 421, -1, 0);
}

/* A host that is known by a pattern reaches the routes that say so, and nothing else. */
static void case16_a_pattern_is_for_routes_that_say_so(void **state)
{
	static const struct {
		const char *target, *host;
		int status, tag;
	} cases[] = {
	    {"/wide", "find.me.contoso.com", 0, 7}, {"/wide", "FIND.Me.x", 0, 7},
	    {"/wide", "find.me.x:443", 0, 7},       {"/wide", "mdm.contoso.com", 0, 7},
	    {"/wide", "find.me.", 421, -1},         {"/wide", "find.me", 421, -1},
	    {"/wide", "xfind.me.y", 421, -1},       {"/wide", "find.me.*", 400, -1},
	    {"/both", "find.me.x", 421, -1},        {"/none", "find.me.x", 421, -1},
	    {"/console/a", "find.me.x", 421, -1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char head[256];

		snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].target,
			 cases[i].host);
		expect(head, 0, cases[i].status, cases[i].tag, 0);
	}
	expect("POST /wide HTTP/1.1\r\nHost: find.me.x\r\n\r\n", 0, 421, -1, 0);
	assert_true(http_route_is_host(&listeners[0], TEXT("find.me.x")));
	assert_false(http_route_is_host(&listeners[0], TEXT("find.me")));
}

static const struct {
	const char *fields;
	int status;
	bool is_continue_wanted;
} body_cases[] = {
    {"Content-Length: 100\r\n", 0, false},
    {"Content-Length: 101\r\n", 413, false},
    {"Transfer-Encoding: chunked\r\n", 0, false},
    {"Content-Length: 1\r\nContent-Encoding: identity\r\n", 0, false},
    {"Content-Length: 1\r\nContent-Encoding: gzip\r\n", 415, false},
    {"Content-Length: 0\r\nContent-Encoding: br\r\n", 415, false},
    {"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", 415, false},
    {"Content-Length: 1\r\nExpect: 100-continue\r\n", 0, true},
    {"Content-Length: 1\r\nExpect: 100-CONTINUE\r\n", 0, true},
    {"Content-Length: 101\r\nExpect: 100-continue\r\n", 413, false},
    {"Content-Length: 1\r\nExpect: 200-ok\r\n", 417, false},
    {"Content-Length: 1\r\nExpect: 100-continue, x\r\n", 417, false},
    {"Content-Length: 1\r\nExpect:\r\n", 417, false},
    {"Content-Length: 1\r\nExpect: 100-continue\r\nExpect: x\r\n", 417, false},
};

static void case16_a_body_is_judged_by_its_head(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(body_cases); i++) {
		struct http_admission admission;
		char head[256];

		snprintf(head, sizeof(head), "POST /both HTTP/1.1\r\nHost: a\r\n%s\r\n",
			 body_cases[i].fields);
		admit(head, 1, &admission);
		if (admission.status != body_cases[i].status ||
		    admission.is_continue_wanted != body_cases[i].is_continue_wanted)
			fail_msg("%s: %d", body_cases[i].fields, admission.status);
	}
	expect("GET /both HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 1, 413, -1, 0);
	expect("GET /both HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 1, 413, -1,
	       0);
	expect("GET /both HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 1, 0, 0, 0);
}

static void a_request_is_taken_apart(void **state)
{
	static char data[] = "GET /a/b?c=d?e HTTP/1.1\r\nHost: x.y:81\r\nA:  b \r\n\r\n";
	static struct http_request request;
	struct http_parser parser;
	size_t len = sizeof(data) - 1;

	http_parser_init(&parser);
	assert_int_equal(http_parser_feed(&parser, data, &len), HTTP_PARSE_HEAD);
	assert_int_equal(http_request_read(&request, &parser, data), 0);
	assert_int_equal(request.method, HTTP_GET);
	assert_true(text_eq_c(request.target, "/a/b?c=d?e"));
	assert_true(text_eq_c(request.path, "/a/b"));
	assert_true(text_eq_c(request.query, "c=d?e"));
	assert_true(text_eq_c(request.host, "x.y"));
	assert_int_equal(request.header_count, 2);
	assert_true(text_eq_c(request.headers[1].name, "A"));
	assert_true(text_eq_c(request.headers[1].value, "b"));
	assert_int_equal(request.body.len, 0);
	http_parser_done(&parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case16_a_path_has_one_spelling),
	    cmocka_unit_test(case16_hosts_belong_to_listeners),
	    cmocka_unit_test(case16_a_pattern_is_for_routes_that_say_so),
	    cmocka_unit_test(case16_a_body_is_judged_by_its_head),
	    cmocka_unit_test(a_request_is_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
