/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h: key material and passwords. Locked in memory, left out of core dumps, wiped when done.
 * There is no way to print one. Also: files that hold one, and sealing under a key.
 *
 * Sealing is AES-256-GCM with a random 96-bit nonce; the associated text binds the sealed bytes
 * to the place they were made for ("table|column|row" or "terms|state"), so that a value moved
 * elsewhere does not open. Sealed form: base64url of 0x01 nonce ciphertext tag.
 */
#ifndef MUSTER_BASE_SECRET_H
#define MUSTER_BASE_SECRET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct secret {
	unsigned char *bytes; /* NULL when empty */
	size_t len;
};

enum secret_outcome {
	SECRET_E_FORGED = 1 /* not sealed under this key for this place, or damaged */
};

void secret_init(struct secret *secret);
void secret_set(struct secret *secret, struct text bytes); /* copies; the caller wipes its own */
void secret_done(struct secret *secret);
struct text secret_text(const struct secret *secret);

/* Read a file of at most limit bytes that only its owner may read; trailing newline removed. */
MUST_CHECK int secret_read_file(struct secret *ret, const char *path, size_t limit,
				struct trail *trail);
/* Derive the 32-byte key for one named purpose from a master key. */
void secret_derive(struct secret *ret, const struct secret *master, struct text purpose);

char *secret_seal(struct arena *arena, const struct secret *key, struct text place,
		  struct text plain);
/* The plain bytes go to the arena; wipe them with secret_wipe where that matters. */
MUST_CHECK int secret_open(struct arena *arena, const struct secret *key, struct text place,
			   struct text sealed, struct text *ret);
void secret_wipe(void *ptr, size_t len);

#endif
