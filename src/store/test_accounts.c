/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_accounts.c: people who enrol with a password, the directory that knows more of them, and
 * what was guessed at.
 */
#include "store/account.h"
#include "store/guess.h"
#include "store/ldap_directory.h"
#include "store/tenant.h"
#include "store/test_cases.h"

#define ACCOUNT   "44444444-4444-4444-8444-111111111111"
#define ACCOUNT_2 "44444444-4444-4444-8444-222222222222"

struct used {
	const struct enrollment_account *account;
	const char *hash;
	int64_t now;
};

struct counted {
	struct guess_key key;
	struct guess guess;
	int64_t before;
};

WRITE_CASE(tenant_add, struct tenant, store_tenant_add(tx, a))
WRITE_CASE(tenant_remove, struct call, store_tenant_remove(tx, text_of(a->tenant)))
WRITE_CASE(account_add, struct enrollment_account, store_account_add(tx, a))
WRITE_CASE(account_update, struct enrollment_account, store_account_update(tx, a))
WRITE_CASE(account_used, struct used, store_account_used(tx, a->account, text_of(a->hash), a->now))
WRITE_CASE(account_remove, struct call,
	   store_account_remove(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(ldap_add, struct ldap_directory, store_ldap_add(tx, a))
WRITE_CASE(ldap_update, struct ldap_directory, store_ldap_update(tx, a))
WRITE_CASE(ldap_remove, struct call, store_ldap_remove(tx, text_of(a->tenant)))
WRITE_CASE(guess_put, struct counted, store_guess_put(tx, &a->key, &a->guess))
WRITE_CASE(guess_remove, struct counted, store_guess_remove(tx, &a->key))
WRITE_CASE(guess_remove_old, struct counted, store_guess_remove_old(tx, a->key.kind, a->before))

static struct enrollment_account account_of(const char *tenant, const char *id, const char *name)
{
	return (struct enrollment_account){
	    .tenant_id = tenant,
	    .id = id,
	    .user_name = name,
	    .display_name = "Anna 'x'); --",
	    .password_hash = "$argon2id$one",
	    .is_enabled = true,
	    .created_at = T0,
	    .updated_at = T0,
	};
}

static struct ldap_directory ldap_of(const char *tenant, const char *netbios)
{
	return (struct ldap_directory){
	    .tenant_id = tenant,
	    .url = "ldaps://dc1.contoso.test",
	    .is_start_tls = false,
	    .ca_certificate = "",
	    .bind_dn = "cn=muster,dc=contoso,dc=test",
	    .sealed = "sealed",
	    .search_base = "dc=contoso,dc=test",
	    .user_filter = "(uid={account})",
	    .group_dn = "",
	    .netbios_domain = netbios,
	    .created_at = T0,
	    .updated_at = T0,
	};
}

static void tenants_add(struct store_fixture *f)
{
	struct tenant one = case_tenant(TENANT), two = case_tenant(TENANT_2);

	assert_ok(db_transact(f->db, tenant_add, &one));
	assert_ok(db_transact(f->db, tenant_add, &two));
}

static void accounts(void **state)
{
	struct store_fixture *f = *state;
	struct enrollment_account account = account_of(TENANT, ACCOUNT, "anna@contoso.test");
	struct enrollment_account other = account_of(TENANT_2, ACCOUNT, "anna@contoso.test");
	struct enrollment_account second = account_of(TENANT, ACCOUNT_2, "bert@contoso.test");
	struct call remove = {.tenant = TENANT, .id = ACCOUNT};
	struct enrollment_account got, *list;
	struct db_conn *reader;
	size_t n;

	assert_int_equal(db_transact(f->db, account_add, &account), STORE_E_CONFLICT);
	tenants_add(f);
	reader = db_reader(f->db);
	assert_ok(db_transact(f->db, account_add, &account));
	assert_ok(db_transact(f->db, account_add, &second));
	second.id = DEVICE;
	assert_int_equal(db_transact(f->db, account_add, &second), STORE_E_CONFLICT);
	other.id = DEVICE_2;
	assert_ok(db_transact(f->db, account_add, &other));

	assert_ok(store_account_by_name(reader, &f->arena, TEXT(TENANT), TEXT("anna@contoso.test"),
					&got));
	assert_string_equal(got.id, ACCOUNT);
	assert_string_equal(got.display_name, account.display_name);
	assert_string_equal(got.password_hash, "$argon2id$one");
	assert_true(got.is_enabled);
	assert_int_equal(got.version, 1);
	assert_int_equal(
	    store_account_by_name(reader, &f->arena, TEXT(TENANT), TEXT("nobody"), &got),
	    STORE_E_NOT_FOUND);
	assert_ok(store_account_list(reader, &f->arena, TEXT(TENANT), TEXT_EMPTY, TEXT_EMPTY, 10,
				     &list, &n));
	assert_int_equal(n, 2);
	assert_ok(store_account_list(reader, &f->arena, TEXT(TENANT), TEXT_EMPTY, TEXT(ACCOUNT), 10,
				     &list, &n));
	assert_int_equal(n, 1);
	assert_ok(store_account_list(reader, &f->arena, TEXT(TENANT), TEXT("anna@contoso.test"),
				     TEXT_EMPTY, 10, &list, &n));
	assert_int_equal(n, 1);

	assert_ok(db_transact(f->db, account_remove, &remove));
	assert_int_equal(db_transact(f->db, account_remove, &remove), STORE_E_NOT_FOUND);
	assert_ok(store_account_load(reader, &f->arena, TEXT(TENANT_2), TEXT(DEVICE_2), &got));
	remove.tenant = TENANT_2;
	assert_ok(db_transact(f->db, tenant_remove, &remove));
	assert_int_equal(
	    store_account_load(reader, &f->arena, TEXT(TENANT_2), TEXT(DEVICE_2), &got),
	    STORE_E_NOT_FOUND);
}

static void accounts_change(void **state)
{
	struct store_fixture *f = *state;
	struct enrollment_account account = account_of(TENANT, ACCOUNT, "anna@contoso.test");
	struct enrollment_account second = account_of(TENANT, ACCOUNT_2, "bert@contoso.test");
	struct used used = {&account, "$argon2id$two", T0 + 5};
	struct enrollment_account got;

	tenants_add(f);
	assert_ok(db_transact(f->db, account_add, &account));
	assert_ok(db_transact(f->db, account_add, &second));
	account.version = 1;
	account.is_enabled = false;
	account.user_name = "anna.b@contoso.test";
	assert_ok(db_transact(f->db, account_update, &account));
	assert_int_equal(db_transact(f->db, account_update, &account), STORE_E_STALE);
	account.version = 2;
	account.user_name = "bert@contoso.test";
	assert_int_equal(db_transact(f->db, account_update, &account), STORE_E_CONFLICT);
	account.id = DEVICE;
	account.user_name = "new@contoso.test";
	assert_int_equal(db_transact(f->db, account_update, &account), STORE_E_NOT_FOUND);
	account.id = ACCOUNT;

	/* A new cost is kept, unless a new password came in between. */
	assert_ok(db_transact(f->db, account_used, &used));
	assert_ok(
	    store_account_load(db_reader(f->db), &f->arena, TEXT(TENANT), TEXT(ACCOUNT), &got));
	assert_string_equal(got.user_name, "anna.b@contoso.test");
	assert_string_equal(got.password_hash, "$argon2id$two");
	assert_false(got.is_enabled);
	assert_int_equal(got.last_used_at, T0 + 5);
	used.hash = "$argon2id$three";
	used.now = T0 + 9;
	assert_ok(db_transact(f->db, account_used, &used));
	used.hash = "";
	assert_ok(db_transact(f->db, account_used, &used));
	assert_ok(
	    store_account_load(db_reader(f->db), &f->arena, TEXT(TENANT), TEXT(ACCOUNT), &got));
	assert_string_equal(got.password_hash, "$argon2id$two");
	assert_int_equal(got.last_used_at, T0 + 9);
}

static void directories(void **state)
{
	struct store_fixture *f = *state;
	struct ldap_directory directory = ldap_of(TENANT, "CONTOSO");
	struct ldap_directory other = ldap_of(TENANT_2, "fabrikam");
	struct call remove = {.tenant = TENANT};
	struct ldap_directory got;
	const char *tenant_id = "";
	struct db_conn *reader;

	tenants_add(f);
	reader = db_reader(f->db);
	assert_ok(db_transact(f->db, ldap_add, &directory));
	assert_int_equal(db_transact(f->db, ldap_add, &directory), STORE_E_CONFLICT);
	assert_ok(db_transact(f->db, ldap_add, &other));
	assert_ok(store_ldap_load(reader, &f->arena, TEXT(TENANT), &got));
	assert_string_equal(got.url, directory.url);
	assert_string_equal(got.sealed, "sealed");
	assert_int_equal(got.created_at, T0);
	assert_ok(store_ldap_tenant_by_netbios(reader, &f->arena, TEXT("contoso"), &tenant_id));
	assert_string_equal(tenant_id, TENANT);
	assert_int_equal(store_ldap_tenant_by_netbios(reader, &f->arena, TEXT("%"), &tenant_id),
			 STORE_E_NOT_FOUND);
	assert_int_equal(store_ldap_tenant_by_netbios(reader, &f->arena, TEXT_EMPTY, &tenant_id),
			 STORE_E_NOT_FOUND);

	/* Two of one name: neither is guessed. */
	other.version = 1;
	other.netbios_domain = "Contoso";
	other.is_start_tls = true;
	assert_ok(db_transact(f->db, ldap_update, &other));
	assert_int_equal(db_transact(f->db, ldap_update, &other), STORE_E_STALE);
	assert_int_equal(
	    store_ldap_tenant_by_netbios(reader, &f->arena, TEXT("contoso"), &tenant_id),
	    STORE_E_NOT_FOUND);
	assert_ok(store_ldap_load(reader, &f->arena, TEXT(TENANT_2), &got));
	assert_true(got.is_start_tls);
	assert_int_equal(got.version, 2);
	assert_ok(db_transact(f->db, ldap_remove, &remove));
	assert_int_equal(db_transact(f->db, ldap_remove, &remove), STORE_E_NOT_FOUND);
	directory.version = 1;
	assert_int_equal(db_transact(f->db, ldap_update, &directory), STORE_E_NOT_FOUND);
}

static void guesses(void **state)
{
	struct store_fixture *f = *state;
	struct counted counted = {
	    .key = {TEXT(TENANT), TEXT("password_account"), TEXT("anna' OR '1'='1")},
	    .guess = {.failures = 3, .blocked_until = T0 + 5, .updated_at = T0},
	    .before = T0 + 1,
	};
	struct guess got;

	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 0);
	assert_int_equal(got.blocked_until, 0);
	assert_ok(db_transact(f->db, guess_put, &counted));
	counted.guess.failures = 4;
	assert_ok(db_transact(f->db, guess_put, &counted));
	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 4);
	assert_int_equal(got.blocked_until, T0 + 5);
	assert_int_equal(got.updated_at, T0);
	counted.key.kind = TEXT("pin");
	assert_ok(db_transact(f->db, guess_remove_old, &counted));
	counted.key.kind = TEXT("password_account");
	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 4);
	counted.before = T0;
	assert_ok(db_transact(f->db, guess_remove_old, &counted));
	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 4);
	counted.before = T0 + 1;
	assert_ok(db_transact(f->db, guess_remove_old, &counted));
	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 0);
	assert_ok(db_transact(f->db, guess_put, &counted));
	assert_ok(db_transact(f->db, guess_remove, &counted));
	assert_ok(db_transact(f->db, guess_remove, &counted));
	assert_ok(store_guess_load(db_reader(f->db), &counted.key, &got));
	assert_int_equal(got.failures, 0);
}

