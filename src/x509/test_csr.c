/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_csr.c: certificate requests, good and bad. Covers cases 10 (what a request asks for) and
 * 11 (its key and its proof) of the threat model; each bad request is wrong in one place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "x509/csr.h"
#include "x509/der.h"
#include "x509/test_make.h"

static struct arena arena;
static struct trail trail;
static EVP_PKEY *rsa2048, *other2048;

static int group_setup(void **state)
{
	rsa2048 = make_rsa(2048, 65537);
	other2048 = make_rsa(2048, 65537);
	return 0;
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(rsa2048);
	EVP_PKEY_free(other2048);
	return 0;
}

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static int read_csr(struct text der, struct x509_csr *csr)
{
	return x509_csr_read(&arena, der, csr, &trail);
}

static void assert_outcome(const char *name, struct text der, int want)
{
	struct x509_csr csr;
	int got = read_csr(der, &csr);

	if (got != want)
		fail_msg("%s: got %d (%s), want %d (%s)", name, got,
			 x509_csr_outcome_name((enum x509_csr_outcome)got), want,
			 x509_csr_outcome_name((enum x509_csr_outcome)want));
}

static struct text good_csr(void)
{
	return make_csr(&arena, &(struct make_recipe){.key = rsa2048});
}

static struct text changed(struct text der, size_t at, uint8_t mask)
{
	char *copy = arena_copy(&arena, der.ptr, der.len);

	copy[at] ^= (char)mask;
	return text_make(copy, der.len);
}

static void accepts_what_windows_sends(void **state)
{
	struct text spki = make_spki(&arena, rsa2048);
	struct x509_csr csr;

	assert_int_equal(read_csr(good_csr(), &csr), 0);
	assert_true(text_eq(csr.spki_der, spki));
	assert_string_equal(csr.spki_sha256, digest_sha256_hex(&arena, spki));
	assert_int_equal(csr.key_bits, 2048);
	assert_false(csr.is_sha1);
}

/* The library's own writer must be read as well as ours. */
static void accepts_a_request_of_openssl(void **state)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	struct x509_csr csr;
	int len;

	assert_int_equal(X509_REQ_set_pubkey(req, rsa2048), 1);
	assert_true(X509_REQ_sign(req, rsa2048, EVP_sha256()) > 0);
	len = i2d_X509_REQ(req, &der);
	assert_true(len > 0);
	assert_int_equal(read_csr(text_make(der, (size_t)len), &csr), 0);
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void accepts_the_largest_key(void **state)
{
	EVP_PKEY *key = make_rsa(LIMIT_RSA_BITS_MAX, 65537);
	struct x509_csr csr;

	assert_int_equal(read_csr(make_csr(&arena, &(struct make_recipe){.key = key}), &csr), 0);
	assert_int_equal(csr.key_bits, LIMIT_RSA_BITS_MAX);
	EVP_PKEY_free(key);
}

/* Real requests, where the folder with captures is at hand. */
static void accepts_captured_requests(void **state)
{
	static const char *const files[] = {"marcosd4h-mdm_07_csr.der", "fleet-soap-test_csr.der"};
	const char *dir = getenv("MUSTER_CAPTURES");

	if (dir == NULL)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char data[LIMIT_CSR];
		struct x509_csr csr;
		FILE *f = fopen(arena_printf(&arena, "%s/%s", dir, files[i]), "rb");
		size_t len;

		assert_non_null(f);
		len = fread(data, 1, sizeof(data), f);
		fclose(f);
		assert_int_equal(read_csr(text_make(data, len), &csr), 0);
		assert_int_equal(csr.key_bits, 2048);
		assert_outcome(files[i], changed(text_make(data, len), 40, 1),
			       X509_CSR_E_SIGNATURE);
	}
}

/* Case 10: size and content of what we do not read. */

static struct text filler(size_t len)
{
	char *bytes = arena_alloc(&arena, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + i % 26);
	return text_make(bytes, len);
}

/* A Name with one UTF8String of len bytes. */
static struct text long_subject(size_t len)
{
	struct text value = x509_der_wrap(&arena, X509_DER_UTF8_STRING, filler(len));
	struct text pair =
	    X509_DER_OF(&arena, X509_DER_SEQUENCE, make_hex(&arena, "0603550403"), value);

	return X509_DER_OF(&arena, X509_DER_SEQUENCE, x509_der_wrap(&arena, X509_DER_SET, pair));
}

