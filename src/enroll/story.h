/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h: a joining told in a sentence, from its attempts. Pure. Which attempts belong together is
 * in store/story.h.
 */
#ifndef MUSTER_ENROLL_STORY_H
#define MUSTER_ENROLL_STORY_H

#include "base/arena.h"
#include "model/device.h"

struct enroll_story {
	const char *state;                /* open | enrolled | joined | refused | failed */
	const char *summary;              /* one sentence */
	const struct enrollment *telling; /* the attempt that explains the state: the last one */
};

/* Of n attempts, first to last; n is at least 1. */
struct enroll_story enroll_story_tell(struct arena *arena, const struct enrollment *attempts,
				      size_t n);

#endif
