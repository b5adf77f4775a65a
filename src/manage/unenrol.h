/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unenrol.h: the end of a device's management, and where a device is asked for it.
 */
#ifndef MUSTER_MANAGE_UNENROL_H
#define MUSTER_MANAGE_UNENROL_H

#include "model/device.h"
#include "model/op.h"
#include "model/policy.h"

struct db_conn;

struct manage_retirement {
	const char *reason; /* "unenrolled" or "wiped", or why an administrator retired it */
	const char *actor;  /* as in struct audit_entry */
	const char *source;
	const char *trace_id;
	int64_t now;
};

enum { MANAGE_RETIRE_E_ALREADY = 1 /* it is retired */ };

/* Retire an enrolled device in the caller's transaction: its state, its certificates revoked, its
 * open commands cancelled, what it was told forgotten, the report owed to Graph, the audit. device
 * is as stored. MANAGE_RETIRE_E_ALREADY, or negative. */
MUST_CHECK int manage_retire(struct db_conn *tx, struct arena *arena, const struct device *device,
			     const struct manage_retirement *how);

/* Where an Exec asks a device to leave; the data is DM_PROVIDER_ID. The device answers by opening a
 * new session with an alert, not with a Status. */
#define MANAGE_UNENROL_URI "./Device/Vendor/MSFT/DMClient/Provider/" DM_PROVIDER_ID "/Unenroll"

/* Of the command with which an administrator has a device wiped. */
#define MANAGE_WIPE_ORIGIN "action:wipe"

#endif
