/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.c: the work of the signer, wherever it runs.
 *
 * Refuses whatever x509_leaf_check refuses, and everything while the clock says a time before
 * this program was built: a certificate made then would carry a wrong validity. A pair of
 * certificate and key is believed only after a trial signature. What does not survive the lint is
 * thrown away; that would be a defect of ours and is reported as one.
 */
#include "signer/core.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/limits.h"
#include "signer/key.h"

#ifndef SIGNER_BUILT
#error "SIGNER_BUILT, the Unix time of the build, is set in meson.build"
#endif

enum { SIGNATURE_MAX = 1024 }; /* RSA of 8192 bits */

static void pkey_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void md_ctx_done(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static int crypto_fail(struct trail *trail, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	int r = ERR_FAIL(trail, ERR_CRYPTO, "%s: %s", what, why ? why : "no reason given");

	ERR_clear_error();
	return r;
}

static int sign(const struct signer_core *core, struct arena *arena, struct text data,
		struct text *ret, struct trail *trail)
{
	CLEANUP(md_ctx_done) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);

	if (ctx == NULL ||
	    EVP_DigestSignInit_ex(ctx, NULL, x509_leaf_digest(&core->ca), NULL, NULL, core->key,
				  NULL) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, (const unsigned char *)data.ptr, data.len) != 1)
		return crypto_fail(trail, "the CA key does not sign");
	*ret = text_make(arena_copy(arena, signature, len), len);
	return 0;
}

/* Sign something harmless and verify it with the certificate's key. */
static int pair_check(const struct signer_core *core, struct trail *trail)
{
	static const struct text trial = TEXT_EMPTY;
	const unsigned char *p = (const unsigned char *)core->ca.spki_der.ptr;
	CLEANUP(pkey_done) EVP_PKEY *public = d2i_PUBKEY(NULL, &p, (long)core->ca.spki_der.len);
	CLEANUP(md_ctx_done) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct arena arena;
	struct text signature = TEXT_EMPTY;
	int r;

	arena_init(&arena);
	r = sign(core, &arena, trial, &signature, trail);
	if (r == 0 && (public == NULL || ctx == NULL ||
		       EVP_DigestVerifyInit_ex(ctx, NULL, x509_leaf_digest(&core->ca), NULL, NULL,
					       public, NULL) != 1 ||
		       EVP_DigestVerify(ctx, (const unsigned char *)signature.ptr, signature.len,
					(const unsigned char *)trial.ptr, trial.len) != 1))
		r = -1;
	arena_done(&arena);
	ERR_clear_error();
	if (r != 0)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the CA key is not the key of the certificate; restore both from "
				"one backup");
	return 0;
}

static int certificate_check(const struct x509_cert *ca, struct trail *trail)
{
	if (!ca->is_ca)
		return ERR_FAIL(trail, ERR_CONFIG, "the CA certificate is not one of a CA");
	if (ca->key_kind == X509_KEY_OTHER)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the CA's key must be RSA or on the curve P-256 or P-384");
	if (ca->subject_key_id.ptr == NULL)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the CA certificate has no subjectKeyIdentifier");
	return 0;
}

static int core_read(struct signer_core *ret, struct text certificate_pem, struct trail *trail)
{
	struct signer_core core = {0};
	int r;

	arena_init(&core.arena);
	if (x509_cert_read_pem(&core.arena, certificate_pem, &core.ca) != 0)
		r = ERR_FAIL(trail, ERR_CONFIG,
			     "the CA certificate cannot be read as PEM; restore it from your "
			     "backup");
	else
		r = certificate_check(&core.ca, trail);
	if (r < 0) {
		arena_done(&core.arena);
		return ERR_TRACE(trail, r);
	}
	*ret = core;
	return 0;
}

