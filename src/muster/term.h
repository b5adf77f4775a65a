/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.h: text from elsewhere on a terminal. Names and values come from devices and other people:
 * a control character in one of them could move the cursor, change colours or forge lines, and a
 * direction override could make one name look like another. Such characters are shown as escapes.
 */
#ifndef MUSTER_MUSTER_TERM_H
#define MUSTER_MUSTER_TERM_H

#include "base/buf.h"

/* The most columns one character takes: \u{10FFFF}. */
enum { TERM_CHAR_MAX = 10 };

/* Append t, harmless, on one line; malformed UTF-8 becomes escapes too. The result is how many
 * columns it takes. */
size_t term_add(struct buf *buf, struct text t);
/* Append n spaces. */
void term_pad(struct buf *buf, size_t n);

#endif
