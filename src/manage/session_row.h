/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_row.h: struct manage_session to and from the row the store keeps.
 */
#ifndef MUSTER_MANAGE_SESSION_ROW_H
#define MUSTER_MANAGE_SESSION_ROW_H

#include "manage/session.h"
#include "store/session.h"

void manage_session_from_row(struct arena *arena, const struct session_row *row,
			     struct manage_session *ret);
/* origin and last_reply are the caller's to fill in. */
struct session_row manage_session_to_row(struct arena *arena, const struct device *device,
					 const struct manage_session *session);

#endif