int signer_core_adopt(struct signer_core *core, EVP_PKEY *key, struct trail *trail)
{
	int r = 0;

	core->key = key;
	if (core->ca.key_kind == X509_KEY_RSA && EVP_PKEY_get_bits(key) < LIMIT_RSA_BITS_MIN)
		r = ERR_FAIL(trail, ERR_CONFIG, "the CA's RSA key is shorter than %d bits",
			     LIMIT_RSA_BITS_MIN);
	if (r == 0)
		r = pair_check(core, trail);
	if (r < 0)
		core->key = NULL;
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

/* Takes the key over, also when it fails. */
static int core_make(struct signer_core *ret, struct text certificate_pem, EVP_PKEY *key,
		     struct trail *trail)
{
	struct signer_core core;
	int r = core_read(&core, certificate_pem, trail);

	if (r < 0) {
		EVP_PKEY_free(key);
		return ERR_TRACE(trail, r);
	}
	r = signer_core_adopt(&core, key, trail);
	if (r < 0) {
		EVP_PKEY_free(key);
		signer_core_done(&core);
		return ERR_TRACE(trail, r);
	}
	*ret = core;
	return 0;
}

int signer_core_init(struct signer_core *ret, struct text certificate_pem, struct text key_pem,
		     struct trail *trail)
{
	EVP_PKEY *key;
	int r = signer_key_read(&key, key_pem, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	r = core_make(ret, certificate_pem, key, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static int certificate_load(struct arena *arena, const char *path, struct text *ret,
			    struct trail *trail)
{
	char *data = arena_alloc(arena, X509_PEM_MAX + 1);
	FILE *f = fopen(path, "re");
	size_t len;

	if (f == NULL)
		return ERR_FAIL(trail, ERR_CONFIG, "%s: %m", path);
	len = fread(data, 1, X509_PEM_MAX + 1, f);
	if (ferror(f) || len > X509_PEM_MAX) {
		fclose(f);
		return ERR_FAIL(trail, ERR_CONFIG, "%s: cannot be read, or larger than %d bytes",
				path, X509_PEM_MAX);
	}
	fclose(f);
	*ret = text_make(data, len);
	return 0;
}

int signer_core_load(struct signer_core *ret, const char *certificate_path, const char *key,
		     struct trail *trail)
{
	struct arena arena;
	struct text pem;
	EVP_PKEY *pkey;
	int r;

	arena_init(&arena);
	r = certificate_load(&arena, certificate_path, &pem, trail);
	if (r == 0)
		r = signer_key_load(&pkey, key, trail);
	if (r == 0)
		r = core_make(ret, pem, pkey, trail);
	arena_done(&arena);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int signer_core_load_certificate(struct signer_core *ret, const char *path, struct trail *trail)
{
	struct arena arena;
	struct text pem;
	int r;

	arena_init(&arena);
	r = certificate_load(&arena, path, &pem, trail);
	if (r == 0)
		r = core_read(ret, pem, trail);
	arena_done(&arena);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

void signer_core_done(struct signer_core *core)
{
	EVP_PKEY_free(core->key);
	core->key = NULL;
	arena_done(&core->arena);
}

int signer_core_sign(const struct signer_core *core, struct arena *arena,
		     const struct x509_leaf_request *request, int64_t now, struct text *ret_der,
		     enum x509_leaf_verdict *ret_verdict, struct trail *trail)
{
	enum x509_leaf_verdict verdict = x509_leaf_check(request, &core->ca, now);
	struct text tbs, signature, der;
	int r;

	if (verdict == X509_LEAF_OK && now < (int64_t)SIGNER_BUILT)
		verdict = X509_LEAF_CLOCK;
	if (verdict != X509_LEAF_OK) {
		*ret_verdict = verdict;
		return SIGNER_CORE_E_REFUSED;
	}
	tbs = x509_leaf_tbs(arena, request, &core->ca);
	r = sign(core, arena, tbs, &signature, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	der = x509_leaf_assemble(arena, tbs, &core->ca, signature);
	if (x509_leaf_lint(der, request, &core->ca, trail) != 0)
		return ERR_FAIL(trail, ERR_INTERNAL, "a signed certificate was thrown away");
	*ret_der = der;
	return 0;
}

int signer_core_sign_crl(const struct signer_core *core, struct arena *arena,
			 const struct x509_crl_request *request, int64_t now,
			 struct text *ret_signature, enum x509_crl_verdict *ret_verdict,
			 struct trail *trail)
{
	enum x509_crl_verdict verdict = x509_crl_check(request, &core->ca, now);
	struct text tbs, signature, der;
	int r;

	if (verdict == X509_CRL_OK && now < (int64_t)SIGNER_BUILT)
		verdict = X509_CRL_CLOCK;
	if (verdict == X509_CRL_OK && core->key == NULL)
		verdict = X509_CRL_ISSUER;
	if (verdict != X509_CRL_OK) {
		*ret_verdict = verdict;
		return SIGNER_CORE_E_REFUSED;
	}
	tbs = x509_crl_tbs(arena, request, &core->ca);
	r = sign(core, arena, tbs, &signature, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	der = x509_leaf_assemble(arena, tbs, &core->ca, signature);
	if (x509_crl_lint(der, request, &core->ca, trail) != 0)
		return ERR_FAIL(trail, ERR_INTERNAL, "a signed CRL was thrown away");
	*ret_signature = signature;
	return 0;
}
