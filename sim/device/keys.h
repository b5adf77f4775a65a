/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h: a device's keys, its certificate requests and what it looks at in certificates. Made
 * with OpenSSL directly; nothing of the server's own certificate code is used.
 */
#ifndef MUSTER_SIM_DEVICE_KEYS_H
#define MUSTER_SIM_DEVICE_KEYS_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "sim/device/device.h"

/* For CLEANUP. */
void key_free(EVP_PKEY **key);
void certificate_free(X509 **certificate);

MUST_CHECK int key_new(EVP_PKEY **ret, unsigned bits, struct trail *trail);
MUST_CHECK int key_read(EVP_PKEY **ret, const char *path, struct trail *trail);
/* PKCS#8 in PEM, mode 0600. */
MUST_CHECK int key_write(EVP_PKEY *key, const char *path, struct trail *trail);

/* The PKCS#10 a device sends, DER: the subject Windows chooses for its kind of join, the device
 * id as extension, signed with SHA-256 or SHA-1. */
MUST_CHECK int csr_new(struct arena *arena, EVP_PKEY *key, const struct device *device,
		       bool is_sha256, struct text *ret, struct trail *trail);

/* NULL: not exactly one DER certificate. */
X509 *certificate_read(struct text der);
MUST_CHECK int certificate_load(X509 **ret, const char *path, struct trail *trail);
char *certificate_pem(struct arena *arena, X509 *certificate);
/* SHA-1 of the DER, 40 upper-case digits. */
char *certificate_thumbprint(struct arena *arena, struct text der);
/* The first common name; "" when there is none. */
char *certificate_common_name(struct arena *arena, X509 *certificate);

/* CMS SignedData over `content`, content inside, signed by the old certificate; DER. */
/* notAfter, Unix seconds. */
int64_t certificate_end(X509 *certificate);

MUST_CHECK int cms_sign(struct arena *arena, X509 *certificate, EVP_PKEY *key, struct text content,
			struct text *ret, struct trail *trail);

#endif
