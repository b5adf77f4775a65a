/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_jwks.c: the key set reader on any bytes. What it keeps must hold what jwks.h promises, and
 * no kept key may verify a signature that was never made.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "jwt/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const struct jwk *key)
{
	static const char zeros[LIMIT_RSA_BITS_MAX / 8] = {0};
	struct jwt forged = {
	    .signed_part = TEXT("e30.e30"),
	    .signature = {zeros, key->signature_len},
	    .key_id = key->key_id,
	};

	if (key->key_id.len == 0 || key->key_id.len > LIMIT_TOKEN_KID || !key->key ||
	    key->bits > LIMIT_RSA_BITS_MAX || key->signature_len != (key->bits + 7) / 8 ||
	    (key->bits < LIMIT_RSA_BITS_MIN && !key->is_weak))
		abort();
	if (jwt_verify(&forged, key) == JWT_VERIFIED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jwks set, copy = {0};
	struct arena arena;

	arena_init(&arena);
	if (jwks_read(&arena, text_make(data, size), &set) == 0) {
		if (set.count == 0 || set.count + set.skipped > LIMIT_KEYS_COUNT)
			abort();
		for (size_t i = 0; i < set.count; i++) {
			check_key(&set.keys[i]);
			if (jwks_get(&set, set.keys[i].key_id) != &set.keys[i])
				abort();
			jwks_add(&arena, &copy, &set.keys[i]);
		}
		if (copy.count != set.count)
			abort();
		jwks_done(&set);
		jwks_done(&copy);
	}
	arena_done(&arena);
	return 0;
}
