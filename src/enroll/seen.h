/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen.h: the facts that the remedy of a refusal needs, added to the remedy: what the device said
 * and what the tenant wants, how many devices there are and which, who has the key.
 *
 * Much of it was chosen by whoever asks, for an administrator to read: it is bounded, shown only
 * where it is printable, and quoted, so that nobody takes it for advice of the server.
 */
#ifndef MUSTER_ENROLL_SEEN_H
#define MUSTER_ENROLL_SEEN_H

#include "enroll/rules.h"
#include "model/device.h"
#include "model/op.h"

/* value as it stands, or words that say why it cannot be shown. Not quoted: only for the end of a
 * text. */
const char *enroll_seen(struct arena *arena, struct text value);

/* For the rules about versions and editions; nothing for the others. */
void enroll_seen_windows(struct op *op, struct enrollment *attempt, enum enroll_rule rule,
			 const struct tenant *tenant, const struct enroll_claims *claims);
/* count: the devices of the user but except_id, the one that would be replaced ("" for none). */
void enroll_seen_user_devices(struct op *op, struct enrollment *attempt,
			      const struct tenant *tenant, const char *user_key,
			      const char *except_id, int64_t count);
void enroll_seen_tenant_devices(struct op *op, struct enrollment *attempt,
				const struct tenant *tenant, int64_t count);
/* certificate: the row of another device, of any tenant, that has the key. */
void enroll_seen_key_owner(struct op *op, struct enrollment *attempt,
			   const struct device_certificate *certificate);

#endif
