/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tokens.c: entra_token_check as the channels call it: tenant from a database, keys from a
 * cache over a made-up issuer. The rules have their own suite; here it is that every path ends in
 * its verdict, that strangers cause no fetch and nothing is written, and what a note holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entra/keys.h"
#include "entra/tokens.h"
#include "jwt/test_mint.h"
#include "store/store.h"
#include "store/tenant.h"
#include "store/test_store.h"

#define TENANT "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define OTHER  "c2a9e6f1-88d4-47b0-a1c5-0f3e9b7d6a21"
#define LOGIN  "https://login.example"
#define Q(s)   "\"" s "\""

enum { NOW = 1800000000 };

static struct store_fixture fixture;
static struct config config = {.allow_custom_cloud = true};
static struct evp_pkey_st *key;
static struct op op;
static int fetches;
static bool is_down;

static int fetch(struct op *of, const char *url, size_t limit UNUSED, struct text *ret)
{
	struct buf buf;

	fetches++;
	if (is_down)
		return ENTRA_FETCH_E_FAILED;
	buf_init(&buf, of->arena);
	if (strstr(url, "openid-configuration")) {
		buf_add_c(&buf, "{\"issuer\":\"" LOGIN "/" TENANT "/v2.0\",\"jwks_uri\":\"" LOGIN
				"/keys\"}");
	} else {
		buf_add_c(&buf, "{\"keys\":[");
		mint_jwk(&buf, of->arena, "k1", key, "");
		buf_add_c(&buf, "]}");
	}
	*ret = buf_text(&buf);
	return 0;
}

static const struct mint_member good_header[] = {
    {"typ", Q("JWT")}, {"alg", Q("RS256")}, {"kid", Q("k1")}, {NULL, NULL}};

static const struct mint_member good_claims[] = {
    {"aud", Q(OTHER)},
    {"iss", Q(LOGIN "/" TENANT "/v2.0")},
    {"iat", "1799999940"},
    {"nbf", "1799999940"},
    {"exp", "1800003600"},
    {"oid", Q("8e4b2f1d-0c6a-4d7e-b3f9-a5c1e2d07b68")},
    {"scp", Q("mdm_delegation")},
    {"tid", Q(TENANT)},
    {"uti", Q("abc")},
    {"ver", Q("2.0")},
    {"deviceid", Q("41f0c9b7-2d5e-4a83-96e1-7b3d8f2c0a15")},
    {NULL, NULL},
};

static struct text token_with(const struct mint_member *header, const struct mint_member *claims)
{
	return text_of(mint_token(op.arena, mint_object(op.arena, good_header, header),
				  mint_object(op.arena, good_claims, claims), key, MINT_RS256));
}

static int put_tenant(struct db_conn *tx, void *argument)
{
	struct tenant *tenant = argument;
	struct arena arena CLEANUP(arena_done);
	struct tenant old;
	int r;

	arena_init(&arena);
	r = store_tenant_load(tx, &arena, text_of(tenant->tenant_id), &old);
	if (r)
		return r == STORE_E_NOT_FOUND ? store_tenant_add(tx, tenant) : r;
	tenant->version = old.version;
	return store_tenant_update(tx, tenant);
}

static void save_tenant(bool is_enabled)
{
	struct tenant tenant = {
	    .tenant_id = TENANT,
	    .domain = "contoso.com",
	    .cloud = CLOUD_CUSTOM,
	    .login_url = LOGIN,
	    .graph_url = "https://graph.example",
	    .client_id = OTHER,
	    .is_enabled = is_enabled,
	    .device_limit = 7,
	    .graph_error = "",
	};

	assert_int_equal(db_transact(fixture.db, put_tenant, &tenant), 0);
}

static int start(void **state UNUSED)
{
	if (!key)
		key = mint_rsa_key(2048, 65537);
	fetches = 0;
	is_down = false;
	config.allow_custom_cloud = true;
	store_fixture_open(&fixture, FIXTURE_SQLITE);
	op = (struct op){
	    .arena = &fixture.arena,
	    .now = NOW,
	    .source = "",
	    .config = &config,
	    .db = fixture.db,
	    .entra_keys = entra_keys_new(fetch),
	};
	save_tenant(true);
	return 0;
}

static int end(void **state UNUSED)
{
	entra_keys_free(op.entra_keys);
	store_fixture_close(&fixture);
	return 0;
}

static int free_key(void **state UNUSED)
{
	mint_key_free(key);
	return 0;
}

