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
#include "store/pin.h"
#include "store/tenant.h"
#include "store/terms.h"
#include "store/test_store.h"
#include "terms/pin.h"

#define TENANT   "11111111-2222-4333-8444-555555555555"
#define USER     "aaaaaaaa-2222-4333-8444-555555555555"
#define REDIRECT "ms-appx-web://ContosoMdm/ToUResponse"

enum { NOW = 1800000000 };

static struct store_fixture f;
static struct server_keys keys;
static struct op op;
static const struct config config; /* no branding */
static struct tenant tenant;
static struct enrollment attempts[TERMS_ENDINGS];
static struct terms_decision decision;
static struct buf page;
static struct terms_consent state;
static const char *typed_pin = "";

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
				 .default_locale = "en",
				 .is_enabled = true,
				 .graph_error = ""};
	assert_int_equal(db_transact(f.db, tenant_add, &tenant), 0);
	secret_init(&keys.terms);
	secret_set(&keys.terms, TEXT("0123456789abcdef0123456789abcdef"));
	secret_init(&keys.pins);
	secret_set(&keys.pins, TEXT("another 0123456789abcdef01234567"));
	typed_pin = "";
	op = (struct op){.arena = &f.arena,
			 .now = NOW,
			 .source = "",
			 .config = &config,
			 .keys = &keys,
			 .db = f.db};
	trail_reset(&op.trail);
	buf_init(&page, &f.arena);
	state = (struct terms_consent){
	    .id = "99999999-2222-4333-8444-555555555555",
	    .tenant_id = TENANT,
	    .object_id = USER,
	    .user_name = "anna@contoso.test",
	    .mode = TERMS_PERSONAL,
	    .version = terms_document_builtin(&f.arena, TERMS_PERSONAL).version,
	    .languages = "de-AT,de",
	    .group = "",
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
	secret_done(&keys.pins);
	store_fixture_close(&f);
	return 0;
}

static int decide(const char *choice)
{
	const struct http_param params[] = {
	    {TEXT("state"), text_of(terms_state_seal(&f.arena, &keys.terms, &state))},
	    {TEXT("decision"), text_of(choice)},
	    {TEXT("pin"), text_of(typed_pin)},
	};
	const struct terms_form form = {params, ARRAY_LEN(params), TEXT("Edge\x01")};
	struct enrollment attempt;

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
				      .source = "",
				      .auth = "",
				      .story_id = ""};
	for (size_t i = 0; i < TERMS_ENDINGS; i++) {
		static const char *const reasons[] = {"", "terms_declined", "pin_wrong",
						      "pin_blocked"};

		attempts[i] = attempt;
		attempts[i].reason = reasons[i];
		if (reasons[i][0])
			attempts[i].outcome = OUTCOME_REFUSED;
	}
	return terms_decide(&op, &form, attempts, &page, &decision);
}

static int64_t count(const char *sql)
{
	return store_fixture_number(f.db, sql);
}

static void assert_nothing_decided(void)
{
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM audit"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_decisions"), 0);
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
	assert_int_equal(decision.ending, TERMS_ENDED_ACCEPTED);
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
	assert_int_equal(decision.ending, TERMS_ENDED_DECLINED);
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
	assert_string_equal(decision.resumed.redirect.scheme, "ms-appx-web");
	assert_string_equal(attempts[0].user_object_id, USER);
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
			    terms_document_builtin(&f.arena, TERMS_PERSONAL).version);
	assert_string_not_equal(shown.id, state.id);
	assert_string_equal(shown.redirect_uri, REDIRECT);
	assert_string_equal(shown.object_id, USER);
}

