/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_app_tokens.c: this server's own tokens, asked for over TLS from a login host that the test
 * plays: which credential is tried, how often, what is remembered, and what stands in the database
 * afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "entra/app_tokens.h"
#include "http/client.h"
#include "http/test_tiny.h"
#include "jwt/test_mint.h"
#include "store/credential.h"
#include "store/tenant.h"
#include "store/test_store.h"

#define TENANT "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define CLIENT "b7f3d2c4-61aa-4b0e-8c9d-52e1f0a3d987"

enum { NOW = 1800000000, THREADS = 8 };

/* The login host: which secrets it takes, and how it fails. */
static struct {
	const char *good[3];     /* form fragments that are accepted */
	const char *expired;     /* a form fragment that gets 7000222 */
	int status;              /* not 0: answer this, with retry_after */
	const char *retry_after; /* header line or "" */
	int delay_ms;
	int lifetime;
	atomic_int requests;
	atomic_int issued;
	char last_body[8192];
} login;

static struct tiny *tiny;
static struct store_fixture fixture;
static struct config config;
static struct server_keys server_keys;
static struct http_client *client;
static struct entra_app_tokens *tokens;
static struct op op;
static struct tenant tenant;
static char login_url[64];

static bool is_good(const char *body)
{
	for (size_t i = 0; i < ARRAY_LEN(login.good); i++)
		if (login.good[i] && strstr(body, login.good[i]))
			return true;
	return false;
}

static int answer(void *context UNUSED, const struct tiny_request *request, struct buf *ret)
{
	struct buf body;
	int number;

	atomic_fetch_add(&login.requests, 1);
	if (login.delay_ms)
		usleep((useconds_t)login.delay_ms * 1000);
	snprintf(login.last_body, sizeof(login.last_body), "%.*s", TEXT_ARG(request->body));
	if (login.status) {
		tiny_reply(ret, login.status, login.retry_after, TEXT_EMPTY);
		return 0;
	}
	if (!text_starts(request->head, TEXT("POST /" TENANT "/oauth2/v2.0/token HTTP/1.1"))) {
		tiny_reply(ret, 404, "", TEXT_EMPTY);
		return 0;
	}
	buf_init(&body, NULL);
	if (is_good(login.last_body)) {
		number = atomic_fetch_add(&login.issued, 1) + 1;
		buf_printf(&body,
			   "{\"token_type\":\"Bearer\",\"expires_in\":%d,"
			   "\"access_token\":\"token-%d\"}",
			   login.lifetime, number);
		tiny_reply(ret, 200, "", buf_text(&body));
	} else {
		buf_printf(&body, "{\"error\":\"invalid_client\",\"error_codes\":[%d]}",
			   login.expired && strstr(login.last_body, login.expired) ? 7000222
										   : 7000215);
		tiny_reply(ret, 401, "", buf_text(&body));
	}
	buf_done(&body);
	return 0;
}

static int add_tenant(struct db_conn *tx, void *argument)
{
	return store_tenant_add(tx, argument);
}

static int add_credential(struct db_conn *tx, void *argument)
{
	return store_credential_add(tx, argument);
}

struct new_credential {
	const char *id;
	enum credential_kind kind;
	enum credential_state state;
	const char *plain;
	const char *certificate;
	int64_t not_after;
	int64_t created_at;
};

static void add(struct new_credential c)
{
	char *place = arena_printf(op.arena, "credentials|" TENANT "|%s", c.id);
	struct credential row = {
	    .tenant_id = TENANT,
	    .id = c.id,
	    .kind = c.kind,
	    .state = c.state,
	    .sealed =
		secret_seal(op.arena, &server_keys.credentials, text_of(place), text_of(c.plain)),
	    .certificate = c.certificate ? c.certificate : "",
	    .not_after = c.not_after,
	    .last_error = "",
	    .created_at = c.created_at,
	};

	assert_int_equal(db_transact(fixture.db, add_credential, &row), 0);
}

static void add_secret(const char *id, const char *plain, int64_t created_at)
{
	add((struct new_credential){.id = id,
				    .kind = CREDENTIAL_SECRET,
				    .state = CREDENTIAL_ACTIVE,
				    .plain = plain,
				    .created_at = created_at});
}

static struct credential stored(const char *id)
{
	struct credential credential;

	assert_int_equal(store_credential_load(db_reader(fixture.db), op.arena, TEXT(TENANT),
					       text_of(id), &credential),
			 0);
	return credential;
}

