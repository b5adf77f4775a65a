/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit.c: the one transaction of a message: session, commands, settings, facts, device, verdict
 * on compliance or retirement, audit. The first message under a renewed certificate also ends the
 * ones before it.
 *
 * The step decided on what it read before the transaction. Where that could have changed since, the
 * transaction checks it again: the certificate still active and the device still enrolled, or the
 * message is refused; the session's last MsgID and a command still queued, or the whole is given up
 * as stale. An answer to a command that was cancelled meanwhile is dropped. The transaction may run
 * more than once, so it does nothing but database work.
 */
#include "manage/commit.h"

#include "base/json.h"
#include "comply/comply.h"
#include "manage/first.h"
#include "manage/unenrol.h"
#include "model/audit.h"
#include "store/applied.h"
#include "store/audit.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/group.h"

struct work {
	const struct manage_commit *commit;
	struct arena *arena;
	struct text tenant;
	struct text device;
	int64_t now;
	struct command *commands; /* of the reply, those made in the step with an id by now */
	bool *is_new;
	const struct enrollment *first; /* of the device's first session; NULL */
};

/* Whose groups decide what this device gets: the user it belongs to, the user at it now. */
static int commit_users(struct db_conn *tx, const struct work *work)
{
	const struct manage_commit *commit = work->commit;
	const char *users[] = {commit->device->user_object_id, commit->out->session.user_object_id};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(users) && r == 0; i++) {
		if (uuid_is(text_of(users[i])) && (i == 0 || strcmp(users[i], users[0]) != 0))
			r = store_group_want(tx, work->tenant, text_of(users[i]), work->now);
	}
	return r;
}

static int commit_session(struct db_conn *tx, const struct work *work)
{
	const struct manage_commit *commit = work->commit;
	int r;

	if (commit->mode == MANAGE_CONTINUE)
		return store_session_save(tx, &commit->row, commit->expected_msg_id);
	r = commit_users(tx, work);
	if (r == 0)
		r = store_command_drop_derived(tx, work->tenant, work->device, work->now);
	if (r == 0)
		r = store_command_requeue_unanswered(tx, work->tenant, work->device);
	return r ? r : store_session_begin(tx, &commit->row);
}

static int commit_answers(struct db_conn *tx, const struct work *work)
{
	const struct manage_output *out = work->commit->out;

	for (size_t i = 0; i < out->answer_count; i++) {
		const struct manage_answer *answer = &out->answers[i];
		int r = store_command_answer(tx, work->tenant, work->device,
					     text_of(answer->command->id), answer->status,
					     text_of(answer->original_error), work->now);

		/* Cancelled meanwhile: the answer to it is of no more interest. */
		if (r && r != STORE_E_NOT_FOUND)
			return r;
	}
	return 0;
}

static int commit_commands(struct db_conn *tx, const struct work *work)
{
	int r = 0;

	for (size_t i = 0; i < work->commit->out->command_count && r == 0; i++) {
		const struct command *command = &work->commands[i];

		if (work->is_new[i])
			r = store_command_add(tx, command);
		else
			r = store_command_mark_sent(tx, work->tenant, work->device,
						    text_of(command->id),
						    text_of(command->session_id), command->msg_id,
						    command->cmd_id, command->sent_at);
	}
	return r;
}

static int commit_settings(struct db_conn *tx, const struct work *work)
{
	const struct manage_output *out = work->commit->out;
	int r = 0;

	for (size_t i = 0; i < out->forgotten_count && r == 0; i++)
		r = store_applied_remove(tx, work->tenant, work->device,
					 text_of(out->forgotten[i].user_object_id),
					 text_of(out->forgotten[i].locuri));
	for (size_t i = 0; i < out->applied_count && r == 0; i++)
		r = store_applied_put(tx, &out->applied[i]);
	return r;
}

static const char *said(const struct manage_output *out, const char *fact, const char *otherwise)
{
	for (size_t i = 0; i < out->fact_count; i++) {
		if (!strcmp(out->facts[i].name, fact) && *out->facts[i].value)
			return out->facts[i].value;
	}
	return otherwise;
}

/* The device as it is now. The enrolment that the message came from may have ended since: the
 * device was retired, or enrolled again and has another certificate. */
static int load_device(struct db_conn *tx, const struct work *work, struct device *ret,
		       struct device_certificate *ret_certificate)
{
	int r = store_device_by_certificate(tx, work->arena, text_of(work->commit->certificate),
					    ret, ret_certificate);

	if (r < 0)
		return r;
	if (r || ret_certificate->state != CERTIFICATE_ACTIVE || ret->state != DEVICE_ENROLLED ||
	    !text_eq_c(work->tenant, ret->tenant_id) || !text_eq_c(work->device, ret->id))
		return MANAGE_E_RETIRED;
	return 0;
}

static const char *switch_detail(const struct work *work,
				 const struct device_certificate *certificate)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, work->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "certificate_sha256", certificate->sha256);
	json_add_time(&w, "not_after", certificate->not_after);
	json_end_object(&w);
	return buf.data;
}