static void row10_an_organization_device_cannot_decline(void **unused)
{
	(void)unused;
	state.mode = TERMS_ORGANIZATION;
	state.version = terms_document_builtin(&f.arena, TERMS_ORGANIZATION).version;
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
	static const char *const tables[] = {"audit", "enrollments", "tenants", "terms_decisions",
					     "terms"};

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

static void pin_is_required(void)
{
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET is_pin_required = 1"), 0);
}

/* Texts of the tenant */

static int text_put(struct db_conn *tx, void *argument)
{
	return store_terms_add(tx, argument);
}

static const char *text_add(const char *id, const char *locale, const char *group, const char *html)
{
	struct terms_text text = {
	    .tenant_id = TENANT,
	    .id = id,
	    .locale = locale,
	    .audience = TERMS_FOR_ANY,
	    .group_id = group,
	    .title = "Bedingungen",
	    .body = html,
	    .html = html,
	    .sha256 = terms_sha256(&f.arena, "Bedingungen", html),
	};

	assert_int_equal(db_transact(f.db, text_put, &text), 0);
	return terms_version(&f.arena, 1, text.sha256);
}

static void row12_the_text_in_force_follows_from_the_page(void **unused)
{
	const char *de, *group;

	(void)unused;
	/* The built-in text was shown; the tenant has written one since. */
	de = text_add("t1", "de", "", "<p>eins</p>");
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	assert_non_null(strstr(page.data, "<p>eins</p>"));
	/* Kept as one that was shown, before anybody can accept it. */
	assert_int_equal(count("SELECT COUNT(*) FROM terms_texts WHERE html = '<p>eins</p>'"), 1);
	state.version = de;
	assert_int_equal(decide("accept"), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_decisions WHERE decision = 'accepted'"
			       " AND locale = 'de' AND mode = 'personal' AND user_agent = ''"
			       " AND redirect_uri = '" REDIRECT "'"),
			 1);
	/* A text for a group the page was not for changes nothing; one for its own does. */
	group = text_add("t2", "en", "g1", "<p>group</p>");
	state.id = "8f6d2b90-55b1-4b39-8a5e-0d3c1c1b7f10";
	assert_int_equal(decide("accept"), 0);
	state.id = "8f6d2b90-55b1-4b39-8a5e-0d3c1c1b7f11";
	state.group = "g1";
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	state.version = group;
	assert_int_equal(decide("accept"), 0);
	/* And a text closer to the language the page was asked in does. */
	state.id = "8f6d2b90-55b1-4b39-8a5e-0d3c1c1b7f12";
	state.group = "";
	state.version = de;
	text_add("t3", "de-AT", "", "<p>zwei</p>");
	buf_clear(&page);
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	assert_non_null(strstr(page.data, "<p>zwei</p>"));
}

static void row1_a_rule_that_became_narrower_holds_at_once(void **unused)
{
	(void)unused;
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET redirect_uris ="
						 " '[\"ms-appx-web://Other/\"]'"),
			 0);
	assert_int_equal(decide("accept"), TERMS_E_REDIRECT_URI);
	assert_nothing_decided();
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET redirect_uris ="
						 " '[\"ms-appx-web://contosomdm/To\"]'"),
			 0);
	assert_int_equal(decide("accept"), 0);
}

/* The page once more, by its address */

static struct terms_resumed resumed;

static int show_query(const struct http_param *params, size_t n, bool is_trial)
{
	const struct terms_form query = {.params = params, .count = n};

	attempts[0] = (struct enrollment){.tenant_id = ""};
	decision.location = NULL;
	buf_clear(&page);
	return terms_show_again(&op, &query, is_trial, &attempts[0], &page, &resumed);
}

static int show_again(const char *sealed)
{
	const struct http_param params[] = {{TEXT("state"), text_of(sealed)}};

	return show_query(params, ARRAY_LEN(params), false);
}

static const char *state_seal(void)
{
	return terms_state_seal(&f.arena, &keys.terms, &state);
}

static const char *state_on_page(void)
{
	static const char field[] = "name=\"state\" value=\"";
	const char *at = strstr(page.data, field);
	struct text rest;

	assert_non_null(at);
	rest = text_of(at + strlen(field));
	return arena_cstr(&f.arena, text_cut(&rest, '"'));
}