static void case10_subject_is_not_read(void **state)
{
	static const char *const subjects[] = {
	    "3000",                               /* empty */
	    "30023100",                           /* an empty set */
	    "3003020101",                         /* not a Name at all */
	    "300f310d300b06035504031304610021ff", /* PrintableString "a", NUL, '!', 0xff */
	    "3006ffffffffffff",                   /* not even DER inside */
	};

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		struct make_recipe recipe = {.key = rsa2048,
					     .subject = make_hex(&arena, subjects[i])};

		assert_outcome(subjects[i], make_csr(&arena, &recipe), 0);
	}
}

static void case10_size_is_bounded(void **state)
{
	struct make_recipe recipe = {.key = rsa2048, .subject = long_subject(65536)};
	size_t frame;

	assert_outcome("64 KiB subject", make_csr(&arena, &recipe), X509_CSR_E_TOO_LARGE);
	recipe.subject = long_subject(12288);
	frame = make_csr(&arena, &recipe).len - 12288;
	recipe.subject = long_subject(LIMIT_CSR - frame);
	assert_int_equal(make_csr(&arena, &recipe).len, LIMIT_CSR);
	assert_outcome("at the limit", make_csr(&arena, &recipe), 0);
	recipe.subject = long_subject(LIMIT_CSR - frame + 1);
	assert_outcome("one above", make_csr(&arena, &recipe), X509_CSR_E_TOO_LARGE);
}

static void case10_a_thousand_attributes(void **state)
{
	struct make_recipe recipe = {.key = rsa2048};
	struct buf extra;

	buf_init(&extra, &arena);
	for (int i = 0; i < 1000; i++)
		buf_add_text(&extra, make_hex(&arena, "300706032a03043100"));
	recipe.extra = buf_text(&extra);
	assert_outcome("1000 attributes", make_csr(&arena, &recipe), 0);
	recipe.extra = TEXT_EMPTY;
	recipe.no_attributes = true;
	assert_outcome("no attributes", make_csr(&arena, &recipe), 0);
}

/* Case 11: the key. */

static struct text number(size_t bits, unsigned low)
{
	size_t len = (bits + 7) / 8;
	unsigned char *bytes = arena_alloc(&arena, len);

	/* no structure that one of the tests could mistake for a weakness */
	for (size_t i = 0; i < len; i += SHA256_LEN) {
		uint8_t hash[SHA256_LEN];

		digest_sha256(text_make(&i, sizeof(i)), hash);
		memcpy(bytes + i, hash, len - i < SHA256_LEN ? len - i : SHA256_LEN);
	}
	bytes[0] = (unsigned char)(1 << (bits - 1) % 8);
	bytes[len - 1] = (unsigned char)low;
	return text_make(bytes, len);
}

static struct text bn_text(const BIGNUM *bn)
{
	unsigned char *bytes = arena_alloc(&arena, (size_t)BN_num_bytes(bn));

	BN_bn2bin(bn, bytes);
	return text_make(bytes, (size_t)BN_num_bytes(bn));
}

static struct text modulus_of(EVP_PKEY *key)
{
	BIGNUM *n = NULL;
	struct text ret;

	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	ret = bn_text(n);
	BN_free(n);
	return ret;
}

static struct text with_key(struct text spki)
{
	return make_csr(&arena, &(struct make_recipe){.key = other2048, .spki = spki});
}

static void case11_key_sizes(void **state)
{
	static const size_t refused[] = {1, 512, 1023, 1024, 2047, 4097, 4104, 8192, 16384};
	struct text e = make_hex(&arena, "010001");

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_outcome(arena_printf(&arena, "%zu bits", refused[i]),
			       with_key(make_rsa_spki(&arena, number(refused[i], 0xc1), e)),
			       X509_CSR_E_KEY_SIZE);
	assert_outcome("zero", with_key(make_rsa_spki(&arena, TEXT_EMPTY, e)), X509_CSR_E_KEY_SIZE);
}

/* A verification with these numbers takes seconds; fifty refusals must not take one. */
static void case11_huge_key_is_refused_before_verification(void **state)
{
	struct text spki = make_rsa_spki(&arena, number(16384, 0xff), number(16384, 0xff));
	struct text csr = with_key(spki);
	int64_t start = clock_mono_ms();

	for (int i = 0; i < 50; i++)
		assert_outcome("16384 bits", csr, X509_CSR_E_KEY_SIZE);
	assert_true(clock_mono_ms() - start < 1000);
}

