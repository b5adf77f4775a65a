/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_digest.c: the published vectors: FIPS 180 for the hashes, RFC 4231 for HMAC, RFC 5869 (test
 * case 3, the one with an empty salt) for the derivation.
 */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hex.h"
#include <cmocka.h>

static void check_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	struct arena arena;

	arena_init(&arena);
	assert_string_equal(hex_write(&arena, text_make(bytes, len)), expected);
	arena_done(&arena);
}

static void hashes(void **state)
{
	uint8_t out[SHA256_LEN];
	struct arena arena;

	digest_sha256(TEXT("abc"), out);
	check_hex(out, SHA256_LEN,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_sha256(text_make(NULL, 0), out);
	check_hex(out, SHA256_LEN,
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_sha1(TEXT("abc"), out);
	check_hex(out, SHA1_LEN, "a9993e364706816aba3e25717850c26c9cd0d89d");
	arena_init(&arena);
	assert_string_equal(digest_sha256_hex(&arena, TEXT("abc")),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	arena_done(&arena);
}

static void rfc4231_hmac(void **state)
{
	uint8_t out[SHA256_LEN];

	digest_hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?"), out);
	check_hex(out, SHA256_LEN,
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	digest_hmac_sha256(text_make(NULL, 0), text_make(NULL, 0), out);
	check_hex(out, SHA256_LEN,
		  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void rfc5869_derivation(void **state)
{
	static const char secret[22] = {
	    0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
	    0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
	};
	uint8_t one[SHA256_LEN], two[SHA256_LEN];

	digest_derive(text_make(secret, sizeof(secret)), TEXT(""), one);
	check_hex(one, SHA256_LEN,
		  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
	digest_derive(text_make(secret, sizeof(secret)), TEXT("purpose"), two);
	assert_memory_not_equal(one, two, SHA256_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes),
	    cmocka_unit_test(rfc4231_hmac),
	    cmocka_unit_test(rfc5869_derivation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
