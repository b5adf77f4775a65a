/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cases.h: the files of the store's one test program: each has tables of cases; test_store.c
 * runs those that do not depend on the driver once for each driver.
 */
#ifndef MUSTER_STORE_TEST_CASES_H
#define MUSTER_STORE_TEST_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/device.h"
#include "store/test_store.h"

#define assert_ok(call) assert_int_equal((call), 0)

/* The driver of the running group. */
extern enum store_fixture_kind test_kind;

/* Setup and teardown of a case: *state is a struct store_fixture. */
int case_setup_empty(void **state);
int case_setup(void **state);
int case_teardown(void **state);

#define CASE(function) cmocka_unit_test_setup_teardown(function, case_setup, case_teardown)
#define CASE_EMPTY(function)                                                                       \
	cmocka_unit_test_setup_teardown(function, case_setup_empty, case_teardown)

struct case_table {
	const struct CMUnitTest *cases;
	size_t count;
};

extern const struct case_table db_cases, db_thread_cases, migrate_cases; /* on both drivers */
extern const struct case_table entity_cases, device_cases, manage_cases; /* on both drivers */
extern const struct case_table terms_cases;                              /* on both drivers */
extern const struct case_table account_cases;                            /* on both drivers */
extern const struct case_table story_cases;                              /* on both drivers */
extern const struct case_table trusted_issuer_cases;                     /* on both drivers */
extern const struct case_table sqlite_cases;
extern const struct case_table postgres_cases;

/* What the entity cases start from: a tenant and a device that are stored. */
enum { T0 = 1700000000 };
#define TENANT       "11111111-1111-4111-8111-111111111111"
#define TENANT_2     "11111111-1111-4111-8111-222222222222"
#define DEVICE       "22222222-2222-4222-8222-111111111111"
#define DEVICE_2     "22222222-2222-4222-8222-222222222222"
#define ENTRA_DEVICE "33333333-3333-4333-8333-111111111111"
struct tenant case_tenant(const char *tenant_id);
struct device case_device(const char *tenant_id, const char *id, const char *entra_device_id);
int case_setup_device(void **state); /* case_setup, TENANT and DEVICE in it */

#define CASE_DEVICE(function)                                                                      \
	cmocka_unit_test_setup_teardown(function, case_setup_device, case_teardown)

/* A transaction of one call: `a` is what db_transact is given. */
#define WRITE_CASE(name, type, call)                                                               \
	static int name(struct db_conn *tx, void *argument)                                        \
	{                                                                                          \
		type *a = argument;                                                                \
                                                                                                   \
		return call;                                                                       \
	}

/* Arguments for such a call that is not about a whole struct. */
struct call {
	const char *tenant;
	const char *device;
	const char *id;
	const char *text;
	int64_t n;
	int64_t m;
	int64_t now;
};

#endif
