/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup.c: the server's own settings (management 8.3 and 8.4, enrolment 9.5).
 *
 * The account itself came with the provisioning document. What is left is to raise the session
 * version, which makes devices report the error behind a failing status, and to release the
 * enrolment status page: it would otherwise hold a new device until its time-out, waiting for a
 * server that never says it is done.
 */
#include "manage/setup.h"

#include <string.h>

#define CLIENT  "/Vendor/MSFT/DMClient/Provider/" DM_PROVIDER_ID "/"
#define RELEASE CLIENT "FirstSyncStatus/"

/* 5.0 changes how multi-session editions open sessions; see manage/session.c. */
static const char *const highest_version = "4.0";

static const char *sync_version(const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *max = facts[i].value;

		if (strcmp(facts[i].name, "dm_sync_version_max") != 0)
			continue;
		if (strlen(max) != 3 || max[0] < '2' || max[0] > '9' || strcmp(max + 1, ".0") != 0)
			return NULL;
		return strcmp(max, highest_version) < 0 ? max : highest_version;
	}
	return NULL;
}

static struct desired_setting make(const char *user, const char *locuri, const char *format,
				   const char *data)
{
	return (struct desired_setting){
	    .policy_id = DESIRED_SETUP, .user_object_id = user, .setting = {locuri, format, data}};
}

size_t manage_setup(struct arena *arena, const struct device *device, const struct fact *facts,
		    size_t fact_count, const char *user, struct desired_setting *ret)
{
	const char *version = sync_version(facts, fact_count);
	size_t n = 0;

	if (version)
		ret[n++] = make("", "./Device" CLIENT "SyncApplicationVersion", "chr", version);
	if (device->enrollment_type != ENROLLMENT_DEVICE)
		return n;
	ret[n++] = make("", "./Device" RELEASE "SkipDeviceStatusPage", "bool", "true");
	ret[n++] = make("", "./Device" RELEASE "SkipUserStatusPage", "bool", "true");
	ret[n++] = make("", "./Device" RELEASE "ServerHasFinishedProvisioning", "bool", "true");
	if (*user)
		ret[n++] =
		    make(user, "./User" RELEASE "ServerHasFinishedProvisioning", "bool", "true");
	return n;
}
