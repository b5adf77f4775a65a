/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle.c: see throttle.h. entra.md sections 3.4 and 8.3.
 *
 * The rates at start are those the directory documents for one application in one tenant. A bucket
 * starts full and fills evenly. A request that is refused takes nothing from its bucket. Violations
 * are counted without bound and listed up to one.
 */
#include "sim/entra/throttle.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

enum {
	VIOLATION_ROWS = 1000,
	EARLY_TOLERANCE_MS = 50, /* rounding of the client's timer */
};

struct bucket {
	struct list list;
	enum throttle_limit limit;
	char *key;
	double level;
	int64_t filled_at;
};

struct wait {
	struct list list;
	char *key;
	int64_t from; /* end of the grace */
	int64_t until;
};

struct replay {
	struct list list;
	char *id;
};

struct violation_row {
	struct list list;
	enum violation violation;
	char *what;
	int64_t early_ms;
};

static const struct throttle_rate RATES[THROTTLE_LIMITS] = {
    [THROTTLE_REQUESTS] = {3500, 10},
    [THROTTLE_WRITES] = {3000, 150},
};

static const char *const VIOLATION_NAMES[VIOLATIONS] = {
    [VIOLATION_RETRY_AFTER] = "retryAfter",
    [VIOLATION_TRAP] = "trap",
    [VIOLATION_ASSERTION_REPLAY] = "assertionReplay",
};

void throttle_init(struct throttle *throttle)
{
	*throttle = (struct throttle){0};
	list_init(&throttle->buckets);
	list_init(&throttle->waits);
	list_init(&throttle->replays);
	list_init(&throttle->rows);
	memcpy(throttle->rates, RATES, sizeof(RATES));
}

static void buckets_clear(struct throttle *throttle)
{
	LIST_EACH_FREE (pos, &throttle->buckets) {
		struct bucket *bucket = LIST_OWNER(pos, struct bucket, list);

		free(bucket->key);
		free(bucket);
	}
	list_init(&throttle->buckets);
}

static void wait_free(struct wait *wait)
{
	free(wait->key);
	free(wait);
}

void throttle_clear(struct throttle *throttle)
{
	buckets_clear(throttle);
	LIST_EACH_FREE (pos, &throttle->waits)
		wait_free(LIST_OWNER(pos, struct wait, list));
	list_init(&throttle->waits);
	LIST_EACH_FREE (pos, &throttle->replays) {
		struct replay *replay = LIST_OWNER(pos, struct replay, list);

		free(replay->id);
		free(replay);
	}
	list_init(&throttle->replays);
	LIST_EACH_FREE (pos, &throttle->rows) {
		struct violation_row *row = LIST_OWNER(pos, struct violation_row, list);

		free(row->what);
		free(row);
	}
	list_init(&throttle->rows);
	memset(throttle->counts, 0, sizeof(throttle->counts));
}

void throttle_done(struct throttle *throttle)
{
	throttle_clear(throttle);
}

void throttle_set_rates(struct throttle *throttle, const struct throttle_rate *rates)
{
	memcpy(throttle->rates, rates, sizeof(throttle->rates));
	buckets_clear(throttle);
}

static struct bucket *bucket_get(struct throttle *throttle, enum throttle_limit limit,
				 const char *key, int64_t now_ms)
{
	struct bucket *bucket;

	LIST_EACH (pos, &throttle->buckets) {
		bucket = LIST_OWNER(pos, struct bucket, list);
		if (bucket->limit == limit && strcmp(bucket->key, key) == 0)
			return bucket;
	}
	bucket = heap_alloc(sizeof(*bucket));
	bucket->limit = limit;
	bucket->key = heap_string(key);
	bucket->level = (double)throttle->rates[limit].count;
	bucket->filled_at = now_ms;
	list_append(&throttle->buckets, &bucket->list);
	return bucket;
}

