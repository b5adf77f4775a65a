/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set.h: all the CAs of a server with their keys: the one that issues, and earlier ones whose
 * certificates are still out there and which sign nothing but CRLs; above them perhaps an offline
 * root, of which only the certificate is known. Include from signer/ only.
 */
#ifndef MUSTER_SIGNER_SET_H
#define MUSTER_SIGNER_SET_H

#include "signer/core.h"
#include "signer/signer.h"

struct signer_set {
	struct signer_core cores[SIGNER_ISSUERS_MAX]; /* [0] issues */
	size_t count;
	struct signer_core root; /* without a key */
	bool has_root;
};

/* ERR_CONFIG: a file that cannot be used, a key without its certificate, the root of another CA,
 * two CAs with one key. */
MUST_CHECK int signer_set_load(struct signer_set *ret, const struct signer_setup *setup,
			       struct trail *trail);
void signer_set_done(struct signer_set *set);

/* Whether a key is on a token, which needs a sandbox with a door. */
bool signer_setup_has_token(const struct signer_setup *setup);

#endif
