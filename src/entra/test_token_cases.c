/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_token_cases.c: the abuse cases 1 to 7 against the rules, for each channel: every written and
 * generated case with its exact verdict, every single bit of a token, and what an accepted token
 * is read as. The numbers of cases are asserted too, so that a table cannot quietly shrink.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "entra/test_world.h"

enum { REFUSED_MIN = 150, ACCEPTED_MIN = 25 };

static struct world *world;

static int start_world(void **state UNUSED)
{
	world = world_new();
	return 0;
}

static int end_world(void **state UNUSED)
{
	world_free(world);
	return 0;
}

static void run_channel(enum entra_channel channel, size_t refused_min)
{
	struct arena arena, scratch;
	struct minted_case *cases;
	size_t n, refused = 0, accepted = 0, wrong = 0;

	arena_init(&arena);
	arena_init(&scratch);
	cases = mint_all_cases(world, &arena, &n);
	for (size_t i = 0; i < n; i++) {
		struct entra_principal principal = {0};
		enum entra_verdict verdict;

		if (cases[i].channel != channel)
			continue;
		verdict = world_judge(world, &scratch, &cases[i], &principal);
		if (verdict != cases[i].expected) {
			print_error("%s: %s instead of %s\n", cases[i].name,
				    entra_verdict_name(verdict),
				    entra_verdict_name(cases[i].expected));
			wrong++;
		}
		/* A refused token must leave no principal behind. */
		if ((verdict == ENTRA_TOKEN_OK) != (principal.tenant_id != NULL))
			wrong++;
		refused += cases[i].expected != ENTRA_TOKEN_OK;
		accepted += cases[i].expected == ENTRA_TOKEN_OK;
		arena_reset(&scratch);
	}
	arena_done(&scratch);
	arena_done(&arena);
	assert_int_equal(wrong, 0);
	assert_true(refused >= refused_min);
	assert_true(accepted >= ACCEPTED_MIN);
}

static void cases_1_to_7_terms(void **state UNUSED)
{
	run_channel(ENTRA_TERMS, REFUSED_MIN);
}

static void cases_1_to_7_enrolment(void **state UNUSED)
{
	run_channel(ENTRA_ENROLL, REFUSED_MIN);
}

static void cases_1_to_7_session(void **state UNUSED)
{
	run_channel(ENTRA_SESSION, 100);
}

static void flip_channel(enum entra_channel channel)
{
	struct arena arena, scratch;
	struct minted_case *cases;
	size_t n, accepted = 0;

	arena_init(&arena);
	arena_init(&scratch);
	cases = mint_bit_flips(world, &arena, channel, &n);
	for (size_t i = 0; i < n; i++) {
		struct entra_principal principal;

		if (world_judge(world, &scratch, &cases[i], &principal) == ENTRA_TOKEN_OK) {
			print_error("accepted with bit %zu flipped\n", i);
			accepted++;
		}
		arena_reset(&scratch);
	}
	arena_done(&scratch);
	arena_done(&arena);
	assert_int_equal(accepted, 0);
	assert_true(n > 8 * 700);
}

static void case6_every_bit_terms(void **state UNUSED)
{
	flip_channel(ENTRA_TERMS);
}

static void case6_every_bit_enrolment(void **state UNUSED)
{
	flip_channel(ENTRA_ENROLL);
}

/* Judge a case that has to be accepted, and give what it was read as. */
static struct entra_principal accept(struct arena *arena, const struct token_case *spec,
				     enum entra_channel channel)
{
	struct entra_principal principal = {0};
	struct minted_case minted;

	world_mint(world, spec, channel, &minted);
	assert_int_equal(world_judge(world, arena, &minted, &principal), ENTRA_TOKEN_OK);
	return principal;
}

static void principal_v2(void **state UNUSED)
{
	static const struct token_case good = {"good", ALL, V2, ENTRA_TOKEN_OK};
	struct entra_principal p;
	struct arena arena;

	arena_init(&arena);
	p = accept(&arena, &good, ENTRA_ENROLL);
	assert_string_equal(p.tenant_id, WORLD_TENANT);
	assert_string_equal(p.object_id, WORLD_USER);
	assert_string_equal(p.device_id, WORLD_DEVICE);
	assert_string_equal(p.user_name, "ada@contoso.com");
	assert_string_equal(p.client_app, "29d9ed98-a469-4536-ade2-f981bc1d605e");
	assert_string_equal(p.token_id, "qW7yFh0tXkeE5cCu9mAdAA");
	assert_int_equal(p.expires_at, 1800004500);
	assert_true(p.is_version_2);
	assert_false(p.is_guest);
	arena_done(&arena);
}

