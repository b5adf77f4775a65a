/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hex.h: hexadecimal. Reading accepts both cases and an even number of digits, nothing else.
 */
#ifndef MUSTER_BASE_HEX_H
#define MUSTER_BASE_HEX_H

#include "base/arena.h"
#include "base/text.h"

enum hex_outcome { HEX_E_MALFORMED = 1 };

char *hex_write(struct arena *arena, struct text in);       /* lower case */
char *hex_write_upper(struct arena *arena, struct text in); /* upper case */
MUST_CHECK int hex_read(struct arena *arena, struct text in, struct text *ret);

#endif
