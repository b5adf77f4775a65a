/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_admin.c: what the operations of administrators share: outcomes that become answers, and who
 * presents a token while the store is in trouble. The store is real.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin/tokens.h"
#include "base/digest.h"
#include "store/api_token.h"
#include "store/test_store.h"

#define TOKEN "muster_token"

enum { NOW = 1700000000 };

static struct store_fixture f;
static struct op op;

static int token_add(struct db_conn *tx, void *argument UNUSED)
{
	const struct api_token token = {
	    .id = "t1",
	    .name = "a person",
	    .sha256 = digest_sha256_hex(&f.arena, TEXT(TOKEN)),
	    .role = ROLE_READER,
	    .created_at = NOW,
	};

	return store_api_token_add(tx, &token);
}

static int setup(void **state UNUSED)
{
	store_fixture_open(&f, FIXTURE_SQLITE);
	op = (struct op){.arena = &f.arena, .source = "192.0.2.1", .db = f.db, .now = NOW};
	trail_reset(&op.trail);
	return db_transact(f.db, token_add, NULL);
}

static int teardown(void **state UNUSED)
{
	store_fixture_close(&f);
	return 0;
}

static int sign_in(struct text token)
{
	struct api_principal who = {.name = ""};
	int r = admin_token_check(&op, token, &who);

	if (r == SIGN_IN_OK)
		assert_string_equal(who.name, "a person");
	else
		assert_string_equal(who.name, "");
	return r;
}

static int64_t last_used_at(void)
{
	return store_fixture_number(f.db, "SELECT last_used_at FROM api_tokens");
}

static void outcomes_become_answers(void **state UNUSED)
{
	static const struct {
		int outcome, answer;
	} rows[] = {
	    {0, 0},
	    {STORE_E_NOT_FOUND, ADMIN_E_NOT_FOUND},
	    {STORE_E_CONFLICT, ADMIN_E_CONFLICT},
	    {STORE_E_IN_USE, ADMIN_E_STATE},
	    {ERR_STORE, ERR_STORE},
	    {99, ERR_INTERNAL}, /* nothing anybody knows must not pass for success */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct admin admin = {.op = &op};

		trail_reset(&op.trail);
		assert_int_equal(admin_found(&admin, "thing", rows[i].outcome), rows[i].answer);
		assert_int_equal(admin.why != NULL, rows[i].answer > 0);
	}
}

static void a_token_is_noted_as_used(void **state UNUSED)
{
	assert_int_equal(sign_in(TEXT("muster_other")), SIGN_IN_UNKNOWN);
	assert_int_equal(last_used_at(), 0);
	assert_int_equal(sign_in(TEXT(TOKEN)), SIGN_IN_OK);
	assert_int_equal(last_used_at(), NOW);
}

static void a_store_that_takes_no_note_keeps_nobody_out(void **state UNUSED)
{
	assert_int_equal(store_fixture_run(f.db, "CREATE TRIGGER refuse BEFORE UPDATE ON api_tokens"
						 " BEGIN SELECT RAISE(ABORT, 'no'); END"),
			 0);
	assert_int_equal(sign_in(TEXT(TOKEN)), SIGN_IN_OK);
	assert_int_equal(last_used_at(), 0);
}

/* Removed between the look and the note: the row is found, but no longer there to be changed. */
static void a_token_removed_meanwhile_is_unknown(void **state UNUSED)
{
	assert_int_equal(store_fixture_run(f.db, "CREATE TRIGGER vanish BEFORE UPDATE ON api_tokens"
						 " BEGIN SELECT RAISE(IGNORE); END"),
			 0);
	assert_int_equal(sign_in(TEXT(TOKEN)), SIGN_IN_UNKNOWN);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(outcomes_become_answers),
	    TEST(a_token_is_noted_as_used),
	    TEST(a_store_that_takes_no_note_keeps_nobody_out),
	    TEST(a_token_removed_meanwhile_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
