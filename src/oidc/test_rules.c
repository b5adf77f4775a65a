/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rules.c: each rule for an ID token by a token that breaks it alone (abuse cases 2 to 6 and
 * 21), and the edges of what is accepted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "jwt/test_mint.h"
#include "oidc/rules.h"

#define TENANT "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define OTHER  "c2a9e6f1-88d4-47b0-a1c5-0f3e9b7d6a21"
#define USER   "0f3e9b7d-88d4-47b0-a1c5-c2a9e6f16a21"
#define ISSUER "https://login.test/" TENANT "/v2.0"
#define Q(s)   "\"" s "\""

enum { NOW = 1800000000 };

/* As a provider may name its keys. */
#define ODD_KEY_ID "https://idp.test/k?id=2026.1:A+/~=';--"

static struct arena arena;
static struct evp_pkey_st *good_key, *other_key, *weak_key;
static struct jwks keys;
static struct tenant tenant = {.tenant_id = TENANT};
static struct identity_provider provider = {
    .issuer = ISSUER, .client_id = "muster", .user_claim = "", .required_claim = ""};

static const struct mint_member header[] = {
    {"typ", Q("JWT")}, {"alg", Q("RS256")}, {"kid", Q("good")}, {NULL, NULL}};
static const struct mint_member claims[] = {
    {"iss", Q(ISSUER)},       {"aud", Q("muster")}, {"iat", "1800000000"}, {"exp", "1800000600"},
    {"nonce", Q("n-1")},      {"sub", Q("s-1")},    {"tid", Q(TENANT)},    {"oid", Q(USER)},
    {"email", Q("a@b.test")}, {NULL, NULL},
};

static int setup(void **state UNUSED)
{
	struct buf buf;

	arena_init(&arena);
	good_key = mint_rsa_key(2048, 65537);
	other_key = mint_rsa_key(2048, 65537);
	weak_key = mint_rsa_key(1024, 65537);
	buf_init(&buf, &arena);
	buf_add_c(&buf, "{\"keys\":[");
	mint_jwk(&buf, &arena, "good", good_key, "");
	buf_add_byte(&buf, ',');
	mint_jwk(&buf, &arena, "weak", weak_key, "");
	buf_add_byte(&buf, ',');
	mint_jwk(&buf, &arena, ODD_KEY_ID, good_key, "");
	buf_add_c(&buf, "]}");
	return jwks_read(&arena, buf_text(&buf), &keys);
}

static int teardown(void **state UNUSED)
{
	jwks_done(&keys);
	mint_key_free(good_key);
	mint_key_free(other_key);
	mint_key_free(weak_key);
	arena_done(&arena);
	return 0;
}

static enum oidc_verdict judge_text(const char *token, bool is_entra, struct oidc_user *ret)
{
	struct oidc_judgement judgement = {
	    .tenant = &tenant,
	    .provider = &provider,
	    .is_entra = is_entra,
	    .nonce = TEXT("n-1"),
	    .now = NOW,
	};
	enum oidc_verdict verdict = oidc_rules_read(&arena, text_of(token), &judgement.jwt);

	*ret = (struct oidc_user){.user_key = ""};
	if (verdict != OIDC_TOKEN_OK)
		return verdict;
	judgement.key = jwks_get(&keys, judgement.jwt->key_id);
	return oidc_rules_judge(&arena, &judgement, ret);
}

static enum oidc_verdict judge(const struct mint_member *bent, bool is_entra, struct oidc_user *ret)
{
	return judge_text(mint_token(&arena, mint_object(&arena, header, NULL),
				     mint_object(&arena, claims, bent), good_key, MINT_RS256),
			  is_entra, ret);
}

static const struct {
	const char *name, *raw;
	enum oidc_verdict verdict;
} claim_cases[] = {
    {"x", "1", OIDC_TOKEN_OK},
    {"iss", Q(ISSUER "/"), OIDC_TOKEN_ISSUER},
    {"iss", NULL, OIDC_TOKEN_ISSUER},
    {"iss", "[" Q(ISSUER) "]", OIDC_TOKEN_ISSUER},
    {"aud", Q("Muster"), OIDC_TOKEN_AUDIENCE},
    {"aud", NULL, OIDC_TOKEN_AUDIENCE},
    {"aud", "[]", OIDC_TOKEN_AUDIENCE},
    {"aud", "[" Q("muster") "]", OIDC_TOKEN_OK},
    {"aud", "[" Q("muster") "," Q("x") "]", OIDC_TOKEN_AUTHORIZED_PARTY},
    {"aud", "[" Q("muster") ",1]", OIDC_TOKEN_AUDIENCE},
    {"azp", Q("x"), OIDC_TOKEN_AUTHORIZED_PARTY},
    {"azp", "7", OIDC_TOKEN_AUTHORIZED_PARTY},
    {"azp", Q("muster"), OIDC_TOKEN_OK},
    {"exp", NULL, OIDC_TOKEN_TIMES},
    {"exp", "1800000600.5", OIDC_TOKEN_TIMES},
    {"exp", Q("1800000600"), OIDC_TOKEN_TIMES},
    {"exp", "9223372036854775807", OIDC_TOKEN_TIMES},
    {"exp", "1800000000", OIDC_TOKEN_TIMES},
    {"iat", NULL, OIDC_TOKEN_TIMES},
    {"iat", "-1", OIDC_TOKEN_TIMES},
    {"iat", "1800000300", OIDC_TOKEN_OK},
    {"iat", "1800000301", OIDC_TOKEN_NOT_YET},
    {"nbf", "1800000300", OIDC_TOKEN_OK},
    {"nbf", "1800000301", OIDC_TOKEN_NOT_YET},
    {"nbf", "null", OIDC_TOKEN_TIMES},
    {"nonce", NULL, OIDC_TOKEN_NONCE},
    {"nonce", Q("n-2"), OIDC_TOKEN_NONCE},
    {"nonce", Q(""), OIDC_TOKEN_NONCE},
    {"nonce", "1", OIDC_TOKEN_NONCE},
    {"sub", NULL, OIDC_TOKEN_SUBJECT},
    {"sub", Q(""), OIDC_TOKEN_SUBJECT},
    {"sub", Q("a\\nb"), OIDC_TOKEN_SUBJECT},
};