static int start(void **state UNUSED)
{
	struct tiny_options options = {.answer = answer};

	memset(&login, 0, sizeof(login));
	login.retry_after = "";
	login.lifetime = 3599;
	tiny = tiny_start(&options);
	snprintf(login_url, sizeof(login_url), "https://127.0.0.1:%d", tiny_port(tiny));
	store_fixture_open(&fixture, FIXTURE_SQLITE);
	config = (struct config){.allow_custom_cloud = true};
	secret_set(&server_keys.credentials, TEXT("0123456789abcdef0123456789abcdef"));
	tokens = entra_app_tokens_new();
	tenant = (struct tenant){
	    .tenant_id = TENANT,
	    .domain = "contoso.com",
	    .cloud = CLOUD_CUSTOM,
	    .login_url = login_url,
	    .graph_url = "https://graph.example",
	    .client_id = CLIENT,
	    .is_enabled = true,
	    .graph_error = "",
	};
	op = (struct op){
	    .arena = &fixture.arena,
	    .now = NOW,
	    .source = "",
	    .config = &config,
	    .keys = &server_keys,
	    .db = fixture.db,
	    .entra_app_tokens = tokens,
	};
	return http_client_new(&client, tiny_ca_file(tiny), &op.trail) ||
	       (op.http = client, db_transact(fixture.db, add_tenant, &tenant));
}

static int end(void **state UNUSED)
{
	http_client_free(client);
	entra_app_tokens_free(tokens);
	secret_done(&server_keys.credentials);
	store_fixture_close(&fixture);
	tiny_stop(tiny);
	return 0;
}

static void expect_token(const char *expected)
{
	struct entra_app_error error;
	char *token = NULL;
	int r = entra_app_token(&op, &tenant, &token, &error);

	if (r != 0)
		fail_msg("%d: %s %s", r, r > 0 ? error.detail : "", op.trail.text);
	assert_string_equal(token, expected);
}

static struct entra_app_error expect_outcome(enum entra_app_outcome expected)
{
	struct entra_app_error error = {0};
	char *token = NULL;

	assert_int_equal(entra_app_token(&op, &tenant, &token, &error), expected);
	assert_null(token);
	assert_true(strlen(error.remedy) > 0);
	return error;
}

static void a_token_is_kept(void **state UNUSED)
{
	add_secret("s1", "pa%ss&word", 1);
	login.good[0] = "client_secret=pa%25ss%26word";
	for (int i = 0; i < 100; i++)
		expect_token("token-1");
	op.now += 3599 - 301;
	expect_token("token-1");
	assert_int_equal(login.requests, 1);
	op.now += 2;
	expect_token("token-2");
	entra_app_token_drop(&op, &tenant);
	expect_token("token-3");
	assert_non_null(strstr(login.last_body, "scope=https%3A%2F%2Fgraph.example%2F.default"));
}

static void tenants_and_graphs_are_apart(void **state UNUSED)
{
	add_secret("s1", "good", 1);
	login.good[0] = "client_secret=good";
	expect_token("token-1");
	tenant.graph_url = "https://graph.other";
	expect_token("token-2");
	tenant.client_id = TENANT;
	expect_token("token-3");
	tenant.client_id = CLIENT;
	tenant.graph_url = "https://graph.example";
	expect_token("token-1");
}

static void no_credential(void **state UNUSED)
{
	expect_outcome(ENTRA_APP_E_NO_CREDENTIAL);
	add((struct new_credential){.id = "p", .state = CREDENTIAL_PENDING, .plain = "x"});
	add((struct new_credential){.id = "e", .state = CREDENTIAL_EXPIRED, .plain = "x"});
	expect_outcome(ENTRA_APP_E_NO_CREDENTIAL);
	assert_int_equal(login.requests, 0);
}

static void the_newest_is_tried_first(void **state UNUSED)
{
	add_secret("old", "old", 1);
	add_secret("new", "new", 2);
	add((struct new_credential){
	    .id = "retiring", .state = CREDENTIAL_RETIRING, .plain = "retiring", .created_at = 3});
	add((struct new_credential){.id = "past",
				    .state = CREDENTIAL_ACTIVE,
				    .plain = "past",
				    .not_after = NOW - 1,
				    .created_at = 4});
	login.good[0] = "client_secret=new";
	login.good[1] = "client_secret=old";
	login.good[2] = "client_secret=retiring";
	expect_token("token-1");
	assert_non_null(strstr(login.last_body, "client_secret=new"));
	assert_int_equal(login.requests, 1);
	/* One after the other falls out. */
	login.good[0] = NULL;
	entra_app_token_drop(&op, &tenant);
	expect_token("token-2");
	assert_non_null(strstr(login.last_body, "client_secret=old"));
	login.good[1] = NULL;
	entra_app_token_drop(&op, &tenant);
	expect_token("token-3");
	assert_non_null(strstr(login.last_body, "client_secret=retiring"));
	login.good[2] = "client_secret=past";
	entra_app_token_drop(&op, &tenant);
	expect_token("token-4");
}

