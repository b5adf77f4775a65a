/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password.h: passwords that people choose, kept as Argon2id (RFC 9106) in its encoded form, with
 * the costs and the salt in it: "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH".
 *
 * Hashing costs memory and time on purpose, so only a few run at once in the whole process; one
 * that would wait too long is told so. A stored hash whose costs are beyond reason is not computed.
 * Nothing here keeps a password, and none of it says why one is wrong.
 */
#ifndef MUSTER_BASE_PASSWORD_H
#define MUSTER_BASE_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"

enum {
	PASSWORD_MEMORY_KIB = 19 * 1024,
	PASSWORD_PASSES = 2,
	PASSWORD_LANES = 1,
	PASSWORD_MIN = 12, /* characters of a new one */
	PASSWORD_MAX = 128 /* bytes */
};

enum password_outcome {
	PASSWORD_E_WRONG = 1,
	PASSWORD_E_BUSY = 2 /* too many are being computed; ask again in a moment */
};

/* Whether it may be chosen: PASSWORD_MIN characters, UTF-8 without control characters, not one
 * character over and over, and without the user's name in it. NULL, or what it must be. */
const char *password_refusal(struct text password, struct text user_name);

/* The encoded hash with a new salt, in the arena. PASSWORD_E_BUSY. */
MUST_CHECK int password_hash(struct arena *arena, struct text password, char **ret,
			     struct trail *trail);
/* 0 when it is the one that was hashed. hash NULL: nobody's, which takes as long and is always
 * PASSWORD_E_WRONG. PASSWORD_E_BUSY. ERR_STORE: not a hash of this form. */
MUST_CHECK int password_check(struct text password, const char *hash, struct trail *trail);
/* Made with lower costs than these: hash it again when the password is next at hand. */
bool password_is_outdated(const char *hash);

#endif
