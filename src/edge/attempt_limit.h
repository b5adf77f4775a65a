/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt_limit.h: how many attempts of nobody in particular are written down.
 *
 * A row costs a durable transaction, and anybody who reaches the server can cause one before any
 * token has proved a tenant. So those rows have a rate: one for each source address and one for
 * all together. What is beyond it is answered like any other, counted, and not stored.
 *
 * Zero is the state of a new one. Memory is fixed: sources share places by a hash that is keyed
 * with a random number, so that nobody can choose with whom. Any thread.
 */
#ifndef MUSTER_EDGE_ATTEMPT_LIMIT_H
#define MUSTER_EDGE_ATTEMPT_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

enum {
	ATTEMPT_LIMIT_PLACES = 4096,
	ATTEMPT_LIMIT_SOURCE_BURST = 1000, /* an office behind one address, joining in a morning */
	ATTEMPT_LIMIT_SOURCE_MS = 200,     /* between two of a source, in the long run */
	ATTEMPT_LIMIT_ALL_BURST = 5000,
	ATTEMPT_LIMIT_ALL_MS = 10
};

struct attempt_limit {
	/* When what was let through so far is paid for, in milliseconds of the monotonic clock. */
	_Atomic(int64_t) sources[ATTEMPT_LIMIT_PLACES];
	_Atomic(int64_t) all;
	_Atomic(uint64_t) key;     /* 0: not drawn yet */
	_Atomic(uint64_t) refused; /* for /metrics */
};

/* Whether one more attempt from this address is to be stored; false counts it. */
MUST_CHECK bool attempt_limit_pass(struct attempt_limit *limit, const char *source, int64_t now_ms);

#endif
