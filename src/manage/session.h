/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: what a management message means and what to answer, decided without any I/O:
 * (session, message, commands, wanted settings, now) -> (session, reply, answers, rows, facts).
 *
 * Two calls. manage_open says whether the message may be taken at all, which session it belongs
 * to, and whose ./User that session can reach; with that the caller loads what the second call
 * needs. manage_step does the rest. The caller makes everything in manage_output durable in one
 * transaction before it sends the reply, or drops all of it. Specification: MS-MDM 2.2 and 3,
 * OMA DM protocol 1.2.1; the rules by number are in the tests.
 */
#ifndef MUSTER_MANAGE_SESSION_H
#define MUSTER_MANAGE_SESSION_H

#include "csp/desired.h"
#include "model/compliance.h"
#include "model/device.h"
#include "model/policy.h"
#include "syncml/syncml.h"

enum manage_outcome {
	MANAGE_E_SOURCE_MISMATCH = 1, /* SyncHdr speaks for another device than the certificate */
	MANAGE_E_TARGET_MISMATCH = 2, /* meant for another server */
	MANAGE_E_SEQUENCE = 3,        /* no such session, or not the next message of it */
	MANAGE_E_RETIRED = 4          /* the device is no longer managed */
};

/* What the client said about who is signed in. Not said is not the same as nobody. */
enum manage_login {
	MANAGE_LOGIN_UNSAID,
	MANAGE_LOGIN_USER,
	MANAGE_LOGIN_OTHERS,
	MANAGE_LOGIN_NONE,
	MANAGE_LOGIN_DISPUTED /* tokens of the session named two users: ./User may be either's */
};

enum manage_end {
	MANAGE_LIVE,
	MANAGE_END_FINAL,      /* nothing more to send */
	MANAGE_END_ABORT,      /* the client gave up, or refused our header */
	MANAGE_END_UNENROLLED, /* the client is leaving */
	MANAGE_END_WIPED       /* the client will forget all it knows, this server too */
};

/* A value that comes in chunks. uri "" when there is none. */
struct manage_partial {
	const char *uri;
	const char *ref; /* "MsgRef/CmdRef" of the Results it is part of */
	int64_t size;    /* as announced; 0: not */
	const char *data;
};

struct manage_session {
	const char *id;         /* ours, time-ordered; what struct command.session_id holds */
	const char *session_id; /* the client's */
	int64_t msg_id;         /* of the last message taken */
	enum manage_end end;
	enum manage_login login;
	const char *user_object_id; /* whose ./User this session can reach; "" nobody's */
	const char *request_sha256; /* of the last message */
	struct manage_partial partial;
	int64_t started_at;
	int64_t updated_at;
};

enum manage_mode {
	MANAGE_BEGIN,    /* a new session: anything an older one left unanswered is sent again */
	MANAGE_CONTINUE, /* the next message of the session */
	MANAGE_REPLAY    /* the last message once more: give the same reply, change nothing */
};

struct manage_opening {
	const struct device *device;
	const struct manage_session *session; /* the newest one of the device; NULL: none */
	const struct syncml *message;
	const char *request_sha256;
	const char *new_id;     /* for a session that begins */
	const char *url;        /* of this server's management endpoint; "": do not compare */
	const char *token_user; /* object id a validated token of the device's tenant names; "" */
	bool is_user_disputed;  /* two validated tokens of this message name two users */
	int64_t now;
};

/* The same endpoint: host, port and path without regard to case, the query left out. */
bool manage_url_is_same(struct text a, struct text b);

/* Whether and how to take a message, or an enum manage_outcome. ret->end is MANAGE_LIVE unless
 * the mode is MANAGE_REPLAY. */
MUST_CHECK int manage_open(struct arena *arena, const struct manage_opening *in,
			   struct manage_session *ret, enum manage_mode *ret_mode);

/* How long the first message of a session counts as the same one when it comes again. */
enum { MANAGE_REPLAY_S = 15 * 60 };

struct manage_input {
	const struct device *device;
	const struct manage_session *session; /* from manage_open */
	const struct syncml *message;
	const char *url;
	const struct command *sent; /* all of this session, answered or not */
	size_t sent_count;
	const struct command *queued; /* in the order of delivery */
	size_t queued_count;
	const struct desired_setting *wants; /* setup included, see setup.h */
	size_t want_count;
	const struct applied_setting *applied;
	size_t applied_count;
	const struct fact *facts;
	size_t fact_count;
	int64_t now;
};

/* One of `sent`, and what the device answered. */
struct manage_answer {
	const struct command *command;
	int64_t status;
	const char *original_error;
};

struct manage_output {
	struct manage_session session;
	struct syncml reply;
	struct manage_answer *answers;
	size_t answer_count;
	struct command *commands; /* in the reply; id "": made here, to be added */
	size_t command_count;
	struct applied_setting *applied; /* to be put */
	size_t applied_count;
	struct applied_setting *forgotten; /* to be removed */
	size_t forgotten_count;
	struct fact *facts; /* said in this message */
	size_t fact_count;
	size_t ignored; /* Status and Results that answer nothing we sent */
};

void manage_step(struct arena *arena, const struct manage_input *in, struct manage_output *ret);

/* The Entra user token that a message carries as an alert; ptr NULL: none. Not validated. */
struct text manage_message_token(const struct syncml *message);

#endif
