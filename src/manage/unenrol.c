/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unenrol.c: retiring a device.
 *
 * Everything happens in one transaction, so that there is never a device that Graph still calls
 * compliant but whose certificate is gone, or the other way round. The device row stays as history;
 * its rows elsewhere that would act again if it came back do not.
 */
#include "manage/unenrol.h"

#include "base/json.h"
#include "comply/comply.h"
#include "model/audit.h"
#include "store/applied.h"
#include "store/audit.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/device.h"

static int retire_device(struct db_conn *tx, const struct device *device,
			 const struct manage_retirement *how)
{
	struct device retired = *device;

	retired.state = DEVICE_RETIRED;
	retired.retired_at = how->now;
	retired.retired_reason = how->reason;
	retired.is_sync_wanted = false;
	retired.is_evaluation_wanted = false;
	retired.compliance_state = COMPLIANCE_UNKNOWN;
	retired.compliance_reasons = "[]";
	retired.compliance_changed_at = how->now;
	retired.grace_until = 0;
	return store_device_update(tx, &retired);
}

static int audit(struct db_conn *tx, struct arena *arena, const struct device *device,
		 const struct manage_retirement *how)
{
	struct json_writer w;
	struct buf detail;
	struct audit_entry entry = {
	    .tenant_id = device->tenant_id,
	    .id = store_new_id(arena),
	    .at = how->now,
	    .actor = how->actor,
	    .action = "device.retire",
	    .object_kind = "device",
	    .object_id = device->id,
	    .outcome = "ok",
	    .source = how->source,
	    .trace_id = how->trace_id,
	};

	buf_init(&detail, arena);
	json_writer_init(&w, &detail);
	json_begin_object(&w, NULL);
	json_add_c(&w, "reason", how->reason);
	json_add_c(&w, "name", device->name);
	json_end_object(&w);
	entry.detail = detail.data;
	return store_audit_add(tx, &entry);
}

int manage_retire(struct db_conn *tx, struct arena *arena, const struct device *device,
		  const struct manage_retirement *how)
{
	struct text tenant = text_of(device->tenant_id), id = text_of(device->id);
	int r;

	if (device->state != DEVICE_ENROLLED)
		return MANAGE_RETIRE_E_ALREADY;
	r = retire_device(tx, device, how);
	if (r == 0)
		r = store_certificate_revoke_all(tx, tenant, id, how->now);
	if (r == 0)
		r = store_command_cancel_all(tx, tenant, id, how->now);
	if (r == 0)
		r = store_applied_remove_all(tx, tenant, id);
	if (r == 0)
		r = comply_report_retired(tx, how->now, device);
	if (r == 0)
		r = audit(tx, arena, device, how);
	/* The rows exist and the ids are fresh: anything else is a broken invariant. */
	return r > 0 ? ERR_INTERNAL : r;
}
