/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h: automatic renewal of the device certificate (ROBO): discovery, policy and a request
 * that the old key has signed, over mutual TLS and without a user.
 */
#ifndef MUSTER_SIM_DEVICE_RENEW_H
#define MUSTER_SIM_DEVICE_RENEW_H

#include "sim/device/device.h"
#include "sim/device/task.h"
#include "sim/device/tree.h"

/* How the request is to differ from the usual one, for tests. All false: as Windows does it. */
struct renew_wish {
	bool is_mde_type;       /* the other spelling of ValueType */
	bool is_encoded_twice;  /* two layers of base64 */
	bool is_password_empty; /* a UsernameToken with an empty password in the header */
	bool is_key_kept;       /* the old key again: must be refused */
};

/* Whether the device would renew by itself: it is in its renewal period, the last try is long
 * enough ago, and the certificate has not expired. Settings of the tree come first. */
MUST_CHECK int renew_is_due(struct task *task, const struct device *device, const struct tree *tree,
			    bool *ret);

/* 0: the device has a new key and certificate, and is saved. OUTCOME_REFUSED: the old ones stay. */
MUST_CHECK int renew_run(struct task *task, struct device *device, const struct tree *tree,
			 const struct renew_wish *wish);

#endif
