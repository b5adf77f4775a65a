/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_devices.c: devices, their certificates, tags, facts and applied settings: who may exist
 * beside whom, and which moves of state are possible.
 */
#include <stdio.h>

#include "store/applied.h"
#include "store/certificate.h"
#include "store/crl.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/tag.h"
#include "store/test_cases.h"

WRITE_CASE(device_add, struct device, store_device_add(tx, a))
WRITE_CASE(device_update, struct device, store_device_update(tx, a))
WRITE_CASE(device_touch, struct call,
	   store_device_touch(tx, text_of(a->tenant), text_of(a->device), a->now))
WRITE_CASE(device_want, struct call, store_device_want_evaluation(tx, text_of(a->tenant)))
WRITE_CASE(device_reported, struct call,
	   store_device_set_reported(tx, text_of(a->tenant), text_of(a->device), a->now))
WRITE_CASE(certificate_add, struct device_certificate, store_certificate_add(tx, a))
WRITE_CASE(certificate_supersede, struct call,
	   store_certificate_supersede_all(tx, text_of(a->tenant), text_of(a->device),
					   text_of(a->id), a->now))
WRITE_CASE(certificate_revoke, struct call,
	   store_certificate_revoke_all(tx, text_of(a->tenant), text_of(a->device), a->now))
WRITE_CASE(certificate_supersede_unused, struct call,
	   store_certificate_supersede_unused(tx, text_of(a->tenant), text_of(a->text),
					      text_of(a->id), a->now))
WRITE_CASE(certificate_first_use, struct call,
	   store_certificate_first_use(tx, text_of(a->tenant), text_of(a->id), a->now))
WRITE_CASE(crl_put, struct store_crl, store_crl_put(tx, a))
WRITE_CASE(crl_attribute, struct call,
	   store_crl_attribute(tx, text_of(a->tenant), text_of(a->id), text_of(a->text)))
WRITE_CASE(certificate_sweep, struct call, store_certificate_sweep_intended(tx, a->now))
WRITE_CASE(tag_add, struct call,
	   store_tag_add(tx, text_of(a->tenant), text_of(a->device), text_of(a->text)))
WRITE_CASE(tag_remove, struct call,
	   store_tag_remove(tx, text_of(a->tenant), text_of(a->device), text_of(a->text)))
WRITE_CASE(fact_remove, struct call,
	   store_fact_remove_all(tx, text_of(a->tenant), text_of(a->device)))
WRITE_CASE(applied_put, struct applied_setting, store_applied_put(tx, a))
WRITE_CASE(applied_remove, struct applied_setting,
	   store_applied_remove(tx, text_of(a->tenant_id), text_of(a->device_id),
				text_of(a->user_object_id), text_of(a->locuri)))
WRITE_CASE(applied_remove_all, struct call,
	   store_applied_remove_all(tx, text_of(a->tenant), text_of(a->device)))

struct device case_device(const char *tenant_id, const char *id, const char *entra_device_id)
{
	return (struct device){
	    .tenant_id = tenant_id,
	    .id = id,
	    .entra_device_id = entra_device_id,
	    .dm_device_id = "dm",
	    .name = "LAPTOP-1",
	    .enrollment_type = ENROLLMENT_FULL,
	    .user_principal_name = "Ada@contoso.com",
	    .user_object_id = "oid",
	    .user_key = "oid",
	    .state = DEVICE_ENROLLED,
	    .os_version = "10.0.22631",
	    .os_edition = "4",
	    .enrolled_at = T0,
	    .last_seen_at = T0 + 1,
	    .retired_at = T0 + 2,
	    .retired_reason = "why",
	    .certificate_not_after = T0 + 3,
	    .compliance_state = COMPLIANCE_GRACE,
	    .compliance_reasons = "[\"a\"]",
	    .compliance_changed_at = T0 + 4,
	    .grace_until = T0 + 5,
	    .compliance_reported_at = T0 + 6,
	    .is_sync_wanted = true,
	};
}

