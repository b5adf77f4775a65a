/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_crl.c: the revocation list: its form as OpenSSL reads it, what the check refuses, and what
 * the lint sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "x509/ca.h"
#include "x509/crl.h"
#include "x509/der.h"
#include "x509/test_make.h"

enum { DAY = 24 * 3600 };

static const int64_t now = 1788000000; /* 2026-08-29 */

static struct arena arena;
static struct trail trail;
static struct x509_pair pair;
static EVP_PKEY *ca_key;
static struct x509_cert ca;
static struct x509_crl_entry entries[3];
static struct x509_crl_request request;

static int group_setup(void **state)
{
	BIO *bio;

	arena_init(&arena);
	trail_reset(&trail);
	assert_int_equal(x509_ca_create(&arena, "Test device CA", now - DAY, &pair, &trail), 0);
	bio = BIO_new_mem_buf(pair.key_pem.ptr, (int)pair.key_pem.len);
	ca_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return ca_key ? 0 : -1;
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(ca_key);
	arena_done(&arena);
	return 0;
}

static int setup(void **state)
{
	trail_reset(&trail);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &ca), 0);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		entries[i] = (struct x509_crl_entry){
		    .serial = {0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
			       (uint8_t)(9 - i)},
		    .revoked_at = now - (int64_t)i,
		    .reason = i == 1 ? X509_CRL_SUPERSEDED : X509_CRL_CESSATION,
		};
	x509_crl_sort(entries, ARRAY_LEN(entries));
	request = (struct x509_crl_request){.entries = entries, .count = ARRAY_LEN(entries)};
	x509_crl_times(&request, now, 0);
	return 0;
}

static struct text signed_list(const struct x509_crl_request *what)
{
	struct text tbs = x509_crl_tbs(&arena, what, &ca);

	return x509_leaf_assemble(&arena, tbs, &ca,
				  make_sign(&arena, ca_key, x509_leaf_digest(&ca), tbs));
}

static void a_list_is_what_was_asked_for(void **state)
{
	struct text der = signed_list(&request);
	const unsigned char *p = (const unsigned char *)der.ptr;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);
	X509_REVOKED *revoked;

	assert_int_equal(x509_crl_check(&request, &ca, now), X509_CRL_OK);
	assert_int_equal(x509_crl_lint(der, &request, &ca, &trail), 0);
	assert_non_null(crl);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 3);
	revoked = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
	/* by serial number: the last of the three is the first */
	assert_int_equal(ASN1_STRING_get0_data(X509_REVOKED_get0_serialNumber(revoked))[15], 7);
	assert_int_equal(
	    ASN1_TIME_cmp_time_t(X509_REVOKED_get0_revocationDate(revoked), (time_t)(now - 2)), 0);
	X509_CRL_free(crl);
}

static void an_empty_list_is_valid(void **state)
{
	struct text der;
	const unsigned char *p;
	X509_CRL *crl;

	request.count = 0;
	der = signed_list(&request);
	assert_int_equal(x509_crl_lint(der, &request, &ca, &trail), 0);
	p = (const unsigned char *)der.ptr;
	crl = d2i_X509_CRL(NULL, &p, (long)der.len);
	assert_null(X509_CRL_get_REVOKED(crl));
	X509_CRL_free(crl);
}

static void a_long_list_is_written_whole(void **state)
{
	enum { N = 2000 };
	struct x509_crl_entry *many = ARENA_ARRAY(&arena, N, struct x509_crl_entry);

	for (size_t i = 0; i < N; i++) {
		many[i] = entries[0];
		many[i].serial[1] = (uint8_t)(i * 7 % 251);
		many[i].serial[2] = (uint8_t)(i / 251);
	}
	x509_crl_sort(many, N);
	request.entries = many;
	request.count = N;
	assert_int_equal(x509_crl_check(&request, &ca, now), X509_CRL_OK);
	assert_int_equal(x509_crl_lint(signed_list(&request), &request, &ca, &trail), 0);
}

