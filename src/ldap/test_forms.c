/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_forms.c: which addresses, names and filters are taken, that what somebody types is never
 * part of a filter, and what the numbers of Active Directory mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ldap/address.h"
#include "ldap/bind_error.h"
#include "ldap/directory.h"
#include "ldap/filter.h"

static void addresses(void **state)
{
	static const struct {
		const char *url;
		bool is_start_tls;
		bool is_ok;
	} cases[] = {
	    {"ldaps://dc1.contoso.test", false, true},
	    {"ldaps://dc1.contoso.test:3269", false, true},
	    {"ldaps://[2001:db8::1]:636", false, true},
	    {"ldaps://[2001:db8::1]", false, true},
	    {"ldaps://dc1.contoso.test", true, false},
	    {"ldap://dc1.contoso.test", true, true},
	    {"ldap://dc1.contoso.test", false, false},
	    {"ldap://127.0.0.1:389", false, true},
	    {"ldap://localhost", false, true},
	    {"ldap://[::1]:389", false, true},
	    {"ldap://127.evil.test", false, false},
	    {"ldap://localhost.evil.test", false, false},
	    {"ldaps://", false, false},
	    {"ldaps://dc1/dc=contoso", false, false},
	    {"ldaps://dc1?x", false, false},
	    {"ldaps://dc1 ldap://dc2", false, false},
	    {"ldaps://dc1,dc2", false, false},
	    {"ldaps://user@dc1", false, false},
	    {"ldaps://dc1:0", false, false},
	    {"ldaps://dc1:65536", false, false},
	    {"ldaps://dc1:+5", false, false},
	    {"ldaps://dc1:", false, false},
	    {"ldaps://[::1", false, false},
	    {"ldaps://[::1]x", false, false},
	    {"ldapi://%2fvar%2frun", false, false},
	    {"LDAPS://dc1", false, false},
	    {"http://dc1", false, false},
	    {"", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *why = address_refusal(cases[i].url, cases[i].is_start_tls);

		if (cases[i].is_ok != !why)
			fail_msg("%s: %s", cases[i].url, why ? why : "accepted");
	}
}

static void distinguished_names(void **state)
{
	(void)state;
	assert_true(directory_dn_is_ok("dc=contoso,dc=test"));
	assert_true(directory_dn_is_ok("cn=M\\C3\\BCller\\, Anna,ou=People,dc=contoso,dc=test"));
	assert_false(directory_dn_is_ok(""));
	assert_false(directory_dn_is_ok("contoso.test"));
	assert_false(directory_dn_is_ok("cn=a,,dc=b"));
}

static void templates(void **state)
{
	static const struct {
		const char *template;
		bool is_ok;
	} cases[] = {
	    {FILTER_DEFAULT, true},
	    {"(uid={account})", true},
	    {"(&(objectClass=person)(mail={user}))", true},
	    {"(&(uid={account})(o={domain}))", true},
	    {"(o={domain})", false},
	    {"(uid=anna)", false},
	    {"uid={account}", false},
	    {"(uid={account}", false},
	    {"(uid={account}))", false},
	    {"(uid={account})(uid={user})", false},
	    {")(uid={account})(", false},
	    {"(uid={name})", false},
	    {"(uid={account}{)", false},
	    {"(uid={account}\n)", false},
	    {"", false},
	    {"((((((((((((((((((uid={account}))))))))))))))))))", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (cases[i].is_ok != !filter_refusal(text_of(cases[i].template)))
			fail_msg("%s", cases[i].template);
}

static void typed_names_are_values(void **state)
{
	static const struct {
		const char *name;
		const char *filter; /* NULL: no filter at all */
	} cases[] = {
	    {"anna", "(|(u=anna)(a=anna)(d=))"},
	    {"anna@contoso.test", "(|(u=anna@contoso.test)(a=anna)(d=contoso.test))"},
	    {"CONTOSO\\anna", "(|(u=CONTOSO\\5canna)(a=anna)(d=CONTOSO))"},
	    {"*", "(|(u=\\2a)(a=\\2a)(d=))"},
	    {"anna)(uid=*", "(|(u=anna\\29\\28uid\\3d\\2a)(a=anna\\29\\28uid\\3d\\2a)(d=))"},
	    {"*)(|(uid=*", "(|(u=\\2a\\29\\28\\7c\\28uid\\3d\\2a)"
			   "(a=\\2a\\29\\28\\7c\\28uid\\3d\\2a)(d=))"},
	    {"a\\2a", "(|(u=a\\5c2a)(a=2a)(d=a))"},
	    {"{user}{account}", "(|(u=\\7buser\\7d\\7baccount\\7d)"
				"(a=\\7buser\\7d\\7baccount\\7d)(d=))"},
	    {"M\xc3\xbcller", "(|(u=M\\c3\\bcller)(a=M\\c3\\bcller)(d=))"},
	    {"a b", "(|(u=a\\20b)(a=a\\20b)(d=))"},
	    {"", NULL},
	    {"@contoso.test", NULL},
	    {"CONTOSO\\", NULL},
	    {"\xff", NULL},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *filter = filter_write(
		    &arena, TEXT("(|(u={user})(a={account})(d={domain}))"), text_of(cases[i].name));

		if (!cases[i].filter)
			assert_null(filter);
		else
			assert_string_equal(filter, cases[i].filter);
	}
	assert_null(filter_write(&arena, TEXT("(u={user})"), text_make("a\0b", 3)));
	assert_string_equal(filter_escape(&arena, text_make("a\0b", 3)), "a\\00b");
	assert_string_equal(filter_escape(&arena, TEXT_EMPTY), "");
	arena_done(&arena);
}

static void too_long_a_name(void **state)
{
	char name[FILTER_NAME_MAX + 1];
	struct arena arena;

	(void)state;
	arena_init(&arena);
	memset(name, '*', sizeof(name));
	assert_non_null(filter_write(&arena, TEXT("(u={user})"), text_make(name, FILTER_NAME_MAX)));
	assert_null(filter_write(&arena, TEXT("(u={user})"), text_make(name, FILTER_NAME_MAX + 1)));
	arena_done(&arena);
}

static void bind_errors(void **state)
{
#define AD "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, "
	static const struct {
		const char *diagnostic;
		enum directory_outcome outcome;
	} cases[] = {
	    {AD "data 525, v3839", DIRECTORY_E_PASSWORD},
	    {AD "data 52e, v3839", DIRECTORY_E_PASSWORD},
	    {AD "data 530, v3839", DIRECTORY_E_RESTRICTED},
	    {AD "data 531, v3839", DIRECTORY_E_RESTRICTED},
	    {AD "data 532, v3839", DIRECTORY_E_PASSWORD_EXPIRED},
	    {AD "data 533, v3839", DIRECTORY_E_DISABLED},
	    {AD "data 701, v3839", DIRECTORY_E_ACCOUNT_EXPIRED},
	    {AD "data 773, v3839", DIRECTORY_E_MUST_CHANGE},
	    {AD "data 775, v3839", DIRECTORY_E_LOCKED},
	    {AD "data 775", DIRECTORY_E_LOCKED},
	    {AD "data 7751, v3839", DIRECTORY_E_PASSWORD},
	    {AD "data , v3839", DIRECTORY_E_PASSWORD},
	    {", data", DIRECTORY_E_PASSWORD},
	    {"", DIRECTORY_E_PASSWORD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(bind_error_read(text_of(cases[i].diagnostic)), cases[i].outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),       cmocka_unit_test(distinguished_names),
	    cmocka_unit_test(templates),       cmocka_unit_test(typed_names_are_values),
	    cmocka_unit_test(too_long_a_name), cmocka_unit_test(bind_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