static void case11_exponents(void **state)
{
	static const char *const refused[] = {"",
					      "01",
					      "02",
					      "03",
					      "ffff",
					      "010000",
					      "010002",
					      "010000000000000001",
					      "010000000000010001"};
	struct text n = modulus_of(rsa2048);

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_outcome(refused[i],
			       with_key(make_rsa_spki(&arena, n, make_hex(&arena, refused[i]))),
			       X509_CSR_E_KEY_EXPONENT);
	/* accepted as a key; only the proof is missing */
	assert_outcome("64 bits",
		       with_key(make_rsa_spki(&arena, n, make_hex(&arena, "ffffffffffffffff"))),
		       X509_CSR_E_SIGNATURE);
	assert_outcome("65539", with_key(make_rsa_spki(&arena, n, make_hex(&arena, "010003"))),
		       X509_CSR_E_SIGNATURE);
}

static void case11_real_key_with_exponent_3(void **state)
{
	EVP_PKEY *key = make_rsa(2048, 3);

	assert_outcome("e = 3", make_csr(&arena, &(struct make_recipe){.key = key}),
		       X509_CSR_E_KEY_EXPONENT);
	EVP_PKEY_free(key);
}

static void case11_small_factors(void **state)
{
	static const unsigned factors[] = {2, 3, 5, 691, 751};
	struct text e = make_hex(&arena, "010001");

	for (size_t i = 0; i < ARRAY_LEN(factors); i++) {
		BIGNUM *n = BN_new();
		struct text spki;

		BN_bin2bn((const unsigned char *)number(2047, 0x01).ptr, 256, n);
		BN_sub_word(n, BN_mod_word(n, factors[i]));
		assert_int_equal(BN_set_bit(n, 2047), 1);
		BN_sub_word(n, BN_mod_word(n, factors[i]));
		spki = make_rsa_spki(&arena, bn_text(n), e);
		assert_outcome(arena_printf(&arena, "factor %u", factors[i]), with_key(spki),
			       X509_CSR_E_KEY_SMALL_FACTOR);
		BN_free(n);
	}
}

/* One factor as the faulty generator makes it: k*M + 65537^a mod M, M the primes up to 701. */
static BIGNUM *roca_factor(BN_ULONG k, BN_ULONG a, BN_CTX *ctx)
{
	BIGNUM *m = BN_new(), *g = BN_new(), *exponent = BN_new(), *ret = BN_new();

	BN_one(m);
	for (unsigned p = 2; p <= 701; p++) {
		bool prime = true;

		for (unsigned d = 2; d * d <= p; d++)
			prime = prime && p % d != 0;
		if (prime)
			BN_mul_word(m, p);
	}
	BN_set_word(g, 65537);
	BN_set_word(exponent, a);
	assert_int_equal(BN_mod_exp(ret, g, exponent, m, ctx), 1);
	BN_mul_word(m, k);
	BN_add(ret, ret, m);
	BN_free(m);
	BN_free(g);
	BN_free(exponent);
	return ret;
}

static void case11_roca(void **state)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p = roca_factor(0x3b9aca07c0ffe1, 1234567891, ctx);
	BIGNUM *q = roca_factor(0x3a0123456789ab, 987654321987, ctx);
	BIGNUM *n = BN_new();
	struct text e = make_hex(&arena, "010001");

	assert_int_equal(BN_mul(n, p, q, ctx), 1);
	assert_in_range(BN_num_bits(n), 2048, 4096);
	assert_outcome("ROCA", with_key(make_rsa_spki(&arena, bn_text(n), e)), X509_CSR_E_KEY_ROCA);
	/* one step aside the fingerprint is gone */
	BN_add_word(n, 2);
	assert_int_not_equal(
	    read_csr(with_key(make_rsa_spki(&arena, bn_text(n), e)), &(struct x509_csr){0}),
	    X509_CSR_E_KEY_ROCA);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_CTX_free(ctx);
}

/* The next number from *bn on that has no small factor, which is all the test needs of a prime. */
static void make_rough(BIGNUM *bn)
{
	bool rough = false;

	BN_set_bit(bn, 0);
	while (!rough) {
		BN_add_word(bn, 2);
		rough = true;
		for (unsigned d = 3; d <= 751 && rough; d += 2)
			rough = BN_mod_word(bn, d) != 0;
	}
}

