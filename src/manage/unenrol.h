/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unenrol.h: the end of a device's management, and how to ask a device for it.
 */
#ifndef MUSTER_MANAGE_UNENROL_H
#define MUSTER_MANAGE_UNENROL_H

#include "model/device.h"
#include "model/op.h"
#include "model/policy.h"

struct db_conn;

struct manage_retirement {
	const char *reason; /* "unenrolled" by the device, or why an administrator retired it */
	const char *actor;  /* as in struct audit_entry */
	const char *source;
	const char *trace_id;
	int64_t now;
};

enum manage_retire_outcome {
	MANAGE_RETIRE_E_NOT_FOUND = 1,
	MANAGE_RETIRE_E_ALREADY = 2 /* it is retired */
};

/* Retire an enrolled device in the caller's transaction: its state, its certificates revoked, its
 * open commands cancelled, what it was told forgotten, the report owed to Graph, the audit. device
 * is as stored. MANAGE_RETIRE_E_ALREADY, or negative. */
MUST_CHECK int manage_retire(struct db_conn *tx, struct arena *arena, const struct device *device,
			     const struct manage_retirement *how);

/* The same in a transaction of its own, without waiting for the device to answer. */
MUST_CHECK int manage_retire_device(struct op *op, const char *tenant_id, const char *device_id,
				    const char *reason, const char *actor);

/* The command that asks a device to leave; id, origin and times are the caller's to fill in. The
 * device answers by opening a new session with an alert, not with a Status. */
struct command manage_unenrol_command(const struct device *device);

#endif
