/* SPDX-License-Identifier: Apache-2.0 */
/*
 * federated.h: the sign-in broker of Windows: open the address that discovery named, let the user
 * sign in, and take the token that the last page posts to the app. enrollment.md section 2.2.
 */
#ifndef MUSTER_SIM_DEVICE_FEDERATED_H
#define MUSTER_SIM_DEVICE_FEDERATED_H

#include "sim/device/device.h"
#include "sim/device/task.h"

/* The token as the page has it, not yet base64. */
MUST_CHECK int federated_run(struct task *task, const struct device *device, const char *url,
			     struct text *ret);

#endif
