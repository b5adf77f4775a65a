/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand.c: bytes from getrandom(2).
 *
 * There is no generator state in this process to seed, fork or leak. The kernel blocks only
 * before its pool was first filled; after that it always answers, so any error but an interrupted
 * call ends the process rather than letting it go on with bytes that are not random.
 */
#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "base/fatal.h"

void rand_bytes(void *ret, size_t len)
{
	unsigned char *at = ret;

	while (len) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			fatal_exit("the kernel gives no random bytes");
		}
		at += n;
		len -= (size_t)n;
	}
}

uint64_t rand_below(uint64_t bound)
{
	uint64_t limit, value;

	if (bound == 0)
		fatal_exit("a random number below zero was asked for");
	/* Values from limit up would favour the small results. */
	limit = UINT64_MAX - UINT64_MAX % bound;
	do {
		rand_bytes(&value, sizeof(value));
	} while (value >= limit);
	return value % bound;
}