static void what_entra_said_is_noted(void **state UNUSED)
{
	add_secret("bad", "bad", 2);
	add_secret("expired", "expired", 1);
	login.expired = "client_secret=expired";
	expect_outcome(ENTRA_APP_E_CREDENTIAL);
	assert_true(strlen(stored("bad").last_error) > 0);
	assert_int_equal(stored("bad").state, CREDENTIAL_ACTIVE);
	assert_int_equal(stored("expired").state, CREDENTIAL_EXPIRED);
	/* And taken back when it works after all. */
	login.good[0] = "client_secret=bad";
	op.now += 61;
	expect_token("token-1");
	assert_string_equal(stored("bad").last_error, "");
}

static void a_refusal_is_remembered(void **state UNUSED)
{
	struct entra_app_error error;

	add_secret("bad", "bad", 1);
	for (int i = 0; i < 10; i++)
		error = expect_outcome(ENTRA_APP_E_CREDENTIAL);
	assert_int_equal(login.requests, 1);
	assert_int_equal(error.aadsts, 7000215);
	op.now += 60;
	expect_outcome(ENTRA_APP_E_CREDENTIAL);
	assert_int_equal(login.requests, 2);
	/* A new credential is not held up by the old one's refusal. */
	login.good[0] = "client_secret=good";
	add_secret("good", "good", 2);
	expect_token("token-1");
}

static void throttling_is_obeyed(void **state UNUSED)
{
	add_secret("s1", "good", 1);
	login.good[0] = "client_secret=good";
	login.status = 429;
	login.retry_after = "Retry-After: 120\r\n";
	assert_int_equal(expect_outcome(ENTRA_APP_E_TRANSIENT).retry_after_s, 120);
	login.status = 0;
	op.now += 119;
	assert_int_equal(expect_outcome(ENTRA_APP_E_TRANSIENT).retry_after_s, 1);
	assert_int_equal(login.requests, 1);
	op.now += 1;
	expect_token("token-1");
}

static void an_unreachable_host(void **state UNUSED)
{
	add_secret("s1", "good", 1);
	tenant.login_url = "https://127.0.0.1:1";
	assert_true(expect_outcome(ENTRA_APP_E_TRANSIENT).retry_after_s > 0);
	config.allow_custom_cloud = false;
	tenant.login_url = login_url;
	expect_outcome(ENTRA_APP_E_CONFIGURATION);
	assert_int_equal(login.requests, 0);
}

static void a_credential_of_another_place(void **state UNUSED)
{
	struct credential row = {.tenant_id = TENANT,
				 .id = "moved",
				 .state = CREDENTIAL_ACTIVE,
				 .certificate = "",
				 .last_error = ""};

	row.sealed = secret_seal(op.arena, &server_keys.credentials,
				 TEXT("credentials|" TENANT "|other"), TEXT("good"));
	assert_int_equal(db_transact(fixture.db, add_credential, &row), 0);
	login.good[0] = "client_secret=good";
	expect_outcome(ENTRA_APP_E_CREDENTIAL);
	assert_int_equal(login.requests, 0);
}

static void a_certificate(void **state UNUSED)
{
	struct evp_pkey_st *key = mint_rsa_key(2048, 65537);

	add((struct new_credential){.id = "c",
				    .kind = CREDENTIAL_CERTIFICATE,
				    .state = CREDENTIAL_ACTIVE,
				    .plain = mint_key(op.arena, key),
				    .certificate = mint_certificate(op.arena, key)});
	mint_key_free(key);
	login.good[0] = "client_assertion=ey";
	expect_token("token-1");
	assert_non_null(strstr(login.last_body, "client_assertion_type=urn%3Aietf"));
	assert_null(strstr(login.last_body, "client_secret"));
}

