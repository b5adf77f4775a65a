/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rules.c: each rule of a tenant, at its bounds, and what is refused where the device says
 * nothing or nonsense.
 */
#include "enroll/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct tenant open_tenant = {
    .os_version_min = "",
    .os_version_max = "",
    .license_group = "",
    .closed_message = "",
    .is_personal_allowed = true,
};
static const struct enroll_claims good = {
    .auth = ENROLL_AUTH_ENTRA,
    .type = ENROLLMENT_FULL,
    .os_version = {"10.0.22631.4460", 15},
    .os_edition = {"48", 2},
};

static enum enroll_rule check(const struct tenant *tenant, const struct enroll_claims *claims)
{
	return enroll_rules_check(tenant, ENROLL_LICENSE_UNKNOWN, claims);
}

static void a_tenant_without_rules_takes_everybody(void **state)
{
	const struct enroll_claims nothing = {.auth = ENROLL_AUTH_ENTRA, .type = ENROLLMENT_FULL};

	(void)state;
	assert_int_equal(check(&open_tenant, &good), ENROLL_RULE_OK);
	assert_int_equal(check(&open_tenant, &nothing), ENROLL_RULE_OK);
	assert_int_equal(enroll_rules_early(&open_tenant, ENROLL_LICENSE_UNKNOWN), ENROLL_RULE_OK);
}

static void maintenance_comes_before_all_else(void **state)
{
	struct tenant tenant = open_tenant;

	(void)state;
	tenant.is_in_maintenance = true;
	tenant.license_group = "group";
	tenant.os_version_min = "99";
	assert_int_equal(enroll_rules_early(&tenant, ENROLL_LICENSE_MISSING),
			 ENROLL_RULE_MAINTENANCE);
	assert_int_equal(check(&tenant, &good), ENROLL_RULE_MAINTENANCE);
}

static void a_closed_tenant_takes_nobody(void **state)
{
	struct tenant tenant = open_tenant;

	(void)state;
	tenant.closed_message = "On Monday.";
	tenant.license_group = "group";
	assert_int_equal(enroll_rules_early(&tenant, ENROLL_LICENSE_OK), ENROLL_RULE_CLOSED);
	assert_int_equal(check(&tenant, &good), ENROLL_RULE_CLOSED);
	tenant.is_in_maintenance = true;
	assert_int_equal(check(&tenant, &good), ENROLL_RULE_MAINTENANCE);
}

static void a_license_must_be_known(void **state)
{
	struct tenant tenant = open_tenant;

	(void)state;
	tenant.license_group = "99999999-2222-4333-8444-555555555555";
	assert_int_equal(enroll_rules_early(&tenant, ENROLL_LICENSE_UNKNOWN),
			 ENROLL_RULE_LICENSE_UNKNOWN);
	assert_int_equal(enroll_rules_early(&tenant, ENROLL_LICENSE_MISSING), ENROLL_RULE_LICENSE);
	assert_int_equal(enroll_rules_early(&tenant, ENROLL_LICENSE_OK), ENROLL_RULE_OK);
	assert_int_equal(enroll_rules_check(&tenant, ENROLL_LICENSE_OK, &good), ENROLL_RULE_OK);
	assert_int_equal(check(&tenant, &good), ENROLL_RULE_LICENSE_UNKNOWN);
}