static void case21_claims(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(claim_cases); i++) {
		const struct mint_member bent[] = {{claim_cases[i].name, claim_cases[i].raw},
						   {NULL, NULL}};
		struct oidc_user user;
		enum oidc_verdict verdict = judge(bent, false, &user);

		if (verdict != claim_cases[i].verdict)
			fail_msg("%s %s: %s", claim_cases[i].name, claim_cases[i].raw,
				 oidc_verdict_name(verdict));
		/* Nothing is said of a user before issuer, audience and time are proved. */
		if (verdict != OIDC_TOKEN_OK && verdict < OIDC_TOKEN_NONCE)
			assert_string_equal(user.user_key, "");
	}
}

static void case5_the_end_of_a_token(void **state)
{
	const struct mint_member ended[] = {
	    {"iat", "1799999000"}, {"exp", "1799999700"}, {NULL, NULL}};
	const struct mint_member ending[] = {
	    {"iat", "1799999000"}, {"exp", "1799999701"}, {NULL, NULL}};
	struct oidc_user user;

	assert_int_equal(judge(ended, false, &user), OIDC_TOKEN_EXPIRED);
	assert_int_equal(judge(ending, false, &user), OIDC_TOKEN_OK);
}

static void case2_signatures(void **state)
{
	static const struct {
		enum mint_algorithm algorithm;
		const char *name, *raw;
		enum oidc_verdict verdict;
	} rows[] = {
	    {MINT_GARBAGE, "x", "1", OIDC_TOKEN_SIGNATURE},
	    {MINT_RS384, "x", "1", OIDC_TOKEN_SIGNATURE},
	    {MINT_PS256, "x", "1", OIDC_TOKEN_SIGNATURE},
	    {MINT_HS256_PEM, "x", "1", OIDC_TOKEN_SIGNATURE},
	    {MINT_HS256_PEM, "alg", Q("HS256"), OIDC_TOKEN_ALGORITHM},
	    {MINT_PS256, "alg", Q("PS256"), OIDC_TOKEN_ALGORITHM},
	    {MINT_GARBAGE, "alg", Q("none"), OIDC_TOKEN_ALGORITHM},
	    {MINT_NONE, "alg", Q("none"), OIDC_TOKEN_MALFORMED},
	    {MINT_RS256, "alg", NULL, OIDC_TOKEN_ALGORITHM},
	    {MINT_RS256, "kid", NULL, OIDC_TOKEN_HEADER},
	    {MINT_RS256, "kid", Q(""), OIDC_TOKEN_HEADER},
	    {MINT_RS256, "kid", Q("a\\nb"), OIDC_TOKEN_HEADER},
	    {MINT_RS256, "kid", Q("\\u00e4"), OIDC_TOKEN_HEADER},
	    {MINT_RS256, "kid", Q(ODD_KEY_ID), OIDC_TOKEN_OK},
	    {MINT_RS256, "kid", Q("../../etc/passwd"), OIDC_TOKEN_KEY_UNKNOWN},
	    {MINT_RS256, "kid", Q("' OR '1'='1"), OIDC_TOKEN_KEY_UNKNOWN},
	    {MINT_RS256, "kid", Q("unknown"), OIDC_TOKEN_KEY_UNKNOWN},
	    {MINT_RS256, "kid", Q("weak"), OIDC_TOKEN_KEY_WEAK},
	    {MINT_RS256, "jku", Q("https://evil.test"), OIDC_TOKEN_HEADER},
	    {MINT_RS256, "crit", "[]", OIDC_TOKEN_HEADER},
	    {MINT_RS256, "typ", Q("at+jwt"), OIDC_TOKEN_HEADER},
	    {MINT_RS256, "typ", NULL, OIDC_TOKEN_OK},
	};
	struct oidc_user user;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct mint_member bent[] = {{rows[i].name, rows[i].raw}, {NULL, NULL}};
		const char *token =
		    mint_token(&arena, mint_object(&arena, header, bent),
			       mint_object(&arena, claims, NULL), good_key, rows[i].algorithm);
		enum oidc_verdict verdict = judge_text(token, false, &user);

		if (verdict != rows[i].verdict)
			fail_msg("row %zu: %s", i, oidc_verdict_name(verdict));
	}
	assert_int_equal(
	    judge_text(mint_token(&arena, mint_object(&arena, header, NULL),
				  mint_object(&arena, claims, NULL), other_key, MINT_RS256),
		       false, &user),
	    OIDC_TOKEN_SIGNATURE);
}

