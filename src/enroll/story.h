/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h: a joining told in a sentence, from its attempts. Pure. Which attempts belong together is
 * in store/story.h.
 */
#ifndef MUSTER_ENROLL_STORY_H
#define MUSTER_ENROLL_STORY_H

#include "base/arena.h"
#include "model/device.h"

/* So long a device may take from its certificate to its first session before that is a fault. */
enum { ENROLL_STORY_WAIT_S = 600 };

struct enroll_story {
	const char *state;                /* story_state_name */
	const char *summary;              /* one sentence */
	const char *cause;                /* why it does not go on; "" where it does */
	const char *remedy;               /* what the administrator can do about it; "" */
	const struct enrollment *telling; /* the attempt that explains the state: the last one */
};

/* What a story depends on besides its attempts. */
struct enroll_story_view {
	int64_t now;
	const char *manage_url; /* where devices come to for their sessions */
};

/* Of n attempts, first to last; n is at least 1. */
struct enroll_story enroll_story_tell(struct arena *arena, const struct enroll_story_view *view,
				      const struct enrollment *attempts, size_t n);

#endif
