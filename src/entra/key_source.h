/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_source.h: where a key set comes from: the issuer's two documents over HTTPS, or the copy of
 * them in the store. Only keys.c uses this header.
 */
#ifndef MUSTER_ENTRA_KEY_SOURCE_H
#define MUSTER_ENTRA_KEY_SOURCE_H

#include "entra/key_set.h"
#include "entra/keys.h"

enum key_source_outcome {
	KEY_SOURCE_E_NONE = 1 /* not there, too old, or not usable; why is in op->trail */
};

/* Fetch both documents and build the set; what was fetched is then saved. Failing to save costs
 * only the next restart and is logged. */
MUST_CHECK int key_source_fetch(struct op *op, entra_fetch fetch, const struct tenant *tenant,
				bool is_version_2, const struct entra_key_set *old,
				struct entra_key_set **ret);
/* The saved set, if it was fetched within LIMIT_KEYS_TTL_S. */
MUST_CHECK int key_source_load(struct op *op, const struct tenant *tenant, bool is_version_2,
			       struct entra_key_set **ret);
/* Forget what is saved. */
MUST_CHECK int key_source_forget(struct op *op, const char *tenant_id);

#endif
