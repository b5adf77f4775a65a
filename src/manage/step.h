/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h: the working state of one manage_step, shared by its parts: receiving (what the message
 * says), chunks (values that come in pieces) and delivering (what to send next). Private to
 * src/manage; everything in it lives in the arena of the step.
 *
 * All arrays have their final capacity from the start: each is bounded by the size of the message
 * or by a limit of the reply.
 */
#ifndef MUSTER_MANAGE_STEP_H
#define MUSTER_MANAGE_STEP_H

#include "manage/session.h"

struct step {
	struct arena *arena;
	const struct manage_input *in;
	struct manage_output *out;
	struct syncml_command *reply;
	size_t reply_count;
	size_t ids;         /* CmdIDs given */
	size_t reply_bytes; /* envelope included */
	size_t owed;        /* commands of ours in the reply that the client must answer */
	struct applied_setting *have; /* as in->applied, with this message's answers worked in */
	const char **have_uris;       /* their normal LocURIs */
	bool *is_changed;             /* rows of `have` to be stored */
	bool *is_gone;                /* rows of `have` to be removed */
	bool *is_answered;            /* by index of in->sent */
	const char **sent_uris;       /* normal LocURIs, by index of in->sent */
	bool is_aborted;              /* by the client: no commands, the session is over */
	bool is_stopped;              /* the client runs nothing more: no commands */
	bool is_unenrolled;
	bool is_wiped;         /* the client took our order to wipe itself */
	bool is_chunk_missing; /* a chunk was expected and something else came */
};

/* Append to the reply and count its bytes. CmdID is given here. */
void step_add(struct step *step, struct syncml_command command);
/* The same for an Atomic around n commands, whose CmdIDs follow its own. */
void step_add_atomic(struct step *step, struct syncml_command *members, size_t n);
void step_add_fact(struct step *step, const char *name, struct text value);
/* The one of ours that an answer names; NULL: none. */
const struct command *step_find(const struct step *step, struct text msg_ref, struct text cmd_ref);

/* receive.c: work every command of the message in and answer those that are owed a Status. */
void step_receive(struct step *step);

enum chunk_result {
	CHUNK_WHOLE = 0,     /* the item holds all of its value */
	CHUNK_MORE = 1,      /* kept, the rest is to come: Status 213 */
	CHUNK_TOO_LARGE = 2, /* dropped: Status 413 */
	CHUNK_BAD_SIZE = 3   /* dropped: Status 424 */
};

/* chunk.c: take an item of a Results command; on CHUNK_WHOLE item->data is the whole value. */
enum chunk_result step_take_chunk(struct step *step, const struct syncml_command *results,
				  struct syncml_item *item);
/* Before the first command: a message without the chunk that is due ends it. */
void step_expect_chunk(struct step *step);
void step_drop_partial(struct step *step);
bool step_has_partial(const struct step *step);

/* deliver.c: fill the reply with what is to be sent, within its budget. */
void step_deliver(struct step *step);

#endif
