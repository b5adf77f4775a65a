/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manage.c: load, decide, commit, reply.
 *
 * Reading and deciding happen outside the transaction, so that the one writer of SQLite only
 * writes; what was read is checked again by the writes themselves, and a message that lost a race
 * is decided anew. A reply is kept, sealed because it can hold secrets of policies, until the next
 * message shows that it arrived.
 */
#include "manage/manage.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/json.h"
#include "manage/commit.h"
#include "manage/renewal.h"
#include "manage/setup.h"
#include "manage/targeting.h"
#include "model/audit.h"
#include "store/applied.h"
#include "store/audit.h"
#include "store/command.h"
#include "store/device.h"
#include "store/fact.h"

enum { MANAGE_ATTEMPTS = 4, MANAGE_QUEUE = 1000 };

struct turn {
	struct op *op;
	const struct manage_request *in;
	const char *request_sha256;
	struct session_row row; /* the newest session, as stored */
	bool has_row;
	struct manage_session before;
	struct manage_session session;
	enum manage_mode mode;
	struct manage_input input;
	struct manage_output out;
};

static struct text tenant_of(const struct turn *turn)
{
	return text_of(turn->in->device->tenant_id);
}

static struct text device_of(const struct turn *turn)
{
	return text_of(turn->in->device->id);
}

/* A token counts only inside the tenant of the enrolment, and not when it names another device. */
static const char *token_user(const struct manage_request *in)
{
	const struct entra_principal *user = in->user;
	const struct device *device = in->device;

	if (!user || strcmp(user->tenant_id, device->tenant_id) != 0)
		return "";
	if (*user->device_id && *device->entra_device_id &&
	    strcmp(user->device_id, device->entra_device_id) != 0)
		return "";
	return user->object_id;
}

static int load_session(struct turn *turn)
{
	struct op *op = turn->op;
	int r = store_session_latest(db_reader(op->db), op->arena, tenant_of(turn), device_of(turn),
				     &turn->row);

	turn->has_row = r == 0;
	if (r == 0)
		manage_session_from_row(op->arena, &turn->row, &turn->before);
	return r == STORE_E_NOT_FOUND ? 0 : r;
}

static int open_session(struct turn *turn)
{
	struct manage_opening opening = {
	    .device = turn->in->device,
	    .session = turn->has_row ? &turn->before : NULL,
	    .message = turn->in->message,
	    .request_sha256 = turn->request_sha256,
	    .new_id = store_new_id(turn->op->arena),
	    .url = turn->in->url,
	    .token_user = token_user(turn->in),
	    .is_user_disputed = turn->in->is_user_disputed,
	    .now = turn->op->now,
	};

	return manage_open(turn->op->arena, &opening, &turn->session, &turn->mode);
}

static bool is_derived(const struct command *command)
{
	return !strcmp(command->origin, DESIRED_SETUP) || !strcmp(command->origin, "inventory") ||
	       text_starts(text_of(command->origin), TEXT("policy:"));
}

