/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_entities.c: what an administrator types and what is recorded of it: tenants, credentials,
 * signing keys, policies, enrolment attempts, audit, API tokens. Each goes in and comes out whole,
 * and whatever text is in it stays text (case 22).
 */
#include <stdio.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "store/api_token.h"
#include "store/audit.h"
#include "store/compliance.h"
#include "store/credential.h"
#include "store/device.h"
#include "store/enrollment.h"
#include "store/group.h"
#include "store/outbox.h"
#include "store/policy.h"
#include "store/signing_keys.h"
#include "store/tenant.h"
#include "store/test_cases.h"

WRITE_CASE(tenant_add, struct tenant, store_tenant_add(tx, a))
WRITE_CASE(tenant_update, struct tenant, store_tenant_update(tx, a))
WRITE_CASE(tenant_remove, struct call, store_tenant_remove(tx, text_of(a->tenant)))
WRITE_CASE(tenant_graph, struct call,
	   store_tenant_set_graph_state(tx, text_of(a->tenant), (enum graph_state)a->n,
					text_of(a->text), a->now))
WRITE_CASE(device_add, struct device, store_device_add(tx, a))
WRITE_CASE(device_update, struct device, store_device_update(tx, a))
WRITE_CASE(credential_add, struct credential, store_credential_add(tx, a))
WRITE_CASE(credential_state, struct call,
	   store_credential_set_state(tx, text_of(a->tenant), text_of(a->id),
				      (enum credential_state)a->n, text_of(a->text)))
