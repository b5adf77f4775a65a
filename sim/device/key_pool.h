/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_pool.h: RSA keys made ahead, so that a load measures the server and not the making of keys.
 */
#ifndef MUSTER_SIM_DEVICE_KEY_POOL_H
#define MUSTER_SIM_DEVICE_KEY_POOL_H

#include "base/arena.h"
#include "base/err.h"

struct key_pool_result {
	uint64_t made;
	double seconds;
};

/* Make the keys 1 to count that are not in the directory yet, on all processors. */
MUST_CHECK int key_pool_fill(const char *dir, size_t count, struct key_pool_result *ret,
			     struct trail *trail);
/* The file of key number i, from 0. */
char *key_pool_path(struct arena *arena, const char *dir, size_t i);

#endif