static void principal_v1_folds_case(void **state UNUSED)
{
	static const struct token_case spec = {
	    "upper", ALL, V1, ENTRA_TOKEN_OK,
	    .claims = {{"oid", "\"8E4B2F1D-0C6A-4D7E-B3F9-A5C1E2D07B68\""},
		       {"tid", "\"5D1E7C0A-3B52-4E3F-9A86-6F0C2D1B7E44\""},
		       {"deviceid", "\"41F0C9B7-2D5E-4A83-96E1-7B3D8F2C0A15\""}}};
	struct entra_principal p;
	struct arena arena;

	arena_init(&arena);
	p = accept(&arena, &spec, ENTRA_ENROLL);
	assert_string_equal(p.tenant_id, WORLD_TENANT);
	assert_string_equal(p.object_id, WORLD_USER);
	assert_string_equal(p.device_id, WORLD_DEVICE);
	assert_false(p.is_version_2);
	arena_done(&arena);
}

static void case7_name_is_a_label(void **state UNUSED)
{
	static const struct {
		struct token_case spec;
		const char *expected;
	} rows[] = {
	    {{"both", ALL, V2, .claims = {{"upn", "\"u@x\""}}}, "u@x"},
	    {{"preferred", ALL, V2}, "ada@contoso.com"},
	    {{"none", ALL, V2, .claims = {{"preferred_username", NULL}}}, ""},
	    {{"number", ALL, V2, .claims = {{"preferred_username", "5"}}}, ""},
	    {{"newline", ALL, V2, .claims = {{"preferred_username", "\"a\\nb\""}}}, ""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct entra_principal p = accept(&arena, &rows[i].spec, ENTRA_TERMS);

		assert_string_equal(p.user_name, rows[i].expected);
		assert_string_equal(p.object_id, WORLD_USER);
		assert_string_equal(p.device_id, "");
	}
	arena_done(&arena);
}

static void guest_is_marked(void **state UNUSED)
{
	static const struct token_case spec = {
	    "guest", ALL, V2, ENTRA_TOKEN_OK, TENANT_ALLOWS_GUESTS, .claims = {{"acct", "1"}}};
	struct arena arena;

	arena_init(&arena);
	assert_true(accept(&arena, &spec, ENTRA_ENROLL).is_guest);
	arena_done(&arena);
}

static void unknown_tenant_is_refused(void **state UNUSED)
{
	static const struct token_case good = {"good", ALL, V2, ENTRA_TOKEN_OK};
	const struct jwt *jwt = NULL;
	struct minted_case minted;
	struct arena arena;

	arena_init(&arena);
	world_mint(world, &good, ENTRA_ENROLL, &minted);
	assert_int_equal(entra_rules_read(&arena, text_of(minted.token), &jwt), ENTRA_TOKEN_OK);
	assert_int_equal(entra_rules_select(jwt, NULL), ENTRA_TOKEN_TENANT_UNKNOWN);
	assert_string_equal(entra_rules_tenant_id(&arena, jwt), WORLD_TENANT);
	arena_done(&arena);
}

static void every_verdict_is_explained(void **state UNUSED)
{
	for (int i = 0; i < ENTRA_VERDICT_COUNT; i++) {
		enum entra_verdict verdict = (enum entra_verdict)i;

		assert_true(strlen(entra_verdict_name(verdict)) > 0);
		assert_true(strlen(entra_verdict_reason(verdict)) > 0);
		assert_true(strlen(entra_verdict_remedy(verdict)) > 0);
		assert_true((entra_verdict_refusal(verdict) == ENTRA_ACCEPTED) ==
			    (verdict == ENTRA_TOKEN_OK));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(entra_verdict_name(verdict),
						entra_verdict_name((enum entra_verdict)k));
	}
	assert_string_equal(entra_verdict_name((enum entra_verdict)1000), "");
	assert_true(entra_verdict_refusal((enum entra_verdict)1000) != ENTRA_ACCEPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cases_1_to_7_terms),
	    cmocka_unit_test(cases_1_to_7_enrolment),
	    cmocka_unit_test(cases_1_to_7_session),
	    cmocka_unit_test(case6_every_bit_terms),
	    cmocka_unit_test(case6_every_bit_enrolment),
	    cmocka_unit_test(principal_v2),
	    cmocka_unit_test(principal_v1_folds_case),
	    cmocka_unit_test(case7_name_is_a_label),
	    cmocka_unit_test(guest_is_marked),
	    cmocka_unit_test(unknown_tenant_is_refused),
	    cmocka_unit_test(every_verdict_is_explained),
	};

	return cmocka_run_group_tests(tests, start_world, end_world);
}
