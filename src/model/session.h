/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: one management session of a device, as it must survive between two of its messages.
 *
 * A session belongs to the device it was started for and to nothing else: the client's SessionID
 * repeats over time and is only compared inside the newest session of that device. What was sent
 * is in the command rows (session_id, msg_id, cmd_id); here is only what the next message needs,
 * and what is needed to answer the last message once more with the same words. Bodies are not kept.
 */
#ifndef MUSTER_MODEL_SESSION_H
#define MUSTER_MODEL_SESSION_H

#include "model/device.h"

enum session_state {
	SESSION_ACTIVE,
	SESSION_ENDED,   /* we had nothing more to send */
	SESSION_ABORTED, /* the client gave up, or refused our header */
	SESSION_REPLACED /* a newer one began before this one came to its end */
};

/* What the client said about who is signed in; SESSION_LOGIN_UNSAID is not the same as none. */
enum session_login {
	SESSION_LOGIN_UNSAID,
	SESSION_LOGIN_USER,
	SESSION_LOGIN_OTHERS,
	SESSION_LOGIN_NONE
};

struct dm_session {
	const char *tenant_id;
	const char *device_id;
	const char *id;         /* ours: time-ordered GUID; what command.session_id holds */
	const char *session_id; /* the client's, verbatim */
	enum session_state state;
	int64_t msg_id;             /* of the last message handled */
	int64_t revision;           /* +1 at every write: the guard against a concurrent writer */
	const char *request_sha256; /* hex, of the last message */
	const char *reply_codes;    /* statuses and alert of the last reply: "200 200 213;1222" */
	enum session_login login;
	const char *user_object_id; /* the user that ./User means in this session; "" nobody */
	/* A large object of which not all chunks have come; partial_uri "" when there is none. */
	const char *partial_uri;
	const char *partial_ref; /* "MsgRef/CmdRef" of the Results it is part of */
	int64_t partial_size;    /* as announced; 0 unknown */
	const char *partial_data;
	int64_t started_at;
	int64_t updated_at;
	int64_t ended_at; /* 0 while active */
};

ENUM_NAMES(session_state); /* active | ended | aborted | replaced */
ENUM_NAMES(session_login); /* unsaid | user | others | none */

#endif
