/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca.h: the certificates `musterd init` makes: the device CA and a first TLS certificate.
 *
 * Both are self-signed, the CA with a fresh RSA key, the TLS certificate with one on P-256. The CA
 * is limited to what it is for: pathlen 0, keyCertSign and cRLSign, extendedKeyUsage clientAuth,
 * ten years. The TLS certificate is a leaf with serverAuth and the given hosts; Windows will not
 * trust it, it serves to get started.
 * Nothing is written to disk here: see signer/files.h.
 */
#ifndef MUSTER_X509_CA_H
#define MUSTER_X509_CA_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum {
	X509_CA_BITS = 3072,
	X509_CA_LIFETIME_S = 3653 * 24 * 3600, /* ten years */
	X509_TLS_LIFETIME_S = 397 * 24 * 3600,
	X509_TLS_HOSTS_MAX = 16
};

enum x509_ca_outcome {
	X509_CA_E_NAME = 1, /* a subject or host that cannot be put into a certificate */
};

/* A certificate and its private key (PKCS#8), PEM. The caller wipes key_pem (secret_wipe) when
 * it is written. */
struct x509_pair {
	struct text certificate_pem;
	struct text key_pem;
};

/* subject_cn: 1 to 64 printable characters. */
MUST_CHECK int x509_ca_create(struct arena *arena, const char *subject_cn, int64_t now,
			      struct x509_pair *ret, struct trail *trail);

/* hosts: names, IPv4 or IPv6 addresses (brackets allowed), without scheme and port; repeated
 * ones count once. The first becomes the CN. */
MUST_CHECK int x509_tls_create(struct arena *arena, const char *const *hosts, size_t n, int64_t now,
			       struct x509_pair *ret, struct trail *trail);

#endif
