/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rand.c: bytes all come from the kernel (none left as they were), bounds hold.
 */
#include "base/rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void fills_every_byte(void **state)
{
	uint8_t touched[300] = {0};
	uint8_t bytes[300];

	for (int round = 0; round < 64; round++) {
		memset(bytes, 0, sizeof(bytes));
		rand_bytes(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes); i++)
			touched[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(touched); i++)
		assert_int_not_equal(touched[i], 0);
	rand_bytes(bytes, 0);
}

static void stays_below_its_bound(void **state)
{
	unsigned seen[6] = {0};

	for (int i = 0; i < 6000; i++) {
		uint64_t value = rand_below(6);

		assert_true(value < 6);
		seen[value]++;
	}
	/* Each is expected 1,000 times; the odds against this range are beyond 1e-20. */
	for (int i = 0; i < 6; i++)
		assert_in_range(seen[i], 700, 1300);
	assert_int_equal(rand_below(1), 0);
	for (int i = 0; i < 100; i++)
		assert_true(rand_below((UINT64_MAX >> 1) + 2) < (UINT64_MAX >> 1) + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fills_every_byte),
	    cmocka_unit_test(stays_below_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
