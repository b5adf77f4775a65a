/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h: automatic renewal of the device certificate (ROBO): discovery, policy and a request
 * that the old key has signed, over mutual TLS and without a user.
 */
#ifndef MUSTER_SIM_DEVICE_RENEW_H
#define MUSTER_SIM_DEVICE_RENEW_H

#include "sim/device/device.h"
#include "sim/device/task.h"

/* 0: the device has a new key and certificate, and is saved. OUTCOME_REFUSED: the old ones stay. */
MUST_CHECK int renew_run(struct task *task, struct device *device);

#endif