static void a_device_comes_back_whole(void **state)
{
	struct store_fixture *f = *state;
	struct device got, want = case_device(TENANT, DEVICE, ENTRA_DEVICE);

	assert_ok(
	    store_device_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE), &got));
	assert_string_equal(got.tenant_id, TENANT);
	assert_string_equal(got.id, DEVICE);
	assert_string_equal(got.entra_device_id, ENTRA_DEVICE);
	assert_string_equal(got.dm_device_id, want.dm_device_id);
	assert_string_equal(got.name, want.name);
	assert_int_equal(got.enrollment_type, want.enrollment_type);
	assert_string_equal(got.user_principal_name, want.user_principal_name);
	assert_string_equal(got.user_object_id, want.user_object_id);
	assert_int_equal(got.state, want.state);
	assert_string_equal(got.os_version, want.os_version);
	assert_string_equal(got.os_edition, want.os_edition);
	assert_int_equal(got.enrolled_at, want.enrolled_at);
	assert_int_equal(got.last_seen_at, want.last_seen_at);
	assert_int_equal(got.retired_at, want.retired_at);
	assert_string_equal(got.retired_reason, want.retired_reason);
	assert_int_equal(got.certificate_not_after, want.certificate_not_after);
	assert_int_equal(got.compliance_state, want.compliance_state);
	assert_string_equal(got.compliance_reasons, want.compliance_reasons);
	assert_int_equal(got.compliance_changed_at, want.compliance_changed_at);
	assert_int_equal(got.grace_until, want.grace_until);
	assert_int_equal(got.compliance_reported_at, want.compliance_reported_at);
	assert_true(got.is_sync_wanted);
	assert_false(got.is_evaluation_wanted);
}

static void one_enrolled_device_for_an_entra_device(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device first = case_device(TENANT, DEVICE, ENTRA_DEVICE), got;
	struct device second = case_device(TENANT, DEVICE_2, ENTRA_DEVICE);

	assert_int_equal(db_transact(f->db, device_add, &second), STORE_E_CONFLICT);
	first.state = DEVICE_RETIRED;
	assert_ok(db_transact(f->db, device_update, &first));
	assert_ok(store_device_by_entra_id(reader, &f->arena, text_of(TENANT),
					   text_of(ENTRA_DEVICE), &got));
	assert_string_equal(got.id, DEVICE);
	second.enrolled_at = T0 - 100;
	assert_ok(db_transact(f->db, device_add, &second));
	assert_ok(store_device_by_entra_id(reader, &f->arena, text_of(TENANT),
					   text_of(ENTRA_DEVICE), &got));
	assert_string_equal(got.id, DEVICE_2);
	first.state = DEVICE_ENROLLED;
	assert_int_equal(db_transact(f->db, device_update, &first), STORE_E_CONFLICT);
	assert_int_equal(store_device_by_entra_id(reader, &f->arena, text_of(TENANT_2),
						  text_of(ENTRA_DEVICE), &got),
			 STORE_E_NOT_FOUND);
	/* Devices whose Entra id is not known are no duplicates of each other. */
	first = case_device(TENANT, "n1", "");
	second = case_device(TENANT, "n2", "");
	assert_ok(db_transact(f->db, device_add, &first));
	assert_ok(db_transact(f->db, device_add, &second));
	assert_int_equal(
	    store_device_by_entra_id(reader, &f->arena, text_of(TENANT), TEXT_EMPTY, &got),
	    STORE_E_NOT_FOUND);
	second = case_device(TENANT_2, "n3", "");
	assert_int_equal(db_transact(f->db, device_add, &second), STORE_E_CONFLICT);
}

static size_t count_devices(struct store_fixture *f, struct device_filter filter)
{
	struct device *list;
	size_t n = 0;

	assert_ok(
	    store_device_list(db_reader(f->db), &f->arena, &filter, TEXT_EMPTY, 100, &list, &n));
	return n;
}

