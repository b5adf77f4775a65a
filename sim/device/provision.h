/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.h: judging the provisioning document as Windows' configuration service providers do
 * when they apply it, and taking the account out of it.
 */
#ifndef MUSTER_SIM_DEVICE_PROVISION_H
#define MUSTER_SIM_DEVICE_PROVISION_H

#include "sim/device/keys.h"
#include "sim/device/task.h"

struct provision {
	struct text root; /* DER; ptr NULL: none came */
	struct text certificate;
	const char *thumbprint;
	const char *provider_id;
	const char *name;
	const char *address;
	const char *upn;
	const char *ent_dmid;
	const char *aad_resource_id;
	const char *renew_url;
	const char *renew_period;
	const char *retry_interval;
	int64_t retry_count, retry_first_ms, retry_max_ms;
	struct poll poll;
};

/* What the document is for. */
struct provision_wish {
	EVP_PKEY *key; /* the certificate must be for this key */
	bool is_full;  /* My/User, else My/System */
	bool is_renewal;
	const char *provider_id; /* renewal: the one of the enrolment */
};

/* 0, or OUTCOME_BROKEN with the code of the provider that refuses. Strings are in the arena. */
MUST_CHECK int provision_read(struct task *task, struct text document,
			      const struct provision_wish *wish, struct provision *ret);

#endif