static void versions_are_compared_by_number(void **state)
{
	static const struct {
		const char *min;
		const char *max;
		const char *version;
		enum enroll_rule rule;
	} cases[] = {
	    {"10.0.19045", "", "10.0.19045.2364", ENROLL_RULE_OK},
	    {"10.0.19045", "", "10.0.19045", ENROLL_RULE_OK},
	    {"10.0.19045", "", " 10.0.19045.1\n", ENROLL_RULE_OK},
	    {"10.0.19045", "", "10.0.19044.9999", ENROLL_RULE_VERSION_OLD},
	    {"10.0.19045", "", "10.0.9999.1", ENROLL_RULE_VERSION_OLD},
	    {"10.0.19045.2364", "", "10.0.19045", ENROLL_RULE_VERSION_OLD},
	    {"10.0.19045.2364", "", "10.0.100000", ENROLL_RULE_OK},
	    {"", "10.0.22631", "10.0.22631.4460", ENROLL_RULE_OK},
	    {"", "10.0.22631", "10.0.22632", ENROLL_RULE_VERSION_NEW},
	    {"", "10.0.22631", "11", ENROLL_RULE_VERSION_NEW},
	    {"", "10.0.22631", "6.3.9600", ENROLL_RULE_OK},
	    {"10", "10", "10.5", ENROLL_RULE_OK},
	    {"10.0.1", "10.0.2", "10.0.3", ENROLL_RULE_VERSION_NEW},
	    {"10.0.1", "", "", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", "ten", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", "10.0.", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", ".10", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", "10.0.1.1.1", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", "10.0.1234567890", ENROLL_RULE_VERSION_UNKNOWN},
	    {"10.0.1", "", "10.0.-1", ENROLL_RULE_VERSION_UNKNOWN},
	    {"", "10.0.1", "10.0.1 beta", ENROLL_RULE_VERSION_UNKNOWN},
	    /* A bound nobody can read lets nobody in. */
	    {"ten", "", "10.0.1", ENROLL_RULE_VERSION_OLD},
	    {"", "ten", "10.0.1", ENROLL_RULE_VERSION_NEW},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tenant tenant = open_tenant;
		struct enroll_claims claims = good;

		tenant.os_version_min = cases[i].min;
		tenant.os_version_max = cases[i].max;
		claims.os_version = text_of(cases[i].version);
		if (check(&tenant, &claims) != cases[i].rule)
			fail_msg("%s in %s..%s", cases[i].version, cases[i].min, cases[i].max);
	}
}

static void editions_are_numbers(void **state)
{
	static const struct {
		const char *edition;
		enum enroll_rule rule;
	} cases[] = {
	    {"48", ENROLL_RULE_OK},       {" 048 ", ENROLL_RULE_OK},
	    {"4", ENROLL_RULE_OK},        {"101", ENROLL_RULE_EDITION},
	    {"", ENROLL_RULE_EDITION},    {"4.8", ENROLL_RULE_EDITION},
	    {"Pro", ENROLL_RULE_EDITION}, {"48x", ENROLL_RULE_EDITION},
	};
	struct tenant tenant = open_tenant;
	struct enroll_claims claims = good;

	(void)state;
	tenant.os_editions[0] = "4";
	tenant.os_editions[1] = "48";
	tenant.os_edition_count = 2;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		claims.os_edition = text_of(cases[i].edition);
		if (check(&tenant, &claims) != cases[i].rule)
			fail_msg("edition %s", cases[i].edition);
	}
	claims.os_edition = (struct text){NULL, 0};
	assert_int_equal(check(&tenant, &claims), ENROLL_RULE_EDITION);
}

static void personal_devices_are_those_of_work_accounts(void **state)
{
	struct tenant tenant = open_tenant;
	struct enroll_claims claims = good;

	(void)state;
	tenant.is_personal_allowed = false;
	assert_int_equal(check(&tenant, &claims), ENROLL_RULE_PERSONAL);
	claims.type = ENROLLMENT_DEVICE;
	assert_int_equal(check(&tenant, &claims), ENROLL_RULE_OK);
	claims.type = ENROLLMENT_FULL;
	claims.auth = ENROLL_AUTH_FEDERATED;
	assert_int_equal(check(&tenant, &claims), ENROLL_RULE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tenant_without_rules_takes_everybody),
	    cmocka_unit_test(maintenance_comes_before_all_else),
	    cmocka_unit_test(a_closed_tenant_takes_nobody),
	    cmocka_unit_test(a_license_must_be_known),
	    cmocka_unit_test(versions_are_compared_by_number),
	    cmocka_unit_test(editions_are_numbers),
	    cmocka_unit_test(personal_devices_are_those_of_work_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
