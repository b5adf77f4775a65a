/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.h: the few DER elements this program reads and writes itself (X.690).
 *
 * Reading is strict where it looks: one-byte tags, definite lengths in their shortest form, and
 * content that lies inside its parent. What a caller does not descend into is not judged.
 * A reader never copies: items borrow from the input. A writer builds in the arena, from the
 * inside out. Not a general ASN.1 library: certificates received from elsewhere go through
 * OpenSSL, in cert.c.
 */
#ifndef MUSTER_X509_DER_H
#define MUSTER_X509_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum x509_der_tag {
	X509_DER_BOOLEAN = 0x01,
	X509_DER_INTEGER = 0x02,
	X509_DER_BIT_STRING = 0x03,
	X509_DER_OCTET_STRING = 0x04,
	X509_DER_NULL = 0x05,
	X509_DER_OID = 0x06,
	X509_DER_ENUMERATED = 0x0a,
	X509_DER_UTF8_STRING = 0x0c,
	X509_DER_UTC_TIME = 0x17,
	X509_DER_GENERALIZED_TIME = 0x18,
	X509_DER_SEQUENCE = 0x30,
	X509_DER_SET = 0x31,
	X509_DER_CONTEXT_0_PRIMITIVE = 0x80,
	X509_DER_CONTEXT_6_PRIMITIVE = 0x86,
	X509_DER_CONTEXT_0 = 0xa0,
	X509_DER_CONTEXT_1 = 0xa1,
	X509_DER_CONTEXT_3 = 0xa3
};

struct x509_der_item {
	uint8_t tag;
	struct text body;
	struct text whole; /* tag and length included */
};

/* Take the next element from the front of *in. False, with *in untouched, where there is none
 * that is well formed. */
MUST_CHECK bool x509_der_next(struct text *in, struct x509_der_item *ret);
/* The same for an element that must have this tag. */
MUST_CHECK bool x509_der_take(struct text *in, enum x509_der_tag tag, struct x509_der_item *ret);
/* A non-negative INTEGER in its shortest form; ret is its magnitude without a leading zero
 * (empty for the number 0). */
MUST_CHECK bool x509_der_take_unsigned(struct text *in, struct text *ret);
/* A BIT STRING of whole bytes. */
MUST_CHECK bool x509_der_take_bits(struct text *in, struct text *ret);

/* One element around a body, in the arena. */
struct text x509_der_wrap(struct arena *arena, enum x509_der_tag tag, struct text body);
/* The parts one after the other. */
struct text x509_der_join(struct arena *arena, const struct text *parts, size_t n);
/* An INTEGER from a big-endian magnitude; leading zeros are dropped. */
struct text x509_der_unsigned(struct arena *arena, struct text magnitude);
struct text x509_der_bits(struct arena *arena, struct text bytes);
/* UTCTime up to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). t in Unix seconds, from 1970. */
struct text x509_der_time(struct arena *arena, int64_t t);

/* An element around the parts that follow: X509_DER_OF(arena, X509_DER_SEQUENCE, a, b, c). */
#define X509_DER_OF(arena, tag, ...)                                                               \
	x509_der_wrap((arena), (tag),                                                              \
		      x509_der_join((arena), (const struct text[]){__VA_ARGS__},                   \
				    ARRAY_LEN(((const struct text[]){__VA_ARGS__}))))

#endif
