/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_ancestors.h: the form in which a tenant says who may frame its Terms of Use: https origins,
 * one blank between two. Strict, because the value becomes part of a Content-Security-Policy: no
 * other source, directive or list can get into it.
 */
#ifndef MUSTER_MODEL_FRAME_ANCESTORS_H
#define MUSTER_MODEL_FRAME_ANCESTORS_H

#include <stdbool.h>

#include "base/text.h"

enum { FRAME_ANCESTORS_MAX = 512 };

/* Each is https and a host, which may begin with "*.", with a port or without; or there is none. */
bool frame_ancestors_is_ok(struct text value);

#endif
