/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle.h: token buckets for Graph, the watch over Retry-After, and the list of violations:
 * things a well-behaved client never does. Times are milliseconds of the monotonic clock, because
 * waiting is real even when the stand-in's wall clock is shifted.
 */
#ifndef MUSTER_SIM_ENTRA_THROTTLE_H
#define MUSTER_SIM_ENTRA_THROTTLE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/text.h"

enum throttle_limit { THROTTLE_REQUESTS, THROTTLE_WRITES };
enum { THROTTLE_LIMITS = THROTTLE_WRITES + 1 };

struct throttle_rate {
	int64_t count; /* 0: no limit */
	int64_t seconds;
};

enum violation {
	VIOLATION_RETRY_AFTER,      /* came back before Retry-After had passed */
	VIOLATION_TRAP,             /* followed an address taken from a token */
	VIOLATION_ASSERTION_REPLAY, /* used one client assertion twice */
};
enum { VIOLATIONS = VIOLATION_ASSERTION_REPLAY + 1 };

struct throttle {
	struct throttle_rate rates[THROTTLE_LIMITS];
	struct list buckets;
	struct list waits;
	struct list replays; /* assertion ids seen */
	uint64_t counts[VIOLATIONS];
	struct list rows;
};

enum throttle_outcome { THROTTLE_E_EXHAUSTED = 1, THROTTLE_E_REPLAYED = 2 };

void throttle_init(struct throttle *throttle);
void throttle_clear(struct throttle *throttle); /* everything but the rates */
void throttle_done(struct throttle *throttle);
/* Fresh buckets with these rates. */
void throttle_set_rates(struct throttle *throttle, const struct throttle_rate *rates);

/* Take one from the bucket of `key`; exhausted: *ret_wait is after how many seconds to return. */
MUST_CHECK int throttle_take(struct throttle *throttle, enum throttle_limit limit, const char *key,
			     int64_t now_ms, int64_t *ret_wait);

/* Remember that `key` was told to wait; requests already on their way (grace_ms) are forgiven. */
void throttle_wait(struct throttle *throttle, const char *key, int64_t now_ms, int64_t wait_s,
		   int64_t grace_ms);
/* A request with that key has come: count a violation when it is too early. */
void throttle_check(struct throttle *throttle, const char *key, int64_t now_ms, const char *what);

/* Replayed when that assertion id was seen before; remembered otherwise. */
MUST_CHECK int throttle_see_assertion(struct throttle *throttle, struct text id, const char *what);

void throttle_violate(struct throttle *throttle, enum violation violation, const char *what,
		      int64_t early_ms);
/* Append {"count": n, "retryAfter": n, "trap": n, "assertionReplay": n, "items": [...]}. */
void throttle_write(const struct throttle *throttle, struct buf *buf);

#endif
