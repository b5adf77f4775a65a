/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive.c: what the commands of a client message say, and the Status each is owed.
 *
 * Answers are booked only on commands of this session, found by (MsgRef, CmdRef); what refers to
 * anything else is counted and has no effect. A value becomes a fact only when it answers a Get
 * of ours and stands under the address that was asked. A client may set its own ./DevInfo and
 * raise alerts; every other command is refused. A Status is never answered with a Status, Results
 * only while they come in chunks.
 */
#include "base/limits.h"
#include "csp/csp.h"
#include "manage/alert.h"
#include "manage/step.h"
#include "manage/unenrol.h"
#include "syncml/locuri.h"
#include "syncml/status.h"

static void add_status(struct step *step, const struct syncml_command *to, int64_t code)
{
	step_add(step, (struct syncml_command){
			   .verb = SYNCML_STATUS,
			   .msg_ref = text_of(arena_printf(
			       step->arena, "%lld", (long long)step->in->message->header.msg_id)),
			   .cmd_ref = to->cmd_id.ptr ? to->cmd_id : TEXT_EMPTY,
			   .cmd = to->name,
			   .data = text_of(arena_printf(step->arena, "%lld", (long long)code)),
		       });
}

static bool is_setting(const struct command *command)
{
	return !strcmp(command->origin, DESIRED_SETUP) ||
	       text_starts(text_of(command->origin), TEXT("policy:"));
}

/* Whether the node was sent something newer since: then the row waits for that answer. */
static bool is_superseded(const struct step *step, const struct command *command)
{
	const struct manage_input *in = step->in;
	const char *uri = step->sent_uris[command - in->sent];

	for (size_t i = 0; i < in->sent_count; i++) {
		const struct command *other = &in->sent[i];

		if ((other->msg_id > command->msg_id ||
		     (other->msg_id == command->msg_id && other->cmd_id > command->cmd_id)) &&
		    is_setting(other) && !strcmp(step->sent_uris[i], uri) &&
		    !strcmp(other->user_object_id, command->user_object_id))
			return true;
	}
	return false;
}

/* Work the status of a setting into the row that remembers it. */
static void answer_setting(struct step *step, const struct command *command, int64_t status)
{
	const char *uri = step->sent_uris[command - step->in->sent];
	const char *user = command->scope == SCOPE_USER ? command->user_object_id : "";

	if (is_superseded(step, command))
		return;
	for (size_t i = 0; i < step->in->applied_count; i++) {
		struct applied_setting *row = &step->have[i];

		if (strcmp(step->have_uris[i], uri) != 0 ||
		    strcmp(row->user_object_id, user) != 0 ||
		    (row->state != APPLIED_SENT && row->state != APPLIED_REMOVING))
			continue;
		if (desired_answered(row, command->verb, status, step->in->now))
			step->is_changed[i] = true;
		else
			step->is_gone[i] = true;
	}
}

/* A node that is not there is worth knowing: the fact is empty, not old. */
static void answer_inventory(struct step *step, const struct command *command, int64_t status)
{
	const struct csp_node *node;

	if (status_class(status, VERB_GET, command->scope) != STATUS_PERMANENT)
		return;
	node = csp_find(text_of(command->locuri));
	if (node && *node->fact)
		step_add_fact(step, node->fact, TEXT_EMPTY);
}

static const char *short_error(struct step *step, struct text error)
{
	if (!error.ptr || error.len > 64 || !text_is_printable(error))
		return "";
	return arena_cstr(step->arena, error);
}

/* Windows says that it will, and nothing more ever: what it has left to say dies with it. */
static bool is_wipe_accepted(const struct command *command, int64_t status)
{
	return command->verb == VERB_EXEC && !strcmp(command->origin, MANAGE_WIPE_ORIGIN) &&
	       (status == SYNCML_OK || status == SYNCML_ACCEPTED);
}

static void receive_header_status(struct step *step, const struct syncml_command *status)
{
	/* The client takes nothing of a message whose header it refuses. */
	if (status->code >= 400)
		step->is_aborted = true;
}

static void receive_status(struct step *step, const struct syncml_command *status)
{
	struct manage_output *out = step->out;
	const struct command *command;
	size_t i;

	if (text_eq_c(status->cmd_ref, "0")) {
		receive_header_status(step, status);
		return;
	}
	command = step_find(step, status->msg_ref, status->cmd_ref);
	if (!command || status->code < 100) {
		out->ignored++;
		return;
	}
	i = (size_t)(command - step->in->sent);
	if (command->state != COMMAND_SENT || step->is_answered[i])
		return; /* again: the first answer stands */
	if (status_class(status->code, command->verb, command->scope) == STATUS_NEXT_TIME) {
		step->is_stopped = true;
		return; /* stays unanswered, so that the next session sends it again */
	}
	step->is_answered[i] = true;
	out->answers[out->answer_count++] = (struct manage_answer){
	    .command = command,
	    .status = status->code,
	    .original_error = short_error(step, status->original_error),
	};
	if (is_setting(command))
		answer_setting(step, command, status->code);
	if (command->verb == VERB_GET)
		answer_inventory(step, command, status->code);
	if (is_wipe_accepted(command, status->code))
		step->is_wiped = true;
}

