/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_trusted_issuers.c: the CAs a tenant trusts: each once, several tenants the same, found by
 * the name that what they issued gives.
 */
#include "store/tenant.h"
#include "store/test_cases.h"
#include "store/trusted_issuer.h"

WRITE_CASE(tenant_add, struct tenant, store_tenant_add(tx, a))
WRITE_CASE(issuer_add, struct trusted_issuer, store_trusted_issuer_add(tx, a))
WRITE_CASE(issuer_remove, struct call,
	   store_trusted_issuer_remove(tx, text_of(a->tenant), text_of(a->id)))

static void trusted_issuers(void **state)
{
	struct store_fixture *f = *state;
	struct tenant second = case_tenant(TENANT_2);
	struct trusted_issuer issuer = {.tenant_id = TENANT,
					.id = "one",
					.name = "CA '); DROP TABLE tenants; --",
					.certificate = "-----BEGIN",
					.sha256 = "aa",
					.subject_sha256 = "cc",
					.not_after = T0 + 9,
					.created_at = T0};
	struct call call = {.tenant = TENANT, .id = "one"};
	struct trusted_issuer got, *list;
	struct arena *arena = &f->arena;
	size_t n;

	assert_ok(db_transact(f->db, tenant_add, &second));
	assert_ok(db_transact(f->db, issuer_add, &issuer));
	issuer.id = "again";
	assert_int_equal(db_transact(f->db, issuer_add, &issuer), STORE_E_CONFLICT);
	issuer.sha256 = "bb";
	assert_ok(db_transact(f->db, issuer_add, &issuer));
	issuer.tenant_id = TENANT_2;
	issuer.id = "other";
	assert_ok(db_transact(f->db, issuer_add, &issuer));
	assert_ok(store_trusted_issuer_load(db_reader(f->db), arena, text_of(TENANT),
					    text_of("one"), &got));
	assert_string_equal(got.name, "CA '); DROP TABLE tenants; --");
	assert_string_equal(got.certificate, "-----BEGIN");
	assert_string_equal(got.sha256, "aa");
	assert_int_equal(got.not_after, T0 + 9);
	assert_int_equal(store_trusted_issuer_load(db_reader(f->db), arena, text_of(TENANT_2),
						   text_of("one"), &got),
			 STORE_E_NOT_FOUND);
	assert_ok(store_trusted_issuer_list(db_reader(f->db), arena, text_of(TENANT), &list, &n));
	assert_int_equal(n, 2);
	assert_ok(
	    store_trusted_issuer_by_subject(db_reader(f->db), arena, text_of("cc"), 9, &list, &n));
	assert_int_equal(n, 3);
	assert_ok(
	    store_trusted_issuer_by_subject(db_reader(f->db), arena, text_of("cc"), 2, &list, &n));
	assert_int_equal(n, 2);
	assert_ok(
	    store_trusted_issuer_by_subject(db_reader(f->db), arena, text_of("dd"), 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(db_transact(f->db, issuer_remove, &call));
	assert_int_equal(db_transact(f->db, issuer_remove, &call), STORE_E_NOT_FOUND);
	issuer.tenant_id = "99999999-9999-4999-8999-999999999999";
	assert_int_equal(db_transact(f->db, issuer_add, &issuer), STORE_E_CONFLICT);
}

static const struct CMUnitTest cases[] = {
    CASE_DEVICE(trusted_issuers),
};

const struct case_table trusted_issuer_cases = {cases, ARRAY_LEN(cases)};
