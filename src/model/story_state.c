/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_state.c: how far a joining came. What is shown and what is filtered by both ask here.
 */
#include "model/device.h"

enum story_state story_state_after(enum enrollment_stage stage, enum enrollment_outcome outcome)
{
	if (outcome != OUTCOME_OK)
		return outcome == OUTCOME_FAILED ? STORY_FAILED : STORY_REFUSED;
	switch (stage) {
	case STAGE_TERMS:
	case STAGE_DISCOVERY:
	case STAGE_SIGN_IN:
	case STAGE_POLICY:
		break;
	case STAGE_REQUEST:
		return STORY_ENROLLED;
	case STAGE_RENEWAL: /* only what has joined renews */
	case STAGE_SESSION:
		return STORY_JOINED;
	}
	return STORY_OPEN;
}
