/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.h: what the API explains, for people who stand before a device that did not get in: a code
 * of Windows, or a joining with its attempts. Everything goes through term.h.
 */
#ifndef MUSTER_MUSTER_TELL_H
#define MUSTER_MUSTER_TELL_H

#include "base/json.h"
#include "muster/cli.h"

/* An object with "attempts" is a joining, one with "items" several, any other a code. */
void tell_object(struct buf *buf, struct arena *arena, const struct json *object);

#endif
