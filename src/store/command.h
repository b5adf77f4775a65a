/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h: commands to devices and their answers. Key: (tenant_id, device_id, id); the id is
 * time-ordered and is the order of delivery. An answer is stored only for a command that is SENT.
 * struct command.session_id holds session_row.id, because SyncML session ids repeat.
 */
#ifndef MUSTER_STORE_COMMAND_H
#define MUSTER_STORE_COMMAND_H

#include "model/policy.h"
#include "store/store.h"

/* A queued row, or one that is already sent. STORE_E_CONFLICT: the id, or no such device. */
MUST_CHECK int store_command_add(struct db_conn *tx, const struct command *command);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_command_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text device_id, struct text id, struct command *ret);
/* Queued ones in order of delivery. */
MUST_CHECK int store_command_pending(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text device_id, size_t limit,
				     struct command **ret, size_t *ret_n);
MUST_CHECK int store_command_count_pending(struct db_conn *conn, struct text tenant_id,
					   struct text device_id, int64_t *ret);
/* The SENT command that an answer's MsgRef and CmdRef name. STORE_E_NOT_FOUND. */
MUST_CHECK int store_command_find_sent(struct db_conn *conn, struct arena *arena,
				       struct text tenant_id, struct text device_id,
				       struct text session_id, int64_t msg_id, int64_t cmd_id,
				       struct command *ret);
/* QUEUED -> SENT. STORE_E_NOT_FOUND: not queued. */
MUST_CHECK int store_command_mark_sent(struct db_conn *tx, struct text tenant_id,
				       struct text device_id, struct text id,
				       struct text session_id, int64_t msg_id, int64_t cmd_id,
				       int64_t now);
/* SENT -> ANSWERED. STORE_E_NOT_FOUND: not sent, or answered before. */
MUST_CHECK int store_command_answer(struct db_conn *tx, struct text tenant_id,
				    struct text device_id, struct text id, int64_t status,
				    struct text original_error, int64_t now);
/* QUEUED -> CANCELLED, one command. STORE_E_NOT_FOUND: not queued. */
MUST_CHECK int store_command_cancel(struct db_conn *tx, struct text tenant_id,
				    struct text device_id, struct text id, int64_t now);
/* QUEUED, SENT -> CANCELLED, all of a device: it leaves. */
MUST_CHECK int store_command_cancel_all(struct db_conn *tx, struct text tenant_id,
					struct text device_id, int64_t now);
/* SENT -> QUEUED for all of a device: a new session began before they were answered. */
MUST_CHECK int store_command_requeue_unanswered(struct db_conn *tx, struct text tenant_id,
						struct text device_id);

/* What the server sends by itself (origins policy:..., setup, inventory) is made anew in each
 * session. SENT settings -> CANCELLED; questions of earlier sessions are removed. For the begin of
 * a session, before store_command_requeue_unanswered. */
MUST_CHECK int store_command_drop_derived(struct db_conn *tx, struct text tenant_id,
					  struct text device_id, int64_t now);
/* All that a session sent, in that order. */
MUST_CHECK int store_command_list_session(struct db_conn *conn, struct arena *arena,
					  struct text tenant_id, struct text device_id,
					  struct text session_id, struct command **ret,
					  size_t *ret_n);

/* Exact matches; the empty text leaves a field out. */
struct command_filter {
	struct text state;
	struct text origin;
	struct text session_id; /* session_row.id */
	struct text locuri;
};
/* Newest first, older than the id `after`. */
MUST_CHECK int store_command_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text device_id, const struct command_filter *filter,
				  struct text after, size_t limit, struct command **ret,
				  size_t *ret_n);
/* Removes answered and cancelled ones created before a time. */
MUST_CHECK int store_command_sweep(struct db_conn *tx, int64_t created_before);

#endif
