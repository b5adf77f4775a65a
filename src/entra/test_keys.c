/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_keys.c: when the key cache fetches and when it does not, with a made-up issuer instead of a
 * network and a clock that the test sets. Covers the bounds on fetching (abuse case 3), rollover,
 * outages and restarts (threats 3.2), what metadata may say (case 23), and many threads at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "entra/keys.h"
#include "jwt/test_mint.h"
#include "store/signing_keys.h"
#include "store/tenant.h"
#include "store/test_store.h"

#define TENANT "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define OTHER  "c2a9e6f1-88d4-47b0-a1c5-0f3e9b7d6a21"
#define LOGIN  "https://login.example:8443"

enum { START = 1800000000, HOUR = 3600, KEYS = 3, THREADS = 8 };

/* The issuer: what it publishes, and how it behaves. */
static struct {
	struct evp_pkey_st *keys[KEYS];
	const char *published;      /* digits: which keys, with the digit as their id */
	const char *issuer;         /* NULL: the right one */
	const char *jwks_uri;       /* NULL: the right one */
	const char *cloud_instance; /* NULL: none */
	const char *metadata;       /* NULL: made from the above */
	const char *jwks;           /* NULL: made from the above */
	bool is_down;
	int delay_ms;
	atomic_int metadata_fetches;
	atomic_int jwks_fetches;
	char last_url[256];
} issuer;

static struct store_fixture fixture;
static struct config config;
static struct entra_keys *keys;
static struct op op;
static struct tenant tenant;

static struct text make_metadata(struct op *of, bool is_version_2)
{
	const char *right =
	    is_version_2 ? LOGIN "/" TENANT "/v2.0" : "https://sts.example/" TENANT "/";
	const char *right_uri = is_version_2 ? LOGIN "/" TENANT "/discovery/v2.0/keys"
					     : LOGIN "/" TENANT "/discovery/keys";
	struct buf buf;

	buf_init(&buf, of->arena);
	buf_printf(&buf, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"",
		   issuer.issuer ? issuer.issuer : right,
		   issuer.jwks_uri ? issuer.jwks_uri : right_uri);
	if (issuer.cloud_instance)
		buf_printf(&buf, ",\"cloud_instance_name\":\"%s\"", issuer.cloud_instance);
	buf_add_c(&buf, "}");
	return buf_text(&buf);
}

static struct text make_jwks(struct op *of)
{
	struct buf buf;

	buf_init(&buf, of->arena);
	buf_add_c(&buf, "{\"keys\":[");
	for (const char *c = issuer.published; *c; c++) {
		buf_add_c(&buf, c == issuer.published ? "" : ",");
		mint_jwk(&buf, of->arena, arena_printf(of->arena, "%c", *c), issuer.keys[*c - '0'],
			 "");
	}
	buf_add_c(&buf, "]}");
	return buf_text(&buf);
}

static int fetch(struct op *of, const char *url, size_t limit, struct text *ret)
{
	bool is_metadata = strstr(url, "/.well-known/openid-configuration") != NULL;
	bool is_version_2 = strstr(url, "/v2.0/") != NULL;

	if (issuer.delay_ms)
		usleep((useconds_t)issuer.delay_ms * 1000);
	else
		snprintf(issuer.last_url, sizeof(issuer.last_url), "%s", url);
	atomic_fetch_add(is_metadata ? &issuer.metadata_fetches : &issuer.jwks_fetches, 1);
	assert_int_equal(limit, is_metadata ? LIMIT_KEYS_METADATA : LIMIT_KEYS_DOCUMENT);
	if (issuer.is_down)
		return ERR_FAIL(&of->trail, ENTRA_FETCH_E_FAILED, "down");
	if (is_metadata)
		*ret = issuer.metadata ? text_of(issuer.metadata) : make_metadata(of, is_version_2);
	else
		*ret = issuer.jwks ? text_of(issuer.jwks) : make_jwks(of);
	return 0;
}

static int add_tenant(struct db_conn *tx, void *argument)
{
	return store_tenant_add(tx, argument);
}