static void a_broken_certificate(void **state UNUSED)
{
	add((struct new_credential){.id = "c",
				    .kind = CREDENTIAL_CERTIFICATE,
				    .state = CREDENTIAL_ACTIVE,
				    .plain = "no key",
				    .certificate = "no certificate"});
	expect_outcome(ENTRA_APP_E_CREDENTIAL);
	assert_int_equal(login.requests, 0);
}

static void a_federated_file(void **state UNUSED)
{
	char path[] = "/tmp/muster-assertion-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, "aaa.bbb.ccc\n", 12) == 12);
	close(fd);
	add((struct new_credential){
	    .id = "f", .kind = CREDENTIAL_FEDERATED, .state = CREDENTIAL_ACTIVE, .plain = path});
	login.good[0] = "client_assertion=aaa.bbb.ccc";
	expect_token("token-1");
	assert_true(text_ends(text_of(login.last_body), TEXT("aaa.bbb.ccc")));
	unlink(path);
	entra_app_token_drop(&op, &tenant);
	expect_outcome(ENTRA_APP_E_CREDENTIAL);
}

static void a_probe_keeps_nothing(void **state UNUSED)
{
	struct entra_app_error error;
	struct credential pending;

	add((struct new_credential){.id = "p", .state = CREDENTIAL_PENDING, .plain = "good"});
	pending = stored("p");
	assert_int_equal(entra_app_credential_probe(&op, &tenant, &pending, &error),
			 ENTRA_APP_E_CREDENTIAL);
	assert_int_equal(error.aadsts, 7000215);
	login.good[0] = "client_secret=good";
	assert_int_equal(entra_app_credential_probe(&op, &tenant, &pending, NULL), 0);
	assert_string_equal(stored("p").last_error, "");
	expect_outcome(ENTRA_APP_E_NO_CREDENTIAL);
}

static void a_short_lived_token_serves_once(void **state UNUSED)
{
	add_secret("s1", "good", 1);
	login.good[0] = "client_secret=good";
	login.lifetime = 200;
	expect_token("token-1");
	expect_token("token-2");
}

struct runner {
	pthread_t thread;
	int result;
};

static void *run(void *argument)
{
	struct runner *runner = argument;
	struct op own = op;
	struct arena arena;
	char *token;

	arena_init(&arena);
	own.arena = &arena;
	if (db_new(&own.db, fixture.store, &own.trail) != 0)
		return NULL;
	if (http_client_new(&own.http, tiny_ca_file(tiny), &own.trail) == 0) {
		runner->result = entra_app_token(&own, &tenant, &token, NULL);
		http_client_free(own.http);
	}
	db_free(own.db);
	arena_done(&arena);
	return NULL;
}

static void one_flight_for_many_threads(void **state UNUSED)
{
	struct runner runners[THREADS];

	add_secret("s1", "good", 1);
	login.good[0] = "client_secret=good";
	login.delay_ms = 200;
	for (size_t i = 0; i < THREADS; i++) {
		runners[i].result = -100;
		assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(runners[i].thread, NULL);
		assert_int_equal(runners[i].result, 0);
	}
	assert_int_equal(login.requests, 1);
}

/* An administrator changed something while the old credential was being asked with. */
static void a_drop_is_not_undone_by_a_request_in_flight(void **state UNUSED)
{
	struct runner runner = {.result = -100};
	char *token;

	add_secret("s1", "good", 1);
	login.good[0] = "client_secret=good";
	login.delay_ms = 500;
	assert_int_equal(pthread_create(&runner.thread, NULL, run, &runner), 0);
	while (login.requests == 0)
		usleep(1000);
	entra_app_token_drop(&op, &tenant);
	pthread_join(runner.thread, NULL);
	assert_int_equal(runner.result, 0);
	assert_int_equal(entra_app_token(&op, &tenant, &token, NULL), 0);
	assert_string_equal(token, "token-2");
	assert_int_equal(login.requests, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_token_is_kept),
	    TEST(tenants_and_graphs_are_apart),
	    TEST(no_credential),
	    TEST(the_newest_is_tried_first),
	    TEST(what_entra_said_is_noted),
	    TEST(a_refusal_is_remembered),
	    TEST(throttling_is_obeyed),
	    TEST(an_unreachable_host),
	    TEST(a_credential_of_another_place),
	    TEST(a_certificate),
	    TEST(a_broken_certificate),
	    TEST(a_federated_file),
	    TEST(a_probe_keeps_nothing),
	    TEST(a_short_lived_token_serves_once),
	    TEST(one_flight_for_many_threads),
	    TEST(a_drop_is_not_undone_by_a_request_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
