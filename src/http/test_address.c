/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_address.c: one address inside and one just outside of each range that is not public.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "http/address.h"

static const struct {
	const char *text;
	bool is_public;
} cases[] = {
    {"0.0.0.0", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.1", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"127.0.0.1", false},
    {"128.0.0.1", true},
    {"169.253.255.255", true},
    {"169.254.169.254", false},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.8", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.167.255.255", true},
    {"192.168.0.1", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.51.100.7", false},
    {"203.0.113.7", false},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"::", false},
    {"::1", false},
    {"::7f00:1", false},
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"::ffff:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"1fff::1", false},
    {"2000::1", true},
    {"2001::1", false},
    {"2001:1ff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"2001:db9::1", true},
    {"2002:7f00:1::", false},
    {"2606:4700::1", true},
    {"3fff::1", false},
    {"3fff:fff::1", false},
    {"3fff:1000::1", true},
    {"4000::1", false},
    {"fc00::1", false},
    {"fd12:3456::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static void case23_only_the_public_internet_is_public(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sockaddr_storage storage = {0};
		struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&storage;
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&storage;

		if (strchr(cases[i].text, ':')) {
			v6->sin6_family = AF_INET6;
			assert_int_equal(inet_pton(AF_INET6, cases[i].text, &v6->sin6_addr), 1);
		} else {
			v4->sin_family = AF_INET;
			assert_int_equal(inet_pton(AF_INET, cases[i].text, &v4->sin_addr), 1);
		}
		if (http_address_is_public((struct sockaddr *)&storage) != cases[i].is_public)
			fail_msg("%s", cases[i].text);
	}
}

static void other_families_are_not_public(void **state)
{
	struct sockaddr_storage storage = {.ss_family = AF_UNIX};

	assert_false(http_address_is_public((struct sockaddr *)&storage));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case23_only_the_public_internet_is_public),
	    cmocka_unit_test(other_families_are_not_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
