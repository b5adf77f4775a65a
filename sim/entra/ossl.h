/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ossl.h: cleanup functions for the OpenSSL objects the stand-in uses, for CLEANUP(...) of
 * base/attr.h. Each takes the address of a variable and frees what it holds; NULL is harmless.
 * Nothing here allocates, and an object leaves its function only through steal().
 */
#ifndef MUSTER_SIM_ENTRA_OSSL_H
#define MUSTER_SIM_ENTRA_OSSL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"

static inline void ossl_pkey_free(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static inline void ossl_pkey_ctx_free(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static inline void ossl_md_ctx_free(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static inline void ossl_x509_free(X509 **p)
{
	X509_free(*p);
}

static inline void ossl_bio_free(BIO **p)
{
	BIO_free_all(*p);
}

static inline void ossl_bn_free(BIGNUM **p)
{
	BN_free(*p);
}

static inline void ossl_extension_free(X509_EXTENSION **p)
{
	X509_EXTENSION_free(*p);
}

/* What a memory BIO holds; valid as long as the BIO. */
static inline struct text ossl_bio_text(BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	return text_make(data ? data : "", len > 0 ? (size_t)len : 0);
}

#endif
