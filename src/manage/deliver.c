/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deliver.c: what goes into a reply, in this order: commands that people queued, settings that
 * differ from what the device was told, questions whose answers are old.
 *
 * Nothing is sent twice in a session. What does not fit into the budget waits for the next
 * message; order is kept, so nothing overtakes what waits. An Add and the Exec that needs it
 * travel in one message, and settings that the device takes only together in one Atomic. A command
 * to unenrol goes alone and after everything queued before it; from then on the session has nothing
 * else to say. Commands for ./User go only to the user the session can reach, never to whoever
 * happens to be signed in.
 */
#include "base/limits.h"
#include "csp/csp.h"
#include "manage/step.h"
#include "syncml/locuri.h"

static const enum syncml_verb verbs[] = {
    [VERB_ADD] = SYNCML_ADD, [VERB_REPLACE] = SYNCML_REPLACE, [VERB_DELETE] = SYNCML_DELETE,
    [VERB_GET] = SYNCML_GET, [VERB_EXEC] = SYNCML_EXEC,
};

static bool has_data(const struct command *command)
{
	if (command->verb == VERB_GET || command->verb == VERB_DELETE)
		return false;
	if (!*command->format)
		return *command->data;
	return strcmp(command->format, "null") != 0 && strcmp(command->format, "node") != 0;
}

static struct syncml_command encode(struct step *step, const struct command *command)
{
	struct syncml_item *item = ARENA_NEW(step->arena, struct syncml_item);

	item->target = text_of(command->locuri);
	if (command->verb != VERB_GET && command->verb != VERB_DELETE && *command->format)
		item->meta.format = text_of(command->format);
	if (has_data(command)) {
		item->meta.type = TEXT("text/plain");
		item->data = text_of(command->data);
		item->is_markup =
		    !strcmp(command->format, "xml") &&
		    syncml_markup_read(step->arena, text_of(command->data), &item->data) == 0;
	}
	return (struct syncml_command){
	    .verb = verbs[command->verb], .items = item, .item_count = 1};
}

static bool fits(const struct step *step, size_t bytes, size_t n)
{
	/* One that is larger than the budget goes alone. */
	return step->out->command_count + n <= LIMIT_SYNCML_REPLY_COMMANDS &&
	       (!step->owed || step->reply_bytes + bytes <= LIMIT_SYNCML_REPLY);
}

static size_t size_of(struct step *step, const struct command *command)
{
	struct syncml_command encoded = encode(step, command);

	/* CmdID is added later; no message has a million commands. */
	return syncml_command_size(&encoded) + sizeof("<CmdID>123456</CmdID>");
}

/* The record of a command that goes out under this CmdID. */
static struct command *note_command(struct step *step, const struct command *command, size_t cmd_id)
{
	struct command *sent = &step->out->commands[step->out->command_count++];

	*sent = *command;
	sent->state = COMMAND_SENT;
	sent->session_id = step->in->session->id;
	sent->msg_id = step->in->message->header.msg_id;
	sent->cmd_id = (int64_t)cmd_id;
	sent->sent_at = step->in->now;
	step->owed++;
	return sent;
}

static struct command *send_command(struct step *step, const struct command *command)
{
	struct command *sent = note_command(step, command, step->ids + 1);

	step_add(step, encode(step, command));
	return sent;
}

static struct command make_command(const struct step *step, enum command_verb verb,
				   const char *locuri, const char *origin)
{
	return (struct command){
	    .tenant_id = step->in->device->tenant_id,
	    .device_id = step->in->device->id,
	    .id = "",
	    .verb = verb,
	    .scope = SCOPE_DEVICE,
	    .user_object_id = "",
	    .locuri = locuri,
	    .format = "",
	    .data = "",
	    .origin = origin,
	    .original_error = "",
	    .created_at = step->in->now,
	};
}