static void case11_close_primes(void **state)
{
	/* distances that the method reaches within its steps, and one that it does not */
	static const struct {
		int shift; /* q = p + 2^shift; -1: q = p; -2: the next rough number */
		int want;
	} rows[] = {
	    {-1, X509_CSR_E_KEY_CLOSE_PRIMES},  {-2, X509_CSR_E_KEY_CLOSE_PRIMES},
	    {64, X509_CSR_E_KEY_CLOSE_PRIMES},  {500, X509_CSR_E_KEY_CLOSE_PRIMES},
	    {514, X509_CSR_E_KEY_CLOSE_PRIMES}, {540, X509_CSR_E_SIGNATURE},
	    {1000, X509_CSR_E_SIGNATURE},
	};
	BN_CTX *ctx = BN_CTX_new();
	struct text seed = number(1024, 1), e = make_hex(&arena, "010001");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		BIGNUM *p = BN_bin2bn((const unsigned char *)seed.ptr, (int)seed.len, NULL);
		BIGNUM *q = BN_new(), *n = BN_new();

		BN_set_bit(p, 1022); /* so that the product has 2048 bits */
		make_rough(p);
		BN_copy(q, p);
		if (rows[i].shift >= 0)
			BN_set_bit(q, rows[i].shift + BN_is_bit_set(q, rows[i].shift));
		if (rows[i].shift != -1)
			make_rough(q);
		BN_mul(n, p, q, ctx);
		assert_int_equal(BN_num_bits(n), 2048);
		assert_outcome(arena_printf(&arena, "distance 2^%d", rows[i].shift),
			       with_key(make_rsa_spki(&arena, bn_text(n), e)), rows[i].want);
		BN_free(p);
		BN_free(q);
		BN_free(n);
	}
	BN_CTX_free(ctx);
}

static struct text spki_explicit_curve(void)
{
	EVP_PKEY *key = make_ec("P-256");
	struct text ret;

	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
							OSSL_PKEY_EC_ENCODING_EXPLICIT),
			 1);
	ret = make_spki(&arena, key);
	EVP_PKEY_free(key);
	assert_true(ret.len > 200); /* the parameters are spelled out */
	return ret;
}

static struct text spki_of(EVP_PKEY *key)
{
	struct text ret = make_spki(&arena, key);

	EVP_PKEY_free(key);
	return ret;
}

