/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h: who did what to what, when, from where, with which outcome. Append only; the row is
 * written in the transaction of what it records.
 */
#ifndef MUSTER_MODEL_AUDIT_H
#define MUSTER_MODEL_AUDIT_H

#include "model/principal.h"
#include "model/tenant.h"

struct audit_entry {
	const char *tenant_id; /* "" for the server as a whole */
	const char *id;        /* time-ordered GUID */
	int64_t at;
	const char *actor;       /* "token:<name>", "user:<oid>", "device:<id>", "server" */
	const char *action;      /* "policy.add", "device.retire", "terms.accept", ... */
	const char *object_kind; /* "policy", "device", ... */
	const char *object_id;
	const char *outcome; /* ok | refused | failed */
	const char *source;  /* address, "" for the server itself */
	const char *trace_id;
	const char *detail; /* JSON object without secrets, "{}" */
};

struct api_token {
	const char *id;
	const char *name;
	const char *sha256; /* hex of the token; the token itself is never stored */
	enum api_role role;
	int64_t created_at;
	int64_t expires_at; /* 0: never */
	int64_t last_used_at;
};

ENUM_NAMES(api_role); /* reader | administrator */

#endif
