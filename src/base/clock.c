/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c: the system clocks and RFC 3339.
 *
 * The shift is one atomic number added to the wall clock only; deadlines measured on the monotonic
 * clock do not see it. Text is always UTC, without looking at the environment's time zone. Reading
 * takes the one layout of RFC 3339 and checks that the day exists in its month.
 */
#include "base/clock.h"

#include <stdatomic.h>

#include "base/fatal.h"

enum { CLOCK_OFFSET_LEN = 6 };

static const int64_t clock_last = 253402300799; /* 9999-12-31T23:59:59Z */

static _Atomic int64_t clock_shift_s;

#if defined(MUSTER_TEST_CLOCK)
/* Only in programs that tests build and nobody installs: the wall clock is moved by the number of
 * seconds in a file that is mapped when the program starts, so that a test moves several programs
 * at once, those that may open no file any more among them. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const _Atomic int64_t *clock_moved_s;

__attribute__((constructor)) static void clock_map(void)
{
	const char *path = getenv("MUSTER_TEST_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map =
	    fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*clock_moved_s), PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		fatal_exit("MUSTER_TEST_CLOCK names no file that can be mapped");
	close(fd);
	clock_moved_s = map;
}

static int64_t clock_moved(void)
{
	return atomic_load(clock_moved_s);
}
#else
static int64_t clock_moved(void)
{
	return 0;
}
#endif

static int64_t clock_get_ms(clockid_t which)
{
	struct timespec ts;

	if (clock_gettime(which, &ts) != 0)
		fatal_exit("the system has no clock");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return clock_get_ms(CLOCK_REALTIME) + (atomic_load(&clock_shift_s) + clock_moved()) * 1000;
}

int64_t clock_now(void)
{
	return clock_now_ms() / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_get_ms(CLOCK_MONOTONIC);
}

int64_t clock_mono_us(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		fatal_exit("the system has no clock");
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct timespec clock_deadline(int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;

	return (struct timespec){.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
}

void clock_shift(int64_t seconds)
{
	atomic_store(&clock_shift_s, seconds);
}

static void clock_put(char *at, int width, int value)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

void clock_write(int64_t t, char ret[CLOCK_TEXT_LEN + 1])
{
	static const char layout[CLOCK_TEXT_LEN + 1] = "0000-00-00T00:00:00Z";
	time_t when = t < 0 ? 0 : t > clock_last ? clock_last : t;
	struct tm tm;

	if (!gmtime_r(&when, &tm))
		fatal_exit("the system cannot divide a time");
	memcpy(ret, layout, sizeof(layout));
	clock_put(ret, 4, tm.tm_year + 1900);
	clock_put(ret + 5, 2, tm.tm_mon + 1);
	clock_put(ret + 8, 2, tm.tm_mday);
	clock_put(ret + 11, 2, tm.tm_hour);
	clock_put(ret + 14, 2, tm.tm_min);
	clock_put(ret + 17, 2, tm.tm_sec);
}

char *clock_text(struct arena *arena, int64_t t)
{
	char text[CLOCK_TEXT_LEN + 1];

	clock_write(t, text);
	return arena_string(arena, text);
}

/* Take len digits with a value of least .. most from the front of *t. */
static bool clock_take(struct text *t, size_t len, int least, int most, int *ret)
{
	int value = 0;

	if (t->len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (t->ptr[i] < '0' || t->ptr[i] > '9')
			return false;
		value = value * 10 + (t->ptr[i] - '0');
	}
	if (value < least || value > most)
		return false;
	*t = text_from(*t, len);
	*ret = value;
	return true;
}

static bool clock_take_byte(struct text *t, char c)
{
	if (t->len == 0 || t->ptr[0] != c)
		return false;
	*t = text_from(*t, 1);
	return true;
}

static bool clock_take_date(struct text *t, struct tm *tm)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, most;

	if (!clock_take(t, 4, 0, 9999, &year) || !clock_take_byte(t, '-') ||
	    !clock_take(t, 2, 1, 12, &month) || !clock_take_byte(t, '-'))
		return false;
	most = lengths[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		most = 29;
	if (!clock_take(t, 2, 1, most, &day))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* A second of 60 is a leap second: it reads as the first of the next minute. */
static bool clock_take_time(struct text *t, struct tm *tm)
{
	return clock_take(t, 2, 0, 23, &tm->tm_hour) && clock_take_byte(t, ':') &&
	       clock_take(t, 2, 0, 59, &tm->tm_min) && clock_take_byte(t, ':') &&
	       clock_take(t, 2, 0, 60, &tm->tm_sec);
}

static bool clock_take_fraction(struct text *t)
{
	int digit;

	if (!clock_take_byte(t, '.'))
		return true;
	if (!clock_take(t, 1, 0, 9, &digit))
		return false;
	while (clock_take(t, 1, 0, 9, &digit))
		;
	return true;
}

static bool clock_take_offset(struct text *t, int *ret)
{
	int sign, hours, minutes;

	if (clock_take_byte(t, 'Z')) {
		*ret = 0;
		return true;
	}
	if (t->len != CLOCK_OFFSET_LEN || (t->ptr[0] != '+' && t->ptr[0] != '-'))
		return false;
	sign = t->ptr[0] == '-' ? -1 : 1;
	*t = text_from(*t, 1);
	if (!clock_take(t, 2, 0, 23, &hours) || !clock_take_byte(t, ':') ||
	    !clock_take(t, 2, 0, 59, &minutes))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool clock_read(struct text in, int64_t *ret)
{
	struct tm tm = {0};
	int64_t when;
	int offset;

	if (!clock_take_date(&in, &tm) || !clock_take_byte(&in, 'T') ||
	    !clock_take_time(&in, &tm) || !clock_take_fraction(&in) ||
	    !clock_take_offset(&in, &offset) || in.len != 0)
		return false;
	when = (int64_t)timegm(&tm) - offset;
	if (when < 0 || when > clock_last)
		return false;
	*ret = when;
	return true;
}