static void row13_a_page_asked_for_again_is_the_same_page(void **unused)
{
	const char *sealed = state_seal();

	(void)unused;
	pin_is_required();
	op.now = NOW + LIMIT_TERMS_STATE_S - 1;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(show_again(sealed), TERMS_E_SHOW_AGAIN);
		/* Looking at it makes it live no longer. */
		assert_string_equal(state_on_page(), sealed);
		assert_null(strstr(page.data, "role=\"status\""));
		assert_null(strstr(page.data, "role=\"alert\""));
	}
	assert_nothing_decided();
	assert_non_null(strstr(page.data, "anna@contoso.test"));
	assert_non_null(strstr(page.data, "value=\"decline\""));
	assert_non_null(strstr(page.data, "name=\"pin\""));
	assert_true(text_eq_c(resumed.redirect.host, "ContosoMdm"));
	op.now = NOW + LIMIT_TERMS_STATE_S;
	assert_int_equal(show_again(sealed), TERMS_E_EXPIRED);
	assert_string_equal(attempts[0].user_object_id, USER);
	assert_string_equal(attempts[0].client_request_id, state.client_request_id);
	assert_string_equal(resumed.redirect.scheme, "ms-appx-web");
	assert_int_equal(page.len, 0);
	op.now = NOW;
}

static void row12_a_page_asked_for_again_has_the_text_in_force(void **unused)
{
	const struct http_param query[] = {{TEXT("state"), text_of(state_seal())}};
	struct terms_consent fresh;

	(void)unused;
	text_add("t1", "de", "", "<p>eins</p>");
	assert_int_equal(show_query(query, 1, true), TERMS_E_SHOW_AGAIN);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_texts"), 0);
	assert_int_equal(show_query(query, 1, false), TERMS_E_SHOW_AGAIN);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_texts WHERE html = '<p>eins</p>'"), 1);
	assert_non_null(strstr(page.data, "<p>eins</p>"));
	assert_non_null(strstr(page.data, "role=\"status\""));
	assert_nothing_decided();
	assert_int_equal(
	    terms_state_open(&f.arena, &keys.terms, text_of(state_on_page()), NOW, &fresh), 0);
	assert_string_not_equal(fresh.id, state.id);
	assert_string_not_equal(fresh.version, state.version);
	assert_string_equal(fresh.redirect_uri, REDIRECT);
	assert_string_equal(fresh.object_id, USER);
	assert_string_equal(fresh.client_request_id, state.client_request_id);
	assert_string_equal(fresh.languages, state.languages);
	/* What was shown before cannot be accepted any more, what is shown now can. */
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	state = fresh;
	assert_int_equal(decide("accept"), 0);
}

static void row11_an_address_that_is_not_of_a_page(void **unused)
{
	const char *sealed = state_seal();
	const char *wrong[] = {
	    "",
	    "x",
	    arena_printf(&f.arena, "%sA", sealed),
	    arena_printf(&f.arena, "%.*s", (int)strlen(sealed) - 1, sealed),
	    terms_blob_seal(&f.arena, &keys.terms, &state),
	    terms_state_seal(&f.arena, &keys.pins, &state),
	};
	const struct http_param one = {TEXT("state"), text_of(sealed)};
	const struct http_param twice[] = {one, one};
	const struct http_param more[] = {one, {TEXT("redirect_uri"), TEXT(REDIRECT)}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (show_again(wrong[i]) != TERMS_E_STATE)
			fail_msg("%zu", i);
	assert_int_equal(show_query(twice, 2, false), TERMS_E_STATE);
	assert_int_equal(show_query(more, 2, false), TERMS_E_STATE);
	assert_int_equal(show_query(more, 0, false), TERMS_E_STATE);
	assert_string_equal(attempts[0].tenant_id, "");
	state.redirect_uri = "https://evil.example/";
	assert_int_equal(show_again(state_seal()), TERMS_E_STATE);
	assert_int_equal(page.len, 0);
	assert_nothing_decided();
}

static void a_page_asked_for_again_is_judged_like_a_posted_one(void **unused)
{
	const char *sealed = state_seal();

	(void)unused;
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET redirect_uris ="
						 " '[\"ms-appx-web://Other/\"]'"),
			 0);
	assert_int_equal(show_again(sealed), TERMS_E_REDIRECT_URI);
	assert_int_equal(store_fixture_run(f.db, "UPDATE tenants SET is_enabled = 0"), 0);
	assert_int_equal(show_again(sealed), TERMS_E_TENANT);
	assert_string_equal(attempts[0].tenant_id, TENANT);
	assert_int_equal(store_fixture_run(f.db, "ALTER TABLE tenants RENAME TO away"), 0);
	assert_int_equal(show_again(sealed), ERR_STORE);
	assert_int_equal(page.len, 0);
	assert_nothing_decided();
}