static struct tenant make_tenant(const char *tenant_id)
{
	return (struct tenant){
	    .tenant_id = tenant_id,
	    .domain = "contoso.com",
	    .cloud = CLOUD_CUSTOM,
	    .login_url = LOGIN,
	    .graph_url = "https://graph.example",
	    .client_id = OTHER,
	    .is_v1_allowed = true,
	    .is_enabled = true,
	    .graph_error = "",
	};
}

static struct op make_op(struct arena *arena, struct db *db)
{
	return (struct op){
	    .arena = arena,
	    .now = START,
	    .source = "",
	    .config = &config,
	    .db = db,
	    .entra_keys = keys,
	};
}

static int start_group(void **state UNUSED)
{
	for (size_t i = 0; i < KEYS; i++)
		issuer.keys[i] = mint_rsa_key(2048, 65537);
	return 0;
}

static int end_group(void **state UNUSED)
{
	for (size_t i = 0; i < KEYS; i++)
		mint_key_free(issuer.keys[i]);
	return 0;
}

static int start(void **state UNUSED)
{
	issuer.published = "01";
	issuer.issuer = issuer.jwks_uri = issuer.cloud_instance = NULL;
	issuer.metadata = issuer.jwks = NULL;
	issuer.is_down = false;
	issuer.delay_ms = 0;
	issuer.metadata_fetches = issuer.jwks_fetches = 0;
	store_fixture_open(&fixture, FIXTURE_SQLITE);
	config = (struct config){.allow_custom_cloud = true};
	keys = entra_keys_new(fetch);
	op = make_op(&fixture.arena, fixture.db);
	tenant = make_tenant(TENANT);
	return db_transact(fixture.db, add_tenant, &tenant);
}

static int end(void **state UNUSED)
{
	entra_keys_free(keys);
	store_fixture_close(&fixture);
	return 0;
}

/* A new process on the same database. */
static void restart(void)
{
	entra_keys_free(keys);
	keys = entra_keys_new(fetch);
	op.entra_keys = keys;
}

static int get(const char *key_id)
{
	struct entra_key key;
	int r = entra_keys_get(&op, &tenant, true, text_of(key_id), &key);

	if (r != 0)
		return r;
	assert_true(text_eq_c(key.key->key_id, key_id));
	assert_true(text_eq_c(key.issuer, LOGIN "/" TENANT "/v2.0"));
	entra_key_release(&key);
	return 0;
}

static void refresh_due(void)
{
	assert_int_equal(entra_keys_refresh_due(&op), 0);
}

static void keys_are_fetched_once(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	assert_string_equal(issuer.last_url, LOGIN "/" TENANT "/discovery/v2.0/keys");
	for (int i = 0; i < 100; i++) {
		op.now += 60;
		assert_int_equal(get(i % 2 ? "0" : "1"), 0);
	}
	assert_int_equal(issuer.metadata_fetches, 1);
	assert_int_equal(issuer.jwks_fetches, 1);
}

static void versions_are_apart(void **state UNUSED)
{
	struct entra_key key;

	assert_int_equal(get("0"), 0);
	assert_int_equal(entra_keys_get(&op, &tenant, false, TEXT("0"), &key), 0);
	assert_string_equal(issuer.last_url, LOGIN "/" TENANT "/discovery/keys");
	assert_true(text_eq_c(key.issuer, "https://sts.example/" TENANT "/"));
	assert_null(key.cloud_instance.ptr);
	entra_key_release(&key);
	assert_int_equal(issuer.jwks_fetches, 2);
}

static void rollover_is_one_fetch(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	op.now += 10;
	issuer.published = "2";
	assert_int_equal(get("2"), 0);
	assert_int_equal(issuer.jwks_fetches, 2);
	/* The old key stays for one more refresh. */
	assert_int_equal(get("0"), 0);
	assert_int_equal(issuer.jwks_fetches, 2);
}

