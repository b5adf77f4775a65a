/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_jwt.c: reading, verifying and signing tokens, and reading key sets. The abuse cases have
 * their own, larger suite in entra/; here is what that suite does not see: which outcome a reader
 * gives, raw bytes, and key sets with strange members.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/b64.h"
#include "base/limits.h"
#include "jwt/jwt.h"
#include "jwt/test_mint.h"

#define KID_64 "https://login.example/keys?v=2.0&k=A+/~:;(')==_-.!*@$#%[]{}|^ 09"
#define HEADER "{\"alg\":\"RS256\",\"kid\":\"k\"}"

static struct arena arena;
static struct evp_pkey_st *key;

static int start(void **state UNUSED)
{
	arena_init(&arena);
	key = mint_rsa_key(2048, 65537);
	return 0;
}

static int end(void **state UNUSED)
{
	mint_key_free(key);
	arena_done(&arena);
	return 0;
}

static char *mint(const char *header, const char *payload)
{
	return mint_token(&arena, header, payload, key, MINT_RS256);
}

static void outcomes_of_reading(void **state UNUSED)
{
	static const struct {
		const char *header;
		const char *payload;
		int expected;
	} rows[] = {
	    {HEADER, "{}", 0},
	    {HEADER, "{\"tid\":\"a\"}", 0},
	    {"{}", "{}", JWT_E_ALGORITHM},
	    {"[]", "{}", JWT_E_HEADER},
	    {"{\"alg\":\"RS256\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":\"\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":1}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":\"a\\tb\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":\"\\u007f\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":\"\xc3\xa4\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"RS256\",\"kid\":\"" KID_64 KID_64 "\"}", "{}", 0},
	    {"{\"alg\":\"RS256\",\"kid\":\"" KID_64 KID_64 "x\"}", "{}", JWT_E_KEY_ID},
	    {"{\"alg\":\"none\",\"kid\":\"k\"}", "{}", JWT_E_ALGORITHM},
	    {"{\"alg\":\"RS256\",\"kid\":\"k\",\"typ\":\"x\"}", "{}", JWT_E_TYPE},
	    {"{\"alg\":\"RS256\",\"kid\":\"k\",\"crit\":[]}", "{}", JWT_E_CRITICAL},
	    {"{\"alg\":\"RS256\",\"kid\":\"k\",\"jwk\":{}}", "{}", JWT_E_EMBEDDED_KEY},
	    {"{\"alg\":\"RS256\",\"kid\":\"k\",\"nonce\":\"n\"}", "{}", JWT_E_NONCE},
	    {"{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"k\"}", "{}", JWT_E_HEADER},
	    {HEADER, "[]", JWT_E_CLAIMS},
	    {HEADER, "7", JWT_E_CLAIMS},
	    {HEADER, "{\"a\":1,\"a\":1}", JWT_E_CLAIMS},
	    {HEADER, "{\"tid\":\"a\",\"tID\":\"a\"}", JWT_E_CLAIM_TWICE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct jwt *jwt = NULL;
		int r = jwt_read(&arena, text_of(mint(rows[i].header, rows[i].payload)), &jwt);

		assert_int_equal(r, rows[i].expected);
		assert_true((jwt != NULL) == (r == 0));
	}
}

static void outcomes_of_form(void **state UNUSED)
{
	static const struct {
		struct text token;
		int expected;
	} rows[] = {
	    {{"", 0}, JWT_E_SEGMENTS},
	    {{".", 1}, JWT_E_SEGMENTS},
	    {{"..", 2}, JWT_E_SEGMENTS},
	    {{"a.b", 3}, JWT_E_SEGMENTS},
	    {{"a.b.c", 5}, JWT_E_BASE64},
	    {{"AA.AA.AA", 8}, JWT_E_HEADER},
	    {{"e30.e30.", 8}, JWT_E_SEGMENTS},
	    {{"e30.e30.AA", 10}, JWT_E_ALGORITHM},
	    {{"e\0000.e30.AA", 10}, JWT_E_BASE64},
	    {{"e30.e30.AA\0", 11}, JWT_E_ALGORITHM},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct jwt *jwt;

		assert_int_equal(jwt_read(&arena, rows[i].token, &jwt), rows[i].expected);
	}
}

/* A NUL after a good token is not the end of a string. */
static void a_nul_is_a_byte(void **state UNUSED)
{
	char *token = mint(HEADER, "{}");
	const struct jwt *jwt;

	assert_int_equal(jwt_read(&arena, text_make(token, strlen(token)), &jwt), 0);
	assert_int_equal(jwt_read(&arena, text_make(token, strlen(token) + 1), &jwt), JWT_E_BASE64);
}

