/* SPDX-License-Identifier: Apache-2.0 */
/*
 * devices.h: actions on devices, and the outbox. An action is a command that waits for the device's
 * next session; what the device answered is in its commands.
 */
#ifndef MUSTER_ADMIN_DEVICES_H
#define MUSTER_ADMIN_DEVICES_H

#include "admin/admin.h"
#include "model/compliance.h"

/* action: sync | reboot | lock | renew | rename | wipe | retire. value: the new name for rename.
 * is_forced: for retire, end the enrolment here and now without waiting for the device. *ret gets
 * the queued command; its id is "" where nothing is queued (sync, forced retire). */
MUST_CHECK int admin_device_act(struct admin *admin, const char *device_id, const char *action,
				struct text value, bool is_forced, struct command *ret);

MUST_CHECK int admin_device_tag(struct admin *admin, const char *device_id, struct text tag,
				bool is_added);

MUST_CHECK int admin_outbox_retry(struct admin *admin, const char *id);
MUST_CHECK int admin_outbox_drop(struct admin *admin, const char *id);

#endif
