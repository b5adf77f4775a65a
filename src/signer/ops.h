/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops.h: what an implementation of the signer provides. Include from signer/ only. An
 * implementation embeds struct signer as its first member.
 */
#ifndef MUSTER_SIGNER_OPS_H
#define MUSTER_SIGNER_OPS_H

#include <stdatomic.h>

#include "signer/signer.h"

struct signer_ops {
	/* As signer_sign_leaf; must write signer->refusal with SIGNER_E_REFUSED. */
	int (*sign_leaf)(struct signer *signer, struct arena *arena,
			 const struct x509_leaf_request *request, struct text *ret_der,
			 struct trail *trail);
	/* As signer_sign_crl; must write signer->crl_refusal with SIGNER_E_REFUSED. */
	int (*sign_crl)(struct signer *signer, struct arena *arena, size_t issuer,
			const struct x509_crl_request *request, struct text *ret_der,
			struct trail *trail);
	void (*free)(struct signer *signer);
};

/* The CAs as a signer's user sees them. */
struct signer_issuers {
	struct x509_cert cas[SIGNER_ISSUERS_MAX]; /* [0] issues */
	bool has_key[SIGNER_ISSUERS_MAX];
	size_t count;
	struct x509_cert root;
	bool has_root;
};

struct signer {
	const struct signer_ops *ops;
	const struct signer_issuers *issuers; /* outlives the signer */
	enum x509_leaf_verdict refusal;
	enum x509_crl_verdict crl_refusal;
	const atomic_bool *is_failing; /* NULL: never */
};

#endif
