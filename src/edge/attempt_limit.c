/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt_limit.c: see attempt_limit.h. A token bucket in one number: the time at which the bucket
 * would be full again. Taking one moves it on by the interval; it may be ahead of now by at most
 * the burst.
 */
#include "edge/attempt_limit.h"

#include <string.h>

#include "base/digest.h"
#include "base/rand.h"

static bool bucket_take(_Atomic(int64_t) *bucket, int64_t now_ms, int64_t interval_ms,
			int64_t burst)
{
	int64_t paid = atomic_load(bucket), next;

	do {
		next = (paid > now_ms ? paid : now_ms) + interval_ms;
		if (next - now_ms > burst * interval_ms)
			return false;
	} while (!atomic_compare_exchange_weak(bucket, &paid, next));
	return true;
}

static uint64_t key_of(struct attempt_limit *limit)
{
	uint64_t key = atomic_load(&limit->key), drawn = 0;

	if (key)
		return key;
	while (!drawn)
		rand_bytes(&drawn, sizeof(drawn));
	return atomic_compare_exchange_strong(&limit->key, &key, drawn) ? drawn : key;
}

static size_t place_of(struct attempt_limit *limit, const char *source)
{
	uint64_t key = key_of(limit), hash;
	uint8_t digest[SHA256_LEN];

	digest_hmac_sha256(text_make(&key, sizeof(key)), text_of(source), digest);
	memcpy(&hash, digest, sizeof(hash));
	return hash % ATTEMPT_LIMIT_PLACES;
}

bool attempt_limit_pass(struct attempt_limit *limit, const char *source, int64_t now_ms)
{
	if (bucket_take(&limit->sources[place_of(limit, source)], now_ms, ATTEMPT_LIMIT_SOURCE_MS,
			ATTEMPT_LIMIT_SOURCE_BURST) &&
	    bucket_take(&limit->all, now_ms, ATTEMPT_LIMIT_ALL_MS, ATTEMPT_LIMIT_ALL_BURST))
		return true;
	atomic_fetch_add(&limit->refused, 1);
	return false;
}
