/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand.h: random bytes from the kernel. The only source of randomness in the program.
 * Exits when the kernel gives none.
 */
#ifndef MUSTER_BASE_RAND_H
#define MUSTER_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *ret, size_t len);
/* Uniform in 0 .. bound-1; bound > 0. For jitter, never for secrets. */
uint64_t rand_below(uint64_t bound);

#endif