static void the_length_is_bounded(void **state UNUSED)
{
	struct buf buf;
	const struct jwt *jwt;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "AA.AA.");
	while (buf.len < LIMIT_TOKEN)
		buf_add_byte(&buf, 'A');
	assert_int_equal(jwt_read(&arena, buf_text(&buf), &jwt), JWT_E_HEADER);
	buf_add_byte(&buf, 'A');
	assert_int_equal(jwt_read(&arena, buf_text(&buf), &jwt), JWT_E_TOO_LONG);
}

static void claims_are_copied_by_type(void **state UNUSED)
{
	const struct jwt *jwt;

	assert_int_equal(jwt_read(&arena,
				  text_of(mint(HEADER, "{\"aud\":[\"x\"],\"iss\":\"i\",\"exp\":1.0,"
						       "\"nbf\":5,\"acct\":\"0\",\"idtyp\":7}")),
				  &jwt),
			 0);
	assert_null(jwt->claims.audience.ptr);
	assert_true(text_eq_c(jwt->claims.issuer, "i"));
	assert_false(jwt->claims.has_expires_at);
	assert_true(jwt->claims.has_not_before);
	assert_int_equal(jwt->claims.not_before, 5);
	assert_true(jwt->claims.has_account_kind);
	assert_int_equal(jwt->claims.account_kind, -1);
	assert_true(jwt->claims.has_kind);
	assert_null(jwt->claims.kind.ptr);
}

static void read_set(const char *members, int expected, struct jwks *ret)
{
	assert_int_equal(
	    jwks_read(&arena, text_of(arena_printf(&arena, "{\"keys\":[%s]}", members)), ret),
	    expected);
}

static char *one_key(struct evp_pkey_st *of, const char *extra)
{
	struct buf buf;

	buf_init(&buf, &arena);
	mint_jwk(&buf, &arena, "k", of, extra);
	return buf.data;
}

static void a_signature_is_verified(void **state UNUSED)
{
	char *token = mint(HEADER, "{}");
	struct evp_pkey_st *other = mint_rsa_key(2048, 65537);
	const struct jwt *jwt;
	struct jwks set, others;

	assert_int_equal(jwt_read(&arena, text_of(token), &jwt), 0);
	read_set(one_key(key, ""), 0, &set);
	read_set(one_key(other, ""), 0, &others);
	assert_int_equal(set.count, 1);
	assert_int_equal(set.keys[0].bits, 2048);
	assert_int_equal(set.keys[0].signature_len, 256);
	assert_false(set.keys[0].is_weak);
	assert_int_equal(jwt_verify(jwt, &set.keys[0]), JWT_VERIFIED);
	assert_int_equal(jwt_verify(jwt, &others.keys[0]), JWT_BAD_SIGNATURE);
	assert_int_equal(jwt_verify(jwt, &(struct jwk){0}), JWT_KEY_UNUSABLE);
	jwks_done(&set);
	jwks_done(&others);
	mint_key_free(other);
}

/* A key of 2047 bits has signatures as long as one of 2048. */
static void odd_sizes(void **state UNUSED)
{
	static const struct {
		unsigned bits, exponent;
		bool is_weak;
	} rows[] = {
	    {2047, 65537, true}, {2048, 17, true}, {2056, 65537, false}, {3072, 65537, false}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct evp_pkey_st *odd = mint_rsa_key(rows[i].bits, rows[i].exponent);
		const struct jwt *jwt;
		struct jwks set;

		assert_int_equal(
		    jwt_read(&arena, text_of(mint_token(&arena, HEADER, "{}", odd, MINT_RS256)),
			     &jwt),
		    0);
		read_set(one_key(odd, ""), 0, &set);
		assert_int_equal(set.keys[0].is_weak, rows[i].is_weak);
		assert_int_equal(set.keys[0].signature_len, EVP_PKEY_get_size(odd));
		assert_int_equal(jwt_verify(jwt, &set.keys[0]), JWT_VERIFIED);
		jwks_done(&set);
		mint_key_free(odd);
	}
}

static char *big_number(size_t bytes)
{
	char *raw = arena_alloc(&arena, bytes);

	memset(raw, 0xff, bytes);
	return b64url_write(&arena, text_make(raw, bytes));
}

