/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops.h: what an implementation of the signer provides. Include from signer/ only. An
 * implementation embeds struct signer as its first member.
 */
#ifndef MUSTER_SIGNER_OPS_H
#define MUSTER_SIGNER_OPS_H

#include "signer/signer.h"

struct signer_ops {
	/* As signer_sign_leaf; must write signer->refusal with SIGNER_E_REFUSED. */
	int (*sign_leaf)(struct signer *signer, struct arena *arena,
			 const struct x509_leaf_request *request, struct text *ret_der,
			 struct trail *trail);
	void (*free)(struct signer *signer);
};

struct signer {
	const struct signer_ops *ops;
	const struct x509_cert *ca; /* outlives the signer */
	enum x509_leaf_verdict refusal;
};

#endif