static void row11_a_form_with_two_states_is_none_of_ours(void **unused)
{
	const struct http_param one = {TEXT("state"), text_of(state_seal())};
	const struct http_param params[] = {one, {TEXT("decision"), TEXT("accept")}, one};
	const struct terms_form form = {.params = params, .count = ARRAY_LEN(params)};

	(void)unused;
	assert_int_equal(terms_decide(&op, &form, attempts, &page, &decision), TERMS_E_STATE);
	assert_nothing_decided();
}

/* PINs */

static int pin_put(struct db_conn *tx, void *argument)
{
	return store_pin_add(tx, argument);
}

static void pin_add(const char *id, const char *digits, const char *user, int64_t expires_at)
{
	struct pin pin = {
	    .tenant_id = TENANT,
	    .id = id,
	    .label = "",
	    .user_principal_name = user,
	    .mac = terms_pin_mac(&f.arena, &keys.pins, TENANT, text_of(digits)),
	    .expires_at = expires_at,
	    .used_by = "",
	};

	assert_int_equal(db_transact(f.db, pin_put, &pin), 0);
}

static void pin_refused(const char *typed, enum terms_ending ending)
{
	typed_pin = typed;
	buf_clear(&page);
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	assert_true(decision.is_refused);
	assert_int_equal(decision.ending, ending);
	assert_null(decision.location);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_decisions"), 0);
}

static void a_pin_is_good_once(void **unused)
{
	(void)unused;
	pin_is_required();
	pin_add("p1", "12345678", "", 0);
	typed_pin = " 1234-5678 ";
	assert_int_equal(decide("accept"), 0);
	assert_int_equal(
	    count("SELECT COUNT(*) FROM pins WHERE state = 'used' AND used_by = '" USER "'"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM audit WHERE action = 'pin.use'"
			       " AND object_id = 'p1'"),
			 1);
	/* The same page again: the answer is the same, whatever was typed. */
	typed_pin = "";
	assert_int_equal(decide("accept"), 0);
	assert_non_null(strstr(decision.location, "IsAccepted=true"));
	/* Another page needs another PIN. */
	state.id = "8f6d2b90-55b1-4b39-8a5e-0d3c1c1b7f10";
	typed_pin = "12345678";
	assert_int_equal(decide("accept"), TERMS_E_SHOW_AGAIN);
	assert_int_equal(count("SELECT COUNT(*) FROM terms_decisions"), 1);
	/* Declining needs none. */
	assert_int_equal(decide("decline"), 0);
}

static void a_pin_that_is_not_good(void **unused)
{
	static const char *const typed[] = {"23456789",  "34567890", "45678901", "1234567",
					    "123456789", "1234567a", "\xd9\xa1", "12345679"};

	(void)unused;
	pin_is_required();
	pin_add("p2", "23456789", "bert@contoso.test", 0);
	pin_add("p3", "34567890", "", NOW);
	pin_add("p4", "45678901", "", 0);
	assert_int_equal(store_fixture_run(f.db, "UPDATE pins SET state = 'revoked'"
						 " WHERE id = 'p4'"),
			 0);
	/* Nothing typed is not a guess. */
	for (int i = 0; i < 10; i++)
		pin_refused(" - ", TERMS_ENDED_PIN_WRONG);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), 0);
	for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
		assert_int_equal(store_fixture_run(f.db, "DELETE FROM guesses"), 0);
		pin_refused(typed[i], TERMS_ENDED_PIN_WRONG);
	}
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments WHERE reason = 'pin_wrong'"),
			 ARRAY_LEN(typed));
	assert_int_equal(count("SELECT COUNT(*) FROM audit WHERE action = 'pin.refuse'"
			       " AND outcome = 'refused'"),
			 ARRAY_LEN(typed));
	/* One of the user's own, with other capitals in the name. */
	pin_add("p5", "56789012", "anna@contoso.test", NOW + 1);
	state.user_name = "Anna@Contoso.test";
	typed_pin = "56789012";
	assert_int_equal(decide("accept"), 0);
}

