/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_redirect_uri.c: what may be put into redirect_uri, and what may not (abuse case 19).
 */
#include "terms/redirect_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"

struct uri_case {
	const char *in;
	int outcome;
	const char *out; /* as written again, for accepted ones */
};

static const struct uri_case cases[] = {
    {"ms-appx-web://ContosoMdm/ToUResponse", 0, "ms-appx-web://ContosoMdm/ToUResponse"},
    {"MS-APPX-WEB://App1/ToUResponse", 0, "ms-appx-web://App1/ToUResponse"},
    {"ms-aadj-redir://auth/mdm", 0, "ms-aadj-redir://auth/mdm"},
    {"ms-appx-web://Microsoft.AAD.BrokerPlugin/DRS", 0,
     "ms-appx-web://Microsoft.AAD.BrokerPlugin/DRS"},
    {"ms-appx-web://host", 0, "ms-appx-web://host"},
    {"ms-appx-web://host?x=1&y=a%20b", 0, "ms-appx-web://host?x=1&y=a%20b"},
    {"ms-appx-web://host/p?", 0, "ms-appx-web://host/p"},
    {"", REDIRECT_E_EMPTY, NULL},
    {"https://evil.example/", REDIRECT_E_SCHEME, NULL},
    {"http://evil.example/", REDIRECT_E_SCHEME, NULL},
    {"javascript:alert(1)", REDIRECT_E_SCHEME, NULL},
    {"javascript://ms-appx-web://x/", REDIRECT_E_SCHEME, NULL},
    {"data:text/html,x", REDIRECT_E_SCHEME, NULL},
    {"file:///etc/passwd", REDIRECT_E_SCHEME, NULL},
    {"ms-settings://x", REDIRECT_E_SCHEME, NULL},
    {"//evil.example/", REDIRECT_E_SCHEME, NULL},
    {"/TermsOfUse", REDIRECT_E_SCHEME, NULL},
    {" ms-appx-web://x/", REDIRECT_E_SCHEME, NULL},
    {"ms-appx-web:/x", REDIRECT_E_SCHEME, NULL},
    {"ms-appx-webx://x/", REDIRECT_E_SCHEME, NULL},
    {"ms-appx-web://", REDIRECT_E_HOST, NULL},
    {"ms-appx-web:///path", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://x@evil/", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://x:443/", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://x\\evil/", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://x evil/", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://%65vil/", REDIRECT_E_HOST, NULL},
    {"ms-appx-web://x/a b", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a\r\nSet-Cookie: a=b", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%0d%0aX: y", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%0A", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%00", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%7f", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%2", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a%zz", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/\"onload=", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/<script>", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a\\b", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/\xc3\xa9", REDIRECT_E_CHARACTER, NULL},
    {"ms-appx-web://x/a#b", REDIRECT_E_FRAGMENT, NULL},
    {"ms-appx-web://x#b", REDIRECT_E_FRAGMENT, NULL},
    {"ms-appx-web://x/?IsAccepted=true", REDIRECT_E_PARAMETER, NULL},
    {"ms-appx-web://x/?isaccepted=true", REDIRECT_E_PARAMETER, NULL},
    {"ms-appx-web://x/?a=b&OpaqueBlob=x", REDIRECT_E_PARAMETER, NULL},
    {"ms-appx-web://x/?%4fpaqueBlob=x", REDIRECT_E_PARAMETER, NULL},
    {"ms-appx-web://x/?error=x", REDIRECT_E_PARAMETER, NULL},
    {"ms-appx-web://x/?error_description=x", REDIRECT_E_PARAMETER, NULL},
};

static const char *const none[] = {NULL};

static void case19_table(void **state)
{
	struct redirect_uri uri;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int r = redirect_uri_read(&arena, text_of(cases[i].in), &uri);

		if (r != cases[i].outcome)
			fail_msg("%s: %d instead of %d", cases[i].in, r, cases[i].outcome);
		if (r == 0)
			assert_string_equal(redirect_uri_write(&arena, &uri, none), cases[i].out);
	}
	arena_done(&arena);
}

static void case19_length(void **state)
{
	char in[LIMIT_REDIRECT_URI + 2] = "ms-appx-web://x/";
	size_t start = strlen(in);
	struct redirect_uri uri;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	memset(in + start, 'a', sizeof(in) - start);
	assert_int_equal(redirect_uri_read(&arena, text_make(in, LIMIT_REDIRECT_URI), &uri), 0);
	assert_int_equal(redirect_uri_read(&arena, text_make(in, LIMIT_REDIRECT_URI + 1), &uri),
			 REDIRECT_E_TOO_LONG);
	arena_done(&arena);
}

static void case19_nul_inside(void **state)
{
	struct redirect_uri uri;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(redirect_uri_read(&arena, TEXT("ms-appx-web://x\0/evil"), &uri),
			 REDIRECT_E_HOST);
	assert_int_equal(redirect_uri_read(&arena, TEXT("ms-appx-web://x/\0evil"), &uri),
			 REDIRECT_E_CHARACTER);
	arena_done(&arena);
}

static void pairs_are_encoded(void **state)
{
	const char *pairs[] = {"error", "server_error",      "left-out",
			       "",      "error_description", "it's & <b>\xc3\xa9",
			       NULL};
	struct redirect_uri uri;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(redirect_uri_read(&arena, TEXT("ms-appx-web://x/y?a=1"), &uri), 0);
	assert_string_equal(redirect_uri_write(&arena, &uri, pairs),
			    "ms-appx-web://x/y?a=1&error=server_error&error_description="
			    "it%27s%20%26%20%3Cb%3E%C3%A9");
	assert_int_equal(redirect_uri_read(&arena, TEXT("ms-appx-web://x/y"), &uri), 0);
	assert_string_equal(redirect_uri_write(&arena, &uri, (const char *[]){"a", "b", NULL}),
			    "ms-appx-web://x/y?a=b");
	arena_done(&arena);
}

static void case19_a_tenants_own_rules(void **state)
{
	static const struct {
		const char *rule, *uri;
		bool begins;
	} rows[] = {
	    {"ms-appx-web://App", "ms-appx-web://App/ToU", true},
	    {"ms-appx-web://App", "ms-appx-web://App", true},
	    {"MS-APPX-WEB://app/", "ms-appx-web://APP/ToU?x=1", true},
	    {"ms-appx-web://App/ToU", "ms-appx-web://App/ToUResponse", true},
	    {"ms-appx-web://App/ToU", "ms-appx-web://App/tou", false},
	    {"ms-appx-web://App/ToU", "ms-appx-web://App/", false},
	    {"ms-appx-web://App/ToU", "ms-appx-web://App?x=/ToU", false},
	    {"ms-appx-web://App", "ms-appx-web://App.evil/ToU", false},
	    {"ms-appx-web://App", "ms-appx-web://Ap", false},
	    {"ms-appx-web://App", "ms-aadj-redir://App/ToU", false},
	    {"ms-appx-web://App/a/", "ms-appx-web://App/a/../b", false},
	    {"ms-appx-web://App/a/", "ms-appx-web://App/a/%2e%2E/b", false},
	    {"ms-appx-web://App/a/", "ms-appx-web://App/a/..%2fb", false},
	    {"ms-appx-web://App/a/", "ms-appx-web://App/a/.", false},
	    {"ms-appx-web://App/a/", "ms-appx-web://App/a/..b", true},
	};
	static const char *const no_rules[] = {"",
					       "ms-appx-web",
					       "ms-appx-web://",
					       "https://app/",
					       "ms-appx-web://*",
					       "ms-appx-web://app/?x=1",
					       "ms-appx-web://app/?",
					       "ms-appx-web://app/#x",
					       "ms-appx-web://app/a/../b",
					       "ms-appx-web://app/a b"};
	struct redirect_uri uri;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(redirect_uri_is_rule(&arena, text_of(rows[i].rule)));
		assert_int_equal(redirect_uri_read(&arena, text_of(rows[i].uri), &uri), 0);
		assert_int_equal(redirect_uri_begins(&arena, &uri, text_of(rows[i].rule)),
				 rows[i].begins);
	}
	assert_int_equal(redirect_uri_read(&arena, TEXT("ms-appx-web://app/"), &uri), 0);
	for (size_t i = 0; i < ARRAY_LEN(no_rules); i++) {
		assert_false(redirect_uri_is_rule(&arena, text_of(no_rules[i])));
		assert_false(redirect_uri_begins(&arena, &uri, text_of(no_rules[i])));
	}
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case19_table),
	    cmocka_unit_test(case19_length),
	    cmocka_unit_test(case19_nul_inside),
	    cmocka_unit_test(pairs_are_encoded),
	    cmocka_unit_test(case19_a_tenants_own_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
