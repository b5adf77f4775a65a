/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_csp.c: the catalogue is sound, facts and nodes find each other, what is asked when, and
 * which settings a policy may hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "csp/csp.h"
#include "syncml/locuri.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static void catalogue_is_sound(void **state)
{
	for (size_t i = 0; csp_at(i); i++) {
		const struct csp_node *node = csp_at(i);
		struct text uri = text_of(node->locuri);

		/* every row can be reached: nothing before it hides it */
		if (!text_has_byte(uri, '*') && csp_find(uri) != node)
			fail_msg("%s is hidden", node->locuri);
		if (!text_has_byte(uri, '*')) {
			assert_int_equal(locuri_check(uri), 0);
			assert_string_equal(locuri_normal(&arena, uri), node->locuri);
		}
		assert_true(node->scopes & CSP_BOTH);
		assert_true(node->access);
		if (*node->fact) {
			assert_ptr_equal(csp_fact_node(text_of(node->fact)), node);
			assert_true(node->access & CSP_GET);
		} else {
			assert_true(node->max_age < 0);
		}
		if (*node->allowed)
			assert_string_equal(node->format, "int");
	}
}

static void facts_have_their_nodes(void **state)
{
	static const struct {
		const char *fact;
		const char *uri;
	} cases[] = {
	    {"os_version", "./DevDetail/SwV"},
	    {"manufacturer", "./DevInfo/Man"},
	    {"model", "./DevInfo/Mod"},
	    {"serial_number", "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"},
	    {"secure_boot", "./Vendor/MSFT/DeviceStatus/SecureBootState"},
	    {"encryption", "./Vendor/MSFT/DeviceStatus/Compliance/EncryptionCompliance"},
	    {"bitlocker_status", "./Device/Vendor/MSFT/BitLocker/Status/DeviceEncryptionStatus"},
	    {"antivirus", "./Vendor/MSFT/DeviceStatus/Antivirus/Status"},
	    {"firewall", "./vendor/msft/DeviceStatus/Firewall/Status"},
	    {"tpm_version", "./Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_non_null(csp_fact_node(text_of(cases[i].fact)));
		assert_ptr_equal(csp_find(text_of(cases[i].uri)),
				 csp_fact_node(text_of(cases[i].fact)));
	}
	assert_null(csp_fact_node(TEXT("no_such_fact")));
	assert_null(csp_fact_node(TEXT("")));
	assert_null(csp_find(TEXT("./Device/Vendor/Other/Thing")));
	assert_null(csp_find(TEXT("")));
	assert_null(csp_find(TEXT("./DevDetail")));
}

static void finds_wildcards_in_both_scopes(void **state)
{
	const struct csp_node *policy =
	    csp_find(TEXT("./Device/Vendor/MSFT/Policy/Config/Area/Name"));

	assert_non_null(policy);
	assert_ptr_equal(csp_find(TEXT("./user/vendor/msft/Policy/Config/Area/Name")), policy);
	assert_string_equal(csp_find(TEXT("./Vendor/MSFT/DMClient/Provider/Other/EntDMID"))->format,
			    "chr");
	assert_null(csp_find(TEXT("./Vendor/MSFT/DMClient/Provider/Other/Deep/EntDMID")));
}

static void tells_what_numbers_mean(void **state)
{
	static const struct fact on = {"secure_boot", "1", 0};
	static const struct fact odd = {"secure_boot", "9", 0};
	static const struct fact many = {"vbs", "42", 0};
	static const struct fact plain = {"model", "VM", 0};
	static const struct fact unknown = {"nothing", "x", 0};

	assert_string_equal(csp_fact_meaning(&arena, &on), "on");
	assert_string_equal(csp_fact_meaning(&arena, &odd), "9");
	assert_string_equal(csp_fact_meaning(&arena, &many), "other");
	assert_string_equal(csp_fact_meaning(&arena, &plain), "VM");
	assert_string_equal(csp_fact_meaning(&arena, &unknown), "x");
}

static void reads_the_build(void **state)
{
	assert_int_equal(csp_build("10.0.26200.9278"), 26200);
	assert_int_equal(csp_build("10.0.17763"), 17763);
	assert_int_equal(csp_build("10.0"), 0);
	assert_int_equal(csp_build("10.0.x.1"), 0);
	assert_int_equal(csp_build(""), 0);
}

static bool is_asked(const struct fact *facts, size_t n, int64_t now, const char *fact)
{
	const struct csp_node **nodes;
	size_t count;

	csp_inventory(&arena, facts, n, now, &nodes, &count);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(nodes[i]->fact, fact))
			return true;
	}
	return false;
}

