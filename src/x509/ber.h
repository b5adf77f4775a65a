/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber.h: one BER element rewritten as DER would frame it (X.690, 8.1 and 8.7).
 *
 * Writers of CMS that work on a stream leave lengths open and cut octet strings into pieces. Here
 * every length becomes definite and shortest, and every OCTET STRING one piece; values are not
 * looked at, sets are not sorted. What is DER already comes out byte for byte. Refuses tags of
 * several bytes, nesting beyond LIMIT_BER_DEPTH, and anything after the element.
 */
#ifndef MUSTER_X509_BER_H
#define MUSTER_X509_BER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* False: not one whole element. The result is in the arena. */
MUST_CHECK bool x509_ber_normal(struct arena *arena, struct text in, struct text *ret);

#endif
