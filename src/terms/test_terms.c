/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_terms.c: the decision on a page that was shown, against a database: what a browser cannot
 * be made to do in time, above all a page that was open too long and a text that changed
 * meanwhile. What is asked and shown over HTTP is in test/test_terms.py.
 */
#include "terms/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "store/tenant.h"
#include "store/test_store.h"

#define TENANT   "11111111-2222-4333-8444-555555555555"
#define USER     "aaaaaaaa-2222-4333-8444-555555555555"
#define REDIRECT "ms-appx-web://ContosoMdm/ToUResponse"

enum { NOW = 1800000000 };

static struct store_fixture f;
static struct server_keys keys;
static struct op op;
static struct tenant tenant;
static struct enrollment attempt;
static struct terms_decision decision;
static struct buf page;
static struct terms_consent state;

static int tenant_add(struct db_conn *tx, void *argument)
{
	return store_tenant_add(tx, argument);
}

static int setup(void **unused)
{
	(void)unused;
	store_fixture_open(&f, FIXTURE_SQLITE);
	tenant = (struct tenant){.tenant_id = TENANT,
				 .domain = "contoso.test",
				 .login_url = "",
				 .graph_url = "",
				 .client_id = "",
				 .is_enabled = true,
				 .graph_error = ""};
	assert_int_equal(db_transact(f.db, tenant_add, &tenant), 0);
	secret_init(&keys.terms);
	secret_set(&keys.terms, TEXT("0123456789abcdef0123456789abcdef"));
	op = (struct op){.arena = &f.arena, .now = NOW, .source = "", .keys = &keys, .db = f.db};
	trail_reset(&op.trail);
	buf_init(&page, &f.arena);
	state = (struct terms_consent){
	    .id = "99999999-2222-4333-8444-555555555555",
	    .tenant_id = TENANT,
	    .object_id = USER,
	    .user_name = "anna@contoso.test",
	    .mode = TERMS_PERSONAL,
	    .version = terms_document_current(&f.arena, TERMS_PERSONAL).version,
	    .client_request_id = "34be581c-6ebd-49d6-a4e1-150eff4b7213",
	    .made_at = NOW,
	    .expires_at = NOW + LIMIT_TERMS_STATE_S,
	    .redirect_uri = REDIRECT,
	};
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	secret_done(&keys.terms);
	store_fixture_close(&f);
	return 0;
}

static int decide(const char *choice)
{
	const struct http_param params[] = {
	    {TEXT("state"), text_of(terms_state_seal(&f.arena, &keys.terms, &state))},
	    {TEXT("decision"), text_of(choice)},
	};

	attempt = (struct enrollment){.tenant_id = "",
				      .id = store_new_id(&f.arena),
				      .stage = STAGE_TERMS,
				      .error_code = "",
				      .reason = "",
				      .remedy = "",
				      .client_request_id = "",
				      .trace_id = "",
				      .device_id = "",
				      .entra_device_id = "",
				      .user_principal_name = "",
				      .user_object_id = "",
				      .device_name = "",
				      .os_version = "",
				      .source = ""};
	return terms_decide(&op, params, ARRAY_LEN(params), &attempt, &page, &decision);
}

static int64_t count(const char *sql)
{
	return store_fixture_number(f.db, sql);
}

static void assert_nothing_decided(void)
{
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM audit"), 0);
	assert_null(decision.location);
}

/* The value of a parameter of the redirect, which ends the text or is followed by '&'. */
static struct text answer(const char *name)
{
	const char *at = strstr(decision.location, name);
	struct text rest;

	assert_non_null(at);
	rest = text_of(at + strlen(name));
	return text_cut(&rest, '&');
}

