/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_apply.c: see session_apply.h. An Atomic is tried on the tree itself and put back when a
 * member fails: the member keeps its code, the others get 216 and the Atomic 507. Commands and
 * Atomics may hold several items; items that end differently get a Status each.
 * management.md sections 2.4, 2.6, 4 and 5.
 */
#include "sim/device/session_apply.h"

enum {
	APPLY_RESULTS = 256,
	APPLY_ANSWERS = 1024,
	STATUS_OK = 200,
	STATUS_ROLLED_BACK = 216,
	STATUS_FAILED = 400,
	STATUS_NOT_SUPPORTED = 406,
	STATUS_GENERIC = 500,
	STATUS_ATOMIC = 507
};

/* One Status that is to be written. */
struct answer {
	const struct xml *command;
	const char *target; /* NULL: for all items of the command */
	int status;
};

struct result_set {
	const struct xml *command;
	const struct csp_value *values;
	size_t count;
};

struct applying {
	struct task *task;
	struct csp *csp;
	struct session_result *result;
	struct answer answers[APPLY_ANSWERS];
	size_t answer_count;
	struct result_set results[APPLY_RESULTS];
	size_t result_count;
};

static const struct {
	const char *name;
	enum verb verb;
} VERBS[] = {
    {"Add", VERB_ADD}, {"Replace", VERB_REPLACE}, {"Delete", VERB_DELETE},
    {"Get", VERB_GET}, {"Exec", VERB_EXEC},
};

/* One item of a command, read. */
struct item {
	struct text asked;
	const char *uri;
	struct text query;
	const char *format;
	const char *data;
};

static void answer_add(struct applying *applying, const struct xml *command, const char *target,
		       int status)
{
	if (applying->answer_count < APPLY_ANSWERS)
		applying->answers[applying->answer_count++] =
		    (struct answer){command, target, status};
	applying->result->refused += status >= STATUS_FAILED;
}

/* The item's own Meta wins over the command's. */
static struct text format_of(const struct xml *command, const struct xml *item)
{
	const struct xml *own = xml_child(item, NS_SYNCML, "Meta");
	const struct xml *format = xml_child(own, NS_METINF, "Format");

	if (!format)
		format = xml_child(xml_child(command, NS_SYNCML, "Meta"), NS_METINF, "Format");
	return xml_text(format);
}

static void item_read(struct applying *applying, const struct xml *command, const struct xml *x,
		      struct item *ret)
{
	struct arena *arena = applying->task->arena;
	const struct xml *data = xml_child(x, NS_SYNCML, "Data");
	const char *why;

	ret->asked = syncml_text(xml_child(x, NS_SYNCML, "Target"), "LocURI");
	/* syncml_read has seen that it is an address. */
	if (locuri_read(arena, ret->asked, &ret->uri, &ret->query, &why))
		ret->uri = "";
	ret->format = arena_cstr(arena, format_of(command, x));
	ret->data = "";
	if (data)
		ret->data = arena_cstr(arena, data->first ? text_trim(data->inner) : data->text);
}

static int item_get(struct applying *applying, const struct xml *command, const struct item *item)
{
	struct arena *arena = applying->task->arena;
	struct csp_value *values = NULL;
	struct text rest = item->asked;
	const char *asked = arena_cstr(arena, text_cut(&rest, '?'));
	size_t count = 0;
	int status = csp_get(applying->csp, arena, asked, item->uri, item->query, &values, &count);

	task_step(applying->task, "Get %.*s: %d", TEXT_ARG(item->asked), status);
	if (status == STATUS_OK && applying->result_count < APPLY_RESULTS)
		applying->results[applying->result_count++] =
		    (struct result_set){command, values, count};
	return status;
}

static int item_apply(struct applying *applying, const struct xml *command, enum verb verb,
		      const struct xml *x)
{
	struct item item;
	int status;

	item_read(applying, command, x, &item);
	if (verb == VERB_GET)
		return item_get(applying, command, &item);
	status =
	    csp_apply(applying->csp, applying->task->arena, verb, item.uri, item.format, item.data);
	if (status < STATUS_FAILED && verb != VERB_EXEC)
		applying->result->changes++;
	task_tell(applying->task, "%s %s%s%s: %d", command->name, item.uri,
		  item.data[0] ? " = " : "", item.data, status);
	return status;
}

static bool verb_read(const struct xml *command, enum verb *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(VERBS); i++)
		if (strcmp(VERBS[i].name, command->name) == 0) {
			*ret = VERBS[i].verb;
			return true;
		}
	return false;
}

static bool are_all(const int *statuses, size_t count, int status)
{
	for (size_t i = 0; i < count; i++)
		if (statuses[i] != status)
			return false;
	return true;
}

static size_t items_count(const struct xml *command)
{
	size_t count = 0;

	for (const struct xml *x = xml_child(command, NS_SYNCML, "Item"); x;
	     x = xml_next(x, NS_SYNCML, "Item"))
		count++;
	return count;
}

