/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_hierarchy.c: root and intermediate as OpenSSL sees them, and what is not certified.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "x509/cert.h"
#include "x509/hierarchy.h"
#include "x509/test_make.h"

enum { DAY = 24 * 3600 };

static const int64_t now = 1788000000; /* 2026-08-29 */

static struct arena arena;
static struct trail trail;
static struct x509_pair root, alone; /* making one is slow */
static EVP_PKEY *root_key, *alone_key, *ca_key;

static EVP_PKEY *key_of(struct text pem, const char *passphrase)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t)passphrase);

	BIO_free(bio);
	return key;
}

static int group_setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	if (x509_root_create(&arena, "Root", now, TEXT("correct horse"), &root, &trail) != 0 ||
	    x509_ca_create(&arena, "Alone", now, &alone, &trail) != 0)
		return -1;
	root_key = key_of(root.key_pem, "correct horse");
	alone_key = key_of(alone.key_pem, NULL);
	ca_key = make_rsa(2048, 65537);
	return root_key && alone_key ? 0 : -1;
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(alone_key);
	EVP_PKEY_free(ca_key);
	arena_done(&arena);
	return 0;
}

static X509 *x509_of(struct text pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	assert_non_null(cert);
	BIO_free(bio);
	return cert;
}

static void the_key_of_a_root_is_encrypted(void **state)
{
	assert_null(key_of(root.key_pem, "wrong horse"));
	assert_true(text_starts(root.key_pem, TEXT("-----BEGIN ENCRYPTED PRIVATE KEY-----")));
	assert_true(text_starts(alone.key_pem, TEXT("-----BEGIN PRIVATE KEY-----")));
}

static void a_chain_is_good_for_clients_only(void **state)
{
	struct text pem;
	X509 *top = x509_of(root.certificate_pem), *ca;
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx;
	struct x509_cert read, above;

	assert_int_equal(x509_intermediate_certify(&arena, "CA", ca_key, root.certificate_pem,
						   root_key, now, &pem, &trail),
			 0);
	ca = x509_of(pem);
	X509_STORE_add_cert(store, top);
	ctx = X509_STORE_CTX_new();
	assert_int_equal(X509_STORE_CTX_init(ctx, store, ca, NULL), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)now);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
	assert_int_equal(X509_verify_cert(ctx), 1);
	X509_STORE_CTX_free(ctx);
	/* as CAs for clients, not for servers, and themselves no client */
	assert_int_equal(X509_check_purpose(top, X509_PURPOSE_SSL_CLIENT, 1), 1);
	assert_int_equal(X509_check_purpose(ca, X509_PURPOSE_SSL_CLIENT, 1), 1);
	assert_int_equal(X509_check_purpose(top, X509_PURPOSE_SSL_SERVER, 1), 0);
	assert_int_equal(X509_check_purpose(ca, X509_PURPOSE_SSL_SERVER, 1), 0);
	assert_int_equal(X509_check_purpose(ca, X509_PURPOSE_SSL_CLIENT, 0), 0);
	assert_int_equal(X509_get_pathlen(top), 1);
	assert_int_equal(X509_get_pathlen(ca), 0);
	assert_int_equal(x509_cert_read_pem(&arena, pem, &read), 0);
	assert_int_equal(x509_cert_read_pem(&arena, root.certificate_pem, &above), 0);
	assert_true(x509_cert_is_signed_by(&read, &above));
	assert_true(text_eq(read.authority_key_id, above.subject_key_id));
	assert_int_equal(read.not_after, now + 1826LL * DAY);
	assert_int_equal(above.not_after, now + 7305LL * DAY);
	X509_free(ca);
	X509_free(top);
	X509_STORE_free(store);
}

static void an_intermediate_ends_with_its_root(void **state)
{
	int64_t late = now + 7305LL * DAY - 10;
	struct x509_cert read;
	struct text pem;

	assert_int_equal(x509_intermediate_certify(&arena, "CA", ca_key, root.certificate_pem,
						   root_key, late, &pem, &trail),
			 0);
	assert_int_equal(x509_cert_read_pem(&arena, pem, &read), 0);
	assert_int_equal(read.not_after, now + 7305LL * DAY);
}

static void a_request_carries_name_and_key(void **state)
{
	EVP_PKEY *key;
	const char *cn;
	struct text pem, bad;

	assert_int_equal(x509_intermediate_request(&arena, "CA 2", ca_key, &pem, &trail), 0);
	assert_int_equal(x509_intermediate_request_read(&arena, pem, &key, &cn, &trail), 0);
	assert_string_equal(cn, "CA 2");
	assert_int_equal(EVP_PKEY_eq(key, ca_key), 1);
	EVP_PKEY_free(key);
	bad = arena_text(&arena, pem);
	((char *)(uintptr_t)bad.ptr)[bad.len - 60] ^= 1; /* in the signature */
	assert_int_equal(x509_intermediate_request_read(&arena, bad, &key, &cn, &trail),
			 ERR_CONFIG);
	assert_int_equal(
	    x509_intermediate_request_read(&arena, root.certificate_pem, &key, &cn, &trail),
	    ERR_CONFIG);
}

static void what_is_not_certified(void **state)
{
	EVP_PKEY *small = make_rsa(1024, 65537);
	const struct {
		const char *why;
		EVP_PKEY *key;
		struct text root;
		EVP_PKEY *root_key;
		int64_t at;
	} rows[] = {
	    {"pathlen 0", ca_key, alone.certificate_pem, alone_key, now},
	    {"does not belong to that root key", ca_key, root.certificate_pem, ca_key, now},
	    {"is not valid now", ca_key, root.certificate_pem, root_key, now + 7306LL * DAY},
	    {"cannot be read", ca_key, root.key_pem, root_key, now},
	    {"RSA key must have", small, root.certificate_pem, root_key, now},
	    {"two keys", root_key, root.certificate_pem, root_key, now},
	};
	struct text pem = {.ptr = "untouched"};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		trail_reset(&trail);
		assert_int_equal(x509_intermediate_certify(&arena, "CA", rows[i].key, rows[i].root,
							   rows[i].root_key, rows[i].at, &pem,
							   &trail),
				 ERR_CONFIG);
		if (strstr(trail.cause, rows[i].why) == NULL)
			fail_msg("no '%s' in: %s", rows[i].why, trail.cause);
		assert_string_equal(pem.ptr, "untouched");
	}
	assert_int_equal(x509_intermediate_certify(&arena, "a\nb", ca_key, root.certificate_pem,
						   root_key, now, &pem, &trail),
			 X509_CA_E_NAME);
	assert_int_equal(
	    x509_root_create(&arena, "", now, TEXT_EMPTY, &(struct x509_pair){{0}}, &trail),
	    X509_CA_E_NAME);
	EVP_PKEY_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_key_of_a_root_is_encrypted),
	    cmocka_unit_test(a_chain_is_good_for_clients_only),
	    cmocka_unit_test(an_intermediate_ends_with_its_root),
	    cmocka_unit_test(a_request_carries_name_and_key),
	    cmocka_unit_test(what_is_not_certified),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