static void case11_other_kinds_of_key(void **state)
{
	struct text p256 = spki_of(make_ec("P-256"));
	struct text pss = changed(make_spki(&arena, rsa2048), 4 + 2 + 2 + 8, 0x01 ^ 0x0a);
	struct text dsa =
	    make_hex(&arena, "301c301406072a8648ce380401300902010502010202010303040002010a");

	assert_outcome("P-224", with_key(spki_of(make_ec("P-224"))), X509_CSR_E_KEY_TYPE);
	assert_outcome("P-256", with_key(p256), X509_CSR_E_KEY_TYPE);
	assert_outcome("explicit curve", with_key(spki_explicit_curve()), X509_CSR_E_KEY_TYPE);
	assert_outcome("point off the curve", with_key(changed(p256, p256.len - 1, 1)),
		       X509_CSR_E_KEY_TYPE);
	assert_outcome("Ed25519", with_key(spki_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"))),
		       X509_CSR_E_KEY_TYPE);
	assert_outcome("DSA", with_key(dsa), X509_CSR_E_KEY_TYPE);
	assert_outcome("RSASSA-PSS", with_key(pss), X509_CSR_E_KEY_TYPE);
}

/* An SPKI around any key bits, with the RSA algorithm. */
static struct text rsa_frame(struct text key)
{
	return X509_DER_OF(&arena, X509_DER_SEQUENCE,
			   make_hex(&arena, "300d06092a864886f70d0101010500"),
			   x509_der_bits(&arena, key));
}

static void case11_malformed_keys(void **state)
{
	struct text n = x509_der_unsigned(&arena, modulus_of(rsa2048));
	struct text e = make_hex(&arena, "0203010001");
	struct text negative = x509_der_wrap(&arena, X509_DER_INTEGER, modulus_of(rsa2048));
	struct text padded =
	    X509_DER_OF(&arena, X509_DER_INTEGER, make_hex(&arena, "0000"), modulus_of(rsa2048));
	const struct {
		const char *name;
		struct text key;
	} rows[] = {
	    {"empty", TEXT_EMPTY},
	    {"no exponent", X509_DER_OF(&arena, X509_DER_SEQUENCE, n)},
	    {"a third number", X509_DER_OF(&arena, X509_DER_SEQUENCE, n, e, e)},
	    {"negative modulus", X509_DER_OF(&arena, X509_DER_SEQUENCE, negative, e)},
	    {"padded modulus", X509_DER_OF(&arena, X509_DER_SEQUENCE, padded, e)},
	    {"a set", X509_DER_OF(&arena, X509_DER_SET, n, e)},
	};

	assert_outcome("the frame itself",
		       with_key(rsa_frame(X509_DER_OF(&arena, X509_DER_SEQUENCE, n, e))),
		       X509_CSR_E_SIGNATURE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_outcome(rows[i].name, with_key(rsa_frame(rows[i].key)),
			       X509_CSR_E_KEY_MALFORMED);
}

/* Case 11: the proof of possession. */

static void case11_signature_algorithms(void **state)
{
	static const struct {
		const char *name, *digest, *algorithm;
		int want;
		bool is_sha1;
	} rows[] = {
	    {"SHA-256", "SHA256", "06092a864886f70d01010b0500", 0, false},
	    {"SHA-256, no parameter", "SHA256", "06092a864886f70d01010b", 0, false},
	    {"SHA-1", "SHA1", "06092a864886f70d0101050500", 0, true},
	    {"SHA-1 of OIW, as Windows", "SHA1", "06052b0e03021d0500", 0, true},
	    {"MD5", "MD5", "06092a864886f70d0101040500", X509_CSR_E_SIGNATURE_ALGORITHM, false},
	    {"RSASSA-PSS", "SHA256", "06092a864886f70d01010a0500", X509_CSR_E_SIGNATURE_ALGORITHM,
	     false},
	    {"ECDSA", "SHA256", "06082a8648ce3d040302", X509_CSR_E_SIGNATURE_ALGORITHM, false},
	    {"other parameter", "SHA256", "06092a864886f70d01010b020100",
	     X509_CSR_E_SIGNATURE_ALGORITHM, false},
	    {"two parameters", "SHA256", "06092a864886f70d01010b05000500",
	     X509_CSR_E_SIGNATURE_ALGORITHM, false},
	    {"empty", "SHA256", "", X509_CSR_E_SIGNATURE_ALGORITHM, false},
	    {"says SHA-256, is SHA-1", "SHA1", "06092a864886f70d01010b0500", X509_CSR_E_SIGNATURE,
	     false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct make_recipe recipe = {.key = rsa2048,
					     .digest = rows[i].digest,
					     .algorithm = make_hex(&arena, rows[i].algorithm)};
		struct text der = make_csr(&arena, &recipe);
		struct x509_csr csr;

		assert_outcome(rows[i].name, der, rows[i].want);
		if (rows[i].want == 0) {
			assert_int_equal(read_csr(der, &csr), 0);
			assert_int_equal(csr.is_sha1, rows[i].is_sha1);
		}
	}
}

static void case11_no_proof_of_possession(void **state)
{
	/* somebody else's key, signed with one's own */
	assert_outcome("foreign key", with_key(make_spki(&arena, rsa2048)), X509_CSR_E_SIGNATURE);
	assert_outcome("damaged signature", changed(good_csr(), good_csr().len - 1, 1),
		       X509_CSR_E_SIGNATURE);
}

static void case11_any_changed_byte_is_refused(void **state)
{
	struct text der = good_csr();
	struct x509_csr csr;

	for (size_t at = 0; at < der.len; at++)
		if (read_csr(changed(der, at, (uint8_t)(1 << at % 8)), &csr) == 0)
			fail_msg("byte %zu may be changed", at);
}

static void case11_any_shorter_request_is_refused(void **state)
{
	struct text der = good_csr();

	for (size_t len = 0; len < der.len; len++) {
		struct text cut = text_make(arena_copy(&arena, der.ptr, len), len);

		assert_outcome(arena_printf(&arena, "%zu bytes", len), cut, X509_CSR_E_MALFORMED);
	}
}

static void case11_not_der(void **state)
{
	struct text der = good_csr(), head = text_make(der.ptr, 4), in = text_from(der, 4);
	struct text info =
	    text_take(in, 4 + (size_t)((uint8_t)in.ptr[2] << 8 | (uint8_t)in.ptr[3]));
	struct text rest = text_from(in, info.len);
	struct text long_form = make_hex(&arena, "02810100"); /* the version, 02 01 00 */
	struct text end = make_hex(&arena, "0000"), indefinite = make_hex(&arena, "3080");
	const struct {
		const char *name;
		struct text der;
		int want;
	} rows[] = {
	    {"the parts put together again", X509_DER_OF(&arena, X509_DER_SEQUENCE, info, rest), 0},
	    {"bytes after the request", x509_der_join(&arena, (const struct text[]){der, end}, 2),
	     X509_CSR_E_TRAILING},
	    {"bytes after the signature", X509_DER_OF(&arena, X509_DER_SEQUENCE, info, rest, end),
	     X509_CSR_E_TRAILING},
	    {"indefinite length",
	     x509_der_join(&arena, (const struct text[]){indefinite, in, end}, 3),
	     X509_CSR_E_MALFORMED},
	    {"indefinite length inside",
	     X509_DER_OF(&arena, X509_DER_SEQUENCE, indefinite, text_from(info, 4), end, rest),
	     X509_CSR_E_MALFORMED},
	    {"length with a leading zero",
	     x509_der_join(
		 &arena, (const struct text[]){make_hex(&arena, "308300"), text_from(head, 2), in},
		 3),
	     X509_CSR_E_MALFORMED},
	    {"long form of a short length",
	     X509_DER_OF(&arena, X509_DER_SEQUENCE,
			 X509_DER_OF(&arena, X509_DER_SEQUENCE, long_form, text_from(info, 7)),
			 rest),
	     X509_CSR_E_MALFORMED},
	    {"the same in its short form",
	     X509_DER_OF(&arena, X509_DER_SEQUENCE,
			 X509_DER_OF(&arena, X509_DER_SEQUENCE, text_from(info, 4)), rest),
	     0},
	    {"another version",
	     X509_DER_OF(&arena, X509_DER_SEQUENCE,
			 X509_DER_OF(&arena, X509_DER_SEQUENCE, make_hex(&arena, "020101"),
				     text_from(info, 7)),
			 rest),
	     X509_CSR_E_MALFORMED},
	    {"an element after the attributes",
	     X509_DER_OF(&arena, X509_DER_SEQUENCE,
			 X509_DER_OF(&arena, X509_DER_SEQUENCE, text_from(info, 4),
				     make_hex(&arena, "0500")),
			 rest),
	     X509_CSR_E_MALFORMED},
	    {"a set", x509_der_wrap(&arena, X509_DER_SET, in), X509_CSR_E_MALFORMED},
	    {"PEM", TEXT("-----BEGIN CERTIFICATE REQUEST-----\n"), X509_CSR_E_MALFORMED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_outcome(rows[i].name, rows[i].der, rows[i].want);
}

static void outcomes_have_distinct_names(void **state)
{
	for (int a = X509_CSR_E_TOO_LARGE; a <= X509_CSR_E_SIGNATURE; a++) {
		const char *name = x509_csr_outcome_name((enum x509_csr_outcome)a);

		assert_true(name[0] != '\0');
		for (int b = X509_CSR_E_TOO_LARGE; b < a; b++)
			assert_string_not_equal(name,
						x509_csr_outcome_name((enum x509_csr_outcome)b));
	}
	assert_string_equal(x509_csr_outcome_name((enum x509_csr_outcome)0), "");
	assert_string_equal(x509_csr_outcome_name((enum x509_csr_outcome)99), "");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(accepts_what_windows_sends),
	    CASE(accepts_a_request_of_openssl),
	    CASE(accepts_the_largest_key),
	    CASE(accepts_captured_requests),
	    CASE(case10_subject_is_not_read),
	    CASE(case10_size_is_bounded),
	    CASE(case10_a_thousand_attributes),
	    CASE(case11_key_sizes),
	    CASE(case11_huge_key_is_refused_before_verification),
	    CASE(case11_exponents),
	    CASE(case11_real_key_with_exponent_3),
	    CASE(case11_small_factors),
	    CASE(case11_roca),
	    CASE(case11_close_primes),
	    CASE(case11_other_kinds_of_key),
	    CASE(case11_malformed_keys),
	    CASE(case11_signature_algorithms),
	    CASE(case11_no_proof_of_possession),
	    CASE(case11_any_changed_byte_is_refused),
	    CASE(case11_any_shorter_request_is_refused),
	    CASE(case11_not_der),
	    CASE(outcomes_have_distinct_names),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