int throttle_take(struct throttle *throttle, enum throttle_limit limit, const char *key,
		  int64_t now_ms, int64_t *ret_wait)
{
	const struct throttle_rate *rate = &throttle->rates[limit];
	struct bucket *bucket;
	double per_ms;

	if (rate->count == 0)
		return 0;
	per_ms = (double)rate->count / ((double)rate->seconds * 1000.0);
	bucket = bucket_get(throttle, limit, key, now_ms);
	bucket->level += (double)(now_ms - bucket->filled_at) * per_ms;
	bucket->filled_at = now_ms;
	if (bucket->level > (double)rate->count)
		bucket->level = (double)rate->count;
	if (bucket->level >= 1.0) {
		bucket->level -= 1.0;
		return 0;
	}
	*ret_wait = (int64_t)((1.0 - bucket->level) / per_ms / 1000.0) + 1;
	return THROTTLE_E_EXHAUSTED;
}

static struct wait *wait_find(const struct throttle *throttle, const char *key)
{
	LIST_EACH (pos, &throttle->waits) {
		struct wait *wait = LIST_OWNER(pos, struct wait, list);

		if (strcmp(wait->key, key) == 0)
			return wait;
	}
	return NULL;
}

static void waits_expire(struct throttle *throttle, int64_t now_ms)
{
	struct list *pos = throttle->waits.next;

	while (pos != &throttle->waits) {
		struct wait *wait = LIST_OWNER(pos, struct wait, list);

		pos = pos->next;
		if (now_ms < wait->until)
			continue;
		list_remove(&wait->list);
		wait_free(wait);
	}
}

void throttle_wait(struct throttle *throttle, const char *key, int64_t now_ms, int64_t wait_s,
		   int64_t grace_ms)
{
	struct wait *wait;

	waits_expire(throttle, now_ms);
	wait = wait_find(throttle, key);
	if (!wait) {
		wait = heap_alloc(sizeof(*wait));
		wait->key = heap_string(key);
		wait->from = now_ms + grace_ms;
		list_append(&throttle->waits, &wait->list);
	}
	wait->until = now_ms + wait_s * 1000 - EARLY_TOLERANCE_MS;
}

void throttle_check(struct throttle *throttle, const char *key, int64_t now_ms, const char *what)
{
	const struct wait *wait = wait_find(throttle, key);

	if (wait && now_ms >= wait->from && now_ms < wait->until)
		throttle_violate(throttle, VIOLATION_RETRY_AFTER, what, wait->until - now_ms);
}

int throttle_see_assertion(struct throttle *throttle, struct text id, const char *what)
{
	struct replay *replay;

	LIST_EACH (pos, &throttle->replays)
		if (text_eq_c(id, LIST_OWNER(pos, struct replay, list)->id)) {
			throttle_violate(throttle, VIOLATION_ASSERTION_REPLAY, what, 0);
			return THROTTLE_E_REPLAYED;
		}
	replay = heap_alloc(sizeof(*replay));
	replay->id = heap_alloc(id.len + 1);
	memcpy(replay->id, id.ptr, id.len);
	list_append(&throttle->replays, &replay->list);
	return 0;
}

void throttle_violate(struct throttle *throttle, enum violation violation, const char *what,
		      int64_t early_ms)
{
	struct violation_row *row;
	uint64_t total = 0;

	for (size_t i = 0; i < VIOLATIONS; i++)
		total += throttle->counts[i];
	throttle->counts[violation]++;
	if (total >= VIOLATION_ROWS)
		return;
	row = heap_alloc(sizeof(*row));
	row->violation = violation;
	row->what = heap_string(what);
	row->early_ms = early_ms;
	list_append(&throttle->rows, &row->list);
}

void throttle_write(const struct throttle *throttle, struct buf *buf)
{
	struct json_writer w;
	uint64_t total = 0;

	for (size_t i = 0; i < VIOLATIONS; i++)
		total += throttle->counts[i];
	json_writer_init(&w, buf);
	json_begin_object(&w, NULL);
	json_add_int(&w, "count", (int64_t)total);
	for (size_t i = 0; i < VIOLATIONS; i++)
		json_add_int(&w, VIOLATION_NAMES[i], (int64_t)throttle->counts[i]);
	json_begin_array(&w, "items");
	LIST_EACH (pos, &throttle->rows) {
		const struct violation_row *row = LIST_OWNER(pos, struct violation_row, list);

		json_begin_object(&w, NULL);
		json_add_c(&w, "kind", VIOLATION_NAMES[row->violation]);
		json_add_c(&w, "what", row->what);
		json_add_int(&w, "earlyMs", row->early_ms);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
}