/* A plain command with all its items; the worst status. */
static int plain_apply(struct applying *applying, const struct xml *command, enum verb verb)
{
	struct arena *arena = applying->task->arena;
	size_t count = items_count(command);
	int *statuses = ARENA_ARRAY(arena, count, int);
	const struct xml *x = xml_child(command, NS_SYNCML, "Item");
	int worst = STATUS_OK;

	for (size_t i = 0; i < count; i++, x = xml_next(x, NS_SYNCML, "Item")) {
		statuses[i] = item_apply(applying, command, verb, x);
		if (statuses[i] > worst)
			worst = statuses[i];
	}
	if (are_all(statuses, count, statuses[0])) {
		answer_add(applying, command, NULL, statuses[0]);
		return worst;
	}
	x = xml_child(command, NS_SYNCML, "Item");
	for (size_t i = 0; i < count; i++, x = xml_next(x, NS_SYNCML, "Item"))
		answer_add(
		    applying, command,
		    arena_cstr(arena, syncml_text(xml_child(x, NS_SYNCML, "Target"), "LocURI")),
		    statuses[i]);
	return worst;
}

static bool is_member(const struct xml *x)
{
	return strcmp(x->name, "CmdID") != 0 && strcmp(x->name, "Meta") != 0;
}

/* Get and another Atomic are not allowed inside. */
static int member_apply(struct applying *applying, const struct xml *command)
{
	enum verb verb;

	if (!verb_read(command, &verb) || verb == VERB_GET) {
		answer_add(applying, command, NULL, STATUS_GENERIC);
		return STATUS_GENERIC;
	}
	return plain_apply(applying, command, verb);
}

/* All answers after `from` but the failed member's become 216. */
static void members_roll_back(struct applying *applying, size_t from)
{
	for (size_t i = from; i < applying->answer_count; i++)
		if (applying->answers[i].status < STATUS_FAILED)
			applying->answers[i].status = STATUS_ROLLED_BACK;
	applying->answers[from].status = STATUS_ATOMIC;
	applying->result->refused++;
}

static void atomic_apply(struct applying *applying, const struct xml *atomic)
{
	struct csp *csp = applying->csp;
	unsigned changes = applying->result->changes;
	unsigned actions = csp->actions;
	size_t from = applying->answer_count;
	bool has_failed = false;
	struct tree before;

	if (from == APPLY_ANSWERS)
		return;
	tree_copy(&before, csp->tree);
	answer_add(applying, atomic, NULL, STATUS_OK);
	for (const struct xml *x = atomic->first; x; x = x->next) {
		if (!is_member(x))
			continue;
		applying->result->commands++;
		if (has_failed)
			answer_add(applying, x, NULL, STATUS_ROLLED_BACK);
		else
			has_failed = member_apply(applying, x) >= STATUS_FAILED;
	}
	if (!has_failed) {
		tree_done(&before);
		return;
	}
	tree_done(csp->tree);
	*csp->tree = before;
	csp->actions = actions;
	applying->result->changes = changes;
	members_roll_back(applying, from);
	task_tell(applying->task, "Atomic rolled back: %d", STATUS_ATOMIC);
}

static void command_apply(struct applying *applying, const struct xml *command);

static void sequence_apply(struct applying *applying, const struct xml *sequence)
{
	answer_add(applying, sequence, NULL, STATUS_OK);
	for (const struct xml *x = sequence->first; x; x = x->next)
		if (is_member(x))
			command_apply(applying, x);
}

static void command_apply(struct applying *applying, const struct xml *command)
{
	enum verb verb;

	applying->result->commands++;
	if (verb_read(command, &verb))
		plain_apply(applying, command, verb);
	else if (strcmp(command->name, "Atomic") == 0)
		atomic_apply(applying, command);
	else if (strcmp(command->name, "Sequence") == 0)
		sequence_apply(applying, command);
	else
		answer_add(applying, command, NULL,
			   strcmp(command->name, "Alert") == 0 ? STATUS_OK : STATUS_NOT_SUPPORTED);
}

static void answers_write(const struct applying *applying, struct syncml_out *out)
{
	syncml_add_status(out, TEXT("0"), "SyncHdr", NULL, STATUS_OK);
	for (size_t i = 0; i < applying->answer_count; i++) {
		const struct answer *answer = &applying->answers[i];

		syncml_add_status(out, syncml_text(answer->command, "CmdID"), answer->command->name,
				  answer->target, answer->status);
	}
	for (size_t i = 0; i < applying->result_count; i++)
		syncml_add_results(out, syncml_text(applying->results[i].command, "CmdID"),
				   applying->results[i].values, applying->results[i].count);
}

void session_apply(struct task *task, struct csp *csp, const struct syncml_reply *reply,
		   struct syncml_out *out, struct session_result *result)
{
	struct applying *applying = ARENA_NEW(task->arena, struct applying);

	applying->task = task;
	applying->csp = csp;
	applying->result = result;
	for (const struct xml *x = reply->command; x; x = syncml_next_command(x)) {
		command_apply(applying, x);
		if (csp->actions & CSP_UNENROLL)
			return;
	}
	answers_write(applying, out);
}
