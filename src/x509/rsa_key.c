/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rsa_key.c: the tests a public RSA key has to pass, cheapest first (threats 11).
 *
 * Form and sizes come from the DER itself and need no big number. The three arithmetic tests
 * share one BIGNUM:
 *   small factors  division by every prime up to 751, the bound the CA/Browser Forum uses
 *   ROCA           the faulty generator made primes of the form k*M + (65537^a mod M) with M a
 *                  product of the first primes; so the modulus, taken by each of those primes,
 *                  is a power of 65537. By chance that is true once in 2^27 keys or less
 *   close primes   Fermat's method, 100 steps; squares are looked for by their residues first,
 *                  so that a root is taken about once
 * All is public data: nothing here needs constant time.
 */
#include "x509/rsa_key.h"

#include <openssl/bn.h>

#include "base/limits.h"
#include "x509/der.h"

enum {
	SMALL_PRIME_MAX = 751,
	ROCA_PRIME_MAX = 167,
	EXPONENT_MIN = 65537,
	EXPONENT_BYTES_MAX = 8,
	FERMAT_STEPS = 100
};

static const uint8_t rsa_algorithm[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
					0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

static void bn_done(BIGNUM **bn)
{
	BN_free(*bn);
}

static void bn_ctx_done(BN_CTX **ctx)
{
	BN_CTX_free(*ctx);
}

static size_t bit_length(struct text magnitude)
{
	size_t bits = 0;

	if (magnitude.len == 0)
		return 0;
	for (unsigned top = (uint8_t)magnitude.ptr[0]; top > 0; top >>= 1)
		bits++;
	return bits + 8 * (magnitude.len - 1);
}

/* SubjectPublicKeyInfo, and in it RSAPublicKey (RFC 8017, A.1.1). */
static int form_read(struct text spki, struct x509_rsa_key *key)
{
	struct text in = spki, numbers;
	struct x509_der_item outer, algorithm, sequence;

	key->spki_der = spki;
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &outer) || in.len > 0)
		return X509_RSA_E_MALFORMED;
	in = outer.body;
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &algorithm))
		return X509_RSA_E_MALFORMED;
	if (!text_eq(algorithm.body, text_make(rsa_algorithm, sizeof(rsa_algorithm))))
		return X509_RSA_E_TYPE;
	if (!x509_der_take_bits(&in, &numbers) || in.len > 0)
		return X509_RSA_E_MALFORMED;
	in = numbers;
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &sequence) || in.len > 0)
		return X509_RSA_E_MALFORMED;
	in = sequence.body;
	if (!x509_der_take_unsigned(&in, &key->modulus) ||
	    !x509_der_take_unsigned(&in, &key->exponent) || in.len > 0)
		return X509_RSA_E_MALFORMED;
	return 0;
}

static int exponent_check(struct text exponent)
{
	uint64_t value = 0;

	if (exponent.len > EXPONENT_BYTES_MAX)
		return X509_RSA_E_EXPONENT;
	for (size_t i = 0; i < exponent.len; i++)
		value = value << 8 | (uint8_t)exponent.ptr[i];
	return value >= EXPONENT_MIN && value % 2 == 1 ? 0 : X509_RSA_E_EXPONENT;
}

/* Is residue one of 1, g, g^2, ... modulo the prime p, with g = 65537? */
static bool is_power_of_65537(unsigned residue, unsigned p)
{
	unsigned g = 65537 % p, power = 1;

	do {
		if (power == residue)
			return true;
		power = power * g % p;
	} while (power != 1 && power != 0);
	return false;
}

/* One pass over the small primes serves both tests. */
static int residues_check(const BIGNUM *n)
{
	bool composite[SMALL_PRIME_MAX + 1] = {false};
	bool roca = true;

	for (unsigned p = 2; p <= SMALL_PRIME_MAX; p++) {
		unsigned residue;

		if (composite[p])
			continue;
		for (unsigned multiple = 2 * p; multiple <= SMALL_PRIME_MAX; multiple += p)
			composite[multiple] = true;
		residue = (unsigned)BN_mod_word(n, p);
		if (residue == 0)
			return X509_RSA_E_SMALL_FACTOR;
		if (p <= ROCA_PRIME_MAX && roca)
			roca = is_power_of_65537(residue, p);
	}
	return roca ? X509_RSA_E_ROCA : 0;
}

