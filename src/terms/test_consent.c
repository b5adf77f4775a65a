/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_consent.c: the sealed state and the OpaqueBlob: what went in comes out, nothing else opens.
 */
#include "terms/consent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"

struct world {
	struct arena arena;
	struct secret key;
	struct terms_consent consent;
};

static int set_up(void **state)
{
	struct world *w = heap_alloc(sizeof(*w));

	arena_init(&w->arena);
	secret_init(&w->key);
	secret_set(&w->key, TEXT("0123456789abcdef0123456789abcdef"));
	w->consent = (struct terms_consent){
	    .id = "99999999-2222-4333-8444-555555555555",
	    .tenant_id = "11111111-2222-3333-4444-555555555555",
	    .object_id = "aaaaaaaa-2222-3333-4444-555555555555",
	    .user_name = "anna@contoso.com",
	    .mode = TERMS_ORGANIZATION,
	    .version = "1-0123456789abcdef",
	    .languages = "zh-Hant-TW,de-AT",
	    .group = "00000000-0000-4000-8000-000000000001",
	    .client_request_id = "34be581c-6ebd-49d6-a4e1-150eff4b7213",
	    .made_at = 1000,
	    .expires_at = 2000,
	    .redirect_uri = "ms-appx-web://ContosoMdm/ToUResponse",
	    .theme = THEME_OOBE_LIGHT,
	};
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	secret_done(&w->key);
	arena_done(&w->arena);
	free(w);
	return 0;
}

static void state_round_trip(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	char *sealed = terms_state_seal(&w->arena, &w->key, &w->consent);

	assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(sealed), 1999, &out), 0);
	assert_string_equal(out.id, w->consent.id);
	assert_string_equal(out.tenant_id, w->consent.tenant_id);
	assert_string_equal(out.object_id, w->consent.object_id);
	assert_string_equal(out.user_name, w->consent.user_name);
	assert_int_equal(out.mode, TERMS_ORGANIZATION);
	assert_string_equal(out.version, w->consent.version);
	assert_string_equal(out.languages, w->consent.languages);
	assert_string_equal(out.group, w->consent.group);
	assert_string_equal(out.client_request_id, w->consent.client_request_id);
	assert_string_equal(out.redirect_uri, w->consent.redirect_uri);
	assert_int_equal(out.theme, THEME_OOBE_LIGHT);
}

static void state_expires_but_says_where_to_go(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	char *sealed = terms_state_seal(&w->arena, &w->key, &w->consent);

	assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(sealed), 2000, &out),
			 CONSENT_E_EXPIRED);
	assert_string_equal(out.redirect_uri, w->consent.redirect_uri);
}

static const char *repeated(struct world *w, char c, size_t n)
{
	char *made = arena_alloc(&w->arena, n + 1);

	for (size_t i = 0; i < n; i++)
		made[i] = c;
	made[n] = '\0';
	return made;
}

/* A page can be asked for by its state, so any that is made has to fit into a request line. */
static void the_longest_state_is_not_too_long(void **state)
{
	enum { LABEL_MAX = 320 }; /* of a token */
	struct world *w = *state;
	struct terms_consent out;
	char *sealed;

	w->consent.redirect_uri = repeated(w, 'a', LIMIT_REDIRECT_URI);
	w->consent.user_name = repeated(w, '"', LABEL_MAX);
	w->consent.languages = "zh-Hant-TW,zh-Hant-HK,zh-Hans-CN,sr-Latn-RS";
	sealed = terms_state_seal(&w->arena, &w->key, &w->consent);
	assert_true(strlen(sealed) <= LIMIT_TERMS_STATE);
	assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(sealed), 1999, &out), 0);
	assert_string_equal(out.user_name, w->consent.user_name);
	assert_true(strlen("GET /TermsOfUse?state= HTTP/1.1\r\n") + LIMIT_TERMS_STATE <
		    LIMIT_HTTP_REQUEST_LINE);
	for (size_t n = LIMIT_REDIRECT_URI; strlen(sealed) <= LIMIT_TERMS_STATE; n += 30) {
		assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(sealed), 1999, &out),
				 0);
		w->consent.redirect_uri = repeated(w, 'a', n);
		sealed = terms_state_seal(&w->arena, &w->key, &w->consent);
	}
	assert_true(strlen(sealed) <= LIMIT_TERMS_STATE + 40);
	assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(sealed), 1999, &out),
			 CONSENT_E_FORGED);
}

static void blob_round_trip(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	char *sealed = terms_blob_seal(&w->arena, &w->key, &w->consent);

	assert_true(strlen(sealed) <= LIMIT_OPAQUE_BLOB);
	/* It travels in a URL and in XML without a character that either escapes. */
	for (const char *c = sealed; *c; c++)
		assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_",
				       *c));
	assert_int_equal(terms_blob_open(&w->arena, &w->key, text_of(sealed), 1999, &out), 0);
	assert_string_equal(out.object_id, w->consent.object_id);
	assert_string_equal(out.version, w->consent.version);
	assert_string_equal(out.languages, w->consent.languages);
	assert_string_equal(out.group, w->consent.group);
	assert_int_equal(terms_blob_open(&w->arena, &w->key, text_of(sealed), 2000, &out),
			 CONSENT_E_EXPIRED);
}

static void blob_holds_nothing_readable(void **state)
{
	struct world *w = *state;
	char *sealed = terms_blob_seal(&w->arena, &w->key, &w->consent);

	assert_null(strstr(sealed, "anna"));
	assert_null(strstr(sealed, "contoso"));
}

static void purposes_do_not_mix(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	char *a = terms_state_seal(&w->arena, &w->key, &w->consent);
	char *b = terms_blob_seal(&w->arena, &w->key, &w->consent);

	assert_int_equal(terms_blob_open(&w->arena, &w->key, text_of(a), 1500, &out),
			 CONSENT_E_FORGED);
	assert_int_equal(terms_state_open(&w->arena, &w->key, text_of(b), 1500, &out),
			 CONSENT_E_FORGED);
}

static void every_changed_character_is_seen(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	char *sealed = terms_blob_seal(&w->arena, &w->key, &w->consent);

	for (size_t i = 0; sealed[i]; i++) {
		char *copy = arena_string(&w->arena, sealed);

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		assert_int_equal(terms_blob_open(&w->arena, &w->key, text_of(copy), 1500, &out),
				 CONSENT_E_FORGED);
	}
}

static void another_key_does_not_open(void **state)
{
	struct world *w = *state;
	struct terms_consent out;
	struct secret other;
	char *sealed = terms_blob_seal(&w->arena, &w->key, &w->consent);

	secret_init(&other);
	secret_set(&other, TEXT("0123456789abcdef0123456789abcdeF"));
	assert_int_equal(terms_blob_open(&w->arena, &other, text_of(sealed), 1500, &out),
			 CONSENT_E_FORGED);
	secret_done(&other);
}

static void garbage_is_forged(void **state)
{
	static const char *const garbage[] = {"", "null", "AAAA", "eyJhbGciOiJub25lIn0.e30.",
					      "%%%"};
	struct world *w = *state;
	struct terms_consent out;

	for (size_t i = 0; i < ARRAY_LEN(garbage); i++)
		assert_int_equal(
		    terms_blob_open(&w->arena, &w->key, text_of(garbage[i]), 1500, &out),
		    CONSENT_E_FORGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(state_round_trip, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(state_expires_but_says_where_to_go, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_longest_state_is_not_too_long, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(blob_round_trip, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(blob_holds_nothing_readable, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(purposes_do_not_mix, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(every_changed_character_is_seen, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(another_key_does_not_open, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(garbage_is_forged, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
