/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_manage.c: a hostile device in a management session. The input is the content of SyncBody of
 * up to eight messages, separated by the byte 0x01; each comes with a good header and the next
 * MsgID. Whatever it says: every reply is a message we would read ourselves, begins with the status
 * of the header, stays within its count, books answers only on commands that wait for one, sends
 * nothing after the client gave up, and nothing to ./User without a user.
 */
#include <stdlib.h>

#include "base/digest.h"
#include "base/limits.h"
#include "csp/csp.h"
#include "manage/session.h"
#include "manage/setup.h"
#include "syncml/locuri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES = 8, NOW = 1700000000, SENT_MAX = MESSAGES * LIMIT_SYNCML_REPLY_COMMANDS };

struct world {
	struct arena arena;
	struct device device;
	struct manage_session session;
	bool has_session;
	struct command sent[SENT_MAX];
	size_t sent_count;
	struct applied_setting applied[SENT_MAX];
	size_t applied_count;
	struct fact facts[256];
	size_t fact_count;
};

static const struct desired_setting wants[] = {
    {"p1", "", {"./Device/Vendor/MSFT/Policy/Config/A/B", "int", "1"}, false},
    {"p1", "", {"./Device/Vendor/MSFT/X/Xml", "xml", "<a><b/></a>"}, false},
    {"p2", "alice", {"./User/Vendor/MSFT/Policy/Config/A/B", "chr", "<enabled/>"}, false},
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_answers(const struct manage_input *in, const struct manage_output *out)
{
	for (size_t i = 0; i < out->answer_count; i++) {
		const struct command *command = out->answers[i].command;

		check(command >= in->sent && command < in->sent + in->sent_count);
		check(command->state == COMMAND_SENT && out->answers[i].status >= 100);
		for (size_t k = 0; k < i; k++)
			check(out->answers[k].command != command);
	}
	for (size_t i = 0; i < out->fact_count; i++)
		check(csp_fact_node(text_of(out->facts[i].name)) != NULL &&
		      strlen(out->facts[i].value) <= LIMIT_SYNCML_FACT);
}

static void check_reply(struct world *w, const struct manage_output *out)
{
	bool is_over =
	    out->session.end == MANAGE_END_ABORT || out->session.end == MANAGE_END_UNENROLLED;
	struct syncml again;
	struct buf buf;

	buf_init(&buf, &w->arena);
	syncml_write(&buf, &out->reply);
	check(syncml_read(&w->arena, buf_text(&buf), &again) == 0);
	check(again.command_count == out->reply.command_count);
	check(again.commands[0].verb == SYNCML_STATUS && text_eq_c(again.commands[0].cmd_ref, "0"));
	check(out->command_count <= LIMIT_SYNCML_REPLY_COMMANDS);
	check(!out->command_count || (out->reply.is_final && !is_over));
	for (size_t i = 0; i < out->command_count; i++) {
		const struct command *command = &out->commands[i];

		check(locuri_scope(text_of(command->locuri)) == command->scope);
		check(command->scope == SCOPE_DEVICE ||
		      (*out->session.user_object_id &&
		       !strcmp(command->user_object_id, out->session.user_object_id)));
	}
}

static void keep(struct world *w, const struct manage_input *in, const struct manage_output *out)
{
	for (size_t i = 0; i < out->answer_count; i++)
		w->sent[out->answers[i].command - in->sent].state = COMMAND_ANSWERED;
	for (size_t i = 0; i < out->command_count && w->sent_count < SENT_MAX; i++)
		w->sent[w->sent_count++] = out->commands[i];
	for (size_t i = 0; i < out->applied_count; i++) {
		size_t k = 0;

		while (k < w->applied_count &&
		       (strcmp(w->applied[k].locuri, out->applied[i].locuri) != 0 ||
			strcmp(w->applied[k].user_object_id, out->applied[i].user_object_id) != 0))
			k++;
		check(k < SENT_MAX);
		w->applied[k] = out->applied[i];
		w->applied_count += k == w->applied_count;
	}
	/* Only what is asked depends on facts, and the first of a name is the one looked at. */
	for (size_t i = 0; i < out->fact_count && w->fact_count < ARRAY_LEN(w->facts); i++)
		w->facts[w->fact_count++] = out->facts[i];
	w->session = out->session;
}

static void take(struct world *w, struct syncml *message, struct manage_session *session)
{
	struct desired_setting all[ARRAY_LEN(wants) + MANAGE_SETUP_MAX];
	struct manage_input in = {.device = &w->device,
				  .session = session,
				  .message = message,
				  .url = "",
				  .wants = all,
				  .now = NOW};
	struct manage_output out;

	memcpy(all, wants, sizeof(wants));
	in.want_count =
	    ARRAY_LEN(wants) + manage_setup(&w->arena, &w->device, w->facts, w->fact_count,
					    session->user_object_id, all + ARRAY_LEN(wants));
	in.sent = w->sent;
	in.sent_count = w->sent_count;
	in.applied = w->applied;
	in.applied_count = w->applied_count;
	in.facts = w->facts;
	in.fact_count = w->fact_count;
	manage_step(&w->arena, &in, &out);
	check_answers(&in, &out);
	check_reply(w, &out);
	keep(w, &in, &out);
}

static bool post(struct world *w, int64_t number, struct text body)
{
	char *document = arena_printf(
	    &w->arena,
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>%lld"
	    "</MsgID><Source><LocURI>DEV</LocURI></Source></SyncHdr><SyncBody>%.*s</SyncBody>"
	    "</SyncML>",
	    (long long)number, TEXT_ARG(body));
	struct syncml message;
	struct manage_session session;
	enum manage_mode mode;
	struct manage_opening opening = {
	    .device = &w->device,
	    .session = w->has_session ? &w->session : NULL,
	    .message = &message,
	    .request_sha256 = digest_sha256_hex(&w->arena, text_of(document)),
	    .new_id = "s",
	    .url = "",
	    .token_user = "alice",
	    .now = NOW,
	};

	if (syncml_read(&w->arena, text_of(document), &message) != 0 ||
	    manage_open(&w->arena, &opening, &session, &mode) != 0 || mode == MANAGE_REPLAY)
		return false;
	check(!w->has_session == (mode == MANAGE_BEGIN));
	w->has_session = true;
	take(w, &message, &session);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct text rest = text_make(data, size);

	memset(&w, 0, sizeof(w));
	arena_init(&w.arena);
	w.device = (struct device){.tenant_id = "t",
				   .id = "dev",
				   .dm_device_id = "DEV",
				   .enrollment_type = ENROLLMENT_DEVICE,
				   .user_object_id = "alice",
				   .user_principal_name = "",
				   .state = DEVICE_ENROLLED};
	for (int i = 1; i <= MESSAGES && rest.ptr; i++) {
		if (!post(&w, i, text_cut(&rest, 1)))
			break;
	}
	arena_done(&w.arena);
	return 0;
}