static void asks_what_is_missing_or_old(void **state)
{
	const int64_t now = 1000000;
	struct fact facts[] = {
	    {"os_version", "10.0.22631.1", now},  {"device_name", "PC", now - 60},
	    {"os_edition", "4", now - 24 * 3600}, {"memory_mb", "1", now + 5000},
	    {"secure_boot", "1", now - 1},        {"bitlocker_status", "", now - 1},
	};
	size_t n = ARRAY_LEN(facts);

	assert_false(is_asked(facts, n, now, "device_name"));
	assert_true(is_asked(facts, n, now, "os_edition"));
	assert_true(is_asked(facts, n, now, "memory_mb"));
	assert_true(is_asked(facts, n, now, "secure_boot"));
	assert_true(is_asked(facts, n, now, "os_version"));
	assert_true(is_asked(facts, n, now, "serial_number"));
	assert_true(is_asked(facts, n, now, "hvci"));
	/* comes by itself in package 1 */
	assert_false(is_asked(facts, n, now, "manufacturer"));
	/* not on that build, or the build is not known yet */
	facts[0].value = "10.0.19045.1";
	assert_false(is_asked(facts, n, now, "hvci"));
	assert_true(is_asked(facts, n, now, "bitlocker_status"));
	assert_true(is_asked(NULL, 0, now, "os_version"));
	assert_true(is_asked(NULL, 0, now, "secure_boot"));
	assert_false(is_asked(NULL, 0, now, "serial_number"));
}

#define P "./Device/Vendor/MSFT/Policy/Config/"
#define X "./Device/Vendor/MSFT/Other/"

