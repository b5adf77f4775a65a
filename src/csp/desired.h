/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desired.h: what a device is wanted to have, against what it was last told: the difference is
 * what to send.
 *
 * A setting is sent when it is new or its value changed, deleted when nobody assigns it any more,
 * and otherwise left alone. One that failed is sent again only as its status deserves, a bounded
 * number of times, until its value changes. Rows and settings meet by (user, normal LocURI).
 * Pure: it neither sends nor stores; desired_sent and desired_answered say what to store.
 */
#ifndef MUSTER_CSP_DESIRED_H
#define MUSTER_CSP_DESIRED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "model/policy.h"

/* policy_id of settings the server itself wants. They are never deleted from a device: a policy
 * of an administrator takes their place, or they are forgotten. */
#define DESIRED_SETUP "setup"

enum {
	DESIRED_TRIES = 5,            /* of a setting whose failure may go away */
	DESIRED_USER_TRIES = 50,      /* of one that only waits for a user context */
	DESIRED_BACKOFF_S = 15 * 60,  /* after the first failure; four times as long after each */
	DESIRED_SILENCE_S = 24 * 3600 /* between tries of one that never gets an answer */
};

/* Ordered by precedence: of two for the same node the first one wins. */
struct desired_setting {
	const char *policy_id;
	const char *user_object_id; /* "" for device scope */
	struct setting setting;
	bool is_held;     /* whether it is wanted cannot be known now: neither send nor delete */
	bool is_together; /* the device takes it only in one Atomic with its neighbours of the kind
			   */
};

struct desired_input {
	const struct desired_setting *wants;
	size_t want_count;
	const struct applied_setting *have;
	size_t have_count;
	const char *user_object_id; /* whose ./User can be reached; "" nobody's */
	int64_t now;
};

enum desired_kind {
	DESIRED_SEND,  /* send verb, store desired_sent */
	DESIRED_FORGET /* send nothing, remove the row */
};

struct desired_change {
	enum desired_kind kind;
	enum command_verb verb;             /* Add, Replace, Delete */
	const struct setting *setting;      /* as the administrator wrote it; NULL for Delete */
	const struct applied_setting *have; /* NULL: the device was never told */
	const char *policy_id;
	const char *user_object_id;
	const char *locuri; /* normal form: the key of the row */
	const char *value_sha256;
	bool is_together; /* as the setting says; false for Delete */
};

/* Deletes first, then the rest in the order of wants. */
void desired_diff(struct arena *arena, const struct desired_input *in, struct desired_change **ret,
		  size_t *ret_n);

/* The row to store when the change is sent. */
struct applied_setting desired_sent(const struct desired_change *change, const char *tenant_id,
				    const char *device_id, int64_t now);

/* Work a status into the row of the setting it answers. False: the row is to be removed, the
 * node is gone from the device. */
MUST_CHECK bool desired_answered(struct applied_setting *row, enum command_verb verb,
				 int64_t status, int64_t now);

/* What value_sha256 holds: lower-case hex of SHA-256 of format, NUL, data. */
char *desired_hash(struct arena *arena, const struct setting *setting);

#endif