/* Whether this session has had the command already. uri is normal. */
static bool was_sent(const struct step *step, enum command_verb verb, const char *uri,
		     const char *user)
{
	for (size_t i = 0; i < step->in->sent_count; i++) {
		const struct command *command = &step->in->sent[i];

		if (command->verb == verb && !strcmp(command->user_object_id, user) &&
		    !strcmp(step->sent_uris[i], uri))
			return true;
	}
	return false;
}

static bool is_unenrol(const struct step *step, const struct command *command)
{
	struct text uri;

	if (command->verb != VERB_EXEC)
		return false;
	uri = text_of(locuri_normal(step->arena, text_of(command->locuri)));
	return locuri_is_within(uri, TEXT("./Device/Vendor/MSFT/DMClient")) &&
	       text_ends(uri, TEXT("/Unenroll"));
}

static bool is_leaving(const struct step *step)
{
	for (size_t i = 0; i < step->in->sent_count; i++) {
		if (is_unenrol(step, &step->in->sent[i]))
			return true;
	}
	return false;
}

static bool is_deliverable(const struct step *step, const struct command *command)
{
	const char *user = step->in->session->user_object_id;

	if (command->scope == SCOPE_DEVICE)
		return true;
	return *user && (!*command->user_object_id || !strcmp(command->user_object_id, user));
}

static bool is_pair(const struct command *a, const struct command *b)
{
	return a->verb == VERB_ADD && b->verb == VERB_EXEC && a->scope == b->scope && *a->origin &&
	       !strcmp(a->origin, b->origin) && !strcmp(a->user_object_id, b->user_object_id);
}

/* False: the queue holds back everything that would come after it. */
static bool deliver_queue(struct step *step)
{
	const struct command *queued = step->in->queued;
	size_t n = step->in->queued_count;

	for (size_t i = 0; i < n; i++) {
		bool has_partner = i + 1 < n && is_pair(&queued[i], &queued[i + 1]);
		size_t bytes;

		if (!is_deliverable(step, &queued[i]))
			continue;
		if (is_unenrol(step, &queued[i])) {
			if (!step->owed)
				send_command(step, &queued[i]);
			return false;
		}
		bytes = size_of(step, &queued[i]);
		if (has_partner)
			bytes += size_of(step, &queued[i + 1]);
		if (!fits(step, bytes, 1 + has_partner))
			return false;
		send_command(step, &queued[i]);
		if (has_partner)
			send_command(step, &queued[++i]);
	}
	return true;
}

static const char *setting_origin(struct step *step, const char *policy_id)
{
	return !strcmp(policy_id, DESIRED_SETUP)
		   ? DESIRED_SETUP
		   : arena_printf(step->arena, "policy:%s", policy_id);
}

static struct command setting_command(struct step *step, const struct desired_change *change)
{
	struct command command = make_command(step, change->verb, change->locuri,
					      setting_origin(step, change->policy_id));

	command.scope = *change->user_object_id ? SCOPE_USER : SCOPE_DEVICE;
	command.user_object_id = change->user_object_id;
	if (change->setting) {
		command.locuri = change->setting->locuri;
		command.format = change->setting->format;
		command.data = change->setting->data;
	}
	return command;
}

/* The value of a setting stays out of the record: it is in the policy, and may be a secret. */
static void note_setting(struct step *step, const struct desired_change *change,
			 struct command *sent)
{
	const struct device *device = step->in->device;
	struct manage_output *out = step->out;

	sent->data = "";
	out->applied[out->applied_count++] =
	    desired_sent(change, device->tenant_id, device->id, step->in->now);
}

static bool deliver_setting(struct step *step, const struct desired_change *change)
{
	struct command command = setting_command(step, change);

	if (!fits(step, size_of(step, &command), 1))
		return false;
	note_setting(step, change, send_command(step, &command));
	return true;
}

