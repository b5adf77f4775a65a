/* SPDX-License-Identifier: Apache-2.0 */
/*
 * devices.c: see devices.h. The actions are a table: what is sent to the device for each. Remote
 * unenrolment goes out like any other command and is done when the device says so; `force` ends it
 * here at once, for a device that will never come back.
 */
#include "admin/devices.h"

#include "base/json.h"
#include "comply/comply.h"
#include "entra/cloud.h"
#include "manage/renewal.h"
#include "manage/unenrol.h"
#include "store/command.h"
#include "store/device.h"
#include "store/tag.h"
#include "store/tenant.h"

enum { COMPUTER_NAME_MAX = 15, TAG_MAX = 64 };

struct action {
	const char *name;
	enum command_verb verb;
	const char *locuri; /* "": nothing is sent, the device is only asked to come */
	const char *format;
	const char *data; /* NULL: the caller's value */
};

static const struct action actions[] = {
    {"sync", VERB_GET, "", "", ""},
    {"reboot", VERB_EXEC, "./Device/Vendor/MSFT/Reboot/RebootNow", "null", ""},
    {"lock", VERB_EXEC, "./Device/Vendor/MSFT/RemoteLock/Lock", "null", ""},
    {"renew", VERB_EXEC, MANAGE_RENEW_NOW_URI, "null", ""},
    {"rename", VERB_REPLACE, "./DevDetail/Ext/Microsoft/DNSComputerName", "chr", NULL},
    {"wipe", VERB_EXEC, "./Device/Vendor/MSFT/RemoteWipe/doWipe", "chr", ""},
    {"retire", VERB_EXEC, MANAGE_UNENROL_URI, "chr", DM_PROVIDER_ID},
};

static const struct action *action_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

/* Windows' own rule for a computer name, plus its two placeholders. */
static int computer_name_check(struct admin *admin, struct text name)
{
	bool is_number = true;

	for (size_t i = 0; name.ptr && i < name.len; i++) {
		char c = name.ptr[i];
		bool is_digit = c >= '0' && c <= '9';

		if (!is_digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-')
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "name may hold letters, digits and '-'");
		is_number = is_number && is_digit;
	}
	if (!name.ptr || name.len == 0 || name.len > COMPUTER_NAME_MAX || is_number)
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "name must have 1 to %d characters and not be a number",
				    COMPUTER_NAME_MAX);
	return 0;
}

struct act {
	struct admin *admin;
	const struct action *action;
	struct device device;
	struct command command;
	bool is_forced;
	const char *refusal; /* why the transaction gave up, with ACT_REFUSED */
};

/* To admin_transact, that the state of things forbids it. */
enum { ACT_REFUSED = STORE_E_IN_USE };

/* 0, 1 when an equal command is under way, or negative. A caller that repeats itself must not queue
 * what the device would do again and again. */
static int is_repeated(const struct act *act, struct db_conn *tx)
{
	static const enum command_state open[] = {COMMAND_QUEUED, COMMAND_SENT};
	const struct command *wanted = &act->command;

	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		const struct command_filter filter = {
		    .state = text_of(command_state_name(open[i])),
		    .origin = text_of(wanted->origin),
		};
		struct command *list;
		size_t n;
		int r = store_command_list(tx, act->admin->op->arena, text_of(wanted->tenant_id),
					   text_of(wanted->device_id), &filter, TEXT_EMPTY,
					   STORE_NO_LIMIT, &list, &n);

		if (r)
			return r;
		for (size_t k = 0; k < n; k++)
			if (!strcmp(list[k].data, wanted->data))
				return 1;
	}
	return 0;
}

/* Forced retirement needs neither the device nor its tenant, so it works for one that is stopped.
 */
static int tenant_check(struct admin *admin, const char *tenant_id)
{
	struct op *op = admin->op;
	struct tenant tenant;
	int r;

	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &tenant));
	if (r || tenant_is_served(op->config, &tenant))
		return r;
	return admin_refuse(admin, ADMIN_E_STATE,
			    "the tenant of the device is disabled, or its cloud not allowed");
}

static int device_retire(const struct act *act, struct db_conn *tx, const struct device *device)
{
	struct op *op = act->admin->op;
	const struct manage_retirement how = {
	    .reason = "retired by an administrator",
	    .actor = arena_printf(op->arena, "token:%s", act->admin->who->name),
	    .source = op->source,
	    .trace_id = op->trace_id,
	    .now = op->now,
	};
	int r = manage_retire(tx, op->arena, device, &how);

	return r > 0 ? ERR_INTERNAL : r;
}