static void device_filters(void **state)
{
	static const struct {
		struct device_filter filter;
		size_t expected;
	} table[] = {
	    {{.tenant_id = TEXT_EMPTY}, 21},
	    {{.tenant_id = TEXT(TENANT)}, 21},
	    {{.tenant_id = TEXT(TENANT_2)}, 0},
	    {{.state = TEXT("enrolled")}, 11},
	    {{.state = TEXT("retired"), .name = TEXT("PC-3")}, 1},
	    {{.state = TEXT("enrolled"), .name = TEXT("PC-3")}, 0},
	    {{.compliance_state = TEXT("grace")}, 21},
	    {{.compliance_state = TEXT("compliant")}, 0},
	    {{.user_principal_name = TEXT("ADA@contoso.com")}, 21},
	    {{.user_object_id = TEXT("oid")}, 21},
	    {{.entra_device_id = TEXT(ENTRA_DEVICE)}, 1},
	    {{.id = TEXT("pc-07")}, 1},
	    {{.tag = TEXT("kiosk")}, 1},
	    {{.tag = TEXT("Kiosk")}, 0},
	};
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = "pc-04", .text = "kiosk"};
	struct device_filter all = {0};
	struct text after = TEXT_EMPTY;
	size_t n, seen = 0;
	struct device *list;
	int64_t count;

	for (int i = 0; i < 20; i++) {
		struct device device =
		    case_device(TENANT, arena_printf(&f->arena, "pc-%02d", i), "");

		device.name = arena_printf(&f->arena, "PC-%d", i);
		device.state = i % 2 ? DEVICE_RETIRED : DEVICE_ENROLLED;
		assert_ok(db_transact(f->db, device_add, &device));
	}
	assert_ok(db_transact(f->db, tag_add, &call));
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_int_equal(count_devices(f, table[i].filter), table[i].expected);
	do {
		assert_ok(
		    store_device_list(db_reader(f->db), &f->arena, &all, after, 4, &list, &n));
		seen += n;
		if (n)
			after = text_of(list[n - 1].id);
	} while (n == 4);
	assert_int_equal(seen, 21);
	assert_ok(
	    store_device_count_for_user(db_reader(f->db), text_of(TENANT), TEXT("oid"), &count));
	assert_int_equal(count, 11);
	assert_ok(
	    store_device_count_for_user(db_reader(f->db), text_of(TENANT), TEXT("x"), &count));
	assert_int_equal(count, 0);
	assert_ok(store_device_count(db_reader(f->db), TEXT_EMPTY, &count));
	assert_int_equal(count, 11);
}

