/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message.c: fields, forms, and responses as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/respond.h"

static void fields_are_found_whatever_their_case(void **state)
{
	static struct http_request request = {
	    .headers = {{TEXT("Accept"), TEXT("a")},
			{TEXT("X-Y"), TEXT("b")},
			{TEXT("x-y"), TEXT("c")}},
	    .header_count = 3,
	};

	assert_true(text_eq_c(http_request_header(&request, "X-y"), "b"));
	assert_int_equal(http_request_header_count(&request, "X-Y"), 2);
	assert_null(http_request_header(&request, "X").ptr);
	assert_int_equal(http_request_header_count(&request, "Y"), 0);
}

struct form_case {
	const char *name;
	struct text in;
	bool plus_is_space;
	int outcome;
	size_t count;
	struct text names[3];
	struct text values[3];
};

#define T TEXT
static const struct form_case forms[] = {
    {"empty", T(""), true, 0, 0, {T("")}, {T("")}},
    {"pairs", T("a=1&b=2"), true, 0, 2, {T("a"), T("b")}, {T("1"), T("2")}},
    {"duplicates", T("a=1&a=2"), true, 0, 2, {T("a"), T("a")}, {T("1"), T("2")}},
    {"no value", T("a&b="), true, 0, 2, {T("a"), T("b")}, {T(""), T("")}},
    {"empty parts", T("&&a=1&"), true, 0, 1, {T("a")}, {T("1")}},
    {"only a value", T("=1"), true, 0, 1, {T("")}, {T("1")}},
    {"= in a value", T("a=b=c"), true, 0, 1, {T("a")}, {T("b=c")}},
    {"decoded once", T("a%3Db=%2541"), true, 0, 1, {T("a=b")}, {T("%41")}},
    {"separators decoded late", T("a=1%26b%3D2"), true, 0, 1, {T("a")}, {T("1&b=2")}},
    {"plus in a form", T("a+b=c+d"), true, 0, 1, {T("a b")}, {T("c d")}},
    {"plus in a query", T("a+b=c+d"), false, 0, 1, {T("a+b")}, {T("c+d")}},
    {"UTF-8", T("a=%c3%A4"), true, 0, 1, {T("a")}, {T("\xc3\xa4")}},
    {"bad escape", T("a=%4g"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"cut escape", T("a=%4"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"bare percent", T("a=%"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"escape across parts", T("a=%4&1=2"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"NUL", T("a=%00"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"raw NUL", T("a=\0"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"overlong", T("a=%c0%af"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"bad name", T("%ff=1"), true, HTTP_FORM_E_MALFORMED, 0, {T("")}, {T("")}},
    {"at the maximum", T("a&b&c"), true, 0, 3, {T("a"), T("b"), T("c")}, {T(""), T(""), T("")}},
    {"past the maximum", T("a&b&c&d"), true, HTTP_FORM_E_TOO_MANY, 0, {T("")}, {T("")}},
};

static void forms_are_read_strictly(void **state)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const struct form_case *c = &forms[i];
		struct http_param params[3];
		size_t count = 77;
		int r = http_form_read(&arena, c->in, c->plus_is_space, params, 3, &count);

		if (r != c->outcome || (r == 0 && count != c->count) || (r && count != 77))
			fail_msg("%s: %d, %zu", c->name, r, count);
		for (size_t k = 0; r == 0 && k < count; k++)
			if (!text_eq(params[k].name, c->names[k]) ||
			    !text_eq(params[k].value, c->values[k]))
				fail_msg("%s: parameter %zu", c->name, k);
	}
	arena_done(&arena);
}

static void a_parameter_says_how_often_it_came(void **state)
{
	static const struct http_param params[] = {
	    {T("a"), T("1")}, {T("b"), T("2")}, {T("a"), T("3")}};
	size_t count;

	assert_true(text_eq_c(http_form_get(params, 3, "a", &count), "1"));
	assert_int_equal(count, 2);
	assert_true(text_eq_c(http_form_get(params, 3, "b", NULL), "2"));
	assert_null(http_form_get(params, 3, "A", &count).ptr);
	assert_int_equal(count, 0);
}

static const struct {
	const char *name;
	struct text value;
	bool is_good;
} fields[] = {
    {"Location", T("https://a/b?c"), true},
    {"X-Empty", T(""), true},
    {"X-Text", T("\xc3\xa4 \t b"), true},
    {"X", T("a\r\nSet-Cookie: b"), false},
    {"X", T("a\n"), false},
    {"X", T("a\r"), false},
    {"X", T("a\0b"), false},
    {"X", T("\x1b"), false},
    {"X", T("\x7f"), false},
    {"", T("a"), false},
    {"X Y", T("a"), false},
    {"X:", T("a"), false},
    {"X\r\nY", T("a"), false},
    {"content-length", T("5"), false},
    {"Transfer-Encoding", T("chunked"), false},
    {"Connection", T("keep-alive"), false},
    {"Date", T("now"), false},
};

static void case19_only_sound_fields_are_sent(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct http_response response = {.status = 200};

		http_response_header(&response, fields[i].name, fields[i].value);
		if (response.is_broken == fields[i].is_good)
			fail_msg("%s: %.*s", fields[i].name, TEXT_ARG(fields[i].value));
		assert_int_equal(response.header_count, fields[i].is_good);
	}
}

static void too_many_fields_break_a_response(void **state)
{
	struct http_response response = {.status = 200};

	for (int i = 0; i < HTTP_RESPONSE_HEADERS; i++)
		http_response_header(&response, "X", TEXT("y"));
	assert_false(response.is_broken);
	http_response_header(&response, "X", TEXT("y"));
	assert_true(response.is_broken);
	http_response_set(&response, 200, "text/plain");
	assert_true(response.is_broken);
}

static void the_last_type_counts(void **state)
{
	struct http_response response = {.status = 0};

	http_response_set(&response, 200, "text/plain");
	http_response_header(&response, "X", TEXT("y"));
	http_response_set(&response, 404, "text/html");
	http_response_set(&response, 403, NULL);
	assert_int_equal(response.status, 403);
	assert_int_equal(response.header_count, 2);
	assert_true(text_eq_c(response.headers[0].value, "y"));
	assert_true(text_eq_c(response.headers[1].value, "text/html"));
}

/* Write with a fixed Date, so that whole responses can be compared. */
static int write_response(struct buf *out, const struct http_response *response, bool is_head,
			  bool is_closing, bool *ret_closing)
{
	struct http_date date = {.at = 0};
	struct http_respond_options options = {&date, is_head, is_closing};
	int status;
	char *at;

	buf_init(out, NULL);
	status = http_respond_write(out, response, &options, ret_closing);
	at = strstr(out->data, "Date: ");
	assert_non_null(at);
	assert_int_equal(strcspn(at, "\r"), strlen("Date: Sun, 06 Nov 1994 08:49:37 GMT"));
	memcpy(at, "Date: then", 10);
	memmove(at + 10, strchr(at, '\r'), strlen(strchr(at, '\r')) + 1);
	return status;
}

static const struct {
	const char *name;
	int status;
	const char *body;
	bool is_head, is_closing;
	const char *expected;
} responses[] = {
    {"body", 200, "hello", false, false,
     "HTTP/1.1 200 OK\r\nDate: then\r\nX: y\r\nContent-Length: 5\r\n\r\nhello"},
    {"no body", 200, "", false, false,
     "HTTP/1.1 200 OK\r\nDate: then\r\nX: y\r\nContent-Length: 0\r\n\r\n"},
    {"HEAD", 200, "hello", true, false,
     "HTTP/1.1 200 OK\r\nDate: then\r\nX: y\r\nContent-Length: 5\r\n\r\n"},
    {"closing", 401, "no", false, true,
     "HTTP/1.1 401 Unauthorized\r\nDate: then\r\nX: y\r\nContent-Length: 2\r\n"
     "Connection: close\r\n\r\nno"},
    {"204", 204, "", false, false, "HTTP/1.1 204 No Content\r\nDate: then\r\nX: y\r\n\r\n"},
    {"304", 304, "", false, false, "HTTP/1.1 304 Not Modified\r\nDate: then\r\nX: y\r\n\r\n"},
    {"status without a name", 299, "", false, false,
     "HTTP/1.1 299 Other\r\nDate: then\r\nX: y\r\nContent-Length: 0\r\n\r\n"},
};

#define BROKEN                                                                                     \
	"HTTP/1.1 500 Internal Server Error\r\nDate: then\r\n"                                     \
	"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n"                        \
	"Connection: close\r\n\r\n500 Internal Server Error\n"

static void responses_have_one_form(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
		struct http_response response = {.status = responses[i].status};
		struct buf out;
		bool is_closing;
		int status;

		http_response_header(&response, "X", TEXT("y"));
		buf_init(&response.body, NULL);
		buf_add_c(&response.body, responses[i].body);
		status = write_response(&out, &response, responses[i].is_head,
					responses[i].is_closing, &is_closing);
		if (strcmp(out.data, responses[i].expected) != 0)
			fail_msg("%s: %s", responses[i].name, out.data);
		assert_int_equal(status, responses[i].status);
		assert_int_equal(is_closing, responses[i].is_closing);
		buf_done(&out);
		buf_done(&response.body);
	}
}

static void the_end_of_a_response_can_be_withheld(void **state)
{
	static const size_t withheld[] = {2, SIZE_MAX};

	for (size_t i = 0; i < ARRAY_LEN(withheld); i++) {
		struct http_response response = {.status = 200, .withheld = withheld[i]};
		struct http_date date = {.at = 0};
		struct http_respond_options options = {&date, false, false};
		bool is_closing = false;
		struct buf out;

		buf_init(&out, NULL);
		buf_init(&response.body, NULL);
		buf_add_c(&response.body, "hello");
		assert_int_equal(http_respond_write(&out, &response, &options, &is_closing), 200);
		assert_true(is_closing);
		if (i == 0)
			assert_true(text_ends(buf_text(&out), TEXT("\r\n\r\nhel")));
		else
			assert_int_equal(out.len, 0);
		buf_done(&out);
		buf_done(&response.body);
	}
}

static void what_must_not_be_sent_becomes_500(void **state)
{
	static const struct {
		int status;
		const char *body;
		bool is_broken;
	} cases[] = {{0, "", false},       {100, "", false},  {600, "", false}, {-200, "", false},
		     {204, "body", false}, {304, "x", false}, {200, "x", true}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_response response = {.status = cases[i].status,
						 .is_broken = cases[i].is_broken};
		struct buf out;
		bool is_closing = false;

		buf_init(&response.body, NULL);
		buf_add_c(&response.body, cases[i].body);
		assert_int_equal(write_response(&out, &response, false, false, &is_closing), 500);
		assert_string_equal(out.data, BROKEN);
		assert_true(is_closing);
		buf_done(&out);
		buf_done(&response.body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_are_found_whatever_their_case),
	    cmocka_unit_test(forms_are_read_strictly),
	    cmocka_unit_test(a_parameter_says_how_often_it_came),
	    cmocka_unit_test(case19_only_sound_fields_are_sent),
	    cmocka_unit_test(too_many_fields_break_a_response),
	    cmocka_unit_test(the_last_type_counts),
	    cmocka_unit_test(responses_have_one_form),
	    cmocka_unit_test(the_end_of_a_response_can_be_withheld),
	    cmocka_unit_test(what_must_not_be_sent_becomes_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
