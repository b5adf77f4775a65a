/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.h: a certificate and its private key on disk, for `musterd init`.
 *
 * Never overwrites, never leaves a key that others can read, never leaves half a pair: the key is
 * written first (mode 0600), then the certificate (0644), both synced; where the second fails the
 * first is removed.
 */
#ifndef MUSTER_SIGNER_FILES_H
#define MUSTER_SIGNER_FILES_H

#include "base/err.h"
#include "x509/ca.h"

enum signer_files_outcome { SIGNER_FILES_E_EXISTS = 1 };

/* Create both files. ERR_SYSTEM with the path and the reason in the trail. */
MUST_CHECK int signer_files_create(const struct x509_pair *pair, const char *certificate_path,
				   const char *key_path, struct trail *trail);

/* One of the two alone, as above. */
MUST_CHECK int signer_files_create_key(struct text pem, const char *path, struct trail *trail);
MUST_CHECK int signer_files_create_certificate(struct text pem, const char *path,
					       struct trail *trail);

#endif
