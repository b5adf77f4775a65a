/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_call.h: what is asked of an identity provider over the network. Only provider.c uses
 * this header.
 */
#ifndef MUSTER_OIDC_PROVIDER_CALL_H
#define MUSTER_OIDC_PROVIDER_CALL_H

#include "oidc/provider.h"

struct oidc_fetched {
	struct text metadata;
	struct text jwks;
};

/* Both documents, read once to see that they are usable. Positive: oidc_provider_outcome. */
MUST_CHECK int oidc_documents_fetch(struct op *op, const struct tenant *tenant,
				    const struct identity_provider *provider,
				    struct oidc_fetched *ret, const char **ret_step);
MUST_CHECK int oidc_code_send(struct op *op, const struct identity_provider *provider,
			      const struct oidc_metadata *metadata,
			      const struct oidc_exchange *exchange, struct text *ret,
			      const char **ret_said);

#endif