WRITE_CASE(credential_remove, struct call,
	   store_credential_remove(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(keys_save, struct signing_keys_row, store_signing_keys_save(tx, a))
WRITE_CASE(policy_add, struct policy, store_policy_add(tx, a))
WRITE_CASE(policy_update, struct policy, store_policy_update(tx, a))
WRITE_CASE(policy_remove, struct call, store_policy_remove(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(compliance_add, struct compliance_policy, store_compliance_add(tx, a))
WRITE_CASE(compliance_update, struct compliance_policy, store_compliance_update(tx, a))
WRITE_CASE(compliance_remove, struct call,
	   store_compliance_remove(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(report_put, struct outbox_row, store_outbox_put(tx, a))
WRITE_CASE(report_hold, struct call,
	   store_outbox_hold(tx, text_of(a->tenant), text_of(a->id), 1, TEXT("403"), T0))
WRITE_CASE(report_done, struct call,
	   store_outbox_done(tx, text_of(a->tenant), text_of(a->id), 1, T0))
WRITE_CASE(enrollment_sweep, struct call, store_enrollment_sweep(tx, a->now))
WRITE_CASE(token_sweep, struct call, store_api_token_sweep(tx, a->now))
WRITE_CASE(enrollment_add, struct enrollment, store_enrollment_add(tx, a))
WRITE_CASE(audit_add, struct audit_entry, store_audit_add(tx, a))
WRITE_CASE(token_add, struct api_token, store_api_token_add(tx, a))
WRITE_CASE(token_touch, struct call, store_api_token_touch(tx, text_of(a->id), a->now))
WRITE_CASE(token_remove, struct call, store_api_token_remove(tx, text_of(a->id)))

struct tenant case_tenant(const char *tenant_id)
{
	return (struct tenant){
	    .tenant_id = tenant_id,
	    .domain = "contoso.com",
	    .mode = TENANT_CLOUD,
	    .cloud = CLOUD_USGOV,
	    .login_url = "https://login.example",
	    .graph_url = "https://graph.example",
	    .client_id = "44444444-4444-4444-8444-444444444444",
	    .app_id_uris = {"api://one", "https://mdm.contoso.com/\"quoted\""},
	    .app_id_uri_count = 2,
	    .is_v1_allowed = true,
	    .is_enabled = true,
	    .is_terms_required = true,
	    .device_limit = 5,
	    .graph_error = "",
	    .created_at = T0,
	    .updated_at = T0 + 1,
	};
}

int case_setup_device(void **state)
{
	struct tenant tenant = case_tenant(TENANT);
	struct device device = case_device(TENANT, DEVICE, ENTRA_DEVICE);
	struct store_fixture *f;

	if (case_setup(state))
		return -1;
	f = *state;
	if (db_transact(f->db, tenant_add, &tenant) || db_transact(f->db, device_add, &device))
		return -1;
	return 0;
}

static void tenants(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct tenant tenant = case_tenant(TENANT), other = case_tenant(TENANT_2), got = {0}, *list;
	struct call call = {.tenant = TENANT, .n = GRAPH_NOT_AUTHORISED, .text = "403", .now = T0};
	size_t n;

	assert_int_equal(store_tenant_load(reader, &f->arena, text_of(TENANT), &got),
			 STORE_E_NOT_FOUND);
	assert_null(got.tenant_id);
	assert_int_equal(db_transact(f->db, tenant_update, &tenant), STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, tenant_add, &tenant));
	assert_int_equal(db_transact(f->db, tenant_add, &tenant), STORE_E_CONFLICT);
	assert_ok(db_transact(f->db, tenant_add, &other));
	assert_ok(store_tenant_load(reader, &f->arena, text_of(TENANT), &got));
	assert_string_equal(got.tenant_id, TENANT);
	assert_string_equal(got.domain, "contoso.com");
	assert_int_equal(got.mode, TENANT_CLOUD);
	assert_int_equal(got.cloud, CLOUD_USGOV);
	assert_string_equal(got.client_id, tenant.client_id);
	assert_int_equal(got.app_id_uri_count, 2);
	assert_string_equal(got.app_id_uris[1], tenant.app_id_uris[1]);
	assert_true(got.is_v1_allowed && got.is_enabled && got.is_terms_required);
	assert_false(got.is_guest_allowed);
	assert_int_equal(got.device_limit, 5);
	assert_int_equal(got.updated_at, T0 + 1);

	assert_ok(db_transact(f->db, tenant_graph, &call));
	tenant.domain = "fabrikam.com";
	tenant.is_enabled = false;
	assert_int_equal(got.version, 1);
	assert_int_equal(db_transact(f->db, tenant_update, &tenant), STORE_E_STALE);
	tenant.version = 1;
	assert_ok(db_transact(f->db, tenant_update, &tenant));
	assert_int_equal(db_transact(f->db, tenant_update, &tenant), STORE_E_STALE);
	assert_ok(store_tenant_load(reader, &f->arena, text_of(TENANT), &got));
	assert_int_equal(got.version, 2);
	assert_string_equal(got.domain, "fabrikam.com");
	assert_false(got.is_enabled);
	assert_int_equal(got.graph_state, GRAPH_NOT_AUTHORISED);
	assert_string_equal(got.graph_error, "403");
	assert_int_equal(got.graph_state_at, T0);

	assert_ok(store_tenant_list(reader, &f->arena, TEXT_EMPTY, 10, &list, &n));
	assert_int_equal(n, 2);
	assert_ok(store_tenant_list(reader, &f->arena, text_of(TENANT), 10, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].tenant_id, TENANT_2);
	assert_ok(store_tenant_list(reader, &f->arena, TEXT_EMPTY, 1, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(store_tenant_list_stopped(reader, &f->arena, T0, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(store_tenant_list_stopped(reader, &f->arena, T0 - 1, &list, &n));
	assert_int_equal(n, 0);
}

static void a_tenant_leaves_with_its_rows(void **state)
{
	static const char *const tables[] = {
	    "SELECT COUNT(*) FROM devices",
	    "SELECT COUNT(*) FROM enrollments WHERE tenant_id <> ''",
	    "SELECT COUNT(*) FROM credentials", "SELECT COUNT(*) FROM tenants"};
	struct store_fixture *f = *state;
	struct device device = case_device(TENANT, DEVICE, ENTRA_DEVICE);
	struct call call = {.tenant = TENANT};
	struct credential credential = {.tenant_id = TENANT, .id = "c", .sealed = "s"};
	struct enrollment attempts[] = {{.tenant_id = TENANT, .id = "a"},
					{.tenant_id = "", .id = "b"}};
	struct audit_entry entry = {.tenant_id = TENANT, .id = "a"};
	struct outbox_row report = {
	    .tenant_id = TENANT, .id = "held", .device_id = DEVICE, .entra_device_id = "e"};

	assert_ok(db_transact(f->db, credential_add, &credential));
	assert_ok(db_transact(f->db, enrollment_add, &attempts[0]));
	assert_ok(db_transact(f->db, enrollment_add, &attempts[1]));
	assert_ok(db_transact(f->db, audit_add, &entry));
	assert_int_equal(db_transact(f->db, tenant_remove, &call), STORE_E_IN_USE);
	assert_int_equal(store_fixture_number(f->db, tables[0]), 1);
	device.state = DEVICE_RETIRED;
	assert_ok(db_transact(f->db, device_update, &device));
	assert_ok(db_transact(f->db, report_put, &report));
	assert_int_equal(db_transact(f->db, tenant_remove, &call), STORE_E_IN_USE);
	call.id = "held";
	assert_ok(db_transact(f->db, report_hold, &call));
	assert_int_equal(db_transact(f->db, tenant_remove, &call), STORE_E_IN_USE);
	assert_ok(db_transact(f->db, report_done, &call));
	call.tenant = "";
	assert_int_equal(db_transact(f->db, tenant_remove, &call), STORE_E_NOT_FOUND);
	call.tenant = TENANT;
	assert_ok(db_transact(f->db, tenant_remove, &call));
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		assert_int_equal(store_fixture_number(f->db, tables[i]), 0);
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM audit"), 1);
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM enrollments"), 1);
	assert_int_equal(db_transact(f->db, tenant_remove, &call), STORE_E_NOT_FOUND);
}

static void credentials(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct credential credential = {.tenant_id = TENANT,
					.id = "one",
					.kind = CREDENTIAL_CERTIFICATE,
					.state = CREDENTIAL_PENDING,
					.sealed = "sealed",
					.certificate = "-----BEGIN\nCERTIFICATE-----",
					.not_after = T0 + 5,
					.created_at = T0};
	struct call call = {.tenant = TENANT, .id = "one", .n = CREDENTIAL_ACTIVE, .text = "why"};
	struct credential got, *list;
	size_t n;

	assert_ok(db_transact(f->db, credential_add, &credential));
	assert_int_equal(db_transact(f->db, credential_add, &credential), STORE_E_CONFLICT);
	credential.id = "zero";
	credential.created_at = T0 - 1;
	assert_ok(db_transact(f->db, credential_add, &credential));
	credential.tenant_id = TENANT_2;
	assert_int_equal(db_transact(f->db, credential_add, &credential), STORE_E_CONFLICT);
	assert_ok(db_transact(f->db, credential_state, &call));
	assert_ok(store_credential_load(reader, &f->arena, text_of(TENANT), TEXT("one"), &got));
	assert_int_equal(got.kind, CREDENTIAL_CERTIFICATE);
	assert_int_equal(got.state, CREDENTIAL_ACTIVE);
	assert_string_equal(got.sealed, "sealed");
	assert_string_equal(got.certificate, "-----BEGIN\nCERTIFICATE-----");
	assert_string_equal(got.last_error, "why");
	assert_int_equal(got.not_after, T0 + 5);
	assert_ok(store_credential_list(reader, &f->arena, text_of(TENANT), &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, "zero");
	assert_ok(store_credential_list(reader, &f->arena, text_of(TENANT_2), &list, &n));
	assert_int_equal(n, 0);
	call.tenant = TENANT_2;
	assert_int_equal(db_transact(f->db, credential_remove, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, credential_state, &call), STORE_E_NOT_FOUND);
	call.tenant = TENANT;
	assert_ok(db_transact(f->db, credential_remove, &call));
	assert_int_equal(
	    store_credential_load(reader, &f->arena, text_of(TENANT), TEXT("one"), &got),
	    STORE_E_NOT_FOUND);
}

static void signing_keys(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct signing_keys_row keys = {TENANT, 2, "{\"issuer\":1}", "{\"keys\":[]}", T0}, got;

	assert_int_equal(store_signing_keys_load(reader, &f->arena, text_of(TENANT), 2, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, keys_save, &keys));
	keys.jwks = "{\"keys\":[1]}";
	keys.fetched_at = T0 + 9;
	assert_ok(db_transact(f->db, keys_save, &keys));
	assert_ok(store_signing_keys_load(reader, &f->arena, text_of(TENANT), 2, &got));
	assert_string_equal(got.metadata, "{\"issuer\":1}");
	assert_string_equal(got.jwks, "{\"keys\":[1]}");
	assert_int_equal(got.fetched_at, T0 + 9);
	assert_int_equal(store_signing_keys_load(reader, &f->arena, text_of(TENANT), 1, &got),
			 STORE_E_NOT_FOUND);
	keys.tenant_id = TENANT_2;
	assert_int_equal(db_transact(f->db, keys_save, &keys), STORE_E_CONFLICT);
}

static struct setting settings[] = {
    {"./Device/Vendor/MSFT/Policy/Config/A", "int", "1"},
    {"./Device/Vendor/MSFT/Policy/Config/B", "chr", "<enabled/> \"x\" \\ \xc3\xa4\n"},
};
static struct assignment assignments[] = {
    {ASSIGN_ALL, "", false},     {ASSIGN_GROUP, "g", false},  {ASSIGN_USER, "u", true},
    {ASSIGN_DEVICE, "d", false}, {ASSIGN_TAG, "kiosk", true},
};

static void assert_assignments(const struct assignment *got, size_t n)
{
	assert_int_equal(n, ARRAY_LEN(assignments));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(got[i].kind, assignments[i].kind);
		assert_string_equal(got[i].value, assignments[i].value);
		assert_int_equal(got[i].is_exclude, assignments[i].is_exclude);
	}
}

static struct policy case_policy(const char *id, const char *name)
{
	return (struct policy){
	    .tenant_id = TENANT,
	    .id = id,
	    .name = name,
	    .scope = SCOPE_USER,
	    .settings = settings,
	    .setting_count = ARRAY_LEN(settings),
	    .assignments = assignments,
	    .assignment_count = ARRAY_LEN(assignments),
	    .version = 1,
	    .created_at = T0,
	};
}

static void policies(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct policy policy = case_policy("p1", "one"), second = case_policy("p2", "two");
	struct policy got, *list;
	struct call call = {.tenant = TENANT, .id = "p1"};
	size_t n;

	assert_ok(db_transact(f->db, policy_add, &policy));
	assert_ok(db_transact(f->db, policy_add, &second));
	second.id = "p3";
	assert_int_equal(db_transact(f->db, policy_add, &second), STORE_E_CONFLICT);
	assert_ok(store_policy_load(reader, &f->arena, text_of(TENANT), TEXT("p1"), &got));
	assert_int_equal(got.scope, SCOPE_USER);
	assert_int_equal(got.setting_count, 2);
	assert_string_equal(got.settings[1].locuri, settings[1].locuri);
	assert_string_equal(got.settings[1].format, "chr");
	assert_string_equal(got.settings[1].data, settings[1].data);
	assert_assignments(got.assignments, got.assignment_count);
	policy.setting_count = 0;
	policy.version = 99;
	assert_int_equal(db_transact(f->db, policy_update, &policy), STORE_E_STALE);
	policy.version = 1;
	assert_ok(db_transact(f->db, policy_update, &policy));
	assert_int_equal(db_transact(f->db, policy_update, &policy), STORE_E_STALE);
	assert_ok(store_policy_find(reader, &f->arena, TEXT("p1"), &got));
	assert_int_equal(got.version, 2);
	assert_int_equal(got.setting_count, 0);
	policy.name = "two";
	policy.version = 2;
	assert_int_equal(db_transact(f->db, policy_update, &policy), STORE_E_CONFLICT);
	assert_ok(store_policy_find_name(reader, &f->arena, text_of(TENANT), TEXT("two"), &got));
	assert_string_equal(got.id, "p2");
	assert_ok(store_policy_list(reader, &f->arena, text_of(TENANT), TEXT("p1"), 9, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(
	    store_policy_list(reader, &f->arena, text_of(TENANT_2), TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_policy_list(reader, &f->arena, TEXT_EMPTY, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 2);
	assert_ok(db_transact(f->db, policy_remove, &call));
	assert_int_equal(db_transact(f->db, policy_remove, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, policy_update, &policy), STORE_E_NOT_FOUND);
}

static void compliance_policies(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct compliance_rule rules[] = {{"os_version", RULE_GE, "10.0.19045"},
					  {"secure_boot", RULE_EXISTS, ""}};
	struct compliance_policy policy = {.tenant_id = TENANT,
					   .id = "c1",
					   .name = "one",
					   .rules = rules,
					   .rule_count = 2,
					   .grace = 86400,
					   .assignments = assignments,
					   .assignment_count = ARRAY_LEN(assignments)};
	struct compliance_policy got, *list;
	struct call call = {.tenant = TENANT, .id = "c1"};
	size_t n;

	assert_ok(db_transact(f->db, compliance_add, &policy));
	assert_int_equal(db_transact(f->db, compliance_add, &policy), STORE_E_CONFLICT);
	assert_ok(store_compliance_load(reader, &f->arena, text_of(TENANT), TEXT("c1"), &got));
	assert_int_equal(got.rule_count, 2);
	assert_string_equal(got.rules[0].fact, "os_version");
	assert_int_equal(got.rules[0].operator, RULE_GE);
	assert_string_equal(got.rules[0].value, "10.0.19045");
	assert_int_equal(got.rules[1].operator, RULE_EXISTS);
	assert_int_equal(got.grace, 86400);
	assert_assignments(got.assignments, got.assignment_count);
	policy.rule_count = 1;
	policy.name = "new";
	assert_int_equal(db_transact(f->db, compliance_update, &policy), STORE_E_STALE);
	policy.version = got.version;
	assert_ok(db_transact(f->db, compliance_update, &policy));
	assert_int_equal(db_transact(f->db, compliance_update, &policy), STORE_E_STALE);
	assert_ok(store_compliance_find(reader, &f->arena, TEXT("c1"), &got));
	assert_int_equal(got.version, 2);
	assert_int_equal(got.rule_count, 1);
	assert_ok(
	    store_compliance_find_name(reader, &f->arena, text_of(TENANT), TEXT("new"), &got));
	assert_ok(store_compliance_list(reader, &f->arena, TEXT_EMPTY, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(db_transact(f->db, compliance_remove, &call));
	assert_int_equal(db_transact(f->db, compliance_remove, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, compliance_update, &policy), STORE_E_NOT_FOUND);
}

static void old_attempts_and_tokens_go(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.now = T0};
	struct enrollment attempts[] = {{.tenant_id = TENANT, .id = "a", .at = T0 - 1},
					{.tenant_id = "", .id = "b", .at = T0 - 1},
					{.tenant_id = TENANT, .id = "c", .at = T0}};
	struct api_token tokens[] = {{.id = "a", .name = "a", .sha256 = "a", .expires_at = T0 - 1},
				     {.id = "b", .name = "b", .sha256 = "b", .expires_at = T0},
				     {.id = "c", .name = "c", .sha256 = "c", .expires_at = 0}};

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		assert_ok(db_transact(f->db, enrollment_add, &attempts[i]));
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
		assert_ok(db_transact(f->db, token_add, &tokens[i]));
	assert_ok(db_transact(f->db, enrollment_sweep, &call));
	assert_ok(db_transact(f->db, token_sweep, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM enrollments"), 1);
	assert_int_equal(
	    store_fixture_number(f->db, "SELECT COUNT(*) FROM enrollments WHERE id = 'c'"), 1);
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM api_tokens"), 2);
	assert_int_equal(
	    store_fixture_number(f->db, "SELECT COUNT(*) FROM api_tokens WHERE id = 'a'"), 0);
}

/* A column that was changed by hand is an error, never a guess. */
static void damaged_columns_are_failures(void **state)
{
	static const char *const damages[] = {
	    "UPDATE policies SET scope = 'galaxy'",
	    "UPDATE policies SET settings = '[{\"locuri\":1}]'",
	    "UPDATE policies SET settings = '{}'",
	    "UPDATE policies SET settings = 'x'",
	    "UPDATE policies SET assignments = '[{\"everyone\":true}]'",
	    "UPDATE policies SET assignments = '[1]'",
	};
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct call call = {.tenant = TENANT, .id = "p1"};

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct policy policy = case_policy("p1", "one"), got = {0};

		assert_ok(db_transact(f->db, policy_add, &policy));
		assert_ok(store_fixture_run(f->db, damages[i]));
		assert_int_equal(store_policy_find(reader, &f->arena, TEXT("p1"), &got), ERR_STORE);
		assert_null(got.id);
		assert_non_null(strstr(db_conn_error(reader), "no valid"));
		assert_ok(db_transact(f->db, policy_remove, &call));
	}
}

static struct enrollment case_attempt(struct store_fixture *f, const char *tenant_id, int number)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_write(uuid_ordered((T0 + number) * INT64_C(1000)), id);
	return (struct enrollment){.tenant_id = tenant_id,
				   .id = arena_string(&f->arena, id),
				   .at = T0 + number,
				   .stage = STAGE_REQUEST,
				   .outcome = OUTCOME_REFUSED,
				   .error_code = "0x80180001",
				   .reason = "token_signature",
				   .remedy = "none",
				   .client_request_id = "r",
				   .trace_id = arena_printf(&f->arena, "trace-%d", number),
				   .user_principal_name = "Ada@Contoso.com",
				   .user_object_id = "oid",
				   .device_name = "LAPTOP",
				   .source = "192.0.2.1"};
}

static size_t count_attempts(struct store_fixture *f, struct enrollment_filter filter,
			     struct text after)
{
	struct enrollment *list;
	size_t n = 0;

	assert_ok(
	    store_enrollment_list(db_reader(f->db), &f->arena, &filter, after, 100, &list, &n));
	return n;
}

static void enrollments(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct enrollment attempt, got, *list;
	struct enrollment_filter all = {0};
	int64_t count;
	size_t n;

	for (int i = 0; i < 5; i++) {
		attempt = case_attempt(f, i == 4 ? "" : TENANT, i);
		attempt.outcome = i == 3 ? OUTCOME_OK : OUTCOME_REFUSED;
		assert_ok(db_transact(f->db, enrollment_add, &attempt));
	}
	assert_int_equal(db_transact(f->db, enrollment_add, &attempt), STORE_E_CONFLICT);
	assert_ok(store_enrollment_list(reader, &f->arena, &all, TEXT_EMPTY, 100, &list, &n));
	assert_int_equal(n, 5);
	assert_string_equal(list[0].trace_id, "trace-4");
	assert_string_equal(list[4].trace_id, "trace-0");
	assert_int_equal(count_attempts(f, all, text_of(list[2].id)), 2);
	assert_int_equal(
	    count_attempts(f, (struct enrollment_filter){.outcome = TEXT("ok")}, TEXT_EMPTY), 1);
	assert_int_equal(
	    count_attempts(f, (struct enrollment_filter){.tenant_id = TEXT(TENANT)}, TEXT_EMPTY),
	    4);
	assert_int_equal(count_attempts(f,
					(struct enrollment_filter){.user_principal_name =
								       TEXT("ada@contoso.COM")},
					TEXT_EMPTY),
			 5);
	assert_int_equal(
	    count_attempts(f, (struct enrollment_filter){.trace_id = TEXT("trace-1")}, TEXT_EMPTY),
	    1);
	assert_int_equal(
	    count_attempts(f, (struct enrollment_filter){.stage = TEXT("terms")}, TEXT_EMPTY), 0);
	assert_ok(store_enrollment_load(reader, &f->arena, text_of(list[1].id), &got));
	assert_int_equal(got.outcome, OUTCOME_OK);
	assert_int_equal(got.stage, STAGE_REQUEST);
	assert_string_equal(got.source, "192.0.2.1");
	assert_ok(store_enrollment_count_for_user(reader, text_of(TENANT), TEXT("oid"),
						  STAGE_REQUEST, OUTCOME_REFUSED, T0 + 1, &count));
	assert_int_equal(count, 2);
}

/* One transaction for all, so that the limit can be gone past in a moment. */
static int add_attempts(struct db_conn *tx, void *argument)
{
	struct store_fixture *f = argument;
	int r = 0;

	for (int i = 0; i < LIMIT_REFUSED_ATTEMPTS_KEPT + 300 && !r; i++) {
		struct enrollment attempt = case_attempt(f, "", i);

		r = store_enrollment_add(tx, &attempt);
	}
	return r;
}

static void attempts_of_no_tenant_are_bounded(void **state)
{
	struct store_fixture *f = *state;
	struct enrollment known = case_attempt(f, TENANT, -5);
	struct enrollment_filter newest = {
	    .trace_id =
		text_of(arena_printf(&f->arena, "trace-%d", LIMIT_REFUSED_ATTEMPTS_KEPT + 299))};
	int64_t n;

	assert_ok(db_transact(f->db, enrollment_add, &known));
	assert_ok(db_transact(f->db, add_attempts, f));
	n = store_fixture_number(f->db, "SELECT COUNT(*) FROM enrollments WHERE tenant_id = ''");
	assert_in_range(n, LIMIT_REFUSED_ATTEMPTS_KEPT - 100, LIMIT_REFUSED_ATTEMPTS_KEPT);
	assert_int_equal(count_attempts(f, newest, TEXT_EMPTY), 1);
	newest.trace_id = TEXT("trace-0");
	assert_int_equal(count_attempts(f, newest, TEXT_EMPTY), 0);
	newest.trace_id = TEXT("trace--5");
	assert_int_equal(count_attempts(f, newest, TEXT_EMPTY), 1);
}

static int groups_replace(struct db_conn *tx, void *argument)
{
	static const struct text groups[] = {TEXT("g2"), TEXT("g1")};
	const struct call *call = argument;

	return store_group_replace(tx, text_of(call->tenant), TEXT("oid"), groups, (size_t)call->n,
				   call->now, call->now + 60);
}

WRITE_CASE(group_want, struct call, store_group_want(tx, text_of(a->tenant), TEXT("oid"), a->now))
WRITE_CASE(group_later, struct call,
	   store_group_retry_at(tx, text_of(a->tenant), TEXT("oid"), a->now))

static size_t count_group_users_due(struct store_fixture *f, int64_t now, int64_t seen_since)
{
	const char **list;
	size_t n = 0;

	assert_ok(store_group_due(db_reader(f->db), &f->arena, text_of(TENANT), now, seen_since, 9,
				  &list, &n));
	return n;
}

static void users_whose_groups_are_asked_for(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .now = T0};

	assert_int_equal(db_transact(f->db, group_later, &call), STORE_E_NOT_FOUND);
	assert_int_equal(count_group_users_due(f, T0, 0), 0);
	assert_ok(db_transact(f->db, group_want, &call));
	assert_int_equal(count_group_users_due(f, T0, T0), 1);
	assert_int_equal(count_group_users_due(f, T0, T0 + 1), 0);
	assert_ok(db_transact(f->db, groups_replace, &call));
	assert_int_equal(count_group_users_due(f, T0 + 59, 0), 0);
	assert_int_equal(count_group_users_due(f, T0 + 60, 0), 1);
	call.now = T0 + 100;
	assert_ok(db_transact(f->db, group_later, &call));
	assert_int_equal(count_group_users_due(f, T0 + 99, 0), 0);
	call.now = T0 + 90;
	assert_ok(db_transact(f->db, group_want, &call));
	assert_int_equal(count_group_users_due(f, T0 + 99, T0 + 90), 0);
	assert_int_equal(count_group_users_due(f, T0 + 100, T0 + 90), 1);
}

/* A user in no group is not the same as one nobody asked about. */
static void groups(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct call call = {.tenant = TENANT, .n = 2, .now = T0};
	const char **list;
	bool is_known;
	size_t n;

	assert_ok(store_group_is_known(reader, text_of(TENANT), TEXT("oid"), &is_known));
	assert_false(is_known);
	assert_ok(db_transact(f->db, groups_replace, &call));
	assert_ok(store_group_list(reader, &f->arena, text_of(TENANT), TEXT("oid"), &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0], "g1");
	call.n = 0;
	assert_ok(db_transact(f->db, groups_replace, &call));
	assert_ok(store_group_list(reader, &f->arena, text_of(TENANT), TEXT("oid"), &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_group_is_known(reader, text_of(TENANT), TEXT("oid"), &is_known));
	assert_true(is_known);
	call.tenant = TENANT_2;
	assert_int_equal(db_transact(f->db, groups_replace, &call), STORE_E_CONFLICT);
}

static void audit(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct audit_entry entry = {.tenant_id = TENANT,
				    .at = T0,
				    .actor = "token:admin",
				    .action = "policy.add",
				    .object_kind = "policy",
				    .object_id = "p1",
				    .outcome = "ok",
				    .source = "127.0.0.1",
				    .trace_id = "t"};
	struct audit_filter filter = {.actor = TEXT("token:admin"), .object_id = TEXT("p1")};
	struct audit_entry got, *list;
	size_t n;

	for (int i = 0; i < 3; i++) {
		entry.id = arena_printf(&f->arena, "0%d", i);
		entry.detail = i ? "{\"a\":\"b\"}" : NULL;
		assert_ok(db_transact(f->db, audit_add, &entry));
	}
	assert_int_equal(db_transact(f->db, audit_add, &entry), STORE_E_CONFLICT);
	assert_ok(store_audit_list(reader, &f->arena, &filter, TEXT_EMPTY, 2, &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, "02");
	assert_string_equal(list[0].detail, "{\"a\":\"b\"}");
	assert_ok(store_audit_list(reader, &f->arena, &filter, TEXT("01"), 2, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].detail, "{}");
	filter.outcome = TEXT("refused");
	assert_ok(store_audit_list(reader, &f->arena, &filter, TEXT_EMPTY, 2, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_audit_load(reader, &f->arena, TEXT("01"), &got));
	assert_string_equal(got.action, "policy.add");
	assert_int_equal(store_audit_load(reader, &f->arena, TEXT("09"), &got), STORE_E_NOT_FOUND);
}

static void api_tokens(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct api_token token = {.id = "t1",
				  .name = "admin",
				  .sha256 = "abc",
				  .role = ROLE_ADMINISTRATOR,
				  .created_at = T0,
				  .expires_at = T0 + 60};
	struct call call = {.id = "t1", .now = T0 + 5};
	struct api_token got, *list;
	size_t n;

	assert_ok(db_transact(f->db, token_add, &token));
	token.id = "t2";
	assert_int_equal(db_transact(f->db, token_add, &token), STORE_E_CONFLICT);
	token.name = "other";
	assert_int_equal(db_transact(f->db, token_add, &token), STORE_E_CONFLICT);
	token.sha256 = "def";
	token.role = ROLE_READER;
	assert_ok(db_transact(f->db, token_add, &token));
	assert_ok(db_transact(f->db, token_touch, &call));
	call.now = T0 + 1;
	assert_ok(db_transact(f->db, token_touch, &call));
	assert_ok(store_api_token_find(reader, &f->arena, TEXT("abc"), &got));
	assert_string_equal(got.name, "admin");
	assert_int_equal(got.role, ROLE_ADMINISTRATOR);
	assert_int_equal(got.last_used_at, T0 + 5);
	assert_int_equal(store_api_token_find(reader, &f->arena, TEXT_EMPTY, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(store_api_token_load(reader, &f->arena, TEXT("t2"), &got));
	assert_int_equal(got.role, ROLE_READER);
	assert_ok(store_api_token_list(reader, &f->arena, TEXT("t1"), 9, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(db_transact(f->db, token_remove, &call));
	assert_int_equal(db_transact(f->db, token_remove, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, token_touch, &call), STORE_E_NOT_FOUND);
}

/* What comes back from the database goes into the next statement, as background work does. */
static void case22_stored_text_stays_text(void **state)
{
	static const char *const evil[] = {
	    "x'); DROP TABLE devices; --",
	    "' OR '1'='1",
	    "\"; DELETE FROM tenants; --",
	    "$1",
	    "?1",
	    "%s%n%x",
	    "a\\'b",
	    "\xe2\x80\xae txt",
	    "100% _like_",
	    "'||(SELECT sealed FROM credentials)||'",
	    "*/ SELECT 1 /*",
	    "<script>alert(1)</script>",
	    "=cmd|' /C calc'!A0",
	};
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);

	for (size_t i = 0; i < ARRAY_LEN(evil); i++) {
		struct device device = case_device(TENANT, evil[i], evil[i]), got, *list;
		struct device_filter filter = {0};
		size_t n;

		device.name = evil[i];
		device.user_principal_name = evil[i];
		assert_ok(db_transact(f->db, device_add, &device));
		assert_ok(store_device_by_entra_id(reader, &f->arena, text_of(TENANT),
						   text_of(evil[i]), &got));
		assert_string_equal(got.name, evil[i]);
		filter.name = text_of(got.name);
		filter.id = text_of(got.id);
		filter.user_principal_name = text_of(got.user_principal_name);
		assert_ok(store_device_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
		assert_int_equal(n, 1);
		assert_string_equal(list[0].id, evil[i]);
		got.os_version = evil[i];
		assert_ok(db_transact(f->db, device_update, &got));
		assert_ok(store_device_find(reader, &f->arena, text_of(got.id), &got));
		assert_string_equal(got.os_version, evil[i]);
		filter = (struct device_filter){.state = text_of(evil[i])};
		assert_ok(store_device_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
		assert_int_equal(n, 0);
	}
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM devices"),
			 ARRAY_LEN(evil) + 1);
}

static const struct CMUnitTest cases[] = {
    CASE(tenants),
    CASE_DEVICE(a_tenant_leaves_with_its_rows),
    CASE_DEVICE(credentials),
    CASE_DEVICE(signing_keys),
    CASE_DEVICE(policies),
    CASE_DEVICE(compliance_policies),
    CASE_DEVICE(old_attempts_and_tokens_go),
    CASE_DEVICE(damaged_columns_are_failures),
    CASE(enrollments),
    CASE(attempts_of_no_tenant_are_bounded),
    CASE_DEVICE(groups),
    CASE_DEVICE(users_whose_groups_are_asked_for),
    CASE(audit),
    CASE(api_tokens),
    CASE_DEVICE(case22_stored_text_stays_text),
};

const struct case_table entity_cases = {cases, ARRAY_LEN(cases)};