static void an_address_counts_as_its_network(void **state)
{
	static const char *const cases[][2] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
	    {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
	    {"::1", "::/64"},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	    {"2001:db8:1:2::/64", "2001:db8:1:2::/64"},
	    {"", ""},
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(arena_cstr(&f->arena, guess_source(&f->arena, cases[i][0])),
				    cases[i][1]);
}

/* Which tenant takes passwords, when a name does not say. */
static void the_only_tenant_with_a_method(void **state)
{
	struct store_fixture *f = *state;
	struct tenant one = case_tenant(TENANT), two = case_tenant(TENANT_2), got;
	struct call remove = {.tenant = TENANT};
	struct db_conn *reader = db_reader(f->db);

	one.enrollment_methods[0] = "federated";
	one.enrollment_methods[1] = "on-premises";
	one.enrollment_method_count = 2;
	two.enrollment_methods[0] = "on-premises";
	two.enrollment_method_count = 1;
	assert_int_equal(store_tenant_only_with_method(reader, &f->arena, METHOD_ON_PREMISES, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, tenant_add, &one));
	assert_ok(store_tenant_only_with_method(reader, &f->arena, METHOD_ON_PREMISES, &got));
	assert_string_equal(got.tenant_id, TENANT);
	assert_ok(db_transact(f->db, tenant_add, &two));
	assert_int_equal(store_tenant_only_with_method(reader, &f->arena, METHOD_ON_PREMISES, &got),
			 STORE_E_IN_USE);
	assert_ok(store_tenant_only_with_method(reader, &f->arena, METHOD_FEDERATED, &got));
	assert_int_equal(store_tenant_only_with_method(reader, &f->arena, METHOD_CERTIFICATE, &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, tenant_remove, &remove));
	assert_ok(store_tenant_only_with_method(reader, &f->arena, METHOD_ON_PREMISES, &got));
	assert_string_equal(got.tenant_id, TENANT_2);
}

static const struct CMUnitTest cases[] = {
    CASE(accounts),
    CASE(accounts_change),
    CASE(directories),
    CASE(guesses),
    CASE(an_address_counts_as_its_network),
    CASE(the_only_tenant_with_a_method),
};

const struct case_table account_cases = {cases, ARRAY_LEN(cases)};
