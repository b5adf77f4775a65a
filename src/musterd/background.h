/* SPDX-License-Identifier: Apache-2.0 */
/*
 * background.h: the work nobody asks for by a request: telling Graph, refreshing signing keys,
 * re-judging compliance whose grace has run out, removing old rows. One thread, one worker of its
 * own, a table of jobs with their intervals.
 */
#ifndef MUSTER_MUSTERD_BACKGROUND_H
#define MUSTER_MUSTERD_BACKGROUND_H

#include "edge/run.h"

struct background;

MUST_CHECK int background_start(struct background **ret, struct edge_context *context,
				struct trail *trail);
/* Lets the running jobs finish what they are at, then joins their threads. A job waits for others a
 * few seconds at most once context->is_stopping is set. */
void background_stop(struct background *background);

#endif
