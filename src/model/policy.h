/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h: what an administrator wants on devices, what a device was told, and what it answered.
 */
#ifndef MUSTER_MODEL_POLICY_H
#define MUSTER_MODEL_POLICY_H

#include "model/device.h"

/* What this server is called in a device's tree: PROVIDER-ID of the provisioning document and the
 * node below DMClient/Provider. Letters and digits only, so that no URI needs an escape. */
#define DM_PROVIDER_ID "Muster"

enum scope { SCOPE_DEVICE, SCOPE_USER };

struct setting {
	const char
	    *locuri; /* ./Device/Vendor/MSFT/..., ./Vendor/MSFT/..., ./User/Vendor/MSFT/... */
	const char *format; /* chr int bool b64 xml node null float date time */
	const char *data;
};

/* Who a policy is for: {"all":true}, {"entra_group":GUID}, {"user":oid}, {"device":id},
 * {"tag":text} */
enum assignment_kind { ASSIGN_ALL, ASSIGN_GROUP, ASSIGN_USER, ASSIGN_DEVICE, ASSIGN_TAG };

struct assignment {
	enum assignment_kind kind;
	const char *value;
	bool is_exclude;
};

struct policy {
	const char *tenant_id;
	const char *id;
	const char *name;
	enum scope scope;
	struct setting *settings;
	size_t setting_count;
	struct assignment *assignments;
	size_t assignment_count;
	int64_t version; /* +1 at every change */
	int64_t created_at;
	int64_t updated_at;
};

/* One setting as a device (and user, for user scope) last had it from us. The row is the memory
 * that keeps an unchanged setting from being sent again and lets an unassigned one be deleted. */
enum applied_state { APPLIED_SENT, APPLIED_OK, APPLIED_FAILED, APPLIED_REMOVING };

struct applied_setting {
	const char *tenant_id;
	const char *device_id;
	const char *user_object_id; /* "" for device scope */
	const char *locuri;
	const char *policy_id;
	const char *value_sha256; /* of format, NUL, data */
	enum applied_state state;
	int64_t status; /* SyncML status; 0: no answer yet */
	int64_t tries;
	int64_t updated_at;
};

enum command_verb { VERB_ADD, VERB_REPLACE, VERB_DELETE, VERB_GET, VERB_EXEC };
enum command_state { COMMAND_QUEUED, COMMAND_SENT, COMMAND_ANSWERED, COMMAND_CANCELLED };

/* A command to a device. Policy and inventory commands are made when a session has room for them;
 * actions are queued by an administrator. The row is kept as the record of what was sent. */
struct command {
	const char *tenant_id;
	const char *device_id;
	const char *id; /* time-ordered GUID: also the order of delivery */
	enum command_verb verb;
	enum scope scope;
	const char *user_object_id; /* for user scope */
	const char *locuri;
	const char *format;
	const char *data;
	const char *origin; /* "policy:<id>", "inventory", "action:<name>", "setup" */
	enum command_state state;
	const char *session_id;
	int64_t msg_id;
	int64_t cmd_id;
	int64_t status;
	const char *original_error; /* msft:originalerror, "" */
	int64_t created_at;
	int64_t sent_at;
	int64_t answered_at;
};

ENUM_NAMES(scope);         /* device | user */
ENUM_NAMES(applied_state); /* sent | ok | failed | removing */
ENUM_NAMES(command_verb);  /* Add Replace Delete Get Exec */
ENUM_NAMES(command_state); /* queued | sent | answered | cancelled */

#endif
