/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cloud.c: which issuers each cloud may state (abuse case 1e), and the comparisons of
 * addresses that keep outbound requests at the configured host (abuse case 23).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entra/cloud.h"

#define TID   "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define OTHER "c2a9e6f1-88d4-47b0-a1c5-0f3e9b7d6a21"

static void case1e_issuers_of_clouds(void **state UNUSED)
{
	static const struct {
		enum cloud cloud;
		bool is_version_2;
		const char *issuer;
		bool expected;
	} rows[] = {
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/" TID "/v2.0", true},
	    {CLOUD_GLOBAL, false, "https://sts.windows.net/" TID "/", true},
	    {CLOUD_GLOBAL, true, "https://sts.windows.net/" TID "/", false},
	    {CLOUD_GLOBAL, false, "https://login.microsoftonline.com/" TID "/v2.0", false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/" OTHER "/v2.0", false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/{tenantid}/v2.0", false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.us/" TID "/v2.0", false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/" TID "/v2.0/", false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/" TID, false},
	    {CLOUD_GLOBAL, true, "https://login.microsoftonline.com/x" TID "/v2.0", false},
	    {CLOUD_GLOBAL, true, "", false},
	    {CLOUD_USGOV, true, "https://login.microsoftonline.us/" TID "/v2.0", true},
	    {CLOUD_USGOV, true, "https://login.microsoftonline.com/" TID "/v2.0", false},
	    {CLOUD_USGOV, false, "https://sts.windows.net/" TID "/", true},
	    {CLOUD_USGOV, false, "https://sts.windows.net/" OTHER "/", false},
	    {CLOUD_CHINA, true, "https://login.partner.microsoftonline.cn/" TID "/v2.0", true},
	    {CLOUD_CHINA, true, "https://login.chinacloudapi.cn/" TID "/v2.0", true},
	    {CLOUD_CHINA, false, "https://sts.chinacloudapi.cn/" TID "/", true},
	    {CLOUD_CHINA, false, "https://sts.windows.net/" TID "/", false},
	    {CLOUD_CUSTOM, true, "https://login.example:8443/" TID "/v2.0", true},
	    {CLOUD_CUSTOM, false, "https://sts.example/" TID "/", true},
	    {CLOUD_CUSTOM, true, "https://login.example/" OTHER "/v2.0", false},
	    {CLOUD_CUSTOM, true, "https://login.example/" TID, false},
	    {CLOUD_CUSTOM, true, "https://login.example/x/" TID "/v2.0", false},
	    {CLOUD_CUSTOM, true, "https:///" TID "/v2.0", false},
	    {CLOUD_CUSTOM, true, "http://login.example/" TID "/v2.0", false},
	    {CLOUD_CUSTOM, true, "https://login.example/" TID "/\n", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tenant tenant = {.tenant_id = TID, .cloud = rows[i].cloud};

		if (cloud_issuer_is_ok(&tenant, rows[i].is_version_2, text_of(rows[i].issuer)) !=
		    rows[i].expected)
			fail_msg("row %zu: %s", i, rows[i].issuer);
	}
}

static void addresses_of_a_tenant(void **state UNUSED)
{
	struct tenant global = {.cloud = CLOUD_GLOBAL, .login_url = "https://ignored.example"};
	struct tenant custom = {.cloud = CLOUD_CUSTOM,
				.login_url = "https://login.example:8443/",
				.graph_url = "https://graph.example"};
	struct arena arena;

	arena_init(&arena);
	assert_string_equal(tenant_login_url(&arena, &global), "https://login.microsoftonline.com");
	assert_string_equal(tenant_graph_url(&arena, &global), "https://graph.microsoft.com");
	assert_string_equal(tenant_login_url(&arena, &custom), "https://login.example:8443");
	assert_string_equal(tenant_graph_url(&arena, &custom), "https://graph.example");
	assert_string_equal(cloud_graph_url(CLOUD_USGOV), "https://graph.microsoft.us");
	assert_string_equal(cloud_login_url(CLOUD_CUSTOM), "");
	arena_done(&arena);
}

static void base_addresses(void **state UNUSED)
{
	static const struct {
		const char *url;
		bool expected;
	} rows[] = {
	    {"https://login.example", true},
	    {"https://login.example/", true},
	    {"https://login.example:8443", true},
	    {"https://[::1]:8443", true},
	    {"http://login.example", false},
	    {"https://", false},
	    {"https:///", false},
	    {"https://login.example/x", false},
	    {"https://login.example?x", false},
	    {"https://login.example#x", false},
	    {"https://user@login.example", false},
	    {"https://login.example\\@evil", false},
	    {"https://login example", false},
	    {"login.example", false},
	    {"", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (cloud_base_url_is_ok(text_of(rows[i].url)) != rows[i].expected)
			fail_msg("%s", rows[i].url);
}

static void case23_same_origin(void **state UNUSED)
{
	static const struct {
		const char *url;
		bool expected;
	} rows[] = {
	    {"https://a.example:8443/x/y?z", true},
	    {"https://A.EXAMPLE:8443/", true},
	    {"https://a.example:8443", true},
	    {"https://a.example/", false},
	    {"https://a.example:84430/", false},
	    {"https://a.example:8443.evil/", false},
	    {"https://a.example:8443@evil/", false},
	    {"https://evil/https://a.example:8443/", false},
	    {"http://a.example:8443/", false},
	    {"//a.example:8443/", false},
	    {"", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (url_has_same_origin(text_of(rows[i].url), TEXT("https://a.example:8443")) !=
		    rows[i].expected)
			fail_msg("%s", rows[i].url);
}

static void who_is_served(void **state UNUSED)
{
	static const struct {
		bool is_enabled;
		enum cloud cloud;
		bool is_custom_allowed, is_served;
	} rows[] = {
	    {true, CLOUD_GLOBAL, false, true},  {false, CLOUD_GLOBAL, true, false},
	    {true, CLOUD_CUSTOM, true, true},   {true, CLOUD_CUSTOM, false, false},
	    {false, CLOUD_CUSTOM, true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config config = {.allow_custom_cloud = rows[i].is_custom_allowed};
		struct tenant tenant = {.is_enabled = rows[i].is_enabled, .cloud = rows[i].cloud};

		if (tenant_is_served(&config, &tenant) != rows[i].is_served)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case1e_issuers_of_clouds), cmocka_unit_test(addresses_of_a_tenant),
	    cmocka_unit_test(base_addresses),           cmocka_unit_test(who_is_served),
	    cmocka_unit_test(case23_same_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
