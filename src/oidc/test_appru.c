/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_appru.c: every way an address to return to can be wrong, and what is right comes back as it
 * was (abuse case 19).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "oidc/appru.h"

static const struct {
	struct text in;
	int expected;
} cases[] = {
    {TEXT("ms-app://windows.immersivecontrolpanel"), 0},
    {TEXT("ms-app://s-1-15-2-1"), 0},
    {TEXT("ms-app://s-1-15-2-1/"), 0},
    {TEXT("ms-app://X/a/b_c.d~e-1"), 0},
    {{NULL, 0}, OIDC_APPRU_E_MISSING},
    {TEXT(""), OIDC_APPRU_E_MISSING},
    {TEXT("ms-app:"), OIDC_APPRU_E_SCHEME},
    {TEXT("ms-app:/x"), OIDC_APPRU_E_SCHEME},
    {TEXT("MS-APP://x"), OIDC_APPRU_E_SCHEME},
    {TEXT("ms-appx://x"), OIDC_APPRU_E_SCHEME},
    {TEXT("https://x"), OIDC_APPRU_E_SCHEME},
    {TEXT("javascript:ms-app://x"), OIDC_APPRU_E_SCHEME},
    {TEXT(" ms-app://x"), OIDC_APPRU_E_SCHEME},
    {TEXT("ms-app://"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app:///x"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://-x"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://x."), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a@b"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a:1"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a b"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a\"b"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a?b"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a\r\nb"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a\0b"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a%62"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://\xc3\xa4"), OIDC_APPRU_E_HOST},
    {TEXT("ms-app://a/?b"), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/#b"), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/%2e"), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/\""), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/<"), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/ "), OIDC_APPRU_E_PATH},
    {TEXT("ms-app://a/\0"), OIDC_APPRU_E_PATH},
};

static void case19_addresses(void **state)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *made = "";
		int r = oidc_appru_read(&arena, cases[i].in, &made);

		if (r != cases[i].expected)
			fail_msg("%.*s: %d, not %d", TEXT_ARG(cases[i].in), r, cases[i].expected);
		if (r == 0)
			assert_true(text_eq_c(cases[i].in, made));
		else
			assert_string_equal(made, "");
	}
	arena_done(&arena);
}

static void the_limits_hold(void **state)
{
	const char *made;
	struct arena arena;
	struct buf buf;

	arena_init(&arena);
	buf_init(&buf, &arena);
	buf_add_c(&buf, "ms-app://a/");
	while (buf.len < LIMIT_APPRU)
		buf_add_byte(&buf, 'x');
	assert_int_equal(oidc_appru_read(&arena, buf_text(&buf), &made), 0);
	buf_add_byte(&buf, 'x');
	assert_int_equal(oidc_appru_read(&arena, buf_text(&buf), &made), OIDC_APPRU_E_TOO_LONG);
	buf_clear(&buf);
	buf_add_c(&buf, "ms-app://");
	for (int i = 0; i < 253; i++)
		buf_add_byte(&buf, 'x');
	assert_int_equal(oidc_appru_read(&arena, buf_text(&buf), &made), 0);
	buf_add_byte(&buf, 'x');
	assert_int_equal(oidc_appru_read(&arena, buf_text(&buf), &made), OIDC_APPRU_E_HOST);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case19_addresses),
	    cmocka_unit_test(the_limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