static void tries_are_limited(void **unused)
{
	(void)unused;
	pin_is_required();
	pin_add("p1", "12345678", "", 0);
	for (int i = 1; i < LIMIT_PIN_TRIES; i++)
		pin_refused("00000000", TERMS_ENDED_PIN_WRONG);
	pin_refused("00000000", TERMS_ENDED_PIN_BLOCKED);
	/* Now the right one does not help, and nothing more is written. */
	for (int i = 0; i < 20; i++)
		pin_refused("12345678", TERMS_ENDED_PIN_BLOCKED);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments WHERE reason = 'pin_blocked'"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM enrollments"), LIMIT_PIN_TRIES);
	assert_int_equal(count("SELECT COUNT(*) FROM audit WHERE action = 'pin.block'"), 1);
	op.now = NOW + LIMIT_PIN_BLOCK_S - 1;
	pin_refused("12345678", TERMS_ENDED_PIN_BLOCKED);
	op.now = NOW + LIMIT_PIN_BLOCK_S;
	state.expires_at = op.now + 1;
	assert_int_equal(decide("accept"), 0);
	/* What was right wipes out what was wrong before. */
	assert_int_equal(count("SELECT COUNT(*) FROM guesses WHERE subject LIKE 'user:%'"), 0);
	op.now = NOW;
}

static int pin_sweep(struct db_conn *tx, void *argument)
{
	const int64_t *now = argument;

	return terms_pin_sweep(tx, *now);
}

static void counts_are_swept_once_they_are_forgotten(void **unused)
{
	int64_t now = NOW + LIMIT_PIN_BLOCK_S;

	(void)unused;
	pin_is_required();
	for (int i = 1; i < LIMIT_PIN_TRIES; i++)
		pin_refused("00000000", TERMS_ENDED_PIN_WRONG);
	pin_refused("00000000", TERMS_ENDED_PIN_BLOCKED);
	assert_int_equal(db_transact(f.db, pin_sweep, &now), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM guesses WHERE kind = 'pin'"), 2);
	now++;
	assert_int_equal(db_transact(f.db, pin_sweep, &now), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM guesses"), 0);
}

static void tries_from_one_place_are_limited_too(void **unused)
{
	(void)unused;
	pin_is_required();
	pin_add("p1", "12345678", "", 0);
	op.source = "192.0.2.7";
	for (int i = 1; i <= LIMIT_PIN_TRIES_SOURCE; i++) {
		state.object_id = arena_printf(&f.arena, "aaaaaaaa-2222-4333-8444-%012d", i);
		pin_refused("00000000", i < LIMIT_PIN_TRIES_SOURCE ? TERMS_ENDED_PIN_WRONG
								   : TERMS_ENDED_PIN_BLOCKED);
	}
	state.object_id = USER;
	pin_refused("12345678", TERMS_ENDED_PIN_BLOCKED);
	op.source = "192.0.2.8";
	assert_int_equal(decide("accept"), 0);
}

static void made_pins_are_eight_digits_and_differ(void **unused)
{
	char *last = terms_pin_make(&f.arena);
	size_t same = 0;

	(void)unused;
	for (int i = 0; i < 100; i++) {
		char *pin = terms_pin_make(&f.arena);

		assert_int_equal(strlen(pin), 8);
		assert_int_equal(strspn(pin, "0123456789"), 8);
		same += !strcmp(pin, last);
		last = pin;
	}
	assert_int_equal(same, 0);
	assert_string_not_equal(terms_pin_mac(&f.arena, &keys.pins, TENANT, TEXT("12345678")),
				terms_pin_mac(&f.arena, &keys.pins, "another", TEXT("12345678")));
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
	    CASE(row12_the_text_in_force_follows_from_the_page),
	    CASE(row1_a_rule_that_became_narrower_holds_at_once),
	    CASE(row13_a_page_asked_for_again_is_the_same_page),
	    CASE(row12_a_page_asked_for_again_has_the_text_in_force),
	    CASE(row11_an_address_that_is_not_of_a_page),
	    CASE(a_page_asked_for_again_is_judged_like_a_posted_one),
	    CASE(row11_a_form_with_two_states_is_none_of_ours),
	    CASE(a_pin_is_good_once),
	    CASE(a_pin_that_is_not_good),
	    CASE(tries_are_limited),
	    CASE(counts_are_swept_once_they_are_forgotten),
	    CASE(tries_from_one_place_are_limited_too),
	    CASE(made_pins_are_eight_digits_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