static void strange_members_are_skipped(void **state UNUSED)
{
	const char *const members[] = {
	    "7",
	    "{}",
	    "{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
	    "{\"kty\":\"oct\",\"kid\":\"o\",\"k\":\"AAAA\"}",
	    "{\"kty\":\"RSA\",\"kid\":\"k0\",\"n\":\"\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"kid\":\"k1\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"kid\":\"k2\",\"n\":\"AQ\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"kid\":\"k3\",\"n\":\"!!\",\"e\":\"AQAB\"}",
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"even\",\"n\":\"%s\",\"e\":\"AQAC\"}",
			 big_number(256)),
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"%s\",\"e\":\"AQ\"}",
			 big_number(256)),
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"zero\",\"n\":\"%s\",\"e\":\"AA\"}",
			 big_number(256)),
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"4097\",\"n\":\"%s\",\"e\":\"AQAB\"}",
			 big_number(513)),
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"huge\",\"n\":\"%s\",\"e\":\"AQAB\"}",
			 big_number(4096)),
	    arena_printf(&arena, "{\"kty\":\"RSA\",\"kid\":\"e5\",\"n\":\"%s\",\"e\":\"%s\"}",
			 big_number(256), big_number(5)),
	    arena_printf(
		&arena,
		"{\"kty\":\"RSA\",\"use\":\"enc\",\"kid\":\"enc\",\"n\":\"%s\",\"e\":\"AQAB\"}",
		big_number(256)),
	    one_key(key, ",\"issuer\":7"),
	    one_key(key, ",\"cloud_instance_name\":[]"),
	    "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"\",\"n\":\"AQ\",\"e\":\"AQAB\"}",
	};
	struct jwks set;

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		read_set(members[i], JWKS_E_EMPTY, &set);
		/* And they do not spoil their neighbours. */
		read_set(arena_printf(&arena, "%s,%s", members[i], one_key(key, "")), 0, &set);
		assert_int_equal(set.count, 1);
		assert_int_equal(set.skipped, 1);
		jwks_done(&set);
	}
}

static void the_first_of_two_keys_counts(void **state UNUSED)
{
	struct evp_pkey_st *other = mint_rsa_key(2048, 65537);
	const struct jwt *jwt;
	struct jwks set;

	assert_int_equal(jwt_read(&arena, text_of(mint(HEADER, "{}")), &jwt), 0);
	read_set(arena_printf(&arena, "%s,%s", one_key(key, ""), one_key(other, "")), 0, &set);
	assert_int_equal(set.count, 1);
	assert_int_equal(jwt_verify(jwt, jwks_get(&set, TEXT("k"))), JWT_VERIFIED);
	assert_null(jwks_get(&set, TEXT("K")));
	jwks_done(&set);
	mint_key_free(other);
}

static void documents_are_bounded(void **state UNUSED)
{
	struct jwks set;
	struct buf buf;

	assert_int_equal(jwks_read(&arena, TEXT(""), &set), JWKS_E_MALFORMED);
	assert_int_equal(jwks_read(&arena, TEXT("[]"), &set), JWKS_E_MALFORMED);
	assert_int_equal(jwks_read(&arena, TEXT("{\"keys\":{}}"), &set), JWKS_E_MALFORMED);
	assert_int_equal(jwks_read(&arena, TEXT("{\"keys\":[]}"), &set), JWKS_E_EMPTY);
	buf_init(&buf, &arena);
	buf_add_c(&buf, "{\"keys\":[0");
	for (size_t i = 1; i < LIMIT_KEYS_COUNT; i++)
		buf_add_c(&buf, ",0");
	assert_int_equal(jwks_read(&arena, text_of(arena_printf(&arena, "%s]}", buf.data)), &set),
			 JWKS_E_EMPTY);
	assert_int_equal(jwks_read(&arena, text_of(arena_printf(&arena, "%s,0]}", buf.data)), &set),
			 JWKS_E_TOO_LARGE);
	while (buf.len <= LIMIT_KEYS_DOCUMENT)
		buf_add_byte(&buf, ' ');
	assert_int_equal(jwks_read(&arena, buf_text(&buf), &set), JWKS_E_TOO_LARGE);
}

static void a_key_can_be_added(void **state UNUSED)
{
	struct evp_pkey_st *other = mint_rsa_key(2048, 65537);
	struct jwks one, two;
	struct buf buf;

	buf_init(&buf, &arena);
	mint_jwk(&buf, &arena, "second", other, ",\"issuer\":\"i\"");
	read_set(one_key(key, ""), 0, &one);
	read_set(buf.data, 0, &two);
	jwks_add(&arena, &one, &two.keys[0]);
	jwks_add(&arena, &one, &two.keys[0]);
	jwks_done(&two);
	assert_int_equal(one.count, 2);
	assert_true(text_eq_c(jwks_get(&one, TEXT("second"))->issuer, "i"));
	assert_non_null(jwks_get(&one, TEXT("second"))->key);
	jwks_done(&one);
	mint_key_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outcomes_of_reading),
	    cmocka_unit_test(outcomes_of_form),
	    cmocka_unit_test(a_nul_is_a_byte),
	    cmocka_unit_test(the_length_is_bounded),
	    cmocka_unit_test(claims_are_copied_by_type),
	    cmocka_unit_test(a_signature_is_verified),
	    cmocka_unit_test(odd_sizes),
	    cmocka_unit_test(strange_members_are_skipped),
	    cmocka_unit_test(the_first_of_two_keys_counts),
	    cmocka_unit_test(documents_are_bounded),
	    cmocka_unit_test(a_key_can_be_added),
	};

	return cmocka_run_group_tests(tests, start, end);
}
