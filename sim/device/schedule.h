/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h: when the next session is due, by the Poll settings of the enrolment and what the
 * server has set since.
 */
#ifndef MUSTER_SIM_DEVICE_SCHEDULE_H
#define MUSTER_SIM_DEVICE_SCHEDULE_H

#include "sim/device/device.h"
#include "sim/device/tree.h"

/* The settings in force: those of the provisioning document, overlaid with the tree's. */
struct poll schedule_poll(const struct device *device, const struct tree *tree);
/* Minutes until the session after `done` scheduled ones; the first set, then the second, then the
 * rest, then Windows' own once a day. */
int64_t schedule_next(const struct poll *poll, int64_t done);
bool schedule_is_same(const struct poll *a, const struct poll *b);

#endif