static void last_seen_moves_forward(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = DEVICE, .now = T0 + 100};

	assert_ok(db_transact(f->db, device_touch, &call));
	call.now = T0 + 50;
	assert_ok(db_transact(f->db, device_touch, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT last_seen_at FROM devices"), T0 + 100);
	call.tenant = TENANT_2;
	assert_int_equal(db_transact(f->db, device_touch, &call), STORE_E_NOT_FOUND);
}

static void who_must_be_judged_again(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct call call = {.tenant = TENANT, .device = DEVICE, .now = T0 + 900};
	struct device device, *list;
	size_t n;

	/* In grace until T0 + 5. */
	assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 4, 0, 0, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 5, 0, 0, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_ok(db_transact(f->db, device_want, &call));
	assert_ok(store_device_evaluation_due(reader, &f->arena, 0, 0, 0, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_true(list[0].is_evaluation_wanted);
	device = list[0];
	device.is_evaluation_wanted = false;
	device.compliance_state = COMPLIANCE_UNKNOWN;
	device.compliance_changed_at = T0;
	assert_ok(db_transact(f->db, device_update, &device));
	assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 9, T0 - 1, 0, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 9, T0, 0, 9, &list, &n));
	assert_int_equal(n, 1);
	device.compliance_reasons = "[]";
	assert_ok(db_transact(f->db, device_update, &device));
	assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 9, T0, 0, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(db_transact(f->db, device_reported, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT compliance_reported_at FROM devices"),
			 T0 + 900);
}

static void who_has_not_been_seen(void **state)
{
	static const struct {
		enum compliance_state state;
		int64_t enrolled_at, last_seen_at;
		size_t due;
	} cases[] = {
	    {COMPLIANCE_COMPLIANT, T0, T0 + 5, 1},    {COMPLIANCE_COMPLIANT, T0, T0 + 6, 0},
	    {COMPLIANCE_GRACE, T0, T0 + 5, 1},        {COMPLIANCE_COMPLIANT, T0 + 6, 0, 0},
	    {COMPLIANCE_NONCOMPLIANT, T0, T0 + 5, 0}, {COMPLIANCE_UNKNOWN, T0, T0 + 5, 0},
	};
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device device, *list;
	size_t n;

	assert_ok(store_device_load(reader, &f->arena, text_of(TENANT), text_of(DEVICE), &device));
	device.is_evaluation_wanted = false;
	device.grace_until = T0 + 1000;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		device.compliance_state = cases[i].state;
		device.enrolled_at = cases[i].enrolled_at;
		device.last_seen_at = cases[i].last_seen_at;
		assert_ok(db_transact(f->db, device_update, &device));
		assert_ok(store_device_evaluation_due(reader, &f->arena, T0 + 9, 0, T0 + 5, 9,
						      &list, &n));
		if (n != cases[i].due)
			fail_msg("case %zu: %zu due", i, n);
	}
}

static struct device_certificate case_intent(const char *id, const char *token, const char *spki)
{
	return (struct device_certificate){
	    .tenant_id = TENANT,
	    .id = id,
	    .device_id = DEVICE,
	    .serial = "0a",
	    .spki_sha256 = spki,
	    .token_sha256 = token,
	    .state = CERTIFICATE_INTENDED,
	    .created_at = T0,
	};
}

static int certificate_activate(struct db_conn *tx, void *argument)
{
	const struct call *call = argument;
	struct certificate_issue issue = {
	    .device_id = TEXT(DEVICE),
	    .sha256 = text_of(call->text),
	    .serial = TEXT("0b"),
	    .der = TEXT("MIIB"),
	    .not_before = T0,
	    .not_after = T0 + 1000,
	    .issuer_key_id = text_of(call->device),
	};

	return store_certificate_activate(tx, TEXT(TENANT), text_of(call->id), &issue);
}

static void an_intent_becomes_a_certificate(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device_certificate intent = case_intent("c1", "token", "spki"), got;
	struct call call = {.id = "c1", .text = "fingerprint"};
	struct device device;

	assert_int_equal(store_device_by_certificate(reader, &f->arena, TEXT_EMPTY, &device, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, certificate_add, &intent));
	assert_int_equal(store_device_by_certificate(reader, &f->arena, TEXT_EMPTY, &device, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, certificate_activate, &call));
	assert_int_equal(db_transact(f->db, certificate_activate, &call), STORE_E_NOT_FOUND);
	assert_ok(
	    store_device_by_certificate(reader, &f->arena, TEXT("fingerprint"), &device, &got));
	assert_string_equal(device.id, DEVICE);
	assert_string_equal(device.name, "LAPTOP-1");
	assert_string_equal(got.id, "c1");
	assert_string_equal(got.serial, "0b");
	assert_string_equal(got.der, "MIIB");
	assert_int_equal(got.state, CERTIFICATE_ACTIVE);
	assert_int_equal(got.not_after, T0 + 1000);
	intent = case_intent("c2", "", "spki");
	assert_ok(db_transact(f->db, certificate_add, &intent));
	call.id = "c2";
	assert_int_equal(db_transact(f->db, certificate_activate, &call), STORE_E_CONFLICT);
}

static void case8_a_token_has_one_certificate(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device_certificate intent = case_intent("c1", "token", "spki"), got;

	assert_ok(db_transact(f->db, certificate_add, &intent));
	intent = case_intent("c2", "token", "spki");
	assert_int_equal(db_transact(f->db, certificate_add, &intent), STORE_E_CONFLICT);
	intent = case_intent("c2", "token", "other key");
	assert_int_equal(db_transact(f->db, certificate_add, &intent), STORE_E_CONFLICT);
	assert_ok(store_certificate_find(reader, &f->arena, text_of(TENANT), TEXT("token"),
					 TEXT("spki"), &got));
	assert_int_equal(store_certificate_find(reader, &f->arena, text_of(TENANT), TEXT("token"),
						TEXT("other key"), &got),
			 STORE_E_NOT_FOUND);
	assert_ok(
	    store_certificate_find_token(reader, &f->arena, text_of(TENANT), TEXT("token"), &got));
	assert_string_equal(got.spki_sha256, "spki");
	assert_int_equal(
	    store_certificate_find_token(reader, &f->arena, text_of(TENANT_2), TEXT("token"), &got),
	    STORE_E_NOT_FOUND);
	/* Renewals have no token: any number of them. */
	intent = case_intent("c3", "", "k3");
	assert_ok(db_transact(f->db, certificate_add, &intent));
	intent = case_intent("c4", "", "k4");
	assert_ok(db_transact(f->db, certificate_add, &intent));
	assert_int_equal(
	    store_certificate_find_token(reader, &f->arena, text_of(TENANT), TEXT_EMPTY, &got),
	    STORE_E_NOT_FOUND);
}

static void case11_a_key_of_another_device(void **state)
{
	static const struct {
		const char *spki;
		const char *tenant;
		const char *device;
		bool expected;
	} table[] = {
	    {"spki", TENANT, DEVICE, false},
	    {"spki", TENANT, DEVICE_2, true},
	    {"spki", TENANT_2, DEVICE, true},
	    {"other", TENANT, DEVICE_2, false},
	};
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device_certificate intent = case_intent("c1", "token", "spki"), got;

	assert_ok(db_transact(f->db, certificate_add, &intent));
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct text spki = text_of(table[i].spki), device = text_of(table[i].device);
		struct text tenant = text_of(table[i].tenant);

		assert_int_equal(
		    store_certificate_find_spki(reader, &f->arena, spki, tenant, device, &got),
		    table[i].expected ? 0 : STORE_E_NOT_FOUND);
	}
	assert_string_equal(got.id, "c1");
}

