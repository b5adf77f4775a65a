/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mutation.c: proof that each token check is tested. Built with MUSTER_MUTATION, so that one
 * check at a time can be switched off. With all of them on every case must have its verdict; with
 * any one off at least one case must not. The list of checks is what the code itself asked for
 * while the cases ran, so a new check that no case reaches cannot be forgotten: it fails here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "entra/test_world.h"
#include "jwt/check.h"

enum { CHECKS_MIN = 34 };

struct tally {
	size_t differs; /* cases with another verdict than expected */
	size_t opens;   /* of these, refused ones that are now accepted */
	const char *example;
};

static struct tally run_cases(struct world *world, const struct minted_case *cases, size_t n)
{
	struct tally tally = {.example = ""};
	struct arena scratch;

	arena_init(&scratch);
	for (size_t i = 0; i < n; i++) {
		struct entra_principal principal;
		enum entra_verdict verdict = world_judge(world, &scratch, &cases[i], &principal);

		arena_reset(&scratch);
		if (verdict == cases[i].expected)
			continue;
		tally.differs++;
		if (verdict == ENTRA_TOKEN_OK)
			tally.opens++;
		if (verdict == ENTRA_TOKEN_OK || tally.differs == 1)
			tally.example = cases[i].name;
	}
	arena_done(&scratch);
	return tally;
}

static void every_check_is_noticed(void **state UNUSED)
{
	struct world *world = world_new();
	struct minted_case *cases;
	struct arena arena;
	size_t n, checks = 0, unnoticed = 0;

	arena_init(&arena);
	cases = mint_all_cases(world, &arena, &n);
	assert_int_equal(run_cases(world, cases, n).differs, 0);
	for (; check_name_get(checks); checks++) {
		const char *name = check_name_get(checks);
		struct tally tally;

		check_switch_off(name);
		tally = run_cases(world, cases, n);
		check_switch_off(NULL);
		print_message("%-16s off: %3zu cases differ, %3zu of them accept, as %s\n", name,
			      tally.differs, tally.opens, tally.example);
		unnoticed += tally.differs == 0;
	}
	arena_done(&arena);
	world_free(world);
	assert_int_equal(unnoticed, 0);
	assert_true(checks >= CHECKS_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_check_is_noticed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
