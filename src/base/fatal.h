/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fatal.h: the end of a process that cannot go on: no memory, no randomness, a broken
 * cryptographic library, an invariant that does not hold. One log line, then exit status 70.
 * Never for anything that input from outside can cause.
 */
#ifndef MUSTER_BASE_FATAL_H
#define MUSTER_BASE_FATAL_H

#include "base/attr.h"

enum { FATAL_STATUS = 70 };

/* what: a constant sentence without quotes or backslashes. Allocates nothing, runs no exit
 * handlers. */
NORETURN void fatal_exit(const char *what);

#endif
