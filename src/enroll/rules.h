/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: what a tenant demands of whoever wants to enrol: that it is open, which Windows, whose
 * device, and the licence. Pure; what has to be looked up is looked up by the caller.
 *
 * Whatever a rule needs and does not know is a refusal. Limits on the number of devices are in
 * admit.c, where they are counted.
 */
#ifndef MUSTER_ENROLL_RULES_H
#define MUSTER_ENROLL_RULES_H

#include "base/text.h"
#include "model/device.h"

/* Whether the user is in the tenant's license_group. */
enum enroll_license {
	ENROLL_LICENSE_UNKNOWN, /* it could not be found out */
	ENROLL_LICENSE_MISSING,
	ENROLL_LICENSE_OK
};

/* What a device says of itself; ptr NULL: nothing. */
struct enroll_claims {
	enum enroll_auth auth;
	enum enrollment_type type;
	struct text os_version;
	struct text os_edition;
};

enum enroll_rule {
	ENROLL_RULE_OK = 0,
	ENROLL_RULE_MAINTENANCE,
	ENROLL_RULE_CLOSED,
	ENROLL_RULE_LICENSE_UNKNOWN,
	ENROLL_RULE_LICENSE,
	ENROLL_RULE_VERSION_UNKNOWN,
	ENROLL_RULE_VERSION_OLD,
	ENROLL_RULE_VERSION_NEW,
	ENROLL_RULE_EDITION,
	ENROLL_RULE_PERSONAL
};

/* The rules that need nothing of the device: for the certificate policy, which comes first. license
 * matters only where the tenant names a group. */
MUST_CHECK enum enroll_rule enroll_rules_early(const struct tenant *tenant,
					       enum enroll_license license);
/* All of them. */
MUST_CHECK enum enroll_rule enroll_rules_check(const struct tenant *tenant,
					       enum enroll_license license,
					       const struct enroll_claims *claims);

#endif
