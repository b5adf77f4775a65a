/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid.h: GUIDs as 16 bytes and as their 36 character text (RFC 9562).
 * Text is written in lower case and read in either case, dashed, without braces.
 */
#ifndef MUSTER_BASE_UUID_H
#define MUSTER_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum { UUID_TEXT_LEN = 36 };

struct uuid {
	uint8_t bytes[16];
};

struct uuid uuid_random(void);            /* version 4: 122 random bits */
struct uuid uuid_ordered(int64_t now_ms); /* version 7: sorts by time of creation */
void uuid_write(struct uuid id, char ret[UUID_TEXT_LEN + 1]);
MUST_CHECK bool uuid_read(struct text t, struct uuid *ret);
bool uuid_is(struct text t); /* t is a GUID */

#endif