static enum certificate_state certificate_state_of(struct store_fixture *f, const char *id)
{
	struct device_certificate got;

	assert_ok(store_certificate_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(id),
					 &got));
	return got.state;
}

static void certificates_are_superseded_and_revoked(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = DEVICE, .id = "c2", .now = T0 + 7};
	struct device_certificate *list;
	struct store_revoked *revoked;
	size_t n;

	for (int i = 1; i <= 3; i++) {
		const char *id = arena_printf(&f->arena, "c%d", i);
		struct device_certificate intent = case_intent(id, id, id);
		struct call activate = {.id = id, .text = id, .device = "aa"};

		intent.created_at = T0 + i;
		assert_ok(db_transact(f->db, certificate_add, &intent));
		if (i < 3)
			assert_ok(db_transact(f->db, certificate_activate, &activate));
	}
	assert_ok(db_transact(f->db, certificate_supersede, &call));
	assert_int_equal(certificate_state_of(f, "c1"), CERTIFICATE_SUPERSEDED);
	assert_int_equal(certificate_state_of(f, "c2"), CERTIFICATE_ACTIVE);
	assert_int_equal(certificate_state_of(f, "c3"), CERTIFICATE_INTENDED);
	assert_ok(store_certificate_list(db_reader(f->db), &f->arena, text_of(TENANT),
					 text_of(DEVICE), &list, &n));
	assert_int_equal(n, 3);
	assert_string_equal(list[0].id, "c3");
	assert_string_equal(list[2].issuer_key_id, "aa");
	assert_int_equal(list[2].revoked_at, T0 + 7);
	assert_int_equal(list[1].revoked_at, 0);
	assert_ok(
	    store_crl_list_revoked(db_reader(f->db), &f->arena, TEXT("aa"), T0, 9, &revoked, &n));
	assert_int_equal(n, 1);
	assert_int_equal(revoked[0].state, CERTIFICATE_SUPERSEDED);
	call.now = T0 + 9;
	assert_ok(db_transact(f->db, certificate_revoke, &call));
	for (int i = 1; i <= 3; i++)
		assert_int_equal(certificate_state_of(f, arena_printf(&f->arena, "c%d", i)),
				 CERTIFICATE_REVOKED);
	call.id = "c3";
	call.text = "too late";
	assert_int_equal(db_transact(f->db, certificate_activate, &call), STORE_E_NOT_FOUND);
	assert_ok(store_crl_list_revoked(db_reader(f->db), &f->arena, TEXT("aa"), T0 + 1000, 9,
					 &revoked, &n));
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(revoked[i].serial, "0b");
		assert_int_equal(revoked[i].state, CERTIFICATE_REVOKED);
	}
	/* the one that was superseded first keeps its time */
	assert_int_equal(revoked[0].revoked_at + revoked[1].revoked_at, 2LL * T0 + 16);
	assert_ok(store_crl_list_revoked(db_reader(f->db), &f->arena, TEXT("aa"), T0 + 1000, 1,
					 &revoked, &n));
	assert_int_equal(n, 1);
	assert_ok(store_crl_list_revoked(db_reader(f->db), &f->arena, TEXT("bb"), T0 + 1000, 9,
					 &revoked, &n));
	assert_int_equal(n, 0);
	assert_ok(store_crl_list_revoked(db_reader(f->db), &f->arena, TEXT("aa"), T0 + 1001, 9,
					 &revoked, &n));
	assert_int_equal(n, 0);
}

static void a_change_of_what_is_revoked_is_seen(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct call call = {.tenant = TENANT, .device = DEVICE, .id = "none", .now = T0 + 7};
	const char *before, *after, *other;

	for (int i = 1; i <= 2; i++) {
		const char *id = arena_printf(&f->arena, "c%d", i);
		struct device_certificate intent = case_intent(id, id, id);
		struct call activate = {.id = id, .text = id, .device = "aa"};

		assert_ok(store_crl_mark(reader, &f->arena, TEXT("aa"), &before));
		assert_ok(db_transact(f->db, certificate_add, &intent));
		assert_ok(db_transact(f->db, certificate_activate, &activate));
		assert_ok(store_crl_mark(reader, &f->arena, TEXT("aa"), &after));
		assert_string_equal(before, after);
		/* both at one and the same second */
		assert_ok(db_transact(f->db, certificate_supersede, &call));
		assert_ok(store_crl_mark(reader, &f->arena, TEXT("aa"), &after));
		assert_string_not_equal(before, after);
	}
	assert_ok(store_crl_mark(reader, &f->arena, TEXT("bb"), &other));
	assert_string_not_equal(other, after);
}

