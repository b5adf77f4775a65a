/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_check.c: see syncml_check.h. Windows forgives much of this on some builds and not on
 * others; here every rule is held to, so that the server never depends on forgiveness.
 * management.md sections 1.4, 2.2 to 2.6 and 10.
 */
#include "sim/device/syncml_check.h"

#include "sim/device/syncml_order.h"
#include "sim/device/wire.h"

static const char MEDIA_TYPE[] = "application/vnd.syncml.dm+xml";

enum { STATUS_OK = 200, IDS_MAX = 2048 };

static const char *const FORMATS[] = {"chr", "int",  "bool", "b64",  "bin",  "node",
				      "xml", "null", "date", "time", "float"};

/* One server message under examination. */
struct reading {
	struct task *task;
	const struct syncml_expected *expected;
	const struct xml *header;
	const struct xml *body;
	struct text *ids;
	size_t id_count;
};

struct text syncml_text(const struct xml *x, const char *name)
{
	return xml_text(xml_child(x, NS_SYNCML, name));
}

static bool is_status(const struct xml *x)
{
	return strcmp(x->name, "Status") == 0;
}

static bool is_command(const struct xml *x)
{
	return !is_status(x) && strcmp(x->name, "Final") != 0;
}

const struct xml *syncml_next_command(const struct xml *x)
{
	for (x = x->next; x && !is_command(x);)
		x = x->next;
	return x;
}

static int document_open(struct reading *reading, const struct http_client_response *response)
{
	struct task *task = reading->task;
	struct xml_document document;
	const char *why;
	int r;

	if (response->status != STATUS_OK)
		return TASK_FAIL(task,
				 response->status == 401 || response->status == 403
				     ? OUTCOME_REFUSED
				     : OUTCOME_BROKEN,
				 0, "the management server answers HTTP %d", response->status);
	r = wire_check_framing(task, response, "session");
	if (r != 0)
		return r;
	if (response->body.len == 0)
		return TASK_BROKEN(task, CODE_NONE, "session: the reply is empty");
	r = wire_check_type(task, response, MEDIA_TYPE, "session");
	if (r != 0)
		return r;
	if (xml_read(task->arena, response->body, &document, &why))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: not XML: %s", why);
	if (document.has_cdata)
		return TASK_BROKEN(task, CODE_NONE, "SyncML: CDATA, which Windows does not read");
	if (!xml_is(document.root, NS_SYNCML, "SyncML"))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: the root is no SyncML 1.2");
	reading->header = xml_child(document.root, NS_SYNCML, "SyncHdr");
	reading->body = xml_child(document.root, NS_SYNCML, "SyncBody");
	if (!reading->header || !reading->body)
		return TASK_BROKEN(task, CODE_NONE, "SyncML: no SyncHdr or no SyncBody");
	return syncml_order_check(task, document.root);
}

static int header_check(struct reading *reading)
{
	const struct syncml_header *sent = &reading->expected->header;
	const struct xml *header = reading->header;
	struct task *task = reading->task;
	const struct {
		const char *what;
		struct text found;
		const char *wanted;
	} rows[] = {
	    {"VerDTD", syncml_text(header, "VerDTD"), "1.2"},
	    {"VerProto", syncml_text(header, "VerProto"), "DM/1.2"},
	    {"SessionID", syncml_text(header, "SessionID"), sent->session_id},
	    {"MsgID", syncml_text(header, "MsgID"), arena_printf(task->arena, "%u", sent->msg_id)},
	    {"Target", syncml_text(xml_child(header, NS_SYNCML, "Target"), "LocURI"), sent->source},
	    {"Source", syncml_text(xml_child(header, NS_SYNCML, "Source"), "LocURI"), sent->target},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!text_eq_c(rows[i].found, rows[i].wanted))
			return TASK_BROKEN(task, CODE_NONE,
					   "SyncML: %s of the reply is \"%.*s\", not \"%s\"",
					   rows[i].what, TEXT_ARG(rows[i].found), rows[i].wanted);
	return 0;
}

static int id_check(struct reading *reading, const struct xml *x)
{
	struct text id = syncml_text(x, "CmdID");
	struct task *task = reading->task;

	if (text_is_empty(id) || text_eq_c(id, "0"))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: %s without a CmdID", x->name);
	for (size_t i = 0; i < reading->id_count; i++)
		if (text_eq(reading->ids[i], id))
			return TASK_BROKEN(task, CODE_NONE, "SyncML: CmdID %.*s comes twice",
					   TEXT_ARG(id));
	if (reading->id_count == IDS_MAX)
		return TASK_BROKEN(task, CODE_NONE, "SyncML: more than %d commands", IDS_MAX);
	reading->ids[reading->id_count++] = id;
	return 0;
}

/* Final is there once and last. */
static int final_check(struct reading *reading)
{
	const struct xml *final = xml_child(reading->body, NS_SYNCML, "Final");

	if (!final)
		return TASK_BROKEN(reading->task, CODE_NONE, "SyncML: the message has no Final");
	if (final->next)
		return TASK_BROKEN(reading->task, CODE_NONE, "SyncML: %s after Final",
				   final->next->name);
	return 0;
}

