/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr.c: read a CertificationRequest (RFC 2986, section 4) and prove possession of its key.
 *
 * The walk is our own because the usual readers insist on a legal subject, which Windows does not
 * send. It descends only into what it uses: version, key, signature algorithm, signature. The
 * library is asked once, at the very end, with a key whose size and form are settled.
 */
#include "x509/csr.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "base/limits.h"
#include "x509/der.h"
#include "x509/rsa_key.h"

struct csr_parts {
	struct text info; /* CertificationRequestInfo: the bytes that are signed */
	struct text spki;
	struct text algorithm; /* content of the signature's AlgorithmIdentifier */
	struct text signature;
};

struct csr_algorithm {
	uint8_t oid[11];
	uint8_t oid_len;
	bool is_sha1;
};

/* What a Windows client may sign with; the last is the form of OIW that it really uses. */
static const struct csr_algorithm algorithms[] = {
    {{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}, 11, false},
    {{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05}, 11, true},
    {{0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1d}, 7, true},
};

static void pkey_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void md_ctx_done(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* version 0, subject, subjectPKInfo, attributes [0] */
static bool info_read(struct text info, struct csr_parts *parts)
{
	struct x509_der_item item;
	struct text version;

	if (!x509_der_take_unsigned(&info, &version) || version.len > 0)
		return false;
	if (!x509_der_take(&info, X509_DER_SEQUENCE, &item)) /* the subject, unread */
		return false;
	if (!x509_der_take(&info, X509_DER_SEQUENCE, &item))
		return false;
	parts->spki = item.whole;
	/* the attributes, unread; some writers leave an empty set out */
	if (info.len > 0 && !x509_der_take(&info, X509_DER_CONTEXT_0, &item))
		return false;
	return info.len == 0;
}

static int parts_read(struct text der, struct csr_parts *parts)
{
	struct x509_der_item outer, info, algorithm;
	struct text in = der;

	if (!x509_der_take(&in, X509_DER_SEQUENCE, &outer))
		return X509_CSR_E_MALFORMED;
	if (in.len > 0)
		return X509_CSR_E_TRAILING;
	in = outer.body;
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &info) ||
	    !x509_der_take(&in, X509_DER_SEQUENCE, &algorithm) ||
	    !x509_der_take_bits(&in, &parts->signature))
		return X509_CSR_E_MALFORMED;
	if (in.len > 0)
		return X509_CSR_E_TRAILING;
	parts->info = info.whole;
	parts->algorithm = algorithm.body;
	return info_read(info.body, parts) ? 0 : X509_CSR_E_MALFORMED;
}

static const struct csr_algorithm *algorithm_find(struct text body)
{
	static const uint8_t null_parameter[] = {0x05, 0x00};

	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		struct text oid = text_make(algorithms[i].oid, algorithms[i].oid_len);
		struct text rest;

		if (!text_starts(body, oid))
			continue;
		rest = text_from(body, oid.len);
		if (rest.len == 0 || text_eq(rest, text_make(null_parameter, 2)))
			return &algorithms[i];
	}
	return NULL;
}

static int key_outcome(int r)
{
	switch ((enum x509_rsa_outcome)r) {
	case X509_RSA_E_TYPE:
		return X509_CSR_E_KEY_TYPE;
	case X509_RSA_E_MALFORMED:
		return X509_CSR_E_KEY_MALFORMED;
	case X509_RSA_E_SIZE:
		return X509_CSR_E_KEY_SIZE;
	case X509_RSA_E_EXPONENT:
		return X509_CSR_E_KEY_EXPONENT;
	case X509_RSA_E_SMALL_FACTOR:
		return X509_CSR_E_KEY_SMALL_FACTOR;
	case X509_RSA_E_ROCA:
		return X509_CSR_E_KEY_ROCA;
	case X509_RSA_E_CLOSE_PRIMES:
		return X509_CSR_E_KEY_CLOSE_PRIMES;
	}
	return X509_CSR_E_KEY_MALFORMED;
}

static int signature_check(const struct csr_parts *parts, const struct csr_algorithm *algorithm,
			   const struct x509_rsa_key *key, struct trail *trail)
{
	const unsigned char *p = (const unsigned char *)parts->spki.ptr;
	CLEANUP(pkey_done) EVP_PKEY *pkey = NULL;
	CLEANUP(md_ctx_done) EVP_MD_CTX *ctx = NULL;

	if (parts->signature.len != key->modulus.len)
		return X509_CSR_E_SIGNATURE;
	pkey = d2i_PUBKEY(NULL, &p, (long)parts->spki.len);
	ctx = EVP_MD_CTX_new();
	if (!pkey || !ctx ||
	    EVP_DigestVerifyInit(ctx, NULL, algorithm->is_sha1 ? EVP_sha1() : EVP_sha256(), NULL,
				 pkey) != 1)
		return ERR_FAIL(trail, ERR_CRYPTO, "preparing to verify a request failed");
	if (EVP_DigestVerify(ctx, (const unsigned char *)parts->signature.ptr, parts->signature.len,
			     (const unsigned char *)parts->info.ptr, parts->info.len) != 1)
		return X509_CSR_E_SIGNATURE;
	return 0;
}

int x509_csr_read(struct arena *arena, struct text der, struct x509_csr *ret, struct trail *trail)
{
	const struct csr_algorithm *algorithm;
	struct csr_parts parts;
	struct x509_rsa_key key;
	struct x509_csr csr = {0};
	int r;

	if (der.len > LIMIT_CSR)
		return X509_CSR_E_TOO_LARGE;
	r = parts_read(der, &parts);
	if (r > 0)
		return r;
	r = x509_rsa_read(parts.spki, &key, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (r > 0)
		return key_outcome(r);
	algorithm = algorithm_find(parts.algorithm);
	if (algorithm == NULL)
		return X509_CSR_E_SIGNATURE_ALGORITHM;
	r = signature_check(&parts, algorithm, &key, trail);
	if (r != 0)
		return r < 0 ? ERR_TRACE(trail, r) : X509_CSR_E_SIGNATURE;
	csr.spki_der = parts.spki;
	csr.key_bits = key.bits;
	csr.is_sha1 = algorithm->is_sha1;
	csr.spki_sha256 = digest_sha256_hex(arena, parts.spki);
	*ret = csr;
	return 0;
}

const char *x509_csr_outcome_name(enum x509_csr_outcome outcome)
{
	static const char *const names[] = {
	    [X509_CSR_E_TOO_LARGE] = "too_large",
	    [X509_CSR_E_MALFORMED] = "malformed",
	    [X509_CSR_E_TRAILING] = "trailing_bytes",
	    [X509_CSR_E_SIGNATURE_ALGORITHM] = "signature_algorithm",
	    [X509_CSR_E_KEY_TYPE] = "key_type",
	    [X509_CSR_E_KEY_MALFORMED] = "key_malformed",
	    [X509_CSR_E_KEY_SIZE] = "key_size",
	    [X509_CSR_E_KEY_EXPONENT] = "key_exponent",
	    [X509_CSR_E_KEY_SMALL_FACTOR] = "key_small_factor",
	    [X509_CSR_E_KEY_ROCA] = "key_roca",
	    [X509_CSR_E_KEY_CLOSE_PRIMES] = "key_close_primes",
	    [X509_CSR_E_SIGNATURE] = "no_proof_of_possession",
	};

	if ((size_t)outcome >= ARRAY_LEN(names) || names[outcome] == NULL)
		return "";
	return names[outcome];
}
