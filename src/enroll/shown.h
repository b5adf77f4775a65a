/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shown.h: what the user saw of an attempt that did not go well. Pure.
 */
#ifndef MUSTER_ENROLL_SHOWN_H
#define MUSTER_ENROLL_SHOWN_H

#include "base/arena.h"
#include "model/device.h"

struct enroll_shown {
	const char *code;    /* "" where it is not known which, or where there was none */
	const char *name;    /* of the code; "" */
	const char *message; /* what the user read; "" where that is not known */
};

/* False: nothing that is known. */
bool enroll_shown_of(struct arena *arena, const struct enrollment *attempt,
		     struct enroll_shown *ret);

#endif