static void receive_value(struct step *step, const struct command *command,
			  const struct syncml_item *item)
{
	struct text uri = item->source.ptr ? item->source : text_of(command->locuri);
	const char *asked = step->sent_uris[command - step->in->sent];
	const struct csp_node *node;

	if (!locuri_is_within(text_of(locuri_normal(step->arena, uri)), text_of(asked))) {
		step->out->ignored++;
		return;
	}
	node = csp_find(uri);
	if (node && *node->fact && item->data.ptr && item->data.len <= LIMIT_SYNCML_FACT)
		step_add_fact(step, node->fact, text_trim(item->data));
}

static void receive_results(struct step *step, const struct syncml_command *results)
{
	static const int64_t codes[] = {
	    [CHUNK_MORE] = SYNCML_CHUNK_ACCEPTED,
	    [CHUNK_TOO_LARGE] = SYNCML_TOO_LARGE,
	    [CHUNK_BAD_SIZE] = SYNCML_SIZE_MISMATCH,
	};
	const struct command *command = step_find(step, results->msg_ref, results->cmd_ref);

	if (!command || command->verb != VERB_GET) {
		step->out->ignored++;
		return;
	}
	for (size_t i = 0; i < results->item_count; i++) {
		struct syncml_item item = results->items[i];
		enum chunk_result chunk = step_take_chunk(step, results, &item);

		if (chunk != CHUNK_WHOLE) {
			add_status(step, results, codes[chunk]);
			return; /* a chunk is the last item of its message */
		}
		receive_value(step, command, &item);
	}
}

static int64_t receive_alert(struct step *step, const struct syncml_command *alert)
{
	if (alert->code < 0)
		return SYNCML_BAD_REQUEST;
	if (alert->code == ALERT_SESSION_ABORT)
		step->is_aborted = true;
	if (alert->code == ALERT_NO_END_OF_DATA)
		step_drop_partial(step);
	if (manage_alert_item(alert, ALERT_GENERIC, ALERT_TYPE_UNENROL))
		step->is_unenrolled = true;
	/* What nobody here understands is acknowledged too: the client only reports. */
	return SYNCML_OK;
}

static int64_t receive_replace(struct step *step, const struct syncml_command *replace)
{
	for (size_t i = 0; i < replace->item_count; i++) {
		const struct syncml_item *item = &replace->items[i];
		struct text uri = item->source.ptr ? item->source : item->target;

		if (!uri.ptr || !text_starts(uri, TEXT("./DevInfo/")))
			return SYNCML_NOT_ALLOWED;
	}
	for (size_t i = 0; i < replace->item_count; i++) {
		const struct syncml_item *item = &replace->items[i];
		const struct csp_node *node =
		    csp_find(item->source.ptr ? item->source : item->target);

		if (node && *node->fact && item->data.ptr && item->data.len <= LIMIT_SYNCML_FACT)
			step_add_fact(step, node->fact, text_trim(item->data));
	}
	return SYNCML_OK;
}

static int64_t receive_command(struct step *step, const struct syncml_command *command)
{
	if (text_is_empty(command->cmd_id))
		return SYNCML_BAD_REQUEST;
	/* Only answers to our Gets are put together; a piece of anything else is merely accepted.
	 */
	if (command->item_count && command->items[command->item_count - 1].is_more)
		return SYNCML_CHUNK_ACCEPTED;
	switch (command->verb) {
	case SYNCML_ALERT:
		return receive_alert(step, command);
	case SYNCML_REPLACE:
		return receive_replace(step, command);
	case SYNCML_UNKNOWN:
		return SYNCML_BAD_REQUEST;
	case SYNCML_ADD:
	case SYNCML_DELETE:
	case SYNCML_GET:
	case SYNCML_EXEC:
	case SYNCML_ATOMIC:
	case SYNCML_SEQUENCE:
	case SYNCML_STATUS:
	case SYNCML_RESULTS:
		break;
	}
	return SYNCML_NOT_SUPPORTED;
}

void step_receive(struct step *step)
{
	static const struct syncml_command header = {.name = {"SyncHdr", 7}, .cmd_id = {"0", 1}};
	const struct syncml *message = step->in->message;

	add_status(step, &header, SYNCML_OK);
	step_expect_chunk(step);
	for (size_t i = 0; i < message->command_count; i++) {
		const struct syncml_command *command = &message->commands[i];

		if (command->verb == SYNCML_STATUS)
			receive_status(step, command);
		else if (command->verb == SYNCML_RESULTS)
			receive_results(step, command);
		else
			add_status(step, command, receive_command(step, command));
	}
}
