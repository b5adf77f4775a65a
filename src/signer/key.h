/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h: where the CA's private key comes from: PEM text, a PEM file that only its owner may
 * read, or a token named by a pkcs11: URI (RFC 7512). Include from signer/ only.
 *
 * A token is reached through whatever OpenSSL is configured with: a store loader for pkcs11: (the
 * pkcs11 provider) where there is one, else the engine of that name. A PIN belongs into a file
 * that the URI names (pin-source); nobody is asked for one.
 */
#ifndef MUSTER_SIGNER_KEY_H
#define MUSTER_SIGNER_KEY_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

struct evp_pkey_st;

enum { SIGNER_KEY_FILE_MAX = 16 * 1024 };

bool signer_key_is_uri(const char *key);

/* ERR_CONFIG: no private key there, or one behind a password. The caller frees the result. */
MUST_CHECK int signer_key_read(struct evp_pkey_st **ret, struct text pem, struct trail *trail);
MUST_CHECK int signer_key_load(struct evp_pkey_st **ret, const char *key, struct trail *trail);
/* A file whose key may be encrypted; ERR_CONFIG also with the wrong passphrase. */
MUST_CHECK int signer_key_load_with(struct evp_pkey_st **ret, const char *key,
				    struct text passphrase, struct trail *trail);

#endif
