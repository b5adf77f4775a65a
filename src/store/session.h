/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: management sessions: the live one of a device, and what is left of earlier ones.
 * Key: (tenant_id, device_id, id). SyncML session ids repeat over time, so each session has an id
 * of its own, and at most one row of a device is live (ended_at 0).
 */
#ifndef MUSTER_STORE_SESSION_H
#define MUSTER_STORE_SESSION_H

#include "store/store.h"

struct session_row {
	const char *tenant_id;
	const char *device_id;
	const char *id;         /* time-ordered GUID; what struct command.session_id refers to */
	const char *session_id; /* SyncML SessionID, as sent by the device */
	int64_t client_msg_id;  /* of the last message taken */
	int64_t server_msg_id;  /* of the last reply */
	const char *state;      /* JSON, the session step's own; "{}" */
	const char *user_object_id; /* user whose token was proved in this session, "" */
	const char *login_status;   /* user | others | none | disputed | "" */
	const char *origin;         /* UserAgentOrigin as sent, "" */
	int64_t started_at;
	int64_t updated_at;
	int64_t ended_at;       /* 0: live */
	const char *end_reason; /* final | replaced | abort | unenrolled | expired ... */
	const char *last_reply; /* for a message that comes again; emptied when the session ends */
	const char *last_request_sha256; /* hex */
};

/* The live session of the device if it has this SyncML id. STORE_E_NOT_FOUND. */
MUST_CHECK int store_session_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text device_id, struct text session_id,
				  struct session_row *ret);
/* The session that a message of the device can belong to: the live one, else the one that ended
 * last and still has its reply, else the one with the highest id. Ids alone do not tell, as the
 * clock may have been set back between two of them. STORE_E_NOT_FOUND. */
MUST_CHECK int store_session_latest(struct db_conn *conn, struct arena *arena,
				    struct text tenant_id, struct text device_id,
				    struct session_row *ret);
/* Ends the live session of the device, if any, as "replaced", adds this one, and removes the
 * oldest ended ones beyond SESSION_HISTORY_KEPT. STORE_E_CONFLICT: the id, or no such device. */
MUST_CHECK int store_session_begin(struct db_conn *tx, const struct session_row *row);
/* Everything that changes in a live session, by its key; only while the row still has
 * expected_client_msg_id, so that of two equal messages one wins. With ended_at it ends here; its
 * last reply then stays, for a message that comes again, until the next session begins.
 * STORE_E_NOT_FOUND. */
MUST_CHECK int store_session_save(struct db_conn *tx, const struct session_row *row,
				  int64_t expected_client_msg_id);
/* STORE_E_NOT_FOUND: not there or ended. */
MUST_CHECK int store_session_end(struct db_conn *tx, struct text tenant_id, struct text device_id,
				 struct text id, struct text reason, int64_t now);
/* Newest first, older than the id `after`; without state and last_reply. */
MUST_CHECK int store_session_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				  struct text device_id, struct text after, size_t limit,
				  struct session_row **ret, size_t *ret_n);

enum { SESSION_HISTORY_KEPT = 50 };

#endif