/* ret = the integer square root of n, by Newton's method from above. False: library failure. */
static bool square_root(BIGNUM *ret, const BIGNUM *n, BN_CTX *ctx)
{
	CLEANUP(bn_done) BIGNUM *next = BN_new();

	if (!next || !BN_set_word(ret, 0) || !BN_set_bit(ret, (BN_num_bits(n) + 1) / 2))
		return false;
	for (;;) {
		if (!BN_div(next, NULL, n, ret, ctx) || !BN_add(next, next, ret) ||
		    !BN_rshift1(next, next))
			return false;
		if (BN_cmp(next, ret) >= 0)
			return true;
		if (!BN_copy(ret, next))
			return false;
	}
}

/* Could v be a square? Its residues say no for more than 99 of 100 that are not. */
static bool may_be_square(const BIGNUM *v)
{
	static const unsigned moduli[] = {64, 63, 65, 11, 17};

	for (size_t i = 0; i < ARRAY_LEN(moduli); i++) {
		unsigned residue = (unsigned)BN_mod_word(v, moduli[i]);
		bool found = false;

		for (unsigned root = 0; root <= moduli[i] / 2 && !found; root++)
			found = root * root % moduli[i] == residue;
		if (!found)
			return false;
	}
	return true;
}

/* Look for n = a^2 - b^2 with a just above the root of n. 1 found, 0 not, -1 library failure. */
static int fermat_find(const BIGNUM *n, BN_CTX *ctx)
{
	CLEANUP(bn_done) BIGNUM *a = BN_new();
	CLEANUP(bn_done) BIGNUM *rest = BN_new();
	CLEANUP(bn_done) BIGNUM *b = BN_new();

	if (!a || !rest || !b || !square_root(a, n, ctx) || !BN_sqr(rest, a, ctx) ||
	    !BN_sub(rest, rest, n))
		return -1;
	/* rest = a^2 - n; the first a is the root rounded down, where rest may be 0 or negative */
	for (int i = 0; i <= FERMAT_STEPS; i++) {
		if (BN_is_zero(rest))
			return 1;
		if (!BN_is_negative(rest) && may_be_square(rest)) {
			if (!square_root(b, rest, ctx) || !BN_sqr(b, b, ctx))
				return -1;
			if (BN_cmp(b, rest) == 0)
				return 1;
		}
		/* (a+1)^2 - n = rest + 2a + 1 */
		if (!BN_add(rest, rest, a) || !BN_add_word(a, 1) || !BN_add(rest, rest, a))
			return -1;
	}
	return 0;
}

int x509_rsa_read(struct text spki_der, struct x509_rsa_key *ret, struct trail *trail)
{
	CLEANUP(bn_ctx_done) BN_CTX *ctx = NULL;
	CLEANUP(bn_done) BIGNUM *n = NULL;
	struct x509_rsa_key key = {0};
	size_t bits;
	int r = form_read(spki_der, &key);

	if (r > 0)
		return r;
	bits = bit_length(key.modulus);
	if (bits < LIMIT_RSA_BITS_MIN || bits > LIMIT_RSA_BITS_MAX)
		return X509_RSA_E_SIZE;
	key.bits = (int)bits;
	r = exponent_check(key.exponent);
	if (r > 0)
		return r;
	ctx = BN_CTX_new();
	n = BN_bin2bn((const unsigned char *)key.modulus.ptr, (int)key.modulus.len, NULL);
	if (!ctx || !n)
		return ERR_FAIL(trail, ERR_CRYPTO, "reading a modulus failed");
	r = residues_check(n);
	if (r > 0)
		return r;
	r = fermat_find(n, ctx);
	if (r < 0)
		return ERR_FAIL(trail, ERR_CRYPTO, "arithmetic on a modulus failed");
	if (r > 0)
		return X509_RSA_E_CLOSE_PRIMES;
	*ret = key;
	return 0;
}
