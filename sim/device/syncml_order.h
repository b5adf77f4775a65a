/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_order.h: which elements a SyncML message may hold, and in which order.
 */
#ifndef MUSTER_SIM_DEVICE_SYNCML_ORDER_H
#define MUSTER_SIM_DEVICE_SYNCML_ORDER_H

#include "sim/device/task.h"
#include "sim/device/xml.h"

/* The whole message: names, namespaces, order, nothing that Windows does not know. */
MUST_CHECK int syncml_order_check(struct task *task, const struct xml *root);

#endif
