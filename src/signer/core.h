/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h: a CA certificate together with its private key, and the two things done with them.
 * Used by the signing process, and by the in-process signer of the tests. Include from signer/
 * only. The key never leaves this struct.
 */
#ifndef MUSTER_SIGNER_CORE_H
#define MUSTER_SIGNER_CORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/profile.h"

struct evp_pkey_st;

struct signer_core {
	struct arena arena; /* holds the texts of ca */
	struct x509_cert ca;
	struct evp_pkey_st *key; /* NULL: a certificate alone */
};

enum signer_core_outcome { SIGNER_CORE_E_REFUSED = 1 };

/* From two PEM texts. ERR_CONFIG: not a CA, not a usable key, or not its key. */
MUST_CHECK int signer_core_init(struct signer_core *ret, struct text certificate_pem,
				struct text key_pem, struct trail *trail);
/* From a file and a file or pkcs11: URI. */
MUST_CHECK int signer_core_load(struct signer_core *ret, const char *certificate_path,
				const char *key, struct trail *trail);
/* The certificate alone. ERR_CONFIG. */
MUST_CHECK int signer_core_load_certificate(struct signer_core *ret, const char *path,
					    struct trail *trail);
/* Give a certificate its key, which is taken over when it is the right one. ERR_CONFIG. */
MUST_CHECK int signer_core_adopt(struct signer_core *core, struct evp_pkey_st *key,
				 struct trail *trail);
void signer_core_done(struct signer_core *core);

/* Check, sign, compare. ret_verdict is written with SIGNER_CORE_E_REFUSED only. */
MUST_CHECK int signer_core_sign(const struct signer_core *core, struct arena *arena,
				const struct x509_leaf_request *request, int64_t now,
				struct text *ret_der, enum x509_leaf_verdict *ret_verdict,
				struct trail *trail);
/* The same for a CRL. The result is the signature alone: who asked can write the rest. */
MUST_CHECK int signer_core_sign_crl(const struct signer_core *core, struct arena *arena,
				    const struct x509_crl_request *request, int64_t now,
				    struct text *ret_signature, enum x509_crl_verdict *ret_verdict,
				    struct trail *trail);

#endif
