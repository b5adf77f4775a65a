/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.c: the flow of one message: statuses for what came, then either a call for the rest of the
 * client's package, or commands of ours and Final.
 *
 * The reply carries the client's MsgID, as both sides count in lock-step. A message without Final
 * is answered with its statuses and Alert 1222 and nothing of ours. The session ends with a reply
 * that asks the client nothing.
 */
#include "manage/step.h"

#include "base/limits.h"
#include "manage/alert.h"
#include "syncml/locuri.h"
#include "syncml/status.h"

static struct text next_id(struct step *step)
{
	return text_of(arena_printf(step->arena, "%zu", ++step->ids));
}

void step_add(struct step *step, struct syncml_command command)
{
	command.cmd_id = next_id(step);
	step->reply_bytes += syncml_command_size(&command);
	step->reply[step->reply_count++] = command;
}

void step_add_atomic(struct step *step, struct syncml_command *members, size_t n)
{
	struct syncml_command atomic = {
	    .verb = SYNCML_ATOMIC, .cmd_id = next_id(step), .members = members, .member_count = n};

	for (size_t i = 0; i < n; i++)
		members[i].cmd_id = next_id(step);
	step->reply_bytes += syncml_command_size(&atomic);
	step->reply[step->reply_count++] = atomic;
}

void step_add_fact(struct step *step, const char *name, struct text value)
{
	struct manage_output *out = step->out;

	for (size_t i = 0; i < out->fact_count; i++) {
		if (!strcmp(out->facts[i].name, name)) {
			out->facts[i].value = arena_cstr(step->arena, value);
			return;
		}
	}
	out->facts[out->fact_count++] = (struct fact){
	    .name = name, .value = arena_cstr(step->arena, value), .at = step->in->now};
}

const struct command *step_find(const struct step *step, struct text msg_ref, struct text cmd_ref)
{
	int64_t msg_id, cmd_id;

	/* What is missing means 1. */
	if (!text_to_i64(msg_ref.ptr ? msg_ref : TEXT("1"), &msg_id) ||
	    !text_to_i64(cmd_ref.ptr ? cmd_ref : TEXT("1"), &cmd_id))
		return NULL;
	for (size_t i = 0; i < step->in->sent_count; i++) {
		const struct command *command = &step->in->sent[i];

		if (command->msg_id == msg_id && command->cmd_id == cmd_id)
			return command;
	}
	return NULL;
}

static size_t count_items(const struct syncml *message)
{
	size_t n = 0;

	for (size_t i = 0; i < message->command_count; i++)
		n += message->commands[i].item_count;
	return n;
}

static void step_init(struct step *step, struct arena *arena, const struct manage_input *in,
		      struct manage_output *out)
{
	const struct syncml_header *header = &in->message->header;
	size_t n = in->message->command_count, rows = in->applied_count;

	*out = (struct manage_output){
	    .session = *in->session,
	    .reply.header = {.session_id = header->session_id,
			     .msg_id = header->msg_id,
			     .target = header->source,
			     .source = *in->url ? text_of(in->url) : header->target},
	    .answers = ARENA_ARRAY(arena, n, struct manage_answer),
	    .commands = ARENA_ARRAY(arena, LIMIT_SYNCML_REPLY_COMMANDS, struct command),
	    /* a Status that says a node is absent makes a fact as well */
	    .facts = ARENA_ARRAY(arena, n + count_items(in->message), struct fact),
	};
	*step = (struct step){
	    .arena = arena,
	    .in = in,
	    .out = out,
	    /* a status each, that of the header, two alerts, and commands */
	    .reply = ARENA_ARRAY(arena, n + 3 + LIMIT_SYNCML_REPLY_COMMANDS, struct syncml_command),
	    .have = ARENA_ARRAY(arena, rows, struct applied_setting),
	    .have_uris = ARENA_ARRAY(arena, rows, const char *),
	    .is_changed = ARENA_ARRAY(arena, rows, bool),
	    .is_gone = ARENA_ARRAY(arena, rows, bool),
	    .is_answered = ARENA_ARRAY(arena, in->sent_count, bool),
	    .sent_uris = ARENA_ARRAY(arena, in->sent_count, const char *),
	};
	for (size_t i = 0; i < rows; i++) {
		step->have[i] = in->applied[i];
		step->have_uris[i] = locuri_normal(arena, text_of(in->applied[i].locuri));
	}
	for (size_t i = 0; i < in->sent_count; i++)
		step->sent_uris[i] = locuri_normal(arena, text_of(in->sent[i].locuri));
	step->reply_bytes = syncml_envelope_size(&out->reply);
}

static void add_alert(struct step *step, const char *code)
{
	step_add(step, (struct syncml_command){.verb = SYNCML_ALERT, .data = text_of(code)});
}

/* Rows that answers changed come before those of commands sent now, which are newer. */
static void collect_rows(struct step *step)
{
	struct manage_output *out = step->out;
	size_t rows = step->in->applied_count;

	out->applied =
	    ARENA_ARRAY(step->arena, rows + LIMIT_SYNCML_REPLY_COMMANDS, struct applied_setting);
	out->forgotten = ARENA_ARRAY(step->arena, 2 * rows, struct applied_setting);
	for (size_t i = 0; i < rows; i++) {
		if (step->is_gone[i])
			out->forgotten[out->forgotten_count++] = step->have[i];
		else if (step->is_changed[i])
			out->applied[out->applied_count++] = step->have[i];
	}
}

static enum manage_end session_end(const struct step *step)
{
	if (step->is_unenrolled)
		return MANAGE_END_UNENROLLED;
	if (step->is_wiped)
		return MANAGE_END_WIPED;
	if (step->is_aborted)
		return MANAGE_END_ABORT;
	return step->out->reply.is_final && !step->owed ? MANAGE_END_FINAL : MANAGE_LIVE;
}

void manage_step(struct arena *arena, const struct manage_input *in, struct manage_output *ret)
{
	struct step step;
	bool is_over;

	step_init(&step, arena, in, ret);
	step_receive(&step);
	collect_rows(&step);
	if (step.is_chunk_missing) {
		add_alert(&step, "1225");
		step.owed++;
	}
	is_over = step.is_aborted || step.is_unenrolled || step.is_wiped;
	ret->reply.is_final = is_over || (in->message->is_final && !step_has_partial(&step));
	if (!ret->reply.is_final)
		add_alert(&step, "1222");
	else if (!is_over && !step.is_stopped)
		step_deliver(&step);
	ret->reply.commands = step.reply;
	ret->reply.command_count = step.reply_count;
	ret->session.end = session_end(&step);
}
