/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_world.c: what a store and a caller would do around the pure step, without either.
 */
#include "manage/test_world.h"

#include "base/digest.h"
#include "manage/setup.h"

struct world w;

int world_setup(void **state)
{
	memset(&w, 0, sizeof(w));
	arena_init(&w.arena);
	w.device = (struct device){.tenant_id = "t",
				   .id = "dev",
				   .dm_device_id = "DEV",
				   .enrollment_type = ENROLLMENT_FULL,
				   .user_object_id = "alice",
				   .user_principal_name = "alice@example",
				   .state = DEVICE_ENROLLED};
	w.token_user = "";
	w.url = WORLD_URL;
	w.now = WORLD_NOW;
	return 0;
}

int world_teardown(void **state)
{
	arena_done(&w.arena);
	return 0;
}

void world_fact(const char *name, const char *value, int64_t at)
{
	for (size_t i = 0; i < w.fact_count; i++) {
		if (!strcmp(w.facts[i].name, name)) {
			w.facts[i].value = value;
			w.facts[i].at = at;
			return;
		}
	}
	w.facts[w.fact_count++] = (struct fact){name, value, at};
}

const char *world_fact_value(const char *name)
{
	for (size_t i = 0; i < w.fact_count; i++) {
		if (!strcmp(w.facts[i].name, name))
			return w.facts[i].value;
	}
	return NULL;
}

void world_want(const char *policy, const char *user, const char *uri, const char *format,
		const char *data)
{
	w.wants[w.want_count++] =
	    (struct desired_setting){policy, user, {uri, format, data}, false};
}

struct command *world_queue(enum command_verb verb, const char *uri, const char *origin)
{
	struct command *command = &w.commands[w.command_count++];

	*command = (struct command){.tenant_id = "t",
				    .device_id = "dev",
				    .id = arena_printf(&w.arena, "%06zu", ++w.ids),
				    .verb = verb,
				    .scope = SCOPE_DEVICE,
				    .user_object_id = "",
				    .locuri = uri,
				    .format = "",
				    .data = "",
				    .origin = origin,
				    .state = COMMAND_QUEUED,
				    .session_id = "",
				    .original_error = ""};
	return command;
}

struct applied_setting *world_row(const char *user, const char *uri)
{
	for (size_t i = 0; i < w.applied_count; i++) {
		if (!strcmp(w.applied[i].locuri, uri) && !strcmp(w.applied[i].user_object_id, user))
			return &w.applied[i];
	}
	return NULL;
}

static void world_remove_row(const struct applied_setting *row)
{
	struct applied_setting *found = world_row(row->user_object_id, row->locuri);

	if (found)
		*found = w.applied[--w.applied_count];
}

static void world_put_row(const struct applied_setting *row)
{
	struct applied_setting *found = world_row(row->user_object_id, row->locuri);

	if (!found)
		found = &w.applied[w.applied_count++];
	*found = *row;
}

static void world_commit(void)
{
	struct manage_output *out = &w.out;

	w.session = out->session;
	w.has_session = true;
	for (size_t i = 0; i < out->answer_count; i++) {
		for (size_t k = 0; k < w.command_count; k++) {
			if (strcmp(w.commands[k].id, out->answers[i].command->id) != 0)
				continue;
			w.commands[k].state = COMMAND_ANSWERED;
			w.commands[k].status = out->answers[i].status;
			w.commands[k].original_error = out->answers[i].original_error;
		}
	}
	for (size_t i = 0; i < out->command_count; i++) {
		struct command *sent = &out->commands[i];
		size_t k = 0;

		if (!*sent->id)
			sent->id = arena_printf(&w.arena, "%06zu", ++w.ids);
		while (k < w.command_count && strcmp(w.commands[k].id, sent->id) != 0)
			k++;
		w.commands[k] = *sent;
		w.command_count += k == w.command_count;
	}
	for (size_t i = 0; i < out->forgotten_count; i++)
		world_remove_row(&out->forgotten[i]);
	for (size_t i = 0; i < out->applied_count; i++)
		world_put_row(&out->applied[i]);
	for (size_t i = 0; i < out->fact_count; i++)
		world_fact(out->facts[i].name, out->facts[i].value, out->facts[i].at);
}

/* As the store does when a session begins. */
static void world_requeue(void)
{
	for (size_t i = 0; i < w.command_count; i++) {
		struct command *command = &w.commands[i];

		if (command->state != COMMAND_SENT)
			continue;
		if (!strncmp(command->origin, "action:", 7))
			command->state = COMMAND_QUEUED;
		else
			command->state = COMMAND_CANCELLED;
	}
}

static bool world_is_inventory(const struct syncml_command *shown)
{
	for (size_t i = 0; i < w.out.command_count; i++) {
		const struct command *command = &w.out.commands[i];

		if (text_eq_c(shown->cmd_id,
			      arena_printf(&w.arena, "%lld", (long long)command->cmd_id)))
			return !strcmp(command->origin, "inventory");
	}
	return false;
}

