/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp.h: what happens when a command reaches a node: which verbs it allows, which values it
 * takes, what it answers, and what the device does afterwards.
 */
#ifndef MUSTER_SIM_DEVICE_CSP_H
#define MUSTER_SIM_DEVICE_CSP_H

#include "sim/device/device.h"
#include "sim/device/tree.h"

enum verb {
	VERB_ADD = 1 << 0,
	VERB_REPLACE = 1 << 1,
	VERB_DELETE = 1 << 2,
	VERB_GET = 1 << 3,
	VERB_EXEC = 1 << 4
};

/* What the device is to do when the session is over. */
enum csp_action {
	CSP_REBOOT = 1 << 0,
	CSP_LOCK = 1 << 1,
	CSP_WIPE = 1 << 2,
	CSP_UNENROLL = 1 << 3, /* at once: the session is cut */
	CSP_RENEW = 1 << 4
};

/* What a test wants answered for a node, whatever the device would say. */
struct csp_refusal {
	const char *uri; /* canonical */
	int status;
};

struct csp {
	const struct device *device;
	struct tree *tree;
	bool has_user; /* ./User can be reached */
	const struct csp_refusal *refusals;
	size_t refusal_count;
	unsigned actions; /* set by Exec */
};

struct csp_value {
	const char *uri; /* as asked for */
	const char *format;
	const char *data;
};

enum { CSP_VALUES = 256 };

/* Add, Replace, Delete or Exec one node; the SyncML status. format "": none was given. */
int csp_apply(struct csp *csp, struct arena *arena, enum verb verb, const char *uri,
	      const char *format, const char *data);
/* The SyncML status; with 200 the values: one, or a whole subtree for list=StructData. asked: the
 * address as the server wrote it, without its query. */
int csp_get(const struct csp *csp, struct arena *arena, const char *asked, const char *uri,
	    struct text query, struct csp_value **ret, size_t *ret_count);

#endif