/* The device has shown that it has its new certificate: all older ones end here. */
static int switch_certificate(struct db_conn *tx, const struct work *work,
			      const struct device_certificate *certificate, struct device *device)
{
	const struct op *op = work->commit->op;
	const struct audit_entry entry = {
	    .tenant_id = device->tenant_id,
	    .id = store_new_id(work->arena),
	    .at = work->now,
	    .actor = arena_printf(work->arena, "device:%s", device->id),
	    .action = "device.renewed",
	    .object_kind = "device",
	    .object_id = device->id,
	    .outcome = "ok",
	    .source = op->source,
	    .trace_id = op->trace_id,
	    .detail = switch_detail(work, certificate),
	};
	int r = store_certificate_supersede_all(tx, work->tenant, work->device,
						text_of(certificate->id), op->now);

	device->certificate_not_after = certificate->not_after;
	return r ? r : store_audit_add(tx, &entry);
}

static int note_use(struct db_conn *tx, const struct work *work,
		    const struct device_certificate *certificate, struct device *device)
{
	int r;

	if (certificate->first_used_at != 0)
		return 0;
	r = store_certificate_first_use(tx, work->tenant, text_of(certificate->id), work->now);
	if (r == 0 && *certificate->renews_id)
		r = switch_certificate(tx, work, certificate, device);
	return r > 0 ? ERR_INTERNAL : r;
}

/* What the device said about itself. */
static int commit_device(struct db_conn *tx, const struct work *work, struct device *device,
			 bool *ret_is_first)
{
	const struct manage_output *out = work->commit->out;
	struct device_certificate certificate;
	int r = load_device(tx, work, device, &certificate);

	if (r == 0)
		r = note_use(tx, work, &certificate, device);
	if (r)
		return r;
	*ret_is_first = device->last_seen_at == 0;
	device->last_seen_at = work->now;
	device->os_version = said(out, "os_version", device->os_version);
	device->os_edition = said(out, "os_edition", device->os_edition);
	device->name = said(out, "device_name", device->name);
	if (work->commit->mode == MANAGE_BEGIN)
		device->is_sync_wanted = false;
	r = store_device_update(tx, device);
	return r > 0 ? ERR_INTERNAL : r;
}

static int commit_retirement(struct db_conn *tx, const struct work *work,
			     const struct device *device, const char *reason)
{
	const struct op *op = work->commit->op;
	struct manage_retirement how = {
	    .reason = reason,
	    .actor = arena_printf(work->arena, "device:%s", device->id),
	    .source = op->source,
	    .trace_id = op->trace_id,
	    .now = work->now,
	};
	int r = manage_retire(tx, work->arena, device, &how);

	return r > 0 ? ERR_INTERNAL : r;
}

/* What follows from the message: the device leaves, or its facts are judged again. */
static int commit_consequence(struct db_conn *tx, const struct work *work,
			      const struct device *device)
{
	const struct manage_output *out = work->commit->out;

	if (out->session.end == MANAGE_END_UNENROLLED)
		return commit_retirement(tx, work, device, "unenrolled");
	if (out->session.end == MANAGE_END_WIPED)
		return commit_retirement(tx, work, device, "wiped");
	if (!out->fact_count && out->session.end == MANAGE_LIVE)
		return 0;
	return comply_evaluate(tx, work->arena, work->now, device);
}

static int commit_all(struct db_conn *tx, void *argument)
{
	const struct work *work = argument;
	const struct manage_output *out = work->commit->out;
	struct device device;
	bool is_first;
	int r = commit_device(tx, work, &device, &is_first);

	if (r)
		return r;
	r = commit_session(tx, work);
	if (r == 0)
		r = manage_first_write(tx, work->commit, work->first, is_first);
	if (r == 0)
		r = commit_answers(tx, work);
	if (r == 0)
		r = commit_commands(tx, work);
	if (r == 0)
		r = commit_settings(tx, work);
	if (r == 0 && out->fact_count)
		r = store_fact_put(tx, work->tenant, work->device, out->facts, out->fact_count);
	/* A row that was there is gone, or one that was not there is: somebody else wrote. */
	if (r > 0)
		return MANAGE_STALE;
	if (r == 0)
		r = commit_consequence(tx, work, &device);
	return r > 0 ? ERR_INTERNAL : r;
}

static void name_commands(struct work *work)
{
	const struct manage_output *out = work->commit->out;

	work->commands = ARENA_ARRAY(work->arena, out->command_count, struct command);
	work->is_new = ARENA_ARRAY(work->arena, out->command_count, bool);
	for (size_t i = 0; i < out->command_count; i++) {
		work->commands[i] = out->commands[i];
		work->is_new[i] = !*out->commands[i].id;
		if (work->is_new[i])
			work->commands[i].id = store_new_id(work->arena);
	}
}

int manage_commit(struct manage_commit *commit)
{
	struct op *op = commit->op;
	struct work work = {
	    .commit = commit,
	    .arena = op->arena,
	    .tenant = text_of(commit->device->tenant_id),
	    .device = text_of(commit->device->id),
	    .now = op->now,
	};
	int r;

	name_commands(&work);
	r = manage_first_prepare(commit, &work.first);
	if (r == 0)
		r = db_transact(op->db, commit_all, &work);
	return r < 0 ? ERR_FAIL(&op->trail, r, "session: %s", db_error(op->db)) : r;
}
