/* SPDX-License-Identifier: Apache-2.0 */
/*
 * os_version.h: versions of Windows as bounds that an administrator sets: one to four numbers with
 * dots between them. A bound with fewer numbers than a version takes every version that begins so.
 */
#ifndef MUSTER_MODEL_OS_VERSION_H
#define MUSTER_MODEL_OS_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { OS_VERSION_PARTS = 4, OS_VERSION_DIGITS = 9 };

struct os_version {
	uint32_t parts[OS_VERSION_PARTS];
	size_t count;
};

/* White space around it is left out. False: it is no version. */
MUST_CHECK bool os_version_read(struct text t, struct os_version *ret);
/* Below zero, zero, above zero, by as many numbers as the bound has; a number the version lacks is
 * 0. */
int os_version_compare(const struct os_version *version, const struct os_version *bound);

#endif
