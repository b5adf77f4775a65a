/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ceremony.h: what an operator does with the keys of CAs by hand, in a process of its own that
 * serves nobody: have an intermediate certified by the root, here or where the root's key is. Every
 * key is a path or a pkcs11: URI; results are PEM, in the arena. Nothing is written to disk.
 */
#ifndef MUSTER_SIGNER_CEREMONY_H
#define MUSTER_SIGNER_CEREMONY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct signer_root {
	const char *certificate; /* path */
	const char *key;
	struct text passphrase; /* of the key; empty: it has none */
};

/* ERR_CONFIG with a reason; a name that cannot be in a certificate is one too. */
MUST_CHECK int signer_ceremony_certify(struct arena *arena, const struct signer_root *root,
				       const char *ca_key, const char *subject_cn, int64_t now,
				       struct text *ret_pem, struct trail *trail);
MUST_CHECK int signer_ceremony_request(struct arena *arena, const char *ca_key,
				       const char *subject_cn, struct text *ret_pem,
				       struct trail *trail);
/* request_path: the file of a request. */
MUST_CHECK int signer_ceremony_sign(struct arena *arena, const struct signer_root *root,
				    const char *request_path, int64_t now, struct text *ret_pem,
				    struct trail *trail);

/* A PEM file of at most X509_PEM_MAX bytes. ERR_CONFIG. */
MUST_CHECK int signer_pem_load(struct arena *arena, const char *path, struct text *ret,
			       struct trail *trail);

#endif
