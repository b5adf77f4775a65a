/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c: see rules.h. protocol: errors 0x80180014, 15, 17, 18 and 32.
 */
#include "enroll/rules.h"

#include "model/os_version.h"

enum enroll_rule enroll_rules_early(const struct tenant *tenant, enum enroll_license license)
{
	if (tenant->is_in_maintenance)
		return ENROLL_RULE_MAINTENANCE;
	if (tenant->closed_message[0])
		return ENROLL_RULE_CLOSED;
	if (!tenant->license_group[0])
		return ENROLL_RULE_OK;
	switch (license) {
	case ENROLL_LICENSE_OK:
		return ENROLL_RULE_OK;
	case ENROLL_LICENSE_UNKNOWN:
		return ENROLL_RULE_LICENSE_UNKNOWN;
	case ENROLL_LICENSE_MISSING:
		break;
	}
	return ENROLL_RULE_LICENSE;
}

static enum enroll_rule version_check(const struct tenant *tenant, struct text written)
{
	struct os_version version, bound;

	if (!tenant->os_version_min[0] && !tenant->os_version_max[0])
		return ENROLL_RULE_OK;
	if (!os_version_read(written, &version))
		return ENROLL_RULE_VERSION_UNKNOWN;
	if (tenant->os_version_min[0] &&
	    (!os_version_read(text_of(tenant->os_version_min), &bound) ||
	     os_version_compare(&version, &bound) < 0))
		return ENROLL_RULE_VERSION_OLD;
	if (tenant->os_version_max[0] &&
	    (!os_version_read(text_of(tenant->os_version_max), &bound) ||
	     os_version_compare(&version, &bound) > 0))
		return ENROLL_RULE_VERSION_NEW;
	return ENROLL_RULE_OK;
}

static enum enroll_rule edition_check(const struct tenant *tenant, struct text written)
{
	struct os_version edition, allowed;

	if (tenant->os_edition_count == 0)
		return ENROLL_RULE_OK;
	/* A number alone is a version of one part; so 048 is 48 on both sides. */
	if (!os_version_read(written, &edition) || edition.count != 1)
		return ENROLL_RULE_EDITION;
	for (size_t i = 0; i < tenant->os_edition_count; i++)
		if (os_version_read(text_of(tenant->os_editions[i]), &allowed) &&
		    os_version_compare(&edition, &allowed) == 0)
			return ENROLL_RULE_OK;
	return ENROLL_RULE_EDITION;
}

enum enroll_rule enroll_rules_check(const struct tenant *tenant, enum enroll_license license,
				    const struct enroll_claims *claims)
{
	enum enroll_rule rule = enroll_rules_early(tenant, license);

	if (rule == ENROLL_RULE_OK)
		rule = version_check(tenant, claims->os_version);
	if (rule == ENROLL_RULE_OK)
		rule = edition_check(tenant, claims->os_edition);
	/* A work account on somebody's own device; other ways to enrol know no ownership. */
	if (rule == ENROLL_RULE_OK && !tenant->is_personal_allowed &&
	    claims->auth == ENROLL_AUTH_ENTRA && claims->type == ENROLLMENT_FULL)
		rule = ENROLL_RULE_PERSONAL;
	return rule;
}
