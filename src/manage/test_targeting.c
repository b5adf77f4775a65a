/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_targeting.c: whom a policy reaches, against a real database: scope, groups, tags, its
 * removal; and that what a device said is judged where it is stored.
 */
#include "manage/test_durable.h"

#include "model/principal.h"
#include "store/compliance.h"
#include "store/device.h"
#include "store/group.h"
#include "store/policy.h"
#include "store/tag.h"

#define GROUP "66666666-6666-4666-8666-111111111111"

WRITER(device_update, struct device, store_device_update(tx, a))
WRITER(policy_remove, char, store_policy_remove(tx, text_of(TENANT), text_of(a)))
WRITER(compliance_add, struct compliance_policy, store_compliance_add(tx, a))
WRITER(tag_add, char, store_tag_add(tx, text_of(TENANT), text_of(DEVICE), text_of(a)))
WRITER(groups_set, struct text,
       store_group_replace(tx, text_of(TENANT), text_of(ALICE), a, a->len > 0, NOW, NOW))

static const struct entra_principal alice = {
    .tenant_id = TENANT, .object_id = ALICE, .device_id = ""};

static void user_scope_needs_a_token_of_this_tenant_and_device(void **state)
{
	static const struct {
		const char *tenant;
		const char *entra_device;
		bool is_user;
	} cases[] = {
	    {TENANT, "", true},
	    {TENANT, ENTRA, true},
	    {TENANT, "33333333-3333-4333-8333-999999999999", false},
	    {"11111111-1111-4111-8111-999999999999", ENTRA, false},
	};
	struct policy policy = durable_policy(&durable_for_all, 1);
	struct setting setting = {"./User/Vendor/MSFT/Policy/Config/A/B", "int", "1"};

	policy.scope = SCOPE_USER;
	policy.settings = &setting;
	durable_put_policy(&policy);
	d.device.enrollment_type = ENROLLMENT_DEVICE;
	durable_put(device_update, &d.device);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct entra_principal principal = alice;

		d.op.now += 3600;
		principal.tenant_id = cases[i].tenant;
		principal.device_id = cases[i].entra_device;
		d.user = &principal;
		assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
		if ((durable_sent_id(setting.locuri) != NULL) != cases[i].is_user)
			fail_msg("case %zu", i);
	}
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM applied_settings WHERE user_object_id ="
			   " '" ALICE "' AND policy_id = 'policy-1'"),
	    1);
}

static void a_setting_of_the_wrong_scope_is_not_sent(void **state)
{
	struct policy policy = durable_policy(&durable_for_all, 1);
	struct setting setting = {"./user/Vendor/MSFT/Policy/Config/A/B", "int", "1"};

	policy.settings = &setting;
	durable_put_policy(&policy);
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_null(durable_sent_id(setting.locuri));
}

/* Whether the setting went out, in a new session whose settings are all answered well. */
static const char *settle(void)
{
	const char *id, *verb = "nothing";

	d.op.now += 3600;
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	id = durable_sent_id(NODE);
	if (!id)
		return verb;
	verb = strstr(d.reply, "<Delete>") ? "delete" : "replace";
	assert_int_equal(
	    durable_post(
		2, arena_printf(&d.store.arena, HEADER_OK STATUS("1", "%s", "200") FINAL, id)),
	    0);
	return verb;
}

static void groups_decide_when_they_are_known(void **state)
{
	struct assignment group = {.kind = ASSIGN_GROUP, .value = GROUP};
	struct policy policy = durable_policy(&group, 1);
	struct text member = text_of(GROUP), none = TEXT_EMPTY;

	durable_put_policy(&policy);
	assert_string_equal(settle(), "nothing");
	durable_put(groups_set, &none);
	assert_string_equal(settle(), "nothing");
	durable_put(groups_set, &member);
	assert_string_equal(settle(), "replace");
	assert_string_equal(settle(), "nothing");
	/* forgetting what Graph told takes nothing away; being told otherwise does */
	assert_int_equal(store_fixture_run(d.store.db, "DELETE FROM users"), 0);
	assert_string_equal(settle(), "nothing");
	assert_int_equal(durable_row().state, APPLIED_OK);
	durable_put(groups_set, &none);
	assert_string_equal(settle(), "delete");
	assert_int_equal(durable_number("SELECT COUNT(*) FROM applied_settings"), 0);
}

static void tags_and_removal_decide(void **state)
{
	struct assignment tag = {.kind = ASSIGN_TAG, .value = "lab"};
	struct policy policy = durable_policy(&tag, 1);

	durable_put_policy(&policy);
	assert_string_equal(settle(), "nothing");
	durable_put(tag_add, "lab");
	assert_string_equal(settle(), "replace");
	durable_put(policy_remove, "policy-1");
	assert_string_equal(settle(), "delete");
	assert_string_equal(settle(), "nothing");
}

static void facts_are_judged_in_the_same_transaction(void **state)
{
	struct compliance_rule rule = {.fact = "firewall", .operator= RULE_EQ, .value = "0"};
	struct compliance_policy policy = {.tenant_id = TENANT,
					   .id = "c1",
					   .name = "Safe",
					   .rules = &rule,
					   .rule_count = 1,
					   .assignments = &durable_for_all,
					   .assignment_count = 1};
	const char *uri = "./Device/Vendor/MSFT/DeviceStatus/Firewall/Status";
	static const char *const values[] = {"0", "1"};

	durable_put(compliance_add, &policy);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *id;

		d.op.now += 3600;
		assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
		id = durable_sent_id(uri);
		assert_non_null(id);
		assert_int_equal(
		    durable_post(
			2, arena_printf(
			       &d.store.arena,
			       HEADER_OK STATUS(
				   "1", "%s",
				   "200") "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
					  "</CmdRef><Item><Source><LocURI>%s</LocURI></Source>"
					  "<Data>%s</Data></Item></Results>" FINAL,
			       id, id, uri, values[i])),
		    0);
		assert_int_equal(durable_device().compliance_state,
				 i ? COMPLIANCE_NONCOMPLIANT : COMPLIANCE_COMPLIANT);
		assert_int_equal(
		    durable_number("SELECT is_compliant FROM outbox WHERE state = 'pending'"), !i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DURABLE_TEST(user_scope_needs_a_token_of_this_tenant_and_device),
	    DURABLE_TEST(a_setting_of_the_wrong_scope_is_not_sent),
	    DURABLE_TEST(groups_decide_when_they_are_known),
	    DURABLE_TEST(tags_and_removal_decide),
	    DURABLE_TEST(facts_are_judged_in_the_same_transaction),
	};

	return durable_run(tests, ARRAY_LEN(tests));
}
