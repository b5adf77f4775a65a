/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_err.c: the trail keeps the path of a failure, in order, and stops when it is full.
 */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static int inner(struct trail *trail)
{
	return ERR_FAIL(trail, ERR_STORE, "open %s", "x.db");
}

static int outer(struct trail *trail)
{
	int r = inner(trail);

	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static void trail_tells_the_path(void **state)
{
	struct trail trail;
	const char *cause, *forward;

	trail_reset(&trail);
	assert_int_equal(outer(&trail), ERR_STORE);
	cause = strstr(trail.text, "inner: store: open x.db");
	forward = strstr(trail.text, "outer");
	assert_non_null(cause);
	assert_non_null(forward);
	assert_true(cause < forward);
	assert_ptr_equal(strstr(trail.text, "base/test_err.c:"), trail.text);
	assert_int_equal(trail.len, strlen(trail.text));
	trail_reset(&trail);
	assert_string_equal(trail.text, "");
}

static void full_trail_keeps_the_first(void **state)
{
	struct trail trail;
	char first[100];

	trail_reset(&trail);
	assert_int_equal(inner(&trail), ERR_STORE);
	memcpy(first, trail.text, 40);
	for (int i = 0; i < 200; i++)
		assert_int_equal(ERR_FAIL(&trail, ERR_LIMIT, "again %d %s", i, "and again"),
				 ERR_LIMIT);
	assert_int_equal(trail.len, sizeof(trail.text) - 1);
	assert_int_equal(strlen(trail.text), trail.len);
	assert_memory_equal(trail.text, first, 40);
}

static void no_trail_is_allowed(void **state)
{
	assert_int_equal(ERR_FAIL(NULL, ERR_CRYPTO, "x"), ERR_CRYPTO);
}

static void names(void **state)
{
	static const struct {
		int code;
		const char *name;
	} rows[] = {
	    {ERR_SYSTEM, "system"}, {ERR_STORE, "store"},       {ERR_NETWORK, "network"},
	    {ERR_CRYPTO, "crypto"}, {ERR_CONFIG, "config"},     {ERR_LIMIT, "limit"},
	    {0, "unknown"},         {ERR_INTERNAL, "internal"}, {-99, "unknown"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(err_name(rows[i].code), rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trail_tells_the_path),
	    cmocka_unit_test(full_trail_keeps_the_first),
	    cmocka_unit_test(no_trail_is_allowed),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