static const struct {
	const char *uri;
	const char *format;
	const char *data;
	enum scope scope;
	int want;
} settings[] = {
    {P "Area/Name", "int", "1", SCOPE_DEVICE, 0},
    {P "Area/Name", "int", "-1", SCOPE_DEVICE, 0},
    {P "Area/Name", "int", "", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "int", "01", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "int", "1 ", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "int", "true", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "chr", "<enabled/>", SCOPE_DEVICE, 0},
    {P "Area/Name", "chr", "", SCOPE_DEVICE, 0},
    {P "Area/Name", "chr", "a\x01", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "chr", "\xff", SCOPE_DEVICE, CSP_E_DATA},
    {P "Area/Name", "text", "a", SCOPE_DEVICE, CSP_E_FORMAT},
    {P "Area/Name", "", "a", SCOPE_DEVICE, CSP_E_FORMAT},
    {P "Area/Name", "INT", "1", SCOPE_DEVICE, CSP_E_FORMAT},
    {P "Area Name", "chr", "a", SCOPE_DEVICE, CSP_E_LOCURI},
    {"/Device/A", "chr", "a", SCOPE_DEVICE, CSP_E_LOCURI},
    {P "Area/Name?list=StructData", "chr", "a", SCOPE_DEVICE, CSP_E_LOCURI},
    {P "Area/Name", "chr", "a", SCOPE_USER, CSP_E_SCOPE},
    {"./User/Vendor/MSFT/Policy/Config/A/B", "chr", "a", SCOPE_USER, 0},
    {"./user/Vendor/MSFT/Policy/Config/A/B", "chr", "a", SCOPE_DEVICE, CSP_E_SCOPE},
    {"./User/Vendor/MSFT/BitLocker/RequireDeviceEncryption", "int", "1", SCOPE_USER, CSP_E_SCOPE},
    {P "DeviceLock/MinDevicePasswordLength", "int", "4", SCOPE_DEVICE, 0},
    {P "DeviceLock/MinDevicePasswordLength", "int", "16", SCOPE_DEVICE, 0},
    {P "DeviceLock/MinDevicePasswordLength", "int", "3", SCOPE_DEVICE, CSP_E_DATA},
    {P "DeviceLock/MinDevicePasswordLength", "int", "17", SCOPE_DEVICE, CSP_E_DATA},
    {P "DeviceLock/MinDevicePasswordLength", "chr", "8", SCOPE_DEVICE, CSP_E_FORMAT},
    {P "ApplicationManagement/AllowAllTrustedApps", "int", "65535", SCOPE_DEVICE, 0},
    {P "ApplicationManagement/AllowAllTrustedApps", "int", "2", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "bool", "true", SCOPE_DEVICE, 0},
    {X "A", "bool", "false", SCOPE_DEVICE, 0},
    {X "A", "bool", "1", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "bool", "True", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "b64", "AAEC", SCOPE_DEVICE, 0},
    {X "A", "b64", "AAE", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "b64", "AA\nEC", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "b64", "", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "xml", "<a><b/>x</a><c/>", SCOPE_DEVICE, 0},
    {X "A", "xml", "<a>", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "xml", "</Data><Data>", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "xml", " ", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "node", "", SCOPE_DEVICE, 0},
    {X "A", "node", "x", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "null", "", SCOPE_DEVICE, 0},
    {X "A", "null", "x", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "float", "-1.5", SCOPE_DEVICE, 0},
    {X "A", "float", "2", SCOPE_DEVICE, 0},
    {X "A", "float", "1.", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "float", ".5", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "float", "1.2.3", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "float", "-", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "date", "20260131", SCOPE_DEVICE, 0},
    {X "A", "date", "2026-01-31", SCOPE_DEVICE, 0},
    {X "A", "date", "31.01.2026", SCOPE_DEVICE, CSP_E_DATA},
    {X "A", "time", "12:30:00", SCOPE_DEVICE, 0},
    {X "A", "time", "12:30", SCOPE_DEVICE, CSP_E_DATA},
    /* actions, what can only be read, what is ours */
    {"./Device/Vendor/MSFT/RemoteWipe/doWipe", "chr", "", SCOPE_DEVICE, CSP_E_NODE},
    {"./vendor/msft/Reboot/RebootNow", "null", "", SCOPE_DEVICE, CSP_E_NODE},
    {"./Device/Vendor/MSFT/DMClient/Provider/X/Unenroll", "chr", "X", SCOPE_DEVICE, CSP_E_NODE},
    {"./Device/Vendor/MSFT/DMClient/Provider/Muster/EntDMID", "chr", "x", SCOPE_DEVICE, CSP_E_NODE},
    {"./Device/Vendor/MSFT/DMClient/Provider/Muster/ManagementServiceAddress", "chr", "x",
     SCOPE_DEVICE, CSP_E_NODE},
    {"./SyncML/DMAcc/x/AppAddr", "chr", "x", SCOPE_DEVICE, CSP_E_NODE},
    {"./DevDetail/SwV", "chr", "10", SCOPE_DEVICE, CSP_E_NODE},
    {"./Device/Vendor/MSFT/Policy/Result/A/B", "int", "1", SCOPE_DEVICE, CSP_E_NODE},
    {"./DevDetail/Ext/Microsoft/DNSComputerName", "chr", "PC-%SERIAL%", SCOPE_DEVICE, 0},
    {"./Device/Vendor/MSFT/DMClient/Provider/Muster/Poll/PollOnLogin", "bool", "true", SCOPE_DEVICE,
     0},
    {"./Device/Vendor/MSFT/DMClient/Provider/Muster/FirstSyncStatus/TimeOutUntilSyncFailure", "int",
     "10800", SCOPE_DEVICE, CSP_E_DATA},
    {"./Device/Vendor/MSFT/DMClient/Provider/Muster/FirstSyncStatus/BlockInStatusPage", "bool",
     "true", SCOPE_DEVICE, CSP_E_FORMAT},
};

static void checks_settings(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		struct setting setting = {settings[i].uri, settings[i].format, settings[i].data};
		const char *why = NULL;
		int r = csp_setting_check(&setting, settings[i].scope, &why);

		if (r != settings[i].want)
			fail_msg("%s %s '%s': %d (%s)", setting.locuri, setting.format,
				 setting.data, r, why ? why : "");
		assert_true(r ? why && *why : !why);
	}
}

static void bounds_the_value(void **state)
{
	char *data = arena_alloc(&arena, LIMIT_SETTING_DATA + 2);
	struct setting setting = {X "A", "chr", data};
	const char *why = NULL;

	memset(data, 'a', LIMIT_SETTING_DATA);
	assert_int_equal(csp_setting_check(&setting, SCOPE_DEVICE, &why), 0);
	data[LIMIT_SETTING_DATA] = 'a';
	assert_int_equal(csp_setting_check(&setting, SCOPE_DEVICE, &why), CSP_E_DATA);
	assert_string_equal(why, "the value is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(catalogue_is_sound, setup, teardown),
	    cmocka_unit_test(facts_have_their_nodes),
	    cmocka_unit_test(finds_wildcards_in_both_scopes),
	    cmocka_unit_test_setup_teardown(tells_what_numbers_mean, setup, teardown),
	    cmocka_unit_test(reads_the_build),
	    cmocka_unit_test_setup_teardown(asks_what_is_missing_or_old, setup, teardown),
	    cmocka_unit_test(checks_settings),
	    cmocka_unit_test_setup_teardown(bounds_the_value, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
