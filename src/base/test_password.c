/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_password.c: what may be chosen, that only the right password fits, that a hash of another
 * form or of unreasonable cost is refused, and that few are computed at once.
 */
#include "base/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

/* "demo" with salt "0123456789abcdef", made by the reference program with other costs. */
#define WEAKER                                                                                     \
	"$argon2id$v=19$m=4096,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg"                                     \
	"$395NeXIS5Ls9+pr7aX8Smbwyl8gzgZD3/FBBr1BC56M"

static void choosing(void **state)
{
	static const struct {
		const char *password;
		const char *user;
		bool is_ok;
	} cases[] = {
	    {"correct horse", "anna@contoso.test", true},
	    {"elevenchars", "anna@contoso.test", false},
	    {"twelve chars", "anna@contoso.test", true},
	    {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc", "anna", false}, /* 6 characters */
	    {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4"
	     "\xc3\xb6\xc3\xbc",
	     "anna", true},
	    {"aaaaaaaaaaaaaaaaaaaa", "anna", false},
	    {"my ANNA is the best", "anna@contoso.test", false},
	    {"my ed is the best one", "ed@contoso.test", true}, /* too short to matter */
	    {"a password\twith a tab", "anna", false},
	    {"not UTF-8 \xff\xff\xff\xff", "anna", false},
	    {"", "anna", false},
	};
	char longest[PASSWORD_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *why =
		    password_refusal(text_of(cases[i].password), text_of(cases[i].user));

		if (cases[i].is_ok != !why)
			fail_msg("%s: %s", cases[i].password, why ? why : "accepted");
	}
	for (size_t i = 0; i <= PASSWORD_MAX; i++)
		longest[i] = (char)('a' + i % 26);
	assert_null(password_refusal(text_make(longest, PASSWORD_MAX), TEXT("anna")));
	assert_non_null(password_refusal(text_make(longest, PASSWORD_MAX + 1), TEXT("anna")));
}

static void only_the_right_one_fits(void **state)
{
	struct arena arena;
	struct trail trail;
	char *one, *two;

	(void)state;
	arena_init(&arena);
	trail_reset(&trail);
	assert_int_equal(password_hash(&arena, TEXT("correct horse"), &one, &trail), 0);
	assert_int_equal(password_hash(&arena, TEXT("correct horse"), &two, &trail), 0);
	assert_string_not_equal(one, two);
	assert_true(text_starts(text_of(one), TEXT("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_int_equal(password_check(TEXT("correct horse"), one, &trail), 0);
	assert_int_equal(password_check(TEXT("correct horse"), two, &trail), 0);
	assert_int_equal(password_check(TEXT("Correct horse"), one, &trail), PASSWORD_E_WRONG);
	assert_int_equal(password_check(TEXT("correct horse "), one, &trail), PASSWORD_E_WRONG);
	assert_int_equal(password_check(TEXT_EMPTY, one, &trail), PASSWORD_E_WRONG);
	assert_int_equal(password_check(TEXT("correct horse"), NULL, &trail), PASSWORD_E_WRONG);
	assert_int_equal(password_check(TEXT_EMPTY, NULL, &trail), PASSWORD_E_WRONG);
	assert_false(password_is_outdated(one));
	arena_done(&arena);
}

/* A password of any length costs the same: none is cut and then taken for a shorter one. */
static void a_long_one_is_never_right(void **state)
{
	char bytes[PASSWORD_MAX + 1];
	struct arena arena;
	struct trail trail;
	char *hash;

	(void)state;
	arena_init(&arena);
	trail_reset(&trail);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(password_hash(&arena, text_make(bytes, PASSWORD_MAX), &hash, &trail), 0);
	assert_int_equal(password_check(text_make(bytes, PASSWORD_MAX), hash, &trail), 0);
	assert_int_equal(password_check(text_make(bytes, PASSWORD_MAX + 1), hash, &trail),
			 PASSWORD_E_WRONG);
	assert_int_equal(password_hash(&arena, TEXT_EMPTY, &hash, &trail), 0);
	assert_int_equal(password_check(text_make(bytes, PASSWORD_MAX + 1), hash, &trail),
			 PASSWORD_E_WRONG);
	arena_done(&arena);
}

static void other_costs(void **state)
{
	struct trail trail;

	(void)state;
	trail_reset(&trail);
	assert_int_equal(password_check(TEXT("demo"), WEAKER, &trail), 0);
	assert_int_equal(password_check(TEXT("Demo"), WEAKER, &trail), PASSWORD_E_WRONG);
	assert_true(password_is_outdated(WEAKER));
}

static void other_forms(void **state)
{
	static const char *const forms[] = {
	    "",
	    "plain",
	    "$argon2i$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$4kcKa8eyc94aBtSNUwqr8A",
	    "$argon2id$v=16$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$4kcKa8eyc94aBtSNUwqr8A",
	    "$argon2id$v=19$m=4194304,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$4kcKa8eyc94aBtSNUwqr8A",
	    "$argon2id$v=19$m=19456,t=900,p=1$MDEyMzQ1Njc4OWFiY2RlZg$4kcKa8eyc94aBtSNUwqr8A",
	    "$argon2id$v=19$m=19456,t=2,p=90$MDEyMzQ1Njc4OWFiY2RlZg$4kcKa8eyc94aBtSNUwqr8A",
	    "$argon2id$v=19$m=19456,t=2,p=1$$",
	    "$argon2id$v=19$m=19456,t=2,p=1$!!!$???",
	};
	struct trail trail;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		trail_reset(&trail);
		assert_true(password_check(TEXT("demo"), forms[i], &trail) < 0);
	}
}

enum { THREADS = 64 };
static atomic_int wrong, busy;

static void *guess(void *argument)
{
	struct trail trail;
	int r;

	(void)argument;
	trail_reset(&trail);
	r = password_check(TEXT("a guess"), NULL, &trail);
	atomic_fetch_add(r == PASSWORD_E_WRONG ? &wrong : &busy, 1);
	return NULL;
}

/* Two compute and sixteen wait; whoever comes then is sent away at once. */
static void a_crowd_is_sent_away(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(wrong + busy, THREADS);
	assert_true(wrong >= 2 && busy > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(choosing),
	    cmocka_unit_test(only_the_right_one_fits),
	    cmocka_unit_test(a_long_one_is_never_right),
	    cmocka_unit_test(other_costs),
	    cmocka_unit_test(other_forms),
	    cmocka_unit_test(a_crowd_is_sent_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
