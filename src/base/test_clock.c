/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_clock.c: RFC 3339 both ways, and the shift of the wall clock.
 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

static void writing(void **state)
{
	static const struct {
		int64_t t;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {951782400, "2000-02-29T00:00:00Z"},
	    {1769860800, "2026-01-31T12:00:00Z"},
	    {4107542400, "2100-03-01T00:00:00Z"},
	    {253402300799, "9999-12-31T23:59:59Z"},
	    {253402300800, "9999-12-31T23:59:59Z"},
	    {INT64_MAX, "9999-12-31T23:59:59Z"},
	    {-1, "1970-01-01T00:00:00Z"},
	    {INT64_MIN, "1970-01-01T00:00:00Z"},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(clock_text(&arena, rows[i].t), rows[i].text);
	arena_done(&arena);
}

static void reading(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2000-02-29T00:00:00Z", 951782400},
	    {"2026-01-31T12:00:00Z", 1769860800},
	    {"2026-01-31T12:00:00.9999999Z", 1769860800},
	    {"2026-01-31T14:30:00+02:30", 1769860800},
	    {"2026-01-31T04:00:00-08:00", 1769860800},
	    {"2026-01-31T12:00:00.5+00:00", 1769860800},
	    {"2016-12-31T23:59:60Z", 1483228800},
	    {"9999-12-31T23:59:59Z", 253402300799},
	    {"1969-12-31T23:00:00-01:00", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t t = -1;

		if (!clock_read(text_of(rows[i].text), &t) || t != rows[i].t)
			fail_msg("%s", rows[i].text);
	}
}

static void reading_refuses(void **state)
{
	static const struct text rows[] = {
	    TEXT(""),
	    TEXT("2026-01-31"),
	    TEXT("2026-01-31T12:00:00"),
	    TEXT("2026-01-31T12:00Z"),
	    TEXT("2026-01-31 12:00:00Z"),
	    TEXT("2026-1-31T12:00:00Z"),
	    TEXT("26-01-31T12:00:00Z"),
	    TEXT("2026-00-31T12:00:00Z"),
	    TEXT("2026-13-01T12:00:00Z"),
	    TEXT("2026-01-00T12:00:00Z"),
	    TEXT("2026-01-32T12:00:00Z"),
	    TEXT("2026-04-31T12:00:00Z"),
	    TEXT("2026-02-29T12:00:00Z"),
	    TEXT("2100-02-29T12:00:00Z"),
	    TEXT("2026-01-31T24:00:00Z"),
	    TEXT("2026-01-31T12:60:00Z"),
	    TEXT("2026-01-31T12:00:61Z"),
	    TEXT("2026-01-31T12:00:00.Z"),
	    TEXT("2026-01-31T12:00:00,5Z"),
	    TEXT("2026-01-31T12:00:00z"),
	    TEXT("2026-01-31T12:00:00+0200"),
	    TEXT("2026-01-31T12:00:00+24:00"),
	    TEXT("2026-01-31T12:00:00+02:60"),
	    TEXT("2026-01-31T12:00:00+02:00Z"),
	    TEXT("2026-01-31T12:00:00ZZ"),
	    TEXT("2026-01-31T12:00:00Z\0"),
	    TEXT(" 2026-01-31T12:00:00Z"),
	    TEXT("+026-01-31T12:00:00Z"),
	    TEXT("1969-12-31T23:59:59Z"),
	    TEXT("1970-01-01T00:00:00+00:01"),
	    TEXT("9999-12-31T23:59:59-00:01"),
	    TEXT("0000-01-01T00:00:00Z"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t t = 4711;

		if (clock_read(rows[i], &t))
			fail_msg("accepted: %.*s", TEXT_ARG(rows[i]));
		assert_true(t == 4711);
	}
}

static void round_trips_whatever_the_time_zone(void **state)
{
	char text[CLOCK_TEXT_LEN + 1];
	int64_t back;

	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	for (int64_t t = 0; t < 253402300799; t += 98765432) {
		clock_write(t, text);
		assert_true(clock_read(text_of(text), &back));
		assert_true(back == t);
	}
}

static void shifting(void **state)
{
	int64_t wall = clock_now();
	int64_t mono = clock_mono_ms();

	clock_shift(86400);
	assert_in_range(clock_now() - wall, 86400, 86405);
	assert_in_range(clock_now_ms() / 1000 - wall, 86400, 86405);
	assert_in_range(clock_mono_ms() - mono, 0, 5000);
	clock_shift(0);
	assert_in_range(clock_now() - wall, 0, 5);
}

static void deadlines(void **state)
{
	static const int64_t waits[] = {0, 1, 999, 1000, 1500, 3600000};

	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		int64_t from = clock_mono_ms();
		struct timespec until = clock_deadline(waits[i]);
		int64_t ms = (int64_t)until.tv_sec * 1000 + until.tv_nsec / 1000000;

		assert_in_range(until.tv_nsec, 0, 999999999);
		assert_in_range(ms - from, waits[i], waits[i] + 5000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writing),         cmocka_unit_test(reading),
	    cmocka_unit_test(reading_refuses), cmocka_unit_test(round_trips_whatever_the_time_zone),
	    cmocka_unit_test(shifting),        cmocka_unit_test(deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
