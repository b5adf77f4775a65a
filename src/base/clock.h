/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h: the only place that asks the system what time it is, and the text form of times.
 *
 * A time is int64_t Unix seconds, UTC; a name that ends in _ms holds milliseconds. Validity of
 * certificates, tokens and rows is by the wall clock; time limits and back-off are by the
 * monotonic one. Pure code takes `now` as an argument and never includes this header.
 * clock_shift moves the wall clock of this process, for tests of expiry.
 */
#ifndef MUSTER_BASE_CLOCK_H
#define MUSTER_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "base/text.h"

int64_t clock_now(void);    /* wall clock, Unix seconds */
int64_t clock_now_ms(void); /* wall clock, Unix milliseconds */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
void clock_shift(int64_t seconds);
/* The monotonic time that is ms from now, for pthread_cond_timedwait on CLOCK_MONOTONIC. */
struct timespec clock_deadline(int64_t ms);

enum { CLOCK_TEXT_LEN = 20 }; /* 2026-01-31T12:00:00Z */

/* RFC 3339 in UTC with seconds; years 1970 to 9999, clamped. */
void clock_write(int64_t t, char ret[CLOCK_TEXT_LEN + 1]);
char *clock_text(struct arena *arena, int64_t t);
/* RFC 3339 with 'Z' or a numeric offset, fraction ignored. False for anything else and for an
 * instant that clock_write could not give back (before 1970, after 9999). */
MUST_CHECK bool clock_read(struct text in, int64_t *ret);

#endif
