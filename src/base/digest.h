/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h: SHA-256, SHA-1 (only where Windows names a certificate by it), HMAC and HKDF, over
 * OpenSSL. A failing library is a broken process: these functions exit instead of returning an
 * error.
 */
#ifndef MUSTER_BASE_DIGEST_H
#define MUSTER_BASE_DIGEST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum { SHA256_LEN = 32, SHA1_LEN = 20 };

void digest_sha256(struct text data, uint8_t ret[SHA256_LEN]);
void digest_sha1(struct text data, uint8_t ret[SHA1_LEN]);
void digest_hmac_sha256(struct text key, struct text data, uint8_t ret[SHA256_LEN]);
/* HKDF-SHA256 (RFC 5869) with an empty salt: one 32-byte key for one named purpose. */
void digest_derive(struct text secret, struct text purpose, uint8_t ret[SHA256_LEN]);
/* Lower-case hexadecimal of SHA-256, in the arena. */
char *digest_sha256_hex(struct arena *arena, struct text data);

#endif