static void certificates_of_before_are_attributed(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device_certificate intent = case_intent("c1", "c1", "c1"), *list, got;
	struct call call = {.id = "c1", .text = "c1", .device = ""};
	size_t n;

	assert_ok(db_transact(f->db, certificate_add, &intent));
	assert_ok(store_crl_list_unattributed(reader, &f->arena, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(db_transact(f->db, certificate_activate, &call));
	assert_ok(store_crl_list_unattributed(reader, &f->arena, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].der, "MIIB");
	call = (struct call){.tenant = TENANT, .id = "c1", .text = "aa"};
	assert_ok(db_transact(f->db, crl_attribute, &call));
	assert_ok(store_crl_list_unattributed(reader, &f->arena, 9, &list, &n));
	assert_int_equal(n, 0);
	call.text = "bb"; /* what is known stays */
	assert_ok(db_transact(f->db, crl_attribute, &call));
	assert_ok(store_certificate_load(reader, &f->arena, TEXT(TENANT), TEXT("c1"), &got));
	assert_string_equal(got.issuer_key_id, "aa");
}

/* Threats 5.6: a number never goes back, whoever writes it. */
static void the_number_of_a_crl_only_grows(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct store_crl crl = {.issuer_key_id = "aa",
				.der = "MIIC",
				.revoked = "0:0",
				.number = 5,
				.made_at = T0,
				.next_at = T0 + 9},
			 got;

	assert_int_equal(store_crl_load(reader, &f->arena, TEXT("aa"), &got), STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, crl_put, &crl));
	crl.der = "MIID";
	assert_int_equal(db_transact(f->db, crl_put, &crl), STORE_E_NOT_FOUND);
	crl.number = 4;
	assert_int_equal(db_transact(f->db, crl_put, &crl), STORE_E_NOT_FOUND);
	assert_ok(store_crl_load(reader, &f->arena, TEXT("aa"), &got));
	assert_string_equal(got.der, "MIIC");
	crl.number = 6;
	crl.revoked = "1:7";
	assert_ok(db_transact(f->db, crl_put, &crl));
	assert_ok(store_crl_load(reader, &f->arena, TEXT("aa"), &got));
	assert_string_equal(got.der, "MIID");
	assert_string_equal(got.revoked, "1:7");
	assert_int_equal(got.number, 6);
	assert_int_equal(got.made_at, T0);
	assert_int_equal(got.next_at, T0 + 9);
	assert_ok(store_crl_load_head(reader, &f->arena, TEXT("aa"), &got));
	assert_string_equal(got.der, "");
	assert_int_equal(got.number, 6);
}

/* A renewal leaves the old one good; of those asked for with it and never used, the last counts. */
static void a_renewed_certificate_waits_for_its_use(void **state)
{
	struct store_fixture *f = *state;
	struct device_certificate got;
	struct call call = {.tenant = TENANT, .id = "c3", .text = "c1", .now = T0 + 50};

	for (int i = 1; i <= 4; i++) {
		const char *id = arena_printf(&f->arena, "c%d", i);
		struct device_certificate intent = case_intent(id, id, id);
		struct call activate = {.id = id, .text = id};

		/* c4 renews another one */
		intent.renews_id = i == 1 ? "" : i == 4 ? "c2" : "c1";
		assert_ok(db_transact(f->db, certificate_add, &intent));
		assert_ok(db_transact(f->db, certificate_activate, &activate));
	}
	assert_ok(db_transact(f->db, certificate_supersede_unused, &call));
	assert_int_equal(certificate_state_of(f, "c1"), CERTIFICATE_ACTIVE);
	assert_int_equal(certificate_state_of(f, "c2"), CERTIFICATE_SUPERSEDED);
	assert_int_equal(certificate_state_of(f, "c3"), CERTIFICATE_ACTIVE);
	assert_int_equal(certificate_state_of(f, "c4"), CERTIFICATE_ACTIVE);
	assert_ok(db_transact(f->db, certificate_first_use, &call));
	assert_int_equal(db_transact(f->db, certificate_first_use, &call), STORE_E_NOT_FOUND);
	assert_ok(
	    store_certificate_load(db_reader(f->db), &f->arena, text_of(TENANT), TEXT("c3"), &got));
	assert_int_equal(got.first_used_at, T0 + 50);
	assert_string_equal(got.renews_id, "c1");
	/* One in use is not replaced any more, nor is everything for an empty id. */
	call.id = "c2";
	assert_ok(db_transact(f->db, certificate_supersede_unused, &call));
	call.text = "";
	assert_ok(db_transact(f->db, certificate_supersede_unused, &call));
	assert_int_equal(certificate_state_of(f, "c3"), CERTIFICATE_ACTIVE);
	assert_int_equal(certificate_state_of(f, "c1"), CERTIFICATE_ACTIVE);
	assert_int_equal(db_transact(f->db, certificate_first_use, &call), STORE_E_NOT_FOUND);
}

static void a_serial_number_names_a_certificate(void **state)
{
	struct store_fixture *f = *state;
	struct device_certificate intent = case_intent("c1", "token", "spki"), got;
	struct call activate = {.id = "c1", .text = "c1"};
	struct db_conn *reader = db_reader(f->db);

	intent.serial = "0b";
	assert_ok(db_transact(f->db, certificate_add, &intent));
	assert_int_equal(store_certificate_find_serial(reader, &f->arena, TEXT("0b"), &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, certificate_activate, &activate));
	assert_ok(store_certificate_find_serial(reader, &f->arena, TEXT("0b"), &got));
	assert_string_equal(got.id, "c1");
	assert_int_equal(store_certificate_find_serial(reader, &f->arena, TEXT("0a"), &got),
			 STORE_E_NOT_FOUND);
	assert_int_equal(store_certificate_find_serial(reader, &f->arena, TEXT_EMPTY, &got),
			 STORE_E_NOT_FOUND);
}

static void a_consent_has_one_certificate(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct device_certificate intent = case_intent("c1", "token 1", "spki 1"), got;
	bool is_used;

	assert_ok(store_certificate_consent_exists(reader, TEXT(TENANT), TEXT("yes"), &is_used));
	assert_false(is_used);
	intent.consent_id = "yes";
	assert_ok(db_transact(f->db, certificate_add, &intent));
	assert_ok(store_certificate_load(reader, &f->arena, TEXT(TENANT), TEXT("c1"), &got));
	assert_string_equal(got.consent_id, "yes");
	assert_ok(store_certificate_consent_exists(reader, TEXT(TENANT), TEXT("yes"), &is_used));
	assert_true(is_used);
	assert_ok(store_certificate_consent_exists(reader, TEXT(TENANT_2), TEXT("yes"), &is_used));
	assert_false(is_used);
	intent = case_intent("c2", "token 2", "spki 2");
	intent.consent_id = "yes";
	assert_int_equal(db_transact(f->db, certificate_add, &intent), STORE_E_CONFLICT);
	/* Those without one, of tenants that ask for none, are not in each other's way. */
	for (int i = 3; i <= 4; i++) {
		const char *id = arena_printf(&f->arena, "c%d", i);

		intent = case_intent(id, id, id);
		intent.consent_id = i == 3 ? "" : NULL;
		assert_ok(db_transact(f->db, certificate_add, &intent));
	}
	assert_ok(store_certificate_consent_exists(reader, TEXT(TENANT), TEXT_EMPTY, &is_used));
	assert_false(is_used);
}

static void old_intents_are_swept(void **state)
{
	struct store_fixture *f = *state;
	struct device_certificate got;
	struct call call = {.id = "c1", .text = "x", .now = T0 + 3};

	for (int i = 1; i <= 4; i++) {
		const char *id = arena_printf(&f->arena, "c%d", i);
		struct device_certificate intent = case_intent(id, id, id);

		intent.created_at = T0 + i;
		assert_ok(db_transact(f->db, certificate_add, &intent));
	}
	assert_ok(db_transact(f->db, certificate_activate, &call));
	assert_ok(db_transact(f->db, certificate_sweep, &call));
	assert_int_equal(certificate_state_of(f, "c1"), CERTIFICATE_ACTIVE);
	assert_int_equal(
	    store_certificate_load(db_reader(f->db), &f->arena, text_of(TENANT), TEXT("c2"), &got),
	    STORE_E_NOT_FOUND);
	assert_int_equal(certificate_state_of(f, "c3"), CERTIFICATE_INTENDED);
}

static void tags(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = DEVICE, .text = "kiosk"};
	const char **list;
	size_t n;

	assert_ok(db_transact(f->db, tag_add, &call));
	assert_ok(db_transact(f->db, tag_add, &call));
	call.text = "berlin";
	assert_ok(db_transact(f->db, tag_add, &call));
	assert_ok(store_tag_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				 &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0], "berlin");
	assert_ok(db_transact(f->db, tag_remove, &call));
	assert_int_equal(db_transact(f->db, tag_remove, &call), STORE_E_NOT_FOUND);
	call.device = DEVICE_2;
	assert_int_equal(db_transact(f->db, tag_add, &call), STORE_E_CONFLICT);
}

