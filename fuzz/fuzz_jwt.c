/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_jwt.c: the token reader on any bytes, and the signature check on whatever it read.
 *
 * A token has one spelling, so what was read must encode to exactly the bytes that came in. The
 * private half of the key is gone: the one token it ever signed is below, and no other may verify.
 */
#include <stdlib.h>

#include "base/b64.h"
#include "jwt/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char modulus[] =
    "znCm1aIvlJ2vxRWFj8uG86zyOjJwIVz6T_ic6l722rZwJL7wCebTT2ULaLJZSZXBpbnI9PzvfccNE0nu"
    "baV9MbykNeQwapWUV250XZqSgYZRid1M6cVNxeTmBtOpBrHoZSrNNy6npk_ihxo0PeoUlOftKilwzc2l"
    "BC1T8qAaWYVsngmk9UT5QYI-N8ISE6xzpYNNYA4LicJt46XQpQUrab9iLNlXmAhFvYnqpp8v-MJwDmLL"
    "1rfXfq2YAk4Y4_X6xYCJ-4PpIcZjMNFA47oQw5nT9wHVhQYNqTxWor2-k6Gi2j_ppj1zDNl1oVkyGOHr"
    "NUzkwIPubObdz64wmM-qgQ";
static const char good[] =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImZ1enoifQ.eyJhdWQiOiJiN2YzZDJjNC02M"
    "WFhLTRiMGUtOGM5ZC01MmUxZjBhM2Q5ODciLCJpc3MiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ub"
    "GluZS5jb20vNWQxZTdjMGEtM2I1Mi00ZTNmLTlhODYtNmYwYzJkMWI3ZTQ0L3YyLjAiLCJpYXQiOjE4M"
    "DAwMDAwMDAsIm5iZiI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDA0NTAwLCJvaWQiOiI4ZTRiMmYxZC0wY"
    "zZhLTRkN2UtYjNmOS1hNWMxZTJkMDdiNjgiLCJzY3AiOiJtZG1fZGVsZWdhdGlvbiIsInRpZCI6IjVkM"
    "WU3YzBhLTNiNTItNGUzZi05YTg2LTZmMGMyZDFiN2U0NCIsInV0aSI6ImFiYyIsInZlciI6IjIuMCIsI"
    "mRldmljZWlkIjoiNDFmMGM5YjctMmQ1ZS00YTgzLTk2ZTEtN2IzZDhmMmMwYTE1In0.K0lHWkHqMZZO7"
    "F1MpVLj6zNQbKFz35CgVj3qn8RAjgPGno_CxlROkixflNBnFLjxiPDwIB3VLZ8McH4lb6WL-khjH4O7s"
    "LDyXAEcTmUv9vGZuRv9EjkDcSGtzkYvDZqddkxikiX-ZcLFH7MvAX4Gdz0C1ChPZ6-DuYKtIA69vcVlW"
    "E-Z0VRUPIBA5livaU0q2Px630Xv5ed21QeMH-FHwSCGlHBNUQbU1cdTVvxUZ2U-Bvba-RYzfUDJB7uhg"
    "9P5HOKtUJYqaIuK0w8p53n6yGsKQ6nqrCXcHZtDkj8ZWy_tFpob0rPx9BIFseu-RKDT-1QL7pZQWPQ3Y"
    "yWW0TtBMQ";

static void check_spelling(struct arena *arena, struct text token, const struct jwt *jwt)
{
	char *again = arena_printf(arena, "%.*s.%s", TEXT_ARG(jwt->signed_part),
				   b64url_write(arena, jwt->signature));

	if (!text_eq_c(token, again))
		abort();
	if (jwt->key_id.len == 0)
		abort();
}

static void check_signature(struct arena *arena, struct text token, const struct jwt *jwt)
{
	struct jwks set;
	char *document = arena_printf(
	    arena, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"fuzz\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
	    modulus);

	if (jwks_read(arena, text_of(document), &set) != 0)
		abort();
	if ((jwt_verify(jwt, &set.keys[0]) == JWT_VERIFIED) != text_eq_c(token, good))
		abort();
	jwks_done(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text token = text_make(data, size);
	const struct jwt *jwt;
	struct arena arena;

	arena_init(&arena);
	if (jwt_read(&arena, token, &jwt) == 0) {
		check_spelling(&arena, token, jwt);
		check_signature(&arena, token, jwt);
	} else if (text_eq_c(token, good)) {
		abort();
	}
	arena_done(&arena);
	return 0;
}
