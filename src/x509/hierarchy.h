/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hierarchy.h: a root that is kept offline, and the device CAs (intermediates) that it certifies.
 *
 * Both may issue for TLS clients only (extendedKeyUsage clientAuth). The root has pathlen 1 and
 * twenty years, an intermediate pathlen 0 and five years, never beyond the root's. Every extension
 * is ours; of a request only name and key are taken. Keys come as OpenSSL objects, so that one on a
 * token serves as well as one of a file. Nothing is written to disk here.
 */
#ifndef MUSTER_X509_HIERARCHY_H
#define MUSTER_X509_HIERARCHY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "x509/ca.h"

struct evp_pkey_st;

enum {
	X509_ROOT_LIFETIME_S = 7305 * 24 * 3600,         /* twenty years */
	X509_INTERMEDIATE_LIFETIME_S = 1826 * 24 * 3600, /* five */
	X509_PASSPHRASE_MAX = 1024
};

/* A self-signed root. With a passphrase the key is encrypted (PKCS#8, scrypt, AES-256);
 * X509_CA_E_NAME. */
MUST_CHECK int x509_root_create(struct arena *arena, const char *subject_cn, int64_t now,
				struct text passphrase, struct x509_pair *ret, struct trail *trail);

/* A fresh private key for an intermediate, PEM. The caller wipes it. */
MUST_CHECK int x509_ca_key_create(struct arena *arena, struct text *ret_pem, struct trail *trail);

/* A certificate for the public half of key. ERR_CONFIG: the root is not one that may certify it, or
 * root_key is not its key; X509_CA_E_NAME. */
MUST_CHECK int x509_intermediate_certify(struct arena *arena, const char *subject_cn,
					 struct evp_pkey_st *key, struct text root_pem,
					 struct evp_pkey_st *root_key, int64_t now,
					 struct text *ret_pem, struct trail *trail);

/* A certificate request (PKCS#10), to be carried to where the root's key is, and what it says. */
MUST_CHECK int x509_intermediate_request(struct arena *arena, const char *subject_cn,
					 struct evp_pkey_st *key, struct text *ret_pem,
					 struct trail *trail);
/* ERR_CONFIG: not a request that proves its key. The caller frees the key. */
MUST_CHECK int x509_intermediate_request_read(struct arena *arena, struct text pem,
					      struct evp_pkey_st **ret_key, const char **ret_cn,
					      struct trail *trail);

#endif