static const struct {
	const char *name, *raw;
	bool is_guest_allowed;
	enum oidc_verdict verdict;
} entra_cases[] = {
    {"x", "1", false, OIDC_TOKEN_OK},
    {"tid", Q(OTHER), false, OIDC_TOKEN_TENANT},
    {"tid", NULL, false, OIDC_TOKEN_TENANT},
    {"oid", NULL, false, OIDC_TOKEN_OBJECT_ID},
    {"oid", Q("x"), false, OIDC_TOKEN_OBJECT_ID},
    {"acct", "1", false, OIDC_TOKEN_GUEST},
    {"acct", "1", true, OIDC_TOKEN_OK},
    {"acct", "0", false, OIDC_TOKEN_OK},
    {"idp", Q("https://sts.test/" OTHER "/"), false, OIDC_TOKEN_GUEST},
    {"idp", Q("https://sts.test/" TENANT "/"), false, OIDC_TOKEN_OK},
    {"idp", Q("live.com"), false, OIDC_TOKEN_GUEST},
    {"upn", Q("a#EXT#@b"), false, OIDC_TOKEN_GUEST},
    {"preferred_username", Q("a#ext#@b"), false, OIDC_TOKEN_GUEST},
};

static void entra_users(void **state)
{
	struct oidc_user user;

	for (size_t i = 0; i < ARRAY_LEN(entra_cases); i++) {
		const struct mint_member bent[] = {{entra_cases[i].name, entra_cases[i].raw},
						   {NULL, NULL}};
		enum oidc_verdict verdict;

		tenant.is_guest_allowed = entra_cases[i].is_guest_allowed;
		verdict = judge(bent, true, &user);
		if (verdict != entra_cases[i].verdict)
			fail_msg("%s %s: %s", entra_cases[i].name, entra_cases[i].raw,
				 oidc_verdict_name(verdict));
		if (verdict == OIDC_TOKEN_OK) {
			assert_string_equal(user.user_key, USER);
			assert_string_equal(user.object_id, USER);
		}
	}
	tenant.is_guest_allowed = false;
}

/* An oid in a token of another provider makes nobody a user of Entra. */
static void other_users(void **state)
{
	const struct mint_member second[] = {{"sub", Q("s-2")}, {NULL, NULL}};
	struct oidc_user user, again, two;

	assert_int_equal(judge(NULL, false, &user), OIDC_TOKEN_OK);
	assert_int_equal(judge(NULL, false, &again), OIDC_TOKEN_OK);
	assert_int_equal(judge(second, false, &two), OIDC_TOKEN_OK);
	assert_string_equal(user.object_id, "");
	assert_string_equal(user.name, "a@b.test");
	assert_int_equal(strncmp(user.user_key, "oidc:", 5), 0);
	assert_int_equal(strlen(user.user_key), 5 + 64);
	assert_string_equal(user.user_key, again.user_key);
	assert_string_not_equal(user.user_key, two.user_key);
}

static void required_claims(void **state)
{
	static const struct {
		const char *required, *raw;
		bool is_in;
	} rows[] = {
	    {"g=a", Q("a"), true},
	    {"g=a", Q("b"), false},
	    {"g=a", "[" Q("b") "," Q("a") "]", true},
	    {"g=a", "[]", false},
	    {"g=a", "{" Q("a") ":1}", false},
	    {"g=true", "true", true},
	    {"g=true", "false", false},
	    {"g=1", "1", false},
	    {"g=a=b", Q("a=b"), true},
	    {"g=", Q(""), false},
	    {"g", Q("g"), false},
	    {"=a", Q("a"), false},
	    {"h=a", Q("a"), false},
	};
	struct oidc_user user;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct mint_member bent[] = {{"g", rows[i].raw}, {NULL, NULL}};

		provider.required_claim = rows[i].required;
		if ((judge(bent, false, &user) == OIDC_TOKEN_OK) != rows[i].is_in)
			fail_msg("%s %s", rows[i].required, rows[i].raw);
	}
	provider.required_claim = "";
}

static void every_verdict_has_a_name(void **state)
{
	for (int i = 0; i < OIDC_VERDICT_COUNT; i++)
		assert_non_null(oidc_verdict_name((enum oidc_verdict)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case21_claims),
	    cmocka_unit_test(case5_the_end_of_a_token),
	    cmocka_unit_test(case2_signatures),
	    cmocka_unit_test(entra_users),
	    cmocka_unit_test(other_users),
	    cmocka_unit_test(required_claims),
	    cmocka_unit_test(every_verdict_has_a_name),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
