/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_uuid.c: the text form of GUIDs, the version bits, and the order of version 7.
 */
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void text_form(void **state)
{
	static const struct text refused[] = {
	    TEXT(""),
	    TEXT("0123456789abcdef0123456789abcdef"),
	    TEXT("{01234567-89ab-cdef-0123-456789abcdef}"),
	    TEXT("01234567-89ab-cdef-0123-456789abcde"),
	    TEXT("01234567-89ab-cdef-0123-456789abcdef0"),
	    TEXT("01234567-89ab-cdef-0123-456789abcdeg"),
	    TEXT("0123456-789ab-cdef-0123-456789abcdef"),
	    TEXT("01234567+89ab-cdef-0123-456789abcdef"),
	    TEXT("01234567-89ab-cdef-0123-456789abcde\0"),
	    TEXT(" 1234567-89ab-cdef-0123-456789abcdef"),
	    TEXT("------------------------------------"),
	};
	char text[UUID_TEXT_LEN + 1];
	struct uuid id;

	assert_true(uuid_read(TEXT("01234567-89aB-CDEF-0123-456789abcdef"), &id));
	uuid_write(id, text);
	assert_string_equal(text, "01234567-89ab-cdef-0123-456789abcdef");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct uuid kept = id;

		if (uuid_read(refused[i], &kept) || uuid_is(refused[i]))
			fail_msg("row %zu", i);
		assert_memory_equal(&kept, &id, sizeof(id));
	}
}

static void random_ones(void **state)
{
	struct uuid before = uuid_random();

	for (int i = 0; i < 1000; i++) {
		struct uuid id = uuid_random();

		assert_int_equal(id.bytes[6] >> 4, 4);
		assert_int_equal(id.bytes[8] >> 6, 2);
		assert_memory_not_equal(&id, &before, sizeof(id));
		before = id;
	}
}

static int64_t uuid_ms(struct uuid id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.bytes[i];
	return ms;
}

static void ordered_ones_hold_their_time(void **state)
{
	struct uuid id = uuid_ordered(0x17f22e279b0);

	assert_int_equal(id.bytes[6] >> 4, 7);
	assert_int_equal(id.bytes[8] >> 6, 2);
	assert_true(uuid_ms(id) == 0x17f22e279b0);
	assert_true(uuid_ms(uuid_ordered(1)) == 1);
	assert_true(uuid_ms(uuid_ordered(-5)) == 0 || uuid_ms(uuid_ordered(-5)) == 1);
}

/* More in one millisecond than the counter holds, as well as across milliseconds. */
static void ordered_ones_sort(void **state)
{
	char before[UUID_TEXT_LEN + 1], now[UUID_TEXT_LEN + 1];

	uuid_write(uuid_ordered(1700000000000), before);
	for (int i = 0; i < 50000; i++) {
		uuid_write(uuid_ordered(1700000000000 + i / 10000), now);
		assert_true(strcmp(before, now) < 0);
		memcpy(before, now, sizeof(now));
	}
}

static void ordered_ones_follow_a_clock_set_back(void **state)
{
	assert_true(uuid_ms(uuid_ordered(1900000000000)) == 1900000000000);
	assert_true(uuid_ms(uuid_ordered(1800000000000)) == 1800000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_form),
	    cmocka_unit_test(random_ones),
	    cmocka_unit_test(ordered_ones_hold_their_time),
	    cmocka_unit_test(ordered_ones_sort),
	    cmocka_unit_test(ordered_ones_follow_a_clock_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
