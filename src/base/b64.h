/* SPDX-License-Identifier: Apache-2.0 */
/*
 * b64.h: base64 (RFC 4648). The strict readers accept one spelling only: no white space, no
 * padding in the URL alphabet, full padding in the standard one, zero tail bits. The lenient
 * reader is for what Windows sends: either alphabet, padded or not, blanks and line ends inside.
 */
#ifndef MUSTER_BASE_B64_H
#define MUSTER_BASE_B64_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

enum b64_outcome { B64_E_MALFORMED = 1 };

MUST_CHECK int b64_read(struct arena *arena, struct text in, struct text *ret);
MUST_CHECK int b64url_read(struct arena *arena, struct text in, struct text *ret);
MUST_CHECK int b64_read_lenient(struct arena *arena, struct text in, struct text *ret);

char *b64_write(struct arena *arena, struct text in);    /* padded, one line */
char *b64url_write(struct arena *arena, struct text in); /* not padded */

#endif
