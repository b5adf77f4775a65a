/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_app_grant.c: the form of the token request, and what each answer of Entra means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/uuid.h"
#include "entra/app_grant.h"
#include "jwt/sign.h"
#include "jwt/test_mint.h"

#define TENANT "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define CLIENT "b7f3d2c4-61aa-4b0e-8c9d-52e1f0a3d987"
#define TRACE  "0d6f5c1e-97b2-4f1b-9a53-1c2b7e8d4f60"

static struct arena arena;

static struct app_target make_target(void)
{
	static const struct tenant tenant = {
	    .tenant_id = TENANT, .cloud = CLOUD_GLOBAL, .client_id = CLIENT};

	return app_target_make(&arena, &tenant);
}

static void targets(void **state UNUSED)
{
	static const struct tenant gov = {
	    .tenant_id = TENANT, .cloud = CLOUD_USGOV, .client_id = CLIENT};
	struct app_target target = make_target();

	assert_string_equal(target.token_url,
			    "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token");
	assert_string_equal(target.scope, "https://graph.microsoft.com/.default");
	target = app_target_make(&arena, &gov);
	assert_string_equal(target.scope, "https://graph.microsoft.us/.default");
}

static void forms(void **state UNUSED)
{
	struct app_target target = make_target();

	assert_true(
	    text_eq_c(app_form_write(&arena, &target, APP_PROOF_SECRET, TEXT("a~B+c/d&e=f %")),
		      "grant_type=client_credentials&client_id=" CLIENT
		      "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
		      "&client_secret=a~B%2Bc%2Fd%26e%3Df%20%25"));
	assert_true(
	    text_eq_c(app_form_write(&arena, &target, APP_PROOF_ASSERTION, TEXT("a.b.c")),
		      "grant_type=client_credentials&client_id=" CLIENT
		      "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_assertion_type="
		      "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
		      "&client_assertion=a.b.c"));
}

static const struct json *segment(struct text *rest)
{
	struct text decoded;
	const struct json *tree;

	assert_int_equal(b64url_read(&arena, text_cut(rest, '.'), &decoded), 0);
	assert_int_equal(json_read(&arena, decoded, 4, &tree), 0);
	return tree;
}

static int64_t number(const struct json *tree, const char *name)
{
	int64_t n = -1;

	assert_true(json_int(tree, name, &n));
	return n;
}

static void an_assertion(void **state UNUSED)
{
	struct app_target target = make_target();
	struct evp_pkey_st *key = mint_rsa_key(2048, 65537);
	char *certificate_pem = mint_certificate(&arena, key), *key_pem = mint_key(&arena, key);
	const struct json *header, *payload;
	char *first, *second;
	struct text rest;

	assert_int_equal(app_assertion_write(&arena, &target, text_of(certificate_pem),
					     text_of(key_pem), 1800000000, &first),
			 0);
	assert_int_equal(app_assertion_write(&arena, &target, text_of(certificate_pem),
					     text_of(key_pem), 1800000000, &second),
			 0);
	assert_string_not_equal(first, second);
	rest = text_of(first);
	header = segment(&rest);
	payload = segment(&rest);
	assert_true(text_eq_c(json_text(header, "alg"), "PS256"));
	assert_int_equal(json_text(header, "x5t#S256").len, 43);
	assert_true(text_eq_c(json_text(payload, "aud"), target.token_url));
	assert_true(text_eq_c(json_text(payload, "iss"), CLIENT));
	assert_true(text_eq_c(json_text(payload, "sub"), CLIENT));
	assert_true(uuid_is(json_text(payload, "jti")));
	assert_int_equal(number(payload, "nbf"), 1800000000);
	assert_int_equal(number(payload, "exp"), 1800000600);
	assert_int_equal(
	    app_assertion_write(&arena, &target, TEXT("x"), text_of(key_pem), 0, &first),
	    JWT_SIGN_E_CERTIFICATE);
	assert_int_equal(
	    app_assertion_write(&arena, &target, text_of(certificate_pem), TEXT("x"), 0, &first),
	    JWT_SIGN_E_KEY);
	mint_key_free(key);
}

#define FAILED(word, code)                                                                         \
	"{\"error\":\"" word                                                                       \
	"\",\"error_description\":\"AADSTS: secret words\",\"error_codes\":[" #code                \
	"],\"trace_id\":\"" TRACE "\"}"

