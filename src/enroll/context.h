/* SPDX-License-Identifier: Apache-2.0 */
/*
 * context.h: what a device says about how it came to join: Windows Autopilot, and a bulk token of a
 * provisioning package. Values of another shape are kept with the rest of what it said and nowhere
 * else. Pure.
 */
#ifndef MUSTER_ENROLL_CONTEXT_H
#define MUSTER_ENROLL_CONTEXT_H

#include "base/arena.h"
#include "model/device.h"

enum { CONTEXT_CORRELATOR_MAX = 100 };

/* ZeroTouchProvisioning as a lower case GUID; "" where it is none. */
const char *enroll_zero_touch_id(struct arena *arena, struct text sent);
/* OfflineAutoPilotEnrollmentCorrelator: letters, digits and hyphens; "" where it is not. */
const char *enroll_autopilot_correlator(struct arena *arena, struct text sent);

/* Whether a device is joined by the bulk token of a provisioning package: Entra says the user is
 * one of its package users (package_GUID@domain), the device says BulkAADJ, and it is the
 * organisation's. Such a user is nobody: no one is there to accept terms, and the number of
 * devices is that of the package. */
bool enroll_is_bulk(const struct enroll_principal *who, bool is_claimed, enum enrollment_type type);

#endif
