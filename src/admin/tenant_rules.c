/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_rules.c: see tenant_rules.h. A rule nobody could meet is refused here, so that it does not
 * have to be found by a user who cannot join.
 */
#include "admin/tenant_rules.h"

#include "base/uuid.h"
#include "model/os_version.h"

enum { TENANT_LIMIT_MAX = 10 * 1000 * 1000, MESSAGE_MAX = 200 };

static int bound_check(struct admin *admin, const char *field, const char *written,
		       struct os_version *ret)
{
	*ret = (struct os_version){0};
	if (!written[0] || os_version_read(text_of(written), ret))
		return 0;
	return admin_refuse(
	    admin, ADMIN_E_INVALID,
	    "%s must be a version such as 10.0.19045 or 10.0.22631.4460, or \"\" for "
	    "no rule",
	    field);
}

static int versions_check(struct admin *admin, const struct tenant *tenant)
{
	struct os_version min, max;
	int r = bound_check(admin, "os_version_min", tenant->os_version_min, &min);

	if (r == 0)
		r = bound_check(admin, "os_version_max", tenant->os_version_max, &max);
	if (r)
		return r;
	if (min.count > 0 && max.count > 0 && os_version_compare(&min, &max) > 0)
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "os_version_min is above os_version_max");
	return 0;
}

static int editions_check(struct admin *admin, const struct tenant *tenant)
{
	struct os_version edition;

	for (size_t i = 0; i < tenant->os_edition_count; i++)
		if (!os_version_read(text_of(tenant->os_editions[i]), &edition) ||
		    edition.count != 1)
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "os_editions are numbers: 4 is Enterprise, 48 Pro, 121 "
					    "Education, 125 Enterprise LTSC");
	return 0;
}

int admin_tenant_rules_check(struct admin *admin, struct tenant *tenant)
{
	int r;

	if (tenant->tenant_device_limit < 0 || tenant->tenant_device_limit > TENANT_LIMIT_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "tenant_device_limit must be from 0 to %d; 0 is no limit",
				    TENANT_LIMIT_MAX);
	r = admin_check_text(admin, "closed_message", tenant->closed_message, 0, MESSAGE_MAX);
	if (r == 0)
		r = versions_check(admin, tenant);
	if (r == 0)
		r = editions_check(admin, tenant);
	if (r || !tenant->license_group[0])
		return r;
	if (!uuid_is(text_of(tenant->license_group)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "license_group must be a GUID, or \"\" for no rule");
	tenant->license_group = admin_lower(admin, tenant->license_group);
	return 0;
}