static void a_good_token(void **state UNUSED)
{
	struct entra_principal principal = {0};
	struct entra_token_note note;
	struct tenant tenant = {0};

	assert_int_equal(entra_token_check(&op, ENTRA_ENROLL, token_with(NULL, NULL), &principal,
					   &tenant, &note),
			 ENTRA_TOKEN_OK);
	assert_string_equal(principal.device_id, "41f0c9b7-2d5e-4a83-96e1-7b3d8f2c0a15");
	assert_string_equal(tenant.tenant_id, TENANT);
	assert_int_equal(tenant.device_limit, 7);
	assert_string_equal(note.tenant_id, TENANT);
	assert_string_equal(note.key_id, "k1");
	assert_string_equal(note.token_id, "abc");
	assert_int_equal(
	    entra_token_check(&op, ENTRA_TERMS, token_with(NULL, NULL), &principal, NULL, NULL),
	    ENTRA_TOKEN_OK);
	assert_int_equal(fetches, 2);
}

struct refused_row {
	struct mint_member header[2];
	struct mint_member claims[3];
	enum entra_verdict expected;
	int fetches;
	const char *note_tenant;
};

static void refused_tokens(void **state UNUSED)
{
	static const struct refused_row rows[] = {
	    {{{"alg", Q("none")}}, {{NULL, NULL}}, ENTRA_TOKEN_ALGORITHM, 0, ""},
	    {{{NULL, NULL}}, {{"tid", Q(OTHER)}}, ENTRA_TOKEN_TENANT_UNKNOWN, 0, ""},
	    {{{NULL, NULL}}, {{"tid", Q("common")}}, ENTRA_TOKEN_TENANT_MALFORMED, 0, ""},
	    {{{NULL, NULL}}, {{"ver", Q("1.0")}}, ENTRA_TOKEN_VERSION, 0, TENANT},
	    {{{NULL, NULL}}, {{"aud", Q(TENANT)}}, ENTRA_TOKEN_AUDIENCE, 2, TENANT},
	    {{{NULL, NULL}}, {{"exp", "1799999950"}}, ENTRA_TOKEN_OK, 2, TENANT},
	    {{{NULL, NULL}}, {{"deviceid", NULL}}, ENTRA_TOKEN_DEVICE_ID_MISSING, 2, TENANT},
	    {{{"kid", Q("k2")}}, {{NULL, NULL}}, ENTRA_TOKEN_KEY_UNKNOWN, 4, TENANT},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct entra_principal principal = {0};
		struct entra_token_note note;
		int r =
		    entra_token_check(&op, ENTRA_ENROLL, token_with(rows[i].header, rows[i].claims),
				      &principal, NULL, &note);

		if (r != (int)rows[i].expected)
			fail_msg("row %zu: %s", i, entra_verdict_name((enum entra_verdict)r));
		assert_int_equal(fetches, rows[i].fetches);
		assert_string_equal(note.tenant_id, rows[i].note_tenant);
		assert_true((principal.tenant_id != NULL) == (r == ENTRA_TOKEN_OK));
	}
}

static int check(void)
{
	struct entra_principal principal;

	return entra_token_check(&op, ENTRA_ENROLL, token_with(NULL, NULL), &principal, NULL, NULL);
}

static void a_disabled_tenant(void **state UNUSED)
{
	assert_int_equal(check(), ENTRA_TOKEN_OK);
	save_tenant(false);
	assert_int_equal(check(), ENTRA_TOKEN_TENANT_DISABLED);
	save_tenant(true);
	assert_int_equal(check(), ENTRA_TOKEN_OK);
	config.allow_custom_cloud = false;
	assert_int_equal(check(), ENTRA_TOKEN_TENANT_DISABLED);
}

static void no_keys(void **state UNUSED)
{
	is_down = true;
	assert_int_equal(check(), ENTRA_TOKEN_KEYS_UNAVAILABLE);
	assert_int_equal(entra_verdict_refusal(ENTRA_TOKEN_KEYS_UNAVAILABLE),
			 ENTRA_REFUSED_FOR_THE_MOMENT);
}

static void case1_nothing_is_written(void **state UNUSED)
{
	static const struct mint_member foreign[] = {{"tid", Q(OTHER)}, {NULL, NULL}};
	struct entra_principal principal;

	assert_int_equal(
	    entra_token_check(&op, ENTRA_ENROLL, token_with(NULL, foreign), &principal, NULL, NULL),
	    ENTRA_TOKEN_TENANT_UNKNOWN);
	assert_int_equal(store_fixture_number(fixture.db, "SELECT COUNT(*) FROM signing_keys"), 0);
	assert_int_equal(store_fixture_number(fixture.db, "SELECT COUNT(*) FROM tenants"), 1);
}

static void a_failing_store_is_no_verdict(void **state UNUSED)
{
	assert_int_equal(store_fixture_run(fixture.db, "DROP TABLE signing_keys"), 0);
	assert_true(check() < 0);
	assert_true(op.trail.len > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_good_token), TEST(refused_tokens),           TEST(a_disabled_tenant),
	    TEST(no_keys),      TEST(case1_nothing_is_written), TEST(a_failing_store_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, free_key);
}