/* Those that the device takes only together go in one Atomic, or none of them. */
static bool deliver_atomic(struct step *step, const struct desired_change *changes, size_t n)
{
	struct syncml_command *members = ARENA_ARRAY(step->arena, n, struct syncml_command);
	size_t bytes = sizeof("<Atomic><CmdID>123456</CmdID></Atomic>");

	for (size_t i = 0; i < n; i++) {
		struct command command = setting_command(step, &changes[i]);

		bytes += size_of(step, &command);
		members[i] = encode(step, &command);
	}
	if (!fits(step, bytes, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct command command = setting_command(step, &changes[i]);

		/* One is that of the Atomic. */
		note_setting(step, &changes[i], note_command(step, &command, step->ids + 2 + i));
	}
	step_add_atomic(step, members, n);
	return true;
}

static bool is_repeated(const struct step *step, const struct desired_change *change)
{
	bool is_same = !change->setting ||
		       (change->have && !strcmp(change->have->value_sha256, change->value_sha256));

	return is_same && was_sent(step, change->verb, change->locuri, change->user_object_id);
}

/* How many changes from here go together. */
static size_t run_length(const struct step *step, const struct desired_change *changes, size_t n)
{
	size_t run = 1;

	while (run < n && changes[0].is_together && changes[run].is_together &&
	       is_repeated(step, &changes[run]) == is_repeated(step, &changes[0]))
		run++;
	return run;
}

static bool deliver_settings(struct step *step)
{
	struct applied_setting *have =
	    ARENA_ARRAY(step->arena, step->in->applied_count, struct applied_setting);
	struct desired_input in = {
	    .wants = step->in->wants,
	    .want_count = step->in->want_count,
	    .have = have,
	    .user_object_id = step->in->session->user_object_id,
	    .now = step->in->now,
	};
	struct desired_change *changes;
	size_t n;

	for (size_t i = 0; i < step->in->applied_count; i++) {
		if (!step->is_gone[i])
			have[in.have_count++] = step->have[i];
	}
	desired_diff(step->arena, &in, &changes, &n);
	for (size_t i = 0, run; i < n; i += run) {
		run = run_length(step, changes + i, n - i);
		if (changes[i].kind == DESIRED_FORGET)
			step->out->forgotten[step->out->forgotten_count++] = *changes[i].have;
		else if (is_repeated(step, &changes[i]))
			continue;
		else if (changes[i].is_together ? !deliver_atomic(step, changes + i, run)
						: !deliver_setting(step, &changes[i]))
			return false;
	}
	return true;
}

/* What is known, with what this message said. */
static const struct fact *merged_facts(struct step *step, size_t *ret_n)
{
	const struct manage_output *out = step->out;
	struct fact *facts =
	    ARENA_ARRAY(step->arena, out->fact_count + step->in->fact_count, struct fact);

	/* The first one of a name is the one that is looked at. */
	memcpy(facts, out->facts, out->fact_count * sizeof(*facts));
	if (step->in->fact_count)
		memcpy(facts + out->fact_count, step->in->facts,
		       step->in->fact_count * sizeof(*facts));
	*ret_n = out->fact_count + step->in->fact_count;
	return facts;
}

static void deliver_inventory(struct step *step)
{
	const struct csp_node **nodes;
	size_t n, fact_count;
	const struct fact *facts = merged_facts(step, &fact_count);

	csp_inventory(step->arena, facts, fact_count, step->in->now, &nodes, &n);
	for (size_t i = 0; i < n; i++) {
		struct command command =
		    make_command(step, VERB_GET, nodes[i]->locuri, "inventory");

		if (was_sent(step, VERB_GET, nodes[i]->locuri, ""))
			continue;
		if (!fits(step, size_of(step, &command), 1))
			return;
		send_command(step, &command);
	}
}

void step_deliver(struct step *step)
{
	if (is_leaving(step) || !deliver_queue(step))
		return;
	if (deliver_settings(step))
		deliver_inventory(step);
}
