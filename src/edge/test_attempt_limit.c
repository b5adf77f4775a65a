/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_attempt_limit.c: what one source and all sources together may have stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "edge/attempt_limit.h"

enum { NOW = 5000000 };

static int passed(struct attempt_limit *limit, const char *source, int tries, int64_t now)
{
	int n = 0;

	for (int i = 0; i < tries; i++)
		n += attempt_limit_pass(limit, source, now);
	return n;
}

static void one_source(void **state)
{
	static struct attempt_limit limit;

	(void)state;
	assert_int_equal(passed(&limit, "192.0.2.1", 1500, NOW), ATTEMPT_LIMIT_SOURCE_BURST);
	assert_int_equal(atomic_load(&limit.refused), 1500 - ATTEMPT_LIMIT_SOURCE_BURST);
	assert_int_equal(
	    passed(&limit, "192.0.2.1", 1500, NOW + (int64_t)3 * ATTEMPT_LIMIT_SOURCE_MS), 3);
	assert_int_equal(passed(&limit, "192.0.2.1", 1500, NOW + 3600 * 1000),
			 ATTEMPT_LIMIT_SOURCE_BURST);
}

static void another_source_has_its_own(void **state)
{
	static struct attempt_limit limit;
	char source[32];
	int reached = 0;

	(void)state;
	assert_int_equal(passed(&limit, "192.0.2.1", 1500, NOW), ATTEMPT_LIMIT_SOURCE_BURST);
	/* Two may share a place, but not all of these. */
	for (int i = 0; i < 8; i++) {
		snprintf(source, sizeof(source), "198.51.100.%d", i);
		reached += passed(&limit, source, 1, NOW);
	}
	assert_true(reached >= 5);
}

static void all_sources_together(void **state)
{
	static struct attempt_limit limit;
	char source[32];
	int n = 0;

	(void)state;
	for (int i = 0; i < 3 * ATTEMPT_LIMIT_ALL_BURST; i++) {
		snprintf(source, sizeof(source), "2001:db8::%x", (unsigned)i);
		n += passed(&limit, source, 1, NOW);
	}
	assert_int_equal(n, ATTEMPT_LIMIT_ALL_BURST);
	assert_int_equal(passed(&limit, "192.0.2.77", 9, NOW + (int64_t)2 * ATTEMPT_LIMIT_ALL_MS),
			 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_source),
	    cmocka_unit_test(another_source_has_its_own),
	    cmocka_unit_test(all_sources_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