static const struct {
	int status;
	const char *body;
	int64_t retry_after_s;
	int expected;
	int64_t wait;
} answers[] = {
    {401, FAILED("invalid_client", 7000215), -1, ENTRA_APP_E_CREDENTIAL, 0},
    {401, FAILED("invalid_client", 7000222), -1, ENTRA_APP_E_CREDENTIAL, 0},
    {401, FAILED("invalid_client", 700027), -1, ENTRA_APP_E_CREDENTIAL, 0},
    {401, FAILED("invalid_client", 999), -1, ENTRA_APP_E_CREDENTIAL, 0},
    {400, FAILED("unauthorized_client", 700016), -1, ENTRA_APP_E_NOT_INSTALLED, 0},
    {400, FAILED("unauthorized_client", 7000112), -1, ENTRA_APP_E_DISABLED, 0},
    {401, FAILED("invalid_client", 7000112), -1, ENTRA_APP_E_DISABLED, 0},
    {400, FAILED("invalid_grant", 65001), -1, ENTRA_APP_E_CONSENT, 0},
    {400, FAILED("invalid_request", 90002), -1, ENTRA_APP_E_CONFIGURATION, 0},
    {400, FAILED("invalid_tenant", 1), -1, ENTRA_APP_E_CONFIGURATION, 0},
    {400, FAILED("invalid_resource", 500011), -1, ENTRA_APP_E_CONFIGURATION, 0},
    {400, FAILED("interaction_required", 53003), -1, ENTRA_APP_E_BLOCKED, 3600},
    {400, FAILED("invalid_scope", 70011), -1, ENTRA_APP_E_REQUEST, 0},
    {400, FAILED("invalid_request", 12345), -1, ENTRA_APP_E_REQUEST, 0},
    {400, FAILED("temporarily_unavailable", 90033), -1, ENTRA_APP_E_TRANSIENT, 5},
    {429, FAILED("invalid_client", 7000215), 17, ENTRA_APP_E_TRANSIENT, 17},
    {429, "", -1, ENTRA_APP_E_TRANSIENT, 5},
    {429, "", 99999, ENTRA_APP_E_TRANSIENT, 3600},
    {429, "", 0, ENTRA_APP_E_TRANSIENT, 5},
    {500, "<html>", -1, ENTRA_APP_E_TRANSIENT, 5},
    {503, "", 120, ENTRA_APP_E_TRANSIENT, 120},
    {400, "<html>", -1, ENTRA_APP_E_TRANSIENT, 5},
    {403, "{\"error\":{\"code\":\"x\"}}", -1, ENTRA_APP_E_TRANSIENT, 5},
    {302, "", -1, ENTRA_APP_E_TRANSIENT, 5},
    {204, "", -1, ENTRA_APP_E_TRANSIENT, 5},
    {200, "", -1, ENTRA_APP_E_TRANSIENT, 5},
    {200, "{}", -1, ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":3599}", -1, ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"pop\",\"expires_in\":3599,\"access_token\":\"a\"}", -1,
     ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":0,\"access_token\":\"a\"}", -1,
     ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":\"3599\",\"access_token\":\"a\"}", -1,
     ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"a\\r\\nX: y\"}", -1,
     ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"\"}", -1,
     ENTRA_APP_E_TRANSIENT, 5},
    {200, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"abc\"}", -1, 0, 0},
    {200, "{\"token_type\":\"bearer\",\"expires_in\":3599,\"access_token\":\"abc\",\"x\":[]}", -1,
     0, 0},
};

static void meanings(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct app_answer answer = {answers[i].status, text_of(answers[i].body),
					    answers[i].retry_after_s};
		struct entra_app_error error = {0};
		struct app_grant grant = {0};
		int r = app_answer_read(&arena, &answer, &grant, &error);

		if (r != answers[i].expected || error.retry_after_s != answers[i].wait)
			fail_msg("row %zu: %d, wait %d", i, r, (int)error.retry_after_s);
		if (r == 0) {
			assert_true(text_eq_c(grant.token, "abc"));
			assert_int_equal(grant.lifetime_s, 3599);
			continue;
		}
		assert_null(grant.token.ptr);
		assert_true(strlen(error.remedy) > 0);
		assert_null(strstr(error.detail, "secret words"));
		assert_true(strlen(entra_app_outcome_name((enum entra_app_outcome)r)) > 0);
		assert_true(strlen(app_outcome_remedy((enum entra_app_outcome)r)) > 0);
	}
}

static void a_detail_names_the_trace(void **state UNUSED)
{
	struct app_answer answer = {401, TEXT(FAILED("invalid_client", 7000215)), -1};
	struct entra_app_error error;
	struct app_grant grant;

	assert_int_equal(app_answer_read(&arena, &answer, &grant, &error), ENTRA_APP_E_CREDENTIAL);
	assert_string_equal(error.detail,
			    "status 401, invalid_client, AADSTS7000215, trace " TRACE);
	assert_int_equal(error.aadsts, 7000215);
	answer.body = TEXT("{\"error\":\"<script>\",\"trace_id\":\"x\\n\"}");
	assert_int_equal(app_answer_read(&arena, &answer, &grant, &error), ENTRA_APP_E_TRANSIENT);
	assert_string_equal(error.detail, "status 401, an unknown error word");
}

static int start(void **state UNUSED)
{
	arena_init(&arena);
	return 0;
}

static int end(void **state UNUSED)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(targets),
	    cmocka_unit_test(forms),
	    cmocka_unit_test(an_assertion),
	    cmocka_unit_test(meanings),
	    cmocka_unit_test(a_detail_names_the_trace),
	};

	return cmocka_run_group_tests(tests, start, end);
}
