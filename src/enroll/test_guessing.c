/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_guessing.c: a few wrong passwords cost nothing, then each costs twice the wait of the one
 * before; for an account and for an address; nobody waits longer than a quarter of an hour.
 * Abuse case 21.
 */
#include "enroll/guessing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/guess.h"
#include "store/test_store.h"

#define TENANT "11111111-1111-4111-8111-111111111111"

struct fixture {
	struct store_fixture store;
	struct op op;
};

static int setup(void **state)
{
	static struct fixture f;

	store_fixture_open(&f.store, FIXTURE_SQLITE);
	f.op = (struct op){
	    .arena = &f.store.arena, .db = f.store.db, .now = 1700000000, .source = "192.0.2.1"};
	trail_reset(&f.op.trail);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_fixture_close(&f->store);
	return 0;
}

static void fail_times(struct fixture *f, int times, const char *account)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(guessing_failed(&f->op, TENANT, account), 0);
}

static void assert_passes(struct fixture *f, const char *account)
{
	assert_int_equal(guessing_check(&f->op, TENANT, account), 0);
}

static void assert_blocked(struct fixture *f, const char *account)
{
	assert_int_equal(guessing_check(&f->op, TENANT, account), GUESSING_E_BLOCKED);
}

static void waits_double(void **state)
{
	static const int64_t waits[] = {0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++)
		assert_int_equal(guessing_wait((int64_t)i, 3), waits[i]);
	assert_int_equal(guessing_wait(INT64_MAX, 3), 900);
}

static void an_account_waits(void **state)
{
	struct fixture *f = *state;

	fail_times(f, 2, "anna");
	assert_passes(f, "anna");
	fail_times(f, 1, "anna");
	assert_blocked(f, "anna");
	assert_passes(f, "bert");
	f->op.now += 4;
	assert_blocked(f, "anna");
	f->op.now += 1;
	assert_passes(f, "anna");
	fail_times(f, 1, "anna");
	f->op.now += 9;
	assert_blocked(f, "anna");
	f->op.now += 1;
	assert_passes(f, "anna");
	assert_int_equal(guessing_forget(&f->op, TENANT, "anna"), 0);
	fail_times(f, 2, "anna");
	assert_passes(f, "anna");
}

/* From many addresses at one account: the account still waits. */
static void addresses_do_not_help(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		f->op.source = arena_printf(f->op.arena, "198.51.100.%d", i);
		fail_times(f, 1, "anna");
	}
	f->op.source = "203.0.113.9";
	assert_blocked(f, "anna");
}

/* From one address at many accounts: the address waits, whatever it asks for. */
static void spraying_is_slowed(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < GUESSING_SOURCE_FREE; i++) {
		const char *account = arena_printf(f->op.arena, "user%d", i);

		assert_passes(f, account);
		fail_times(f, 1, account);
	}
	assert_blocked(f, "anna");
	/* A password that is right does not wash the address clean. */
	assert_int_equal(guessing_forget(&f->op, TENANT, "user1"), 0);
	assert_blocked(f, "anna");
	f->op.source = "192.0.2.2";
	assert_passes(f, "anna");
}

static void an_ipv6_network_is_one_address(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < GUESSING_SOURCE_FREE; i++) {
		f->op.source = arena_printf(f->op.arena, "2001:db8:1:2::%x", i);
		fail_times(f, 1, arena_printf(f->op.arena, "user%d", i));
	}
	f->op.source = "2001:db8:1:2:ffff::1";
	assert_blocked(f, "anna");
	f->op.source = "2001:db8:1:3::1";
	assert_passes(f, "anna");
	f->op.source = "::ffff:192.0.2.77";
	assert_passes(f, "anna");
}

static int sweep(struct db_conn *tx, void *argument)
{
	const struct op *op = argument;

	return guessing_sweep(tx, op->now);
}

static int64_t rows(struct fixture *f)
{
	return store_fixture_number(f->store.db, "SELECT COUNT(*) FROM guesses");
}

/* Nobody is locked out for good, and what is old is forgotten and removed. */
static void time_heals(void **state)
{
	struct fixture *f = *state;

	fail_times(f, 50, "anna");
	f->op.now += GUESSING_LONGEST_WAIT_S;
	assert_passes(f, "anna");
	fail_times(f, 1, "anna");
	assert_blocked(f, "anna");
	f->op.now += GUESSING_ACCOUNT_FORGET_S + 1;
	fail_times(f, 1, "anna");
	assert_passes(f, "anna");
	assert_int_equal(rows(f), 2);
	f->op.now += GUESSING_SOURCE_FORGET_S;
	assert_int_equal(db_transact(f->store.db, sweep, &f->op), 0);
	assert_int_equal(rows(f), 2);
	f->op.now++;
	assert_int_equal(db_transact(f->store.db, sweep, &f->op), 0);
	assert_int_equal(rows(f), 1);
	f->op.now += GUESSING_ACCOUNT_FORGET_S - GUESSING_SOURCE_FORGET_S - 1;
	assert_int_equal(db_transact(f->store.db, sweep, &f->op), 0);
	assert_int_equal(rows(f), 1);
	f->op.now++;
	assert_int_equal(db_transact(f->store.db, sweep, &f->op), 0);
	assert_int_equal(rows(f), 0);
}

static void a_tenant_is_not_another(void **state)
{
	struct fixture *f = *state;

	fail_times(f, 3, "anna");
	assert_blocked(f, "anna");
	assert_int_equal(guessing_check(&f->op, "22222222-2222-4222-8222-222222222222", "anna"), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_double),       CASE(an_account_waits),
	    CASE(addresses_do_not_help),          CASE(spraying_is_slowed),
	    CASE(an_ipv6_network_is_one_address), CASE(time_heals),
	    CASE(a_tenant_is_not_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
