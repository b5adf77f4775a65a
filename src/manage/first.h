/* SPDX-License-Identifier: Apache-2.0 */
/*
 * first.h: the first session of a device, the last step of its joining, as an attempt among the
 * others (stage session). Private to src/manage.
 */
#ifndef MUSTER_MANAGE_FIRST_H
#define MUSTER_MANAGE_FIRST_H

#include "manage/commit.h"

/* The attempt to be written when this message is a device's first, placed in its story; NULL
 * otherwise. Outside the transaction. */
MUST_CHECK int manage_first_prepare(const struct manage_commit *commit,
				    const struct enrollment **ret);
/* In the transaction of the message. is_first: the device had never been seen. Of a first session
 * that goes on, what the device would not do is written to its attempt. */
MUST_CHECK int manage_first_write(struct db_conn *tx, const struct manage_commit *commit,
				  const struct enrollment *attempt, bool is_first);

#endif