static void row8_acceptance_is_recorded_and_sealed(void **unused)
{
	struct terms_consent blob;

	(void)unused;
	assert_int_equal(decide("accept"), 0);
	assert_true(decision.is_accepted);
	assert_int_equal(terms_blob_open(&f.arena, &keys.terms, answer("OpaqueBlob="), NOW, &blob),
			 0);
	assert_string_equal(blob.id, state.id);
	assert_string_equal(blob.tenant_id, TENANT);
	assert_string_equal(blob.object_id, USER);
	assert_int_equal(blob.mode, TERMS_PERSONAL);
	assert_string_equal(blob.version, state.version);
	assert_int_equal(blob.made_at, NOW);
	assert_int_equal(blob.expires_at, NOW + LIMIT_OPAQUE_BLOB_S);
	assert_int_equal(count("SELECT COUNT(*) FROM audit WHERE action = 'terms.accept'"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments WHERE outcome = 'ok'"), 1);
}

static void a_choice_is_recorded_once(void **unused)
{
	(void)unused;
	for (int i = 0; i < 50; i++) {
		op.now = NOW + i;
		assert_int_equal(decide("accept"), 0);
		assert_non_null(strstr(decision.location, "IsAccepted=true"));
	}
	assert_int_equal(count("SELECT COUNT(*) FROM audit"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), 1);
	/* Another choice on the same page, and the same on another page, are decisions of their
	 * own. */
	assert_int_equal(decide("decline"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM audit"), 2);
	state.id = "8f6d2b90-55b1-4b39-8a5e-0d3c1c1b7f10";
	assert_int_equal(decide("accept"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM audit"), 3);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), 3);
	op.now = NOW;
}

static void row9_refusal_is_recorded_and_gives_nothing(void **unused)
{
	(void)unused;
	assert_int_equal(decide("decline"), 0);
	assert_false(decision.is_accepted);
	assert_true(text_eq_c(answer("IsAccepted="), "false"));
	assert_null(strstr(decision.location, "OpaqueBlob"));
	assert_int_equal(count("SELECT COUNT(*) FROM audit WHERE action = 'terms.decline'"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments WHERE reason = 'terms_declined'"),
			 1);
}

static void row11_a_page_that_was_open_too_long(void **unused)
{
	(void)unused;
	state.expires_at = NOW;
	assert_int_equal(decide("accept"), TERMS_E_EXPIRED);
	/* Where to go back to is known all the same, and who it was. */
	assert_string_equal(decision.redirect.scheme, "ms-appx-web");
	assert_string_equal(attempt.user_object_id, USER);
	assert_nothing_decided();
	state.expires_at = NOW + 1;
	assert_int_equal(decide("accept"), 0);
}

static void row11_a_state_whose_address_is_not_allowed(void **unused)
{
	(void)unused;
	state.redirect_uri = "https://evil.example/";
	assert_int_equal(decide("accept"), TERMS_E_STATE);
	assert_nothing_decided();
}

static void row12_a_text_that_changed_is_shown_again(void **unused)
{
	static const char *const choices[] = {"accept", "decline"};
	const char *sealed;
	struct terms_consent shown;

	(void)unused;
	state.version = "1-0000000000000000";
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		buf_clear(&page);
		assert_int_equal(decide(choices[i]), TERMS_E_SHOW_AGAIN);
		assert_non_null(strstr(page.data, "have changed"));
		assert_nothing_decided();
	}
	sealed = strstr(page.data, "name=\"state\" value=\"") + strlen("name=\"state\" value=\"");
	assert_int_equal(
	    terms_state_open(&f.arena, &keys.terms,
			     text_take(text_of(sealed), (size_t)(strchr(sealed, '"') - sealed)),
			     NOW, &shown),
	    0);
	assert_string_equal(shown.version,
			    terms_document_current(&f.arena, TERMS_PERSONAL).version);
	assert_string_not_equal(shown.id, state.id);
	assert_string_equal(shown.redirect_uri, REDIRECT);
	assert_string_equal(shown.object_id, USER);
}

static void row10_an_organization_device_cannot_decline(void **unused)
{
	(void)unused;
	state.mode = TERMS_ORGANIZATION;
	state.version = terms_document_current(&f.arena, TERMS_ORGANIZATION).version;
	assert_int_equal(decide("decline"), TERMS_E_SHOW_AGAIN);
	assert_null(strstr(page.data, "have changed"));
	assert_nothing_decided();
	assert_int_equal(decide("accept"), 0);
}

static void row4_a_tenant_that_is_gone_or_disabled(void **unused)
{
	(void)unused;
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET is_enabled = 0"), 0);
	assert_int_equal(decide("accept"), TERMS_E_TENANT);
	assert_nothing_decided();
	state.tenant_id = "22222222-2222-4333-8444-555555555555";
	assert_int_equal(decide("accept"), TERMS_E_TENANT);
	assert_nothing_decided();
}

static void row5_what_cannot_be_recorded_is_not_decided(void **unused)
{
	static const char *const tables[] = {"audit", "enrollments", "tenants"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		const char *away =
		    arena_printf(&f.arena, "ALTER TABLE %s RENAME TO away", tables[i]);
		const char *back =
		    arena_printf(&f.arena, "ALTER TABLE away RENAME TO %s", tables[i]);

		assert_int_equal(store_fixture_run(f.db, away), 0);
		assert_int_equal(decide("accept"), ERR_STORE);
		assert_int_equal(store_fixture_run(f.db, back), 0);
		assert_nothing_decided();
		trail_reset(&op.trail);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(row8_acceptance_is_recorded_and_sealed),
	    CASE(a_choice_is_recorded_once),
	    CASE(row9_refusal_is_recorded_and_gives_nothing),
	    CASE(row11_a_page_that_was_open_too_long),
	    CASE(row11_a_state_whose_address_is_not_allowed),
	    CASE(row12_a_text_that_changed_is_shown_again),
	    CASE(row10_an_organization_device_cannot_decline),
	    CASE(row4_a_tenant_that_is_gone_or_disabled),
	    CASE(row5_what_cannot_be_recorded_is_not_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