/* One Status against the command it must be for. cmd_id 0: the header. */
static int status_check(struct reading *reading, const struct xml *x, unsigned cmd_id,
			const char *name)
{
	struct task *task = reading->task;
	const char *msg_ref = arena_printf(task->arena, "%u", reading->expected->header.msg_id);
	const char *cmd_ref = arena_printf(task->arena, "%u", cmd_id);

	if (!x || !is_status(x))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: no Status for %s (CmdID %u)", name,
				   cmd_id);
	if (!text_eq_c(syncml_text(x, "MsgRef"), msg_ref) ||
	    !text_eq_c(syncml_text(x, "CmdRef"), cmd_ref) ||
	    !text_eq_c(syncml_text(x, "Cmd"), name))
		return TASK_BROKEN(task, CODE_NONE,
				   "SyncML: a Status for %.*s MsgRef %.*s CmdRef %.*s where %s "
				   "MsgRef %s CmdRef %s is due",
				   TEXT_ARG(syncml_text(x, "Cmd")),
				   TEXT_ARG(syncml_text(x, "MsgRef")),
				   TEXT_ARG(syncml_text(x, "CmdRef")), name, msg_ref, cmd_ref);
	return 0;
}

/* SyncHdr first, then one Status for each command in its order, all before the commands. */
static int statuses_check(struct reading *reading)
{
	const struct syncml_out *sent = reading->expected->sent;
	const struct xml *x = reading->body->first;
	struct text code = syncml_text(x ? x : reading->body, "Data");
	int r = status_check(reading, x, 0, "SyncHdr");

	if (r != 0)
		return r;
	if (!text_eq_c(code, "200") && !text_eq_c(code, "212"))
		return TASK_FAIL(reading->task, OUTCOME_REFUSED, 0,
				 "the management server answers the message with status %.*s",
				 TEXT_ARG(code));
	x = x->next;
	for (size_t i = 0; i < sent->sent_count && r == 0; i++) {
		r = status_check(reading, x, sent->sent[i].cmd_id, sent->sent[i].name);
		x = x ? x->next : NULL;
	}
	for (; x && r == 0; x = x->next)
		if (is_status(x))
			return TASK_BROKEN(
			    reading->task, CODE_NONE,
			    "SyncML: a Status for %.*s CmdRef %.*s that nobody waits "
			    "for",
			    TEXT_ARG(syncml_text(x, "Cmd")), TEXT_ARG(syncml_text(x, "CmdRef")));
	return r;
}

static int format_check(struct task *task, const struct xml *meta)
{
	const struct xml *format = meta ? xml_child(meta, NS_METINF, "Format") : NULL;

	if (!format)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++)
		if (text_eq_c(xml_text(format), FORMATS[i]))
			return 0;
	return TASK_BROKEN(task, CODE_NONE, "SyncML: Format \"%.*s\"", TEXT_ARG(xml_text(format)));
}

static int item_check(struct reading *reading, const struct xml *item)
{
	struct text uri = syncml_text(xml_child(item, NS_SYNCML, "Target"), "LocURI");
	struct task *task = reading->task;
	struct text query;
	const char *canonical;
	const char *why;

	if (xml_child(item, NS_SYNCML, "MoreData"))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: the value of %.*s comes in parts",
				   TEXT_ARG(uri));
	if (locuri_read(task->arena, uri, &canonical, &query, &why))
		return TASK_BROKEN(task, CODE_NONE, "SyncML: LocURI \"%.*s\" %s", TEXT_ARG(uri),
				   why);
	return format_check(task, xml_child(item, NS_SYNCML, "Meta"));
}

static int command_check(struct reading *reading, const struct xml *x);

static int members_check(struct reading *reading, const struct xml *group)
{
	size_t count = 0;
	int r = 0;

	for (const struct xml *x = group->first; x && r == 0; x = x->next) {
		if (strcmp(x->name, "CmdID") == 0 || strcmp(x->name, "Meta") == 0)
			continue;
		r = command_check(reading, x);
		count++;
	}
	if (r == 0 && count == 0)
		return TASK_BROKEN(reading->task, CODE_NONE, "SyncML: an empty %s", group->name);
	return r;
}

static bool is_group(const struct xml *x)
{
	return strcmp(x->name, "Atomic") == 0 || strcmp(x->name, "Sequence") == 0;
}

static int command_check(struct reading *reading, const struct xml *x)
{
	const struct xml *item = xml_child(x, NS_SYNCML, "Item");
	int r = id_check(reading, x);

	if (r != 0 || strcmp(x->name, "Alert") == 0)
		return r;
	if (is_group(x))
		return members_check(reading, x);
	if (!item)
		return TASK_BROKEN(reading->task, CODE_NONE, "SyncML: %s without an Item", x->name);
	r = format_check(reading->task, xml_child(x, NS_SYNCML, "Meta"));
	for (; item && r == 0; item = xml_next(item, NS_SYNCML, "Item"))
		r = item_check(reading, item);
	return r;
}

static int commands_check(struct reading *reading, struct syncml_reply *ret)
{
	int r = 0;

	for (const struct xml *x = reading->body->first; x && r == 0; x = x->next) {
		if (is_status(x)) {
			r = id_check(reading, x);
			continue;
		}
		if (!is_command(x))
			continue;
		if (!ret->command)
			ret->command = x;
		r = command_check(reading, x);
		if (strcmp(x->name, "Alert") == 0 && text_eq_c(syncml_text(x, "Data"), "1223"))
			ret->is_abort = true;
	}
	return r;
}

int syncml_read(struct task *task, const struct http_client_response *response,
		const struct syncml_expected *expected, struct syncml_reply *ret)
{
	struct reading reading = {.task = task, .expected = expected};
	struct syncml_reply reply = {0};
	int r = document_open(&reading, response);

	reading.ids = ARENA_ARRAY(task->arena, IDS_MAX, struct text);
	if (r == 0)
		r = header_check(&reading);
	if (r == 0)
		r = final_check(&reading);
	if (r == 0)
		r = statuses_check(&reading);
	if (r == 0)
		r = commands_check(&reading, &reply);
	reply.body = reading.body;
	if (r == 0)
		*ret = reply;
	return r;
}