static void the_number_grows_with_time_and_past_the_last(void **state)
{
	struct x509_crl_request next = request;

	assert_int_equal(request.number, now * 1000);
	x509_crl_times(&next, now, request.number);
	assert_int_equal(next.number, now * 1000 + 1);
	x509_crl_times(&next, now + 1, request.number);
	assert_int_equal(next.number, (now + 1) * 1000);
}

static void assert_refused(const char *what, enum x509_crl_verdict want)
{
	enum x509_crl_verdict got = x509_crl_check(&request, &ca, now);

	if (got != want)
		fail_msg("%s: %s instead of %s", what, x509_crl_verdict_name(got),
			 x509_crl_verdict_name(want));
	setup(NULL);
}

static void what_is_not_signed(void **state)
{
	request.number = (now - 25 * 3600) * 1000;
	assert_refused("a number of yesterday", X509_CRL_NUMBER);
	request.number = (now + 25 * 3600) * 1000;
	assert_refused("a number of tomorrow", X509_CRL_NUMBER);
	request.number = INT64_MAX;
	assert_refused("the largest number", X509_CRL_NUMBER);
	request.this_update = now + 1;
	assert_refused("not yet", X509_CRL_TIMES);
	request.this_update = now - 601;
	assert_refused("back-dated", X509_CRL_TIMES);
	request.next_update = now;
	assert_refused("already over", X509_CRL_TIMES);
	request.next_update = now + 7 * DAY + 1;
	assert_refused("too long", X509_CRL_TIMES);
	request.count = LIMIT_CRL_ENTRIES + 1;
	assert_refused("too many", X509_CRL_COUNT);
	entries[1] = entries[0];
	assert_refused("one twice", X509_CRL_ENTRY);
	entries[0] = entries[2];
	assert_refused("not sorted", X509_CRL_ENTRY);
	entries[0].serial[0] = 0;
	assert_refused("a serial of another", X509_CRL_ENTRY);
	entries[0].revoked_at = now + 1;
	assert_refused("revoked tomorrow", X509_CRL_ENTRY);
	entries[0].revoked_at = ca.not_before - 1;
	assert_refused("revoked before the CA", X509_CRL_ENTRY);
	entries[0].reason = 8; /* removeFromCRL */
	assert_refused("another reason", X509_CRL_ENTRY);
	entries[0].unused = 1;
	assert_refused("memory carried across", X509_CRL_ENTRY);
	ca.is_ca = false;
	assert_refused("not a CA", X509_CRL_ISSUER);
	ca.not_after = now;
	assert_refused("a CA that has ended", X509_CRL_CLOCK);
}

static void assert_differs(struct text der, const char *field)
{
	trail_reset(&trail);
	assert_int_equal(x509_crl_lint(der, &request, &ca, &trail), X509_CRL_E_DIFFERS);
	if (strstr(trail.text, arena_printf(&arena, "CRL's %s is", field)) == NULL)
		fail_msg("%s expected: %s", field, trail.text);
}

static void lint_sees_what_differs(void **state)
{
	struct text der = signed_list(&request);

	request.number++;
	assert_differs(der, "extensions");
	request.number--;
	request.next_update++;
	assert_differs(der, "times");
	request.next_update--;
	request.count--;
	assert_differs(der, "entries");
	request.count++;
	entries[2].reason = X509_CRL_SUPERSEDED;
	entries[1].reason = X509_CRL_CESSATION;
	assert_differs(der, "entries");
	setup(NULL);
	entries[0].serial[9] ^= 1;
	assert_differs(der, "entries");
	setup(NULL);
	ca.subject_der = make_windows_subject(&arena);
	assert_differs(der, "issuer");
	setup(NULL);
	ca.subject_key_id = TEXT("01234567890123456789");
	assert_differs(der, "extensions");
	setup(NULL);
	assert_differs(text_take(der, der.len - 1), "form");
	((char *)(uintptr_t)der.ptr)[der.len - 1] ^= 1;
	assert_differs(der, "signature");
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_list_is_what_was_asked_for), CASE(an_empty_list_is_valid),
	    CASE(a_long_list_is_written_whole), CASE(the_number_grows_with_time_and_past_the_last),
	    CASE(what_is_not_signed),           CASE(lint_sees_what_differs),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
