/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_provider.c: what a provider may publish, what an administrator may type, and the two sealed
 * values of a sign-in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"
#include "oidc/provider.h"
#include "oidc/sign_in.h"
#include "oidc/sign_in_seal.h"

#define ISSUER "https://login.test/a"

enum { NOW = 1700000000 };

static struct arena arena;
static struct trail trail;
static struct server_keys keys;
static struct op op;

static int setup(void **state UNUSED)
{
	arena_init(&arena);
	trail_reset(&trail);
	secret_set(&keys.federated, TEXT("0123456789abcdef0123456789abcdef"));
	op = (struct op){.arena = &arena, .now = NOW, .keys = &keys};
	return 0;
}

static int teardown(void **state UNUSED)
{
	secret_done(&keys.federated);
	arena_done(&arena);
	return 0;
}

#define METADATA(issuer, authorize, token, jwks)                                                   \
	TEXT("{\"issuer\":" issuer ",\"authorization_endpoint\":" authorize                        \
	     ",\"token_endpoint\":" token ",\"jwks_uri\":" jwks "}")
#define URL(rest) "\"https://login.test" rest "\""

static const struct {
	struct text document;
	bool is_ok;
} documents[] = {
    {METADATA("\"" ISSUER "\"", URL("/x"), URL("/y"), URL("/z")), true},
    {METADATA("\"" ISSUER "\"", URL("/x?p=1"), "\"https://other.test:1/y\"", URL("/z")), true},
    {METADATA("\"" ISSUER "/\"", URL("/x"), URL("/y"), URL("/z")), false},
    {METADATA("\"HTTPS://login.test/a\"", URL("/x"), URL("/y"), URL("/z")), false},
    {METADATA("null", URL("/x"), URL("/y"), URL("/z")), false},
    {METADATA("[\"" ISSUER "\"]", URL("/x"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", "\"http://login.test/x\"", URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", "\"javascript:x\"", URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("/x#y"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("@evil.test/"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("\\\\x"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("/x\\ny"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("/x y"), URL("/y"), URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("/x"), "7", URL("/z")), false},
    {METADATA("\"" ISSUER "\"", URL("/x"), URL("/y"), "null"), false},
    {METADATA("\"" ISSUER "\"", URL("/x"), URL("/y"), "\"https:///z\""), false},
    {METADATA("\"" ISSUER "\"", URL("/x"), URL("/y"), "\"file:///etc/passwd\""), false},
    {TEXT("{}"), false},
    {TEXT("[]"), false},
    {TEXT("\"x\""), false},
    {TEXT(""), false},
    {TEXT("<html>"), false},
};

static void case23_metadata(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		struct oidc_metadata metadata;
		int r =
		    oidc_metadata_read(&arena, ISSUER, documents[i].document, &metadata, &trail);

		if ((r == 0) != documents[i].is_ok)
			fail_msg("%.*s: %d", TEXT_ARG(documents[i].document), r);
	}
}

static void issuers(void **state)
{
	static const struct {
		struct text issuer;
		bool is_ok;
	} rows[] = {
	    {TEXT("https://login.test"), true},
	    {TEXT("https://login.test/"), true},
	    {TEXT("https://login.test:8/a"), true},
	    {TEXT("https://[::1]:8/a/b"), true},
	    {TEXT("http://login.test"), false},
	    {TEXT("https://"), false},
	    {TEXT("https:///a"), false},
	    {TEXT("https://a@b"), false},
	    {TEXT("https://a?b"), false},
	    {TEXT("https://a/?b"), false},
	    {TEXT("https://a#b"), false},
	    {TEXT("https://a b"), false},
	    {TEXT("https://a/\n"), false},
	    {TEXT("ftp://a"), false},
	    {TEXT(""), false},
	    {TEXT("https://a\\b"), false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (oidc_issuer_is_ok(rows[i].issuer) != rows[i].is_ok)
			fail_msg("%.*s", TEXT_ARG(rows[i].issuer));
}

static const struct sign_in_token token = {
    .id = "i",
    .tenant_id = "t",
    .user_key = "oidc:1",
    .object_id = "",
    .user_name = "anna",
    .expires_at = NOW + 1,
};

static void a_token_is_good_until_its_time(void **state)
{
	char *sealed = sign_in_token_seal(&op, &token);
	struct sign_in_token got = {.tenant_id = ""};

	assert_int_equal(sign_in_token_open(&op, text_of(sealed), &got), 0);
	assert_string_equal(got.user_key, "oidc:1");
	assert_string_equal(got.user_name, "anna");
	assert_string_not_equal(sealed, sign_in_token_seal(&op, &token));
	op.now = NOW + 1;
	assert_int_equal(sign_in_token_open(&op, text_of(sealed), &got), SIGN_IN_TOKEN_E_EXPIRED);
	op.now = NOW;
}

static void a_token_that_was_changed_is_none(void **state)
{
	char *sealed = sign_in_token_seal(&op, &token);
	struct sign_in_token got;

	for (size_t i = 0; sealed[i]; i++) {
		char old = sealed[i];

		sealed[i] = old == 'A' ? 'B' : 'A';
		assert_int_equal(sign_in_token_open(&op, text_of(sealed), &got),
				 SIGN_IN_TOKEN_E_FORGED);
		sealed[i] = old;
	}
	assert_int_equal(sign_in_token_open(&op, TEXT_EMPTY, &got), SIGN_IN_TOKEN_E_FORGED);
	assert_int_equal(sign_in_token_open(&op, text_take(text_of(sealed), 30), &got),
			 SIGN_IN_TOKEN_E_FORGED);
}

static void a_state_is_no_token(void **state)
{
	const struct sign_in_state made = {
	    .tenant_id = "t",
	    .provider_version = 3,
	    .appru = "ms-app://x",
	    .login_hint = "anna@contoso.com",
	    .nonce = "n",
	    .verifier = "v",
	    .binding_sha256 = "b",
	    .expires_at = NOW,
	};
	char *sealed = sign_in_state_seal(&op, &made);
	struct sign_in_state got;
	struct sign_in_token none;

	assert_int_equal(sign_in_state_open(&op, text_of(sealed), &got), 0);
	assert_int_equal(got.provider_version, 3);
	assert_string_equal(got.verifier, "v");
	assert_string_equal(got.login_hint, "anna@contoso.com");
	assert_int_equal(sign_in_token_open(&op, text_of(sealed), &none), SIGN_IN_TOKEN_E_FORGED);
	assert_int_equal(sign_in_state_open(&op, text_of(sign_in_token_seal(&op, &token)), &got),
			 SIGN_IN_STATE_E_FORGED);
}

static void bindings(void **state)
{
	const char *made = sign_in_binding_new(&arena);

	assert_true(sign_in_binding_is_ok(text_of(made)));
	assert_false(sign_in_binding_is_ok(text_take(text_of(made), 42)));
	assert_false(sign_in_binding_is_ok(TEXT_EMPTY));
	assert_false(sign_in_binding_is_ok((struct text){NULL, 0}));
	assert_false(sign_in_binding_is_ok(TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case23_metadata),
	    cmocka_unit_test(issuers),
	    cmocka_unit_test(a_token_is_good_until_its_time),
	    cmocka_unit_test(a_token_that_was_changed_is_none),
	    cmocka_unit_test(a_state_is_no_token),
	    cmocka_unit_test(bindings),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