const char *world_show(const struct syncml *reply)
{
	bool has_inventory = false;
	struct buf buf;

	buf_init(&buf, &w.arena);
	for (size_t i = 0; i < reply->command_count; i++) {
		const struct syncml_command *c = &reply->commands[i];
		const struct syncml_item *item = c->items;

		if (c->verb == SYNCML_STATUS) {
			buf_printf(&buf, "S%.*s=%.*s ", TEXT_ARG(c->cmd_ref), TEXT_ARG(c->data));
		} else if (c->verb == SYNCML_ALERT) {
			buf_printf(&buf, "| A%.*s ", TEXT_ARG(c->data));
		} else if (c->verb == SYNCML_ATOMIC) {
			buf_printf(&buf, "| Atomic#%.*s ", TEXT_ARG(c->cmd_id));
			for (size_t k = 0; k < c->member_count; k++)
				buf_printf(&buf, "%s#%.*s %.*s ",
					   syncml_verb_name(c->members[k].verb),
					   TEXT_ARG(c->members[k].cmd_id),
					   TEXT_ARG(c->members[k].items->data));
		} else if (!w.is_inventory_shown && world_is_inventory(c)) {
			has_inventory = true;
		} else {
			buf_printf(&buf, "| %s#%.*s %.*s ", syncml_verb_name(c->verb),
				   TEXT_ARG(c->cmd_id), TEXT_ARG(item->target));
			if (item->meta.format.ptr)
				buf_printf(&buf, "%.*s ", TEXT_ARG(item->meta.format));
			if (item->data.ptr)
				buf_printf(&buf, "%.*s ", TEXT_ARG(item->data));
		}
	}
	if (has_inventory)
		buf_add_c(&buf, "| inventory ");
	buf_add_c(&buf, reply->is_final ? "| F" : "|");
	return buf.data;
}

static int world_open(const char *document, struct syncml *message)
{
	struct manage_session session;
	struct manage_opening opening = {
	    .device = &w.device,
	    .session = w.has_session ? &w.session : NULL,
	    .message = message,
	    .request_sha256 = digest_sha256_hex(&w.arena, text_of(document)),
	    .new_id = arena_printf(&w.arena, "session-%zu", ++w.ids),
	    .url = w.url,
	    .token_user = w.token_user,
	    .now = w.now,
	};
	int r = syncml_read(&w.arena, text_of(document), message);

	assert_int_equal(r, 0);
	r = manage_open(&w.arena, &opening, &session, &w.mode);
	if (!r) {
		w.session = session;
		w.has_session = true;
	}
	return r;
}

/* The lists of commands are copies: what the step returns points into them. */
static void world_lists(struct manage_input *in)
{
	struct command *sent = ARENA_ARRAY(&w.arena, w.command_count, struct command);
	struct command *queued = ARENA_ARRAY(&w.arena, w.command_count, struct command);

	for (size_t i = 0; i < w.command_count; i++) {
		if (w.commands[i].state == COMMAND_QUEUED)
			queued[in->queued_count++] = w.commands[i];
		else if (!strcmp(w.commands[i].session_id, w.session.id))
			sent[in->sent_count++] = w.commands[i];
	}
	in->sent = sent;
	in->queued = queued;
}

/* Post one whole document; the reply as a line, or "refused N", or "replay". */
const char *world_post_document(const char *document)
{
	struct syncml message;
	struct manage_input in = {.device = &w.device, .url = w.url, .now = w.now};
	struct desired_setting *wants =
	    ARENA_ARRAY(&w.arena, w.want_count + MANAGE_SETUP_MAX, struct desired_setting);
	int r = world_open(document, &message);

	if (r)
		return arena_printf(&w.arena, "refused %d", r);
	if (w.mode == MANAGE_REPLAY)
		return "replay";
	if (w.mode == MANAGE_BEGIN)
		world_requeue();
	in.session = &w.session;
	in.message = &message;
	world_lists(&in);
	memcpy(wants, w.wants, w.want_count * sizeof(*wants));
	in.wants = wants;
	in.want_count = w.want_count + manage_setup(&w.arena, &w.device, w.facts, w.fact_count,
						    w.session.user_object_id, wants + w.want_count);
	in.applied = w.applied;
	in.applied_count = w.applied_count;
	in.facts = w.facts;
	in.fact_count = w.fact_count;
	manage_step(&w.arena, &in, &w.out);
	world_commit();
	return world_show(&w.out.reply);
}

const char *world_document(const char *session, int msg, const char *body)
{
	return arena_printf(&w.arena,
			    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>"
			    "<VerProto>DM/1.2</VerProto><SessionID>%s</SessionID><MsgID>%d</MsgID>"
			    "<Target><LocURI>" WORLD_URL "</LocURI></Target>"
			    "<Source><LocURI>DEV</LocURI></Source></SyncHdr><SyncBody>%s</SyncBody>"
			    "</SyncML>",
			    session, msg, body);
}

const char *world_post(int msg, const char *body)
{
	return world_post_document(world_document("1", msg, body));
}