static int facts_put(struct db_conn *tx, void *argument)
{
	static const struct fact first[] = {{"os", "10", T0}, {"bios", "", T0}};
	static const struct fact second[] = {{"os", "11", T0 + 1}, {"disk", "ok", T0 + 1}};
	const struct call *call = argument;

	return store_fact_put(tx, text_of(TENANT), text_of(call->device), call->n ? second : first,
			      2);
}

static void facts(void **state)
{
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = DEVICE};
	struct fact *list;
	size_t n;

	assert_ok(db_transact(f->db, facts_put, &call));
	call.n = 1;
	assert_ok(db_transact(f->db, facts_put, &call));
	assert_ok(store_fact_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				  &list, &n));
	assert_int_equal(n, 3);
	assert_string_equal(list[0].name, "bios");
	assert_string_equal(list[2].value, "11");
	assert_int_equal(list[2].at, T0 + 1);
	assert_ok(db_transact(f->db, fact_remove, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM facts"), 0);
	call.device = DEVICE_2;
	assert_int_equal(db_transact(f->db, facts_put, &call), STORE_E_CONFLICT);
}

static void applied_settings(void **state)
{
	struct store_fixture *f = *state;
	struct applied_setting a = {.tenant_id = TENANT,
				    .device_id = DEVICE,
				    .user_object_id = "",
				    .locuri = "./Device/A",
				    .policy_id = "p1",
				    .value_sha256 = "h1",
				    .state = APPLIED_SENT,
				    .tries = 1,
				    .updated_at = T0};
	struct call call = {.tenant = TENANT, .device = DEVICE};
	struct applied_setting *list;
	size_t n;

	assert_ok(db_transact(f->db, applied_put, &a));
	a.state = APPLIED_FAILED;
	a.status = 500;
	a.tries = 2;
	assert_ok(db_transact(f->db, applied_put, &a));
	a.user_object_id = "u";
	assert_ok(db_transact(f->db, applied_put, &a));
	assert_ok(store_applied_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].user_object_id, "");
	assert_int_equal(list[0].state, APPLIED_FAILED);
	assert_int_equal(list[0].status, 500);
	assert_int_equal(list[0].tries, 2);
	assert_string_equal(list[0].value_sha256, "h1");
	assert_ok(db_transact(f->db, applied_remove, &a));
	assert_ok(db_transact(f->db, applied_remove, &a));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM applied_settings"), 1);
	assert_ok(db_transact(f->db, applied_remove_all, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM applied_settings"), 0);
	a.device_id = DEVICE_2;
	assert_int_equal(db_transact(f->db, applied_put, &a), STORE_E_CONFLICT);
}

static const struct CMUnitTest cases[] = {
    CASE_DEVICE(a_device_comes_back_whole),
    CASE_DEVICE(one_enrolled_device_for_an_entra_device),
    CASE_DEVICE(device_filters),
    CASE_DEVICE(last_seen_moves_forward),
    CASE_DEVICE(who_must_be_judged_again),
    CASE_DEVICE(who_has_not_been_seen),
    CASE_DEVICE(an_intent_becomes_a_certificate),
    CASE_DEVICE(case8_a_token_has_one_certificate),
    CASE_DEVICE(case11_a_key_of_another_device),
    CASE_DEVICE(certificates_are_superseded_and_revoked),
    CASE_DEVICE(a_renewed_certificate_waits_for_its_use),
    CASE_DEVICE(a_serial_number_names_a_certificate),
    CASE_DEVICE(a_change_of_what_is_revoked_is_seen),
    CASE_DEVICE(certificates_of_before_are_attributed),
    CASE_DEVICE(the_number_of_a_crl_only_grows),
    CASE_DEVICE(a_consent_has_one_certificate),
    CASE_DEVICE(old_intents_are_swept),
    CASE_DEVICE(tags),
    CASE_DEVICE(facts),
    CASE_DEVICE(applied_settings),
};

const struct case_table device_cases = {cases, ARRAY_LEN(cases)};