static int by_id(const void *a, const void *b)
{
	const struct command *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static struct command order_make(struct turn *turn)
{
	return (struct command){
	    .tenant_id = turn->in->device->tenant_id,
	    .device_id = turn->in->device->id,
	    .id = "",
	    .verb = VERB_EXEC,
	    .scope = SCOPE_DEVICE,
	    .user_object_id = "",
	    .locuri = MANAGE_RENEW_NOW_URI,
	    .format = "null",
	    .data = "",
	    .origin = MANAGE_RENEW_ORIGIN,
	    .original_error = "",
	    .created_at = turn->op->now,
	};
}

/* A device that should have renewed its certificate and did not is told to. An order that waits is
 * enough. */
static int load_order(struct turn *turn, struct command *ret, size_t *ret_n)
{
	const struct command_filter ours = {.origin = TEXT(MANAGE_RENEW_ORIGIN)};
	struct db_conn *conn = db_reader(turn->op->db);
	struct arena *arena = turn->op->arena;
	struct device_certificate certificate;
	struct command *last;
	struct device device;
	size_t n;
	int r = store_device_by_certificate(conn, arena, text_of(turn->in->certificate), &device,
					    &certificate);

	*ret_n = 0;
	if (r || !manage_renewal_is_due(turn->op->config, &certificate, 0, turn->op->now))
		return r < 0 ? r : 0;
	r = store_command_list(conn, arena, tenant_of(turn), device_of(turn), &ours, TEXT_EMPTY, 1,
			       &last, &n);
	if (r)
		return r;
	if (n > 0 && (last->state == COMMAND_QUEUED || last->state == COMMAND_SENT ||
		      !manage_renewal_is_due(turn->op->config, &certificate, last->created_at,
					     turn->op->now)))
		return 0;
	*ret = order_make(turn);
	*ret_n = 1;
	return 0;
}

/* Queued commands, and at the begin of a session those that an older one left unanswered: the
 * transaction puts them back into the queue before it takes them out again. */
static int load_queue(struct turn *turn)
{
	const struct command_filter left = {.state = text_of(command_state_name(COMMAND_SENT))};
	struct db_conn *conn = db_reader(turn->op->db);
	struct arena *arena = turn->op->arena;
	struct command *queued, *sent = NULL, *all;
	size_t queued_count, sent_count = 0, n = 0;
	struct command order;
	size_t orders = 0;
	int r = store_command_pending(conn, arena, tenant_of(turn), device_of(turn), MANAGE_QUEUE,
				      &queued, &queued_count);

	if (r == 0 && turn->mode == MANAGE_BEGIN)
		r = store_command_list(conn, arena, tenant_of(turn), device_of(turn), &left,
				       TEXT_EMPTY, MANAGE_QUEUE, &sent, &sent_count);
	if (r == 0 && turn->mode == MANAGE_BEGIN)
		r = load_order(turn, &order, &orders);
	if (r)
		return r;
	all = ARENA_ARRAY(arena, queued_count + sent_count + orders, struct command);
	if (orders)
		all[n++] = order;
	for (size_t i = 0; i < queued_count; i++)
		all[n++] = queued[i];
	for (size_t i = 0; i < sent_count; i++) {
		if (!is_derived(&sent[i]))
			all[n++] = sent[i];
	}
	if (n)
		qsort(all, n, sizeof(*all), by_id);
	turn->input.queued = all;
	turn->input.queued_count = n;
	return 0;
}

static int load_sent(struct turn *turn)
{
	struct command *sent;
	int r;

	if (turn->mode == MANAGE_BEGIN)
		return 0;
	r = store_command_list_session(db_reader(turn->op->db), turn->op->arena, tenant_of(turn),
				       device_of(turn), text_of(turn->session.id), &sent,
				       &turn->input.sent_count);
	if (r == 0)
		turn->input.sent = sent;
	return r;
}

static int load_wants(struct turn *turn)
{
	struct manage_input *input = &turn->input;
	const char *user = turn->session.user_object_id;
	struct arena *arena = turn->op->arena;
	struct desired_setting *wants;
	struct applied_setting *applied;
	struct fact *facts;
	struct db_conn *conn = db_reader(turn->op->db);
	int r = store_fact_list(conn, arena, tenant_of(turn), device_of(turn), &facts,
				&input->fact_count);

	if (r == 0)
		r = store_applied_list(conn, arena, tenant_of(turn), device_of(turn), &applied,
				       &input->applied_count);
	if (r == 0)
		r = target_load(conn, arena, turn->op->keys, turn->in->device, user,
				MANAGE_SETUP_MAX + CSP_RENEW_SETTINGS, &wants, &input->want_count);
	if (r)
		return r;
	input->want_count += manage_setup(arena, turn->in->device, facts, input->fact_count, user,
					  wants + input->want_count);
	input->want_count +=
	    manage_renewal_wants(arena, turn->op->config, wants + input->want_count);
	input->facts = facts;
	input->applied = applied;
	input->wants = wants;
	return 0;
}

static struct text reply_place(struct turn *turn)
{
	return text_of(arena_printf(turn->op->arena, "sessions|%s|%s|%s|%lld",
				    turn->in->device->tenant_id, turn->in->device->id,
				    turn->session.id, (long long)turn->session.msg_id));
}

static int replay(struct turn *turn, struct buf *reply)
{
	struct op *op = turn->op;
	struct text plain;

	if (secret_open(op->arena, &op->keys->commands, reply_place(turn),
			text_of(turn->row.last_reply), &plain) != 0)
		return MANAGE_E_SEQUENCE;
	buf_add_text(reply, plain);
	return 0;
}

static int decide(struct turn *turn)
{
	int r;

	turn->input = (struct manage_input){
	    .device = turn->in->device,
	    .session = &turn->session,
	    .message = turn->in->message,
	    .url = turn->in->url,
	    .now = turn->op->now,
	};
	r = load_sent(turn);
	if (r == 0)
		r = load_queue(turn);
	if (r == 0)
		r = load_wants(turn);
	if (r == 0)
		manage_step(turn->op->arena, &turn->input, &turn->out);
	return r;
}

static int commit(struct turn *turn, const struct buf *reply)
{
	struct op *op = turn->op;
	struct manage_commit commit = {
	    .op = op,
	    .device = turn->in->device,
	    .certificate = turn->in->certificate,
	    .mode = turn->mode,
	    .expected_msg_id = turn->before.msg_id,
	    .out = &turn->out,
	    .row = manage_session_to_row(op->arena, turn->in->device, &turn->out.session),
	};

	commit.row.origin = arena_cstr(op->arena, text_take(turn->in->origin, 64));
	if (!turn->in->origin.len && turn->mode == MANAGE_CONTINUE)
		commit.row.origin = turn->row.origin;
	commit.row.last_reply =
	    secret_seal(op->arena, &op->keys->commands, reply_place(turn), buf_text(reply));
	return manage_commit(&commit);
}

/* One attempt. MANAGE_STALE: another one is worth it. */
static int attempt(struct op *op, const struct manage_request *in, const char *sha256,
		   struct buf *ret)
{
	struct turn turn = {.op = op, .in = in, .request_sha256 = sha256};
	struct buf reply;
	int r = load_session(&turn);

	if (r == 0)
		r = open_session(&turn);
	if (r)
		return r;
	if (turn.mode == MANAGE_REPLAY)
		return replay(&turn, ret);
	r = decide(&turn);
	if (r)
		return r;
	buf_init(&reply, op->arena);
	syncml_write(&reply, &turn.out.reply);
	r = commit(&turn, &reply);
	if (r == 0)
		buf_add_text(ret, buf_text(&reply));
	return r;
}

/* What a device claimed, short enough for a record and still UTF-8. */
static const char *shortened(struct arena *arena, struct text t)
{
	struct text cut = text_take(t.ptr ? t : TEXT_EMPTY, 256);

	while (cut.len && !text_is_utf8(cut))
		cut.len--;
	return arena_cstr(arena, cut);
}

static int add_audit(struct db_conn *tx, void *argument)
{
	return store_audit_add(tx, argument);
}

/* That one device spoke for another is worth an administrator's attention. */
static int audit_refusal(struct op *op, const struct manage_request *in, int outcome)
{
	struct json_writer w;
	struct buf detail;
	struct audit_entry entry = {
	    .tenant_id = in->device->tenant_id,
	    .id = store_new_id(op->arena),
	    .at = op->now,
	    .actor = arena_printf(op->arena, "device:%s", in->device->id),
	    .action = "device.session",
	    .object_kind = "device",
	    .object_id = in->device->id,
	    .outcome = "refused",
	    .source = op->source,
	    .trace_id = op->trace_id,
	};
	struct text claimed = outcome == MANAGE_E_SOURCE_MISMATCH ? in->message->header.source
								  : in->message->header.target;

	buf_init(&detail, op->arena);
	json_writer_init(&w, &detail);
	json_begin_object(&w, NULL);
	json_add_c(&w, "reason", manage_outcome_name(outcome));
	json_add_c(&w, "claimed", shortened(op->arena, claimed));
	json_end_object(&w);
	entry.detail = detail.data;
	return db_transact(op->db, add_audit, &entry);
}

int manage_message(struct op *op, const struct manage_request *in, struct buf *reply)
{
	const char *sha256 = digest_sha256_hex(op->arena, in->body);
	int r = MANAGE_STALE;

	for (int i = 0; i < MANAGE_ATTEMPTS && r == MANAGE_STALE; i++)
		r = attempt(op, in, sha256, reply);
	if (r == MANAGE_STALE)
		return ERR_FAIL(&op->trail, ERR_STORE, "the session changes under every attempt");
	if (r == MANAGE_E_SOURCE_MISMATCH || r == MANAGE_E_TARGET_MISMATCH) {
		int audited = audit_refusal(op, in, r);

		if (audited)
			return ERR_FAIL(&op->trail, ERR_STORE, "audit: %s", db_error(op->db));
	}
	return r < 0 ? ERR_TRACE(&op->trail, r) : r;
}

const char *manage_outcome_name(int outcome)
{
	static const char *const names[] = {
	    [MANAGE_E_SOURCE_MISMATCH] = "source_mismatch",
	    [MANAGE_E_TARGET_MISMATCH] = "target_mismatch",
	    [MANAGE_E_SEQUENCE] = "sequence",
	    [MANAGE_E_RETIRED] = "retired",
	};

	if (outcome <= 0 || (size_t)outcome >= ARRAY_LEN(names))
		return "none";
	return names[outcome];
}
