/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ceremony.c: see ceremony.h.
 */
#include "signer/ceremony.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "signer/key.h"
#include "x509/cert.h"
#include "x509/hierarchy.h"

static void key_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

int signer_pem_load(struct arena *arena, const char *path, struct text *ret, struct trail *trail)
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

static int name_refused(struct trail *trail, const char *cn)
{
	return ERR_FAIL(trail, ERR_CONFIG, "'%s' cannot be the name of a CA", cn);
}

/* The key is borrowed. */
static int certify(struct arena *arena, const struct signer_root *root, EVP_PKEY *key,
		   const char *cn, int64_t now, struct text *ret_pem, struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *root_key = NULL;
	struct text root_pem;
	int r = signer_pem_load(arena, root->certificate, &root_pem, trail);

	if (r == 0)
		r = signer_key_load_with(&root_key, root->key, root->passphrase, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	r = x509_intermediate_certify(arena, cn, key, root_pem, root_key, now, ret_pem, trail);
	return r > 0 ? name_refused(trail, cn) : r;
}

int signer_ceremony_certify(struct arena *arena, const struct signer_root *root, const char *ca_key,
			    const char *subject_cn, int64_t now, struct text *ret_pem,
			    struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	int r = signer_key_load(&key, ca_key, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	return certify(arena, root, key, subject_cn, now, ret_pem, trail);
}

int signer_ceremony_request(struct arena *arena, const char *ca_key, const char *subject_cn,
			    struct text *ret_pem, struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	int r = signer_key_load(&key, ca_key, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	r = x509_intermediate_request(arena, subject_cn, key, ret_pem, trail);
	return r > 0 ? name_refused(trail, subject_cn) : r;
}

int signer_ceremony_sign(struct arena *arena, const struct signer_root *root,
			 const char *request_path, int64_t now, struct text *ret_pem,
			 struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	struct text pem;
	const char *cn;
	int r = signer_pem_load(arena, request_path, &pem, trail);

	if (r == 0)
		r = x509_intermediate_request_read(arena, pem, &key, &cn, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	return certify(arena, root, key, cn, now, ret_pem, trail);
}
