/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit.h: making what a session step decided durable. Private to src/manage.
 */
#ifndef MUSTER_MANAGE_COMMIT_H
#define MUSTER_MANAGE_COMMIT_H

#include "manage/session.h"
#include "manage/session_row.h"
#include "model/op.h"

/* Another writer was faster: nothing was written; load and decide again. */
enum { MANAGE_STALE = 1000 };

struct manage_commit {
	struct op *op;
	const struct device *device;
	const char *certificate; /* SHA-256 of the one the message came with, hex */
	enum manage_mode mode;
	int64_t expected_msg_id; /* of the session before this message */
	const struct manage_output *out;
	struct session_row row;
};

/* 0, MANAGE_STALE, MANAGE_E_RETIRED, or negative. */
MUST_CHECK int manage_commit(struct manage_commit *commit);

#endif
