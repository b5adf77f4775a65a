/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_seal.h: the values of a policy's settings at rest. A value may be a secret (the key of a
 * wireless network), so the database holds each sealed under a key of its own purpose, bound to
 * the policy and to the address of the node; a value moved to another node does not open.
 */
#ifndef MUSTER_MANAGE_POLICY_SEAL_H
#define MUSTER_MANAGE_POLICY_SEAL_H

#include "model/op.h"
#include "model/policy.h"

/* A copy for the store. Its id and tenant must be final. */
struct policy policy_seal(struct arena *arena, const struct server_keys *keys,
			  const struct policy *policy);
/* What came from the store, made readable in place. ERR_INTERNAL: a value was not sealed by this
 * server for this place. */
MUST_CHECK int policy_open(struct arena *arena, const struct server_keys *keys,
			   struct policy *policy);

#endif
