/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid.c: making, writing and reading GUIDs (RFC 9562).
 *
 * Ordered ones are version 7. The twelve bits behind the millisecond are a counter that starts at
 * a random value in each new millisecond, so that those made in one process come out in order
 * even within a millisecond; 62 random bits keep processes apart. When the counter runs over, the
 * time part runs ahead of the clock; it is caught up with as soon as the clock is UUID_AHEAD_MS
 * behind it, because that is a clock that was set back and not a burst.
 */
#include "base/uuid.h"

#include <stdatomic.h>

#include "base/rand.h"

enum { UUID_COUNTER_BITS = 12, UUID_AHEAD_MS = 10 };

static void uuid_stamp(struct uuid *id, uint8_t version)
{
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | version << 4);
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

struct uuid uuid_random(void)
{
	struct uuid id;

	rand_bytes(id.bytes, sizeof(id.bytes));
	uuid_stamp(&id, 4);
	return id;
}

/* Milliseconds and counter of the next ordered GUID, in one number. */
static uint64_t uuid_next_tick(uint64_t now_ms)
{
	static _Atomic uint64_t last;
	uint64_t fresh = now_ms << UUID_COUNTER_BITS | rand_below(1u << (UUID_COUNTER_BITS - 1));
	uint64_t seen = atomic_load(&last);
	uint64_t next;

	do {
		uint64_t seen_ms = seen >> UUID_COUNTER_BITS;
		bool burst = seen_ms >= now_ms && seen_ms - now_ms < UUID_AHEAD_MS;

		next = burst ? seen + 1 : fresh;
	} while (!atomic_compare_exchange_weak(&last, &seen, next));
	return next;
}

struct uuid uuid_ordered(int64_t now_ms)
{
	uint64_t tick = uuid_next_tick(now_ms > 0 ? (uint64_t)now_ms & 0xffffffffffff : 0);
	uint64_t ms = tick >> UUID_COUNTER_BITS;
	struct uuid id;

	rand_bytes(id.bytes, sizeof(id.bytes));
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.bytes[6] = (uint8_t)(tick >> 8);
	id.bytes[7] = (uint8_t)tick;
	uuid_stamp(&id, 7);
	return id;
}

static bool uuid_dash_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_write(struct uuid id, char ret[UUID_TEXT_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	char *at = ret;

	for (size_t i = 0; i < sizeof(id.bytes); i++) {
		if (uuid_dash_before(i))
			*at++ = '-';
		*at++ = digits[id.bytes[i] >> 4];
		*at++ = digits[id.bytes[i] & 15];
	}
	*at = '\0';
}

/* -1: not a digit */
static int uuid_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool uuid_read(struct text t, struct uuid *ret)
{
	struct uuid id;
	const char *at = t.ptr;

	if (t.len != UUID_TEXT_LEN)
		return false;
	for (size_t i = 0; i < sizeof(id.bytes); i++) {
		int high, low;

		if (uuid_dash_before(i) && *at++ != '-')
			return false;
		high = uuid_digit(*at++);
		low = uuid_digit(*at++);
		if (high < 0 || low < 0)
			return false;
		id.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret = id;
	return true;
}

bool uuid_is(struct text t)
{
	struct uuid id;

	return uuid_read(t, &id);
}
