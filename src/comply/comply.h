/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comply.h: the verdict on a device, kept with the report that is owed for it.
 *
 * A verdict is judged from stored facts and policies inside the caller's transaction; a change of
 * state and its outbox row are in that same transaction, so none is without the other. A device is
 * never compliant because it enrolled: only because it met rules by what it reported.
 */
#ifndef MUSTER_COMPLY_COMPLY_H
#define MUSTER_COMPLY_COMPLY_H

#include "model/compliance.h"
#include "model/op.h"

struct db_conn;

/* Judge an enrolled device. Writes the device's compliance columns and, when Graph must hear of
 * it, the outbox row. device is as stored before; arena takes what is read. 0, or negative. */
MUST_CHECK int comply_evaluate(struct db_conn *tx, struct arena *arena, int64_t now,
			       const struct device *device);

/* The report that a device is no longer managed, for its retirement; same transaction. */
MUST_CHECK int comply_report_retired(struct db_conn *tx, int64_t now, const struct device *device);

/* After a compliance policy or an assignment changed: all devices of the tenant are due. */
MUST_CHECK int comply_tenant_changed(struct db_conn *tx, const char *tenant_id);

/* One turn of the background loop: judge devices that are due because policies changed, a grace
 * ran out, a rule stayed undecided for too long, or they have not been seen for too long. Bounded
 * work per turn. */
MUST_CHECK int comply_turn(struct op *op);

#endif