static void case3_unknown_ids_are_bounded(void **state UNUSED)
{
	char id[32];

	assert_int_equal(get("0"), 0);
	for (int i = 0; i < 299; i++) {
		op.now += 1;
		snprintf(id, sizeof(id), "garbage-%d", i);
		assert_int_equal(get(id), ENTRA_KEYS_E_UNKNOWN);
	}
	assert_int_equal(issuer.jwks_fetches, 2);
	assert_int_equal(issuer.metadata_fetches, 2);
	/* The next window. */
	op.now += 2;
	assert_int_equal(get("garbage"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.jwks_fetches, 3);
}

static void case3_first_token_is_garbage(void **state UNUSED)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(get("garbage"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.jwks_fetches, 1);
}

static void case3_same_id_asks_once(void **state UNUSED)
{
	assert_int_equal(get("garbage"), ENTRA_KEYS_E_UNKNOWN);
	op.now += 299;
	assert_int_equal(get("garbage"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.jwks_fetches, 1);
	/* A key that is published meanwhile is found although another id was refused. */
	issuer.published = "012";
	assert_int_equal(get("2"), 0);
	assert_int_equal(issuer.jwks_fetches, 2);
}

static void case3_failing_refresh_is_stamped(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	issuer.is_down = true;
	op.now += 1;
	assert_int_equal(get("x1"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.metadata_fetches, 2);
	op.now += 200;
	assert_int_equal(get("x2"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(get("0"), 0);
	assert_int_equal(issuer.metadata_fetches, 2);
}

static void case3_budget_over_all_tenants(void **state UNUSED)
{
	char ids[70][40];
	int before;

	for (int i = 0; i < 70; i++) {
		struct tenant many;
		struct entra_key key;

		snprintf(ids[i], sizeof(ids[i]), "%08x-0000-4000-8000-000000000000", i);
		issuer.issuer = arena_printf(op.arena, LOGIN "/%s/v2.0", ids[i]);
		many = make_tenant(ids[i]);
		assert_int_equal(entra_keys_get(&op, &many, true, TEXT("0"), &key), 0);
		entra_key_release(&key);
	}
	before = issuer.metadata_fetches;
	issuer.is_down = true;
	for (int i = 0; i < 70; i++) {
		struct tenant many = make_tenant(ids[i]);
		struct entra_key key;

		assert_int_equal(entra_keys_get(&op, &many, true, TEXT("zz"), &key),
				 ENTRA_KEYS_E_UNKNOWN);
	}
	assert_int_equal(issuer.metadata_fetches - before, 60);
	op.now += HOUR;
	tenant = make_tenant(ids[65]);
	assert_int_equal(get("zz2"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.metadata_fetches - before, 61);
}

static void outage_keeps_the_last_good_keys(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	issuer.is_down = true;
	for (int i = 0; i < 23; i++) {
		op.now += HOUR;
		refresh_due();
		assert_int_equal(get("0"), 0);
	}
	op.now += HOUR;
	refresh_due();
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	issuer.is_down = false;
	op.now += 301;
	assert_int_equal(get("0"), 0);
}

static void restart_in_an_outage(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	issuer.is_down = true;
	op.now += 20 * HOUR;
	restart();
	assert_int_equal(get("0"), 0);
	restart();
	op.now += 4 * HOUR;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
}

static void restart_soon_needs_no_fetch(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	op.now += HOUR / 2;
	restart();
	assert_int_equal(get("0"), 0);
	assert_int_equal(issuer.jwks_fetches, 1);
	/* And what is saved does not stand in the way of a rollover. */
	issuer.published = "2";
	assert_int_equal(get("2"), 0);
	assert_int_equal(issuer.jwks_fetches, 2);
}

static void down_from_the_start(void **state UNUSED)
{
	issuer.is_down = true;
	for (int i = 0; i < 50; i++)
		assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(issuer.metadata_fetches, 1);
	op.now += 5;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(issuer.metadata_fetches, 2);
	/* Doubling: 10 s now. */
	op.now += 5;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(issuer.metadata_fetches, 2);
	issuer.is_down = false;
	op.now += 5;
	assert_int_equal(get("0"), 0);
}

static void hourly_refresh(void **state UNUSED)
{
	refresh_due();
	assert_int_equal(issuer.jwks_fetches, 2); /* both versions, before any token */
	op.now += HOUR / 2;
	refresh_due();
	assert_int_equal(issuer.jwks_fetches, 2);
	op.now += HOUR / 2;
	refresh_due();
	assert_int_equal(issuer.jwks_fetches, 4);
	/* Only those of tenants that are served. */
	tenant.is_v1_allowed = false;
	config.allow_custom_cloud = false;
	op.now += 2 * HOUR;
	refresh_due();
	assert_int_equal(issuer.jwks_fetches, 4);
}

static void a_removed_key_goes_after_two_refreshes(void **state UNUSED)
{
	assert_int_equal(get("1"), 0);
	issuer.published = "0";
	op.now += HOUR;
	refresh_due();
	assert_int_equal(get("1"), 0);
	op.now += HOUR;
	refresh_due();
	assert_int_equal(get("0"), 0);
	assert_int_equal(get("1"), ENTRA_KEYS_E_UNKNOWN);
}

static void a_key_that_returns_stays(void **state UNUSED)
{
	assert_int_equal(get("1"), 0);
	for (int i = 0; i < 6; i++) {
		issuer.published = i % 2 ? "01" : "0";
		op.now += HOUR;
		refresh_due();
		assert_int_equal(get("1"), 0);
	}
}

static void purge_forgets_at_once(void **state UNUSED)
{
	assert_int_equal(get("1"), 0);
	issuer.published = "0";
	assert_int_equal(entra_keys_purge(&op, TENANT), 0);
	assert_int_equal(get("1"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(get("0"), 0);
	/* Also on disk: a restart in an outage must not bring it back. */
	assert_int_equal(entra_keys_purge(&op, TENANT), 0);
	issuer.is_down = true;
	restart();
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(entra_keys_purge(&op, OTHER), 0);
}

static void a_clock_set_back_does_not_stop_refreshes(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	op.now -= 5 * HOUR;
	issuer.published = "2";
	refresh_due();
	assert_int_equal(get("2"), 0);
	/* Nor does a row from the future live for ever. */
	issuer.is_down = true;
	op.now -= 24 * HOUR;
	restart();
	assert_int_equal(get("2"), 0);
	op.now += 24 * HOUR;
	assert_int_equal(get("2"), ENTRA_KEYS_E_UNAVAILABLE);
}

static void case23_metadata_is_checked(void **state UNUSED)
{
	static const struct {
		const char *issuer, *jwks_uri, *metadata, *jwks;
	} rows[] = {
	    {.issuer = LOGIN "/" OTHER "/v2.0"},
	    {.issuer = LOGIN "/{tenantid}/v2.0"},
	    {.issuer = "http://login.example:8443/" TENANT "/v2.0"},
	    {.issuer = ""},
	    {.jwks_uri = "https://evil.example/keys"},
	    {.jwks_uri = "http://login.example:8443/keys"},
	    {.jwks_uri = "https://login.example/keys"},
	    {.jwks_uri = "https://login.example:8443@evil.example/keys"},
	    {.jwks_uri = "https://login.example:8443.evil.example/keys"},
	    {.jwks_uri = "https://169.254.169.254/latest"},
	    {.jwks_uri = "file:///etc/passwd"},
	    {.jwks_uri = ""},
	    {.metadata = ""},
	    {.metadata = "[]"},
	    {.metadata = "<html></html>"},
	    {.metadata = "{\"issuer\":\"" LOGIN "/" TENANT "/v2.0\"}"},
	    {.jwks = ""},
	    {.jwks = "{\"keys\":[]}"},
	    {.jwks = "{\"keys\":"},
	    {.jwks = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"0\",\"k\":\"AAAA\"}]}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		issuer.issuer = rows[i].issuer;
		issuer.jwks_uri = rows[i].jwks_uri;
		issuer.metadata = rows[i].metadata;
		issuer.jwks = rows[i].jwks;
		restart();
		op.now += HOUR;
		issuer.jwks_fetches = 0;
		if (get("0") != ENTRA_KEYS_E_UNAVAILABLE)
			fail_msg("row %zu was taken", i);
		/* A key document is only fetched where the metadata may point. */
		assert_int_equal(issuer.jwks_fetches, rows[i].jwks ? 1 : 0);
	}
}

/* A bad answer does not displace good keys. */
static void bad_documents_change_nothing(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	issuer.jwks = "{\"keys\":[]}";
	op.now += 2 * HOUR;
	refresh_due();
	assert_int_equal(get("0"), 0);
	restart();
	assert_int_equal(get("0"), 0);
}

static void an_issuer_does_not_change(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	issuer.issuer = "https://login.evil.example/" TENANT "/v2.0";
	issuer.published = "2";
	op.now += 2 * HOUR;
	refresh_due();
	assert_int_equal(get("2"), ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(get("0"), 0);
	restart();
	assert_int_equal(get("0"), 0);
	/* Unless an administrator says so. */
	issuer.issuer = LOGIN "/" TENANT "/v2.0/";
	assert_int_equal(entra_keys_purge(&op, TENANT), 0);
	assert_int_equal(entra_keys_probe(&op, &tenant), 0);
}

static int damage_row(struct db_conn *tx, void *argument)
{
	const struct signing_keys_row *row = argument;

	return store_signing_keys_save(tx, row);
}

static void a_changed_row_is_checked(void **state UNUSED)
{
	struct signing_keys_row row;

	assert_int_equal(get("0"), 0);
	assert_int_equal(
	    store_signing_keys_load(db_reader(fixture.db), op.arena, TEXT(TENANT), 2, &row), 0);
	row.metadata =
	    "{\"issuer\":\"https://evil.example/" OTHER "/\",\"jwks_uri\":\"" LOGIN "/x\"}";
	assert_int_equal(db_transact(fixture.db, damage_row, &row), 0);
	issuer.is_down = true;
	restart();
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
}

static void a_moved_tenant_gets_new_keys(void **state UNUSED)
{
	assert_int_equal(get("0"), 0);
	tenant.login_url = "https://login.example:9443/";
	issuer.published = "2";
	issuer.jwks_uri = "https://login.example:9443/keys";
	assert_int_equal(get("2"), 0);
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNKNOWN);
}

static void probe_tells(void **state UNUSED)
{
	assert_int_equal(entra_keys_probe(&op, &tenant), 0);
	issuer.is_down = true;
	assert_int_equal(entra_keys_probe(&op, &tenant), ENTRA_KEYS_E_UNAVAILABLE);
	assert_non_null(strstr(op.trail.text, "down"));
	issuer.is_down = false;
	assert_int_equal(entra_keys_probe(&op, &tenant), 0);
}

struct runner {
	pthread_t thread;
	const struct tenant *tenant;
	const char *key_id;
	int result;
};

static void *run(void *argument)
{
	struct runner *runner = argument;
	struct entra_key key;
	struct trail trail = {0};
	struct arena arena;
	struct db *db;
	struct op own;

	arena_init(&arena);
	if (db_new(&db, fixture.store, &trail) != 0)
		return NULL;
	own = make_op(&arena, db);
	own.now = op.now;
	runner->result = entra_keys_get(&own, runner->tenant, true, text_of(runner->key_id), &key);
	if (runner->result == 0)
		entra_key_release(&key);
	db_free(db);
	arena_done(&arena);
	return NULL;
}

static void run_all(struct runner *runners, const char *key_id, int expected)
{
	for (size_t i = 0; i < THREADS; i++) {
		runners[i] = (struct runner){.tenant = &tenant, .key_id = key_id, .result = -100};
		assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(runners[i].thread, NULL);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(runners[i].result, expected);
}

static void one_flight_for_many_threads(void **state UNUSED)
{
	struct runner runners[THREADS];

	/* Others wait a moment only, and a refresh is two fetches. */
	issuer.delay_ms = 10;
	run_all(runners, "0", 0);
	assert_int_equal(issuer.jwks_fetches, 1);
	/* A rollover seen by all at once. */
	op.now += 10;
	issuer.published = "2";
	run_all(runners, "2", 0);
	assert_int_equal(issuer.jwks_fetches, 2);
	op.now += 10;
	run_all(runners, "garbage", ENTRA_KEYS_E_UNKNOWN);
	assert_int_equal(issuer.jwks_fetches, 2);
}

/* Tokens that name tenants whose login host is silent cost one worker, whatever their number. */
static void case3_one_request_fetches_at_a_time(void **state UNUSED)
{
	static const char digits[] = "12345678";
	struct runner runners[THREADS];
	struct tenant silent[THREADS];

	issuer.is_down = true;
	issuer.delay_ms = 2000;
	for (size_t i = 0; i < THREADS; i++) {
		silent[i] = make_tenant(
		    arena_printf(op.arena, "0000000%c-0000-4000-8000-000000000000", digits[i]));
		runners[i] = (struct runner){.tenant = &silent[i], .key_id = "0", .result = -100};
		assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(runners[i].thread, NULL);
		assert_int_equal(runners[i].result, ENTRA_KEYS_E_UNAVAILABLE);
	}
	assert_int_equal(issuer.metadata_fetches, 1);
}

/* The back-off of a fetch that takes its time begins when it has failed. */
static void case3_silence_is_remembered(void **state UNUSED)
{
	issuer.is_down = true;
	issuer.delay_ms = 2000;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	/* A request that has waited for a worker since before that. */
	op.now -= 1;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	op.now += 7;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(issuer.metadata_fetches, 1);
	op.now += 2;
	assert_int_equal(get("0"), ENTRA_KEYS_E_UNAVAILABLE);
	assert_int_equal(issuer.metadata_fetches, 2);
}

static void a_held_key_outlives_its_set(void **state UNUSED)
{
	struct entra_key key;

	assert_int_equal(entra_keys_get(&op, &tenant, true, TEXT("0"), &key), 0);
	issuer.published = "2";
	assert_int_equal(entra_keys_purge(&op, TENANT), 0);
	assert_int_equal(get("2"), 0);
	assert_true(text_eq_c(key.key->key_id, "0"));
	assert_non_null(key.key->key);
	entra_key_release(&key);
}

static void stats_count(void **state UNUSED)
{
	struct entra_keys_stats stats;

	assert_int_equal(get("0"), 0);
	assert_int_equal(get("x"), ENTRA_KEYS_E_UNKNOWN);
	entra_keys_stats_get(keys, &stats);
	assert_int_equal(stats.sets, 1);
	assert_int_equal(stats.refreshes, 2);
	assert_int_equal(stats.failures, 0);
	assert_int_equal(stats.unknown_key_ids, 1);
	assert_int_equal(stats.oldest_success, START);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keys_are_fetched_once),
	    TEST(versions_are_apart),
	    TEST(rollover_is_one_fetch),
	    TEST(case3_unknown_ids_are_bounded),
	    TEST(case3_first_token_is_garbage),
	    TEST(case3_same_id_asks_once),
	    TEST(case3_failing_refresh_is_stamped),
	    TEST(case3_budget_over_all_tenants),
	    TEST(outage_keeps_the_last_good_keys),
	    TEST(restart_in_an_outage),
	    TEST(restart_soon_needs_no_fetch),
	    TEST(down_from_the_start),
	    TEST(hourly_refresh),
	    TEST(a_removed_key_goes_after_two_refreshes),
	    TEST(a_key_that_returns_stays),
	    TEST(purge_forgets_at_once),
	    TEST(a_clock_set_back_does_not_stop_refreshes),
	    TEST(case23_metadata_is_checked),
	    TEST(bad_documents_change_nothing),
	    TEST(an_issuer_does_not_change),
	    TEST(a_changed_row_is_checked),
	    TEST(a_moved_tenant_gets_new_keys),
	    TEST(probe_tells),
	    TEST(one_flight_for_many_threads),
	    TEST(case3_one_request_fetches_at_a_time),
	    TEST(case3_silence_is_remembered),
	    TEST(a_held_key_outlives_its_set),
	    TEST(stats_count),
	};

	return cmocka_run_group_tests(tests, start_group, end_group);
}
