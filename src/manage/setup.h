/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup.h: what the server itself wants of every device, as settings with policy_id
 * DESIRED_SETUP, so that they are sent once, remembered and tried again like any other.
 */
#ifndef MUSTER_MANAGE_SETUP_H
#define MUSTER_MANAGE_SETUP_H

#include "csp/desired.h"
#include "model/compliance.h"
#include "model/device.h"

enum { MANAGE_SETUP_MAX = 8 };

/* At most MANAGE_SETUP_MAX settings into ret; how many. user: whose ./User is reachable, "". */
size_t manage_setup(struct arena *arena, const struct device *device, const struct fact *facts,
		    size_t fact_count, const char *user, struct desired_setting *ret);

#endif
