/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compliance.h: rules over facts, and the report of a verdict that is owed to Microsoft Graph.
 */
#ifndef MUSTER_MODEL_COMPLIANCE_H
#define MUSTER_MODEL_COMPLIANCE_H

#include "model/policy.h"

/* Something a device said about itself, by the name rules use ("os_version", "secure_boot", ...).
 */
struct fact {
	const char *name;
	const char *value;
	int64_t at;
};

enum rule_operator { RULE_EQ, RULE_NE, RULE_GE, RULE_LE, RULE_GT, RULE_LT, RULE_IN, RULE_EXISTS };

struct compliance_rule {
	const char *fact;
	enum rule_operator operator;
	const char *value; /* for IN: values separated by ',' */
};

struct compliance_policy {
	const char *tenant_id;
	const char *id;
	const char *name;
	struct compliance_rule *rules;
	size_t rule_count;
	int64_t grace; /* seconds a device may stay noncompliant before it is reported so */
	struct assignment *assignments;
	size_t assignment_count;
	int64_t version; /* +1 with each change */
	int64_t created_at;
	int64_t updated_at;
};

enum outbox_state { OUTBOX_PENDING, OUTBOX_HELD, OUTBOX_DONE };

/* One report owed to Graph. At most one row of a device is pending or held: a newer verdict
 * replaces its payload and raises seq, so that the last state wins. */
struct outbox_row {
	const char *tenant_id;
	const char *id;
	const char *device_id;
	const char *entra_device_id;
	bool is_managed;
	bool is_compliant;
	int64_t seq;
	enum outbox_state state;
	int64_t tries;
	int64_t next_try_at;
	const char *last_error;
	int64_t created_at;
	int64_t updated_at;
	int64_t done_at;
};

ENUM_NAMES(rule_operator); /* eq ne ge le gt lt in exists */
ENUM_NAMES(outbox_state);  /* pending | held | done */

#endif