/* What was checked before the transaction is checked again in it. */
static int act_write(struct db_conn *tx, void *argument)
{
	struct act *act = argument;
	struct device device;
	int r;

	r = store_device_load(tx, act->admin->op->arena, text_of(act->device.tenant_id),
			      text_of(act->device.id), &device);
	if (r)
		return r;
	if (device.state != DEVICE_ENROLLED) {
		act->refusal = "the device is no longer enrolled";
		return ACT_REFUSED;
	}
	if (act->is_forced)
		return device_retire(act, tx, &device);
	r = act->command.id[0] ? is_repeated(act, tx) : 0;
	if (r > 0) {
		act->refusal = "the same action is under way already";
		return ACT_REFUSED;
	}
	device.is_sync_wanted = true;
	if (r == 0)
		r = store_device_update(tx, &device);
	if (r || !act->command.id[0])
		return r;
	r = store_command_add(tx, &act->command);
	/* A lost device never comes to be told; what it may open must not wait for it. */
	if (r == 0 && !strcmp(act->action->name, "retire"))
		r = comply_report_retired(tx, act->admin->op->now, &device);
	return r;
}

static void command_fill(struct act *act, struct text value)
{
	const struct action *action = act->action;
	struct op *op = act->admin->op;
	bool is_sent = action->locuri[0] && !act->is_forced;

	act->command = (struct command){
	    .tenant_id = act->device.tenant_id,
	    .device_id = act->device.id,
	    .id = is_sent ? store_new_id(op->arena) : "",
	    .verb = action->verb,
	    .scope = SCOPE_DEVICE,
	    .user_object_id = "",
	    .locuri = action->locuri,
	    .format = action->format,
	    .data = action->data ? action->data : arena_cstr(op->arena, value),
	    .origin = arena_printf(op->arena, "action:%s", action->name),
	    .state = COMMAND_QUEUED,
	    .session_id = "",
	    .original_error = "",
	    .created_at = op->now,
	};
}

int admin_device_act(struct admin *admin, const char *device_id, const char *action,
		     struct text value, bool is_forced, struct command *ret)
{
	struct op *op = admin->op;
	struct act act = {.admin = admin, .action = action_find(action)};
	struct admin_record record;
	int r;

	if (!act.action)
		return admin_refuse(admin, ADMIN_E_NOT_FOUND, "there is no such action");
	act.is_forced = is_forced && !strcmp(action, "retire");
	if (is_forced != act.is_forced)
		return admin_refuse(admin, ADMIN_E_INVALID, "force goes with retire only");
	r = admin_found(
	    admin, "device",
	    store_device_find(db_reader(op->db), op->arena, text_of(device_id), &act.device));
	if (r == 0 && act.device.state != DEVICE_ENROLLED)
		r = admin_refuse(admin, ADMIN_E_STATE, "the device is no longer enrolled");
	if (r == 0 && !act.is_forced)
		r = tenant_check(admin, act.device.tenant_id);
	if (r == 0 && !act.action->data)
		r = computer_name_check(admin, value);
	if (r)
		return r;
	command_fill(&act, value);
	record = (struct admin_record){
	    .tenant_id = act.device.tenant_id,
	    .action = arena_printf(op->arena, "device.%s", action),
	    .object_kind = "device",
	    .object_id = act.device.id,
	    .detail = act.is_forced ? "{\"force\":true}" : NULL,
	};
	r = admin_transact(admin, "device", &record, act_write, &act);
	if (r == ADMIN_E_STATE && act.refusal)
		return admin_refuse(admin, ADMIN_E_STATE, "%s", act.refusal);
	if (r)
		return r;
	*ret = act.command;
	return 0;
}

struct tagging {
	struct arena *arena;
	struct device device;
	struct text tag;
	bool is_added;
};

static int tag_write(struct db_conn *tx, void *argument)
{
	const struct tagging *t = argument;
	struct text tenant = text_of(t->device.tenant_id);
	struct text id = text_of(t->device.id);
	struct device device;
	int r;

	r = t->is_added ? store_tag_add(tx, tenant, id, t->tag)
			: store_tag_remove(tx, tenant, id, t->tag);
	if (r == 0)
		r = store_device_load(tx, t->arena, tenant, id, &device);
	if (r || device.state != DEVICE_ENROLLED)
		return r;
	/* Other compliance policies may apply now. */
	device.is_evaluation_wanted = true;
	return store_device_update(tx, &device);
}

int admin_device_tag(struct admin *admin, const char *device_id, struct text tag, bool is_added)
{
	struct op *op = admin->op;
	struct tagging tagging = {.arena = op->arena, .tag = tag, .is_added = is_added};
	struct admin_record record;
	int r;

	r = admin_check_text(admin, "tag", tag.ptr ? arena_cstr(op->arena, tag) : "", 1, TAG_MAX);
	if (r == 0)
		r = admin_found(admin, "device",
				store_device_find(db_reader(op->db), op->arena, text_of(device_id),
						  &tagging.device));
	if (r)
		return r;
	record = (struct admin_record){
	    .tenant_id = tagging.device.tenant_id,
	    .action = is_added ? "device.tag" : "device.untag",
	    .object_kind = "device",
	    .object_id = tagging.device.id,
	};
	return admin_transact(admin, is_added ? "device" : "tag", &record, tag_write, &tagging);
}
