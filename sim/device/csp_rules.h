/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp_rules.h: the configuration service providers a device has: patterns of addresses, the verbs
 * each allows and the kind of value it takes.
 */
#ifndef MUSTER_SIM_DEVICE_CSP_RULES_H
#define MUSTER_SIM_DEVICE_CSP_RULES_H

#include "sim/device/csp.h"

enum csp_kind {
	CSP_ANY,
	CSP_CHR,
	CSP_INT,
	CSP_BOOL,
	CSP_XML,
	CSP_ONE_WAY, /* bool that may become true and never false again */
	CSP_MINUTES  /* int, 1 to 1440 */
};

struct csp_rule {
	const char *pattern; /* * is one segment, ** at the end is one or more */
	unsigned verbs;
	enum csp_kind kind;
	unsigned action;     /* csp_action of an Exec */
	bool is_exec_queued; /* 202 instead of 200 */
	bool needs_node;     /* Exec only after the node was added */
};

/* The first rule that matches; NULL: this device has no such node. */
const struct csp_rule *csp_rule_find(const char *uri);
/* Does the pattern end above or at this address as an interior node of some rule? */
bool csp_rule_is_interior(const char *uri);

#endif
