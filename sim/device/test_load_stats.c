/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_load_stats.c: percentiles must be right to the precision they promise, over the whole range
 * of values, and merging must lose nothing. Also the tree of nodes, whose order everything relies
 * on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "sim/device/load_stats.h"
#include "sim/device/tree.h"

static void assert_near(uint64_t found, uint64_t wanted)
{
	uint64_t slack = wanted / 64 + 1;

	assert_in_range(found, wanted > slack ? wanted - slack : 0, wanted + slack);
}

static void percentiles_are_precise(void **state)
{
	static const uint64_t units[] = {1, 7, 1000, 33333, 1000000};

	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		struct stats *stats = heap_alloc(sizeof(*stats));

		for (uint64_t i = 1; i <= 1000; i++)
			stats_add(stats, PHASE_ENROLL, (int64_t)(i * units[u]));
		assert_near(latency_at(&stats->phases[PHASE_ENROLL], 50), 500 * units[u]);
		assert_near(latency_at(&stats->phases[PHASE_ENROLL], 99), 990 * units[u]);
		assert_int_equal(stats->phases[PHASE_ENROLL].max_us, 1000 * units[u]);
		assert_near(latency_at(&stats->phases[PHASE_ENROLL], 100), 1000 * units[u]);
		free(stats);
	}
}

static void an_outlier_shows_in_the_last_percent_only(void **state)
{
	struct stats *stats = heap_alloc(sizeof(*stats));

	for (int i = 0; i < 995; i++)
		stats_add(stats, PHASE_SESSION, 100);
	for (int i = 0; i < 5; i++)
		stats_add(stats, PHASE_SESSION, INT64_C(1) << 45);
	assert_int_equal(latency_at(&stats->phases[PHASE_SESSION], 99), 100);
	assert_true(latency_at(&stats->phases[PHASE_SESSION], 99.9) > UINT64_C(1) << 38);
	free(stats);
}

static void merging_adds_everything_up(void **state)
{
	struct stats *a = heap_alloc(sizeof(*a));
	struct stats *b = heap_alloc(sizeof(*b));
	struct trail trail = {.cause = "no"};
	struct task task = {.trail = &trail, .code = 5};

	stats_add(a, PHASE_TERMS, 10);
	stats_add(b, PHASE_TERMS, 30);
	stats_fail(a, PHASE_ENROLL, OUTCOME_REFUSED, &task);
	stats_fail(b, PHASE_ENROLL, OUTCOME_REFUSED, &task);
	for (uint32_t i = 0; i < 100; i++) {
		task.code = 100 + i;
		stats_fail(b, PHASE_SESSION, OUTCOME_BROKEN, &task);
	}
	stats_merge(a, b);
	assert_int_equal(a->phases[PHASE_TERMS].count, 2);
	assert_int_equal(a->phases[PHASE_TERMS].max_us, 30);
	assert_int_equal(a->errors[0].count, 2);
	assert_string_equal(a->errors[0].example, "no");
	assert_int_equal(stats_errors(a), 102);
	free(a);
	free(b);
}

static void what_is_below_an_address_are_its_neighbours(void **state)
{
	static const char *const uris[] = {"./A/b", "./A-x", "./A/b/c", "./A", "./A/b-c", "./B/c"};
	struct tree tree;

	tree_init(&tree);
	for (size_t i = 0; i < ARRAY_LEN(uris); i++)
		tree_set(&tree, uris[i], "chr", "1");
	tree_set(&tree, "./A/b", "int", "2");
	assert_int_equal(tree.count, ARRAY_LEN(uris));
	assert_string_equal(tree_get(&tree, "./A/b")->data, "2");
	assert_true(tree_has(&tree, "./B"));
	assert_false(tree_has(&tree, "./A/b/c/d"));
	assert_int_equal(tree_remove(&tree, "./A/b"), 2);
	assert_non_null(tree_get(&tree, "./A/b-c"));
	assert_int_equal(tree_remove(&tree, "./A"), 2);
	assert_non_null(tree_get(&tree, "./A-x"));
	assert_int_equal(tree.count, 2);
	assert_int_equal(tree_remove(&tree, "./C"), 0);
	tree_done(&tree);
}

static void addresses_have_one_spelling(void **state)
{
	static const struct {
		const char *in;
		const char *out; /* NULL: none */
	} cases[] = {
	    {"./Vendor/MSFT/X", "./Device/Vendor/MSFT/X"},
	    {"./device/Vendor/MSFT/X", "./Device/Vendor/MSFT/X"},
	    {"./user/Vendor/MSFT/X?list=StructData", "./User/Vendor/MSFT/X"},
	    {"./DevDetail/SwV", "./DevDetail/SwV"},
	    {"/Vendor", NULL},
	    {"./A//b", NULL},
	    {"./A/*", NULL},
	    {"./A/./b", NULL},
	    {"./A b", NULL},
	    {"", NULL},
	    {"./", NULL},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *uri = NULL;
		struct text query;
		const char *why;
		int r = locuri_read(&arena, text_of(cases[i].in), &uri, &query, &why);

		assert_int_equal(r, cases[i].out ? 0 : LOCURI_E_MALFORMED);
		if (cases[i].out)
			assert_string_equal(uri, cases[i].out);
	}
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(percentiles_are_precise),
	    cmocka_unit_test(an_outlier_shows_in_the_last_percent_only),
	    cmocka_unit_test(merging_adds_everything_up),
	    cmocka_unit_test(what_is_below_an_address_are_its_neighbours),
	    cmocka_unit_test(addresses_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
