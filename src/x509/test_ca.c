/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_ca.c: the self-signed certificates of a new installation, and the reader of certificates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/digest.h"
#include "base/hex.h"
#include "x509/ca.h"
#include "x509/cert.h"
#include "x509/der.h"
#include "x509/test_make.h"

static const int64_t now = 1788000000; /* 2026-08-29 */

static struct arena arena;
static struct trail trail;

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static X509 *openssl_read(struct text pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	assert_non_null(cert);
	BIO_free(bio);
	return cert;
}

static void assert_key_fits(const struct x509_pair *pair)
{
	BIO *bio = BIO_new_mem_buf(pair->key_pem.ptr, (int)pair->key_pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	X509 *cert = openssl_read(pair->certificate_pem);

	assert_true(text_starts(pair->key_pem, TEXT("-----BEGIN PRIVATE KEY-----\n")));
	assert_int_equal(X509_check_private_key(cert, key), 1);
	assert_int_equal(X509_verify(cert, key), 1);
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

static void ca_is_limited_to_its_purpose(void **state)
{
	struct x509_pair pair;
	struct x509_cert cert;
	X509 *x;

	assert_int_equal(x509_ca_create(&arena, "Contoso device CA", now, &pair, &trail), 0);
	assert_key_fits(&pair);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &cert), 0);
	assert_true(text_eq_c(cert.subject_cn, "Contoso device CA"));
	assert_true(text_eq(cert.subject_der, cert.issuer_der));
	assert_int_equal(cert.key_kind, X509_KEY_RSA);
	assert_true(cert.is_ca);
	assert_int_equal(cert.subject_key_id.len, 20);
	assert_int_equal(cert.not_before, now - 3600);
	assert_int_equal(cert.not_after, now + X509_CA_LIFETIME_S);
	x = openssl_read(pair.certificate_pem);
	assert_int_equal(X509_get_key_usage(x), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_CLIENT);
	assert_int_equal(X509_get_pathlen(x), 0);
	X509_free(x);
}

static void ca_serials_and_keys_differ(void **state)
{
	struct x509_pair pair;
	struct x509_cert a, b;

	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &a), 0);
	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &b), 0);
	assert_string_not_equal(a.serial, b.serial);
	assert_int_equal(text_of(a.serial).len, 32);
	assert_string_not_equal(a.spki_sha256, b.spki_sha256);
}

static void ca_name_is_checked(void **state)
{
	static const char long_name[] =
	    "0123456789012345678901234567890123456789012345678901234567890123";
	struct x509_pair pair;

	assert_int_equal(x509_ca_create(&arena, long_name, now, &pair, &trail), 0);
	assert_int_equal(
	    x509_ca_create(&arena, arena_printf(&arena, "%s4", long_name), now, &pair, &trail),
	    X509_CA_E_NAME);
	assert_int_equal(x509_ca_create(&arena, "", now, &pair, &trail), X509_CA_E_NAME);
	assert_int_equal(x509_ca_create(&arena, "a\nb", now, &pair, &trail), X509_CA_E_NAME);
}

static void tls_certificate_names_its_hosts(void **state)
{
	static const char *const hosts[] = {"mdm.contoso.com", "127.0.0.1", "[::1]",
					    "MDM.contoso.com", "localhost"};
	struct x509_pair pair;
	struct x509_cert cert;
	GENERAL_NAMES *names;
	X509 *x;

	assert_int_equal(x509_tls_create(&arena, hosts, ARRAY_LEN(hosts), now, &pair, &trail), 0);
	assert_key_fits(&pair);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &cert), 0);
	assert_true(text_eq_c(cert.subject_cn, "mdm.contoso.com"));
	assert_false(cert.is_ca);
	assert_int_equal(cert.not_after, now + X509_TLS_LIFETIME_S);
	x = openssl_read(pair.certificate_pem);
	assert_int_equal(X509_check_host(x, "mdm.contoso.com", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "contoso.com", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.2", 0), 0);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_SERVER);
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(names), 4);
	GENERAL_NAMES_free(names);
	X509_free(x);
}

/* It has to do as a trust anchor for itself: that is how the command line will trust it. */
static void tls_certificate_verifies_itself(void **state)
{
	static const char *const hosts[] = {"localhost"};
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	struct x509_pair pair;
	X509 *x;

	assert_int_equal(x509_tls_create(&arena, hosts, 1, now, &pair, &trail), 0);
	x = openssl_read(pair.certificate_pem);
	assert_int_equal(X509_STORE_add_cert(store, x), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, x, NULL), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)now);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(ctx) != 1)
		fail_msg("%s", X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	X509_free(x);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

static void tls_hosts_are_checked(void **state)
{
	static const char long_label[] =
	    "0123456789012345678901234567890123456789012345678901234567890123.com";
	static const char *const refused[] = {"",
					      "a b",
					      "-a.com",
					      "a-.com",
					      "a..com",
					      "a.com.",
					      "https://a.com",
					      "a.com:443",
					      "a\nb",
					      "*.a.com",
					      "m\xc3\xbcnchen.de",
					      "192.168.1.999",
					      "1.2.3",
					      "[]",
					      long_label};
	const char *many[X509_TLS_HOSTS_MAX + 1];
	struct x509_pair pair;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (x509_tls_create(&arena, &refused[i], 1, now, &pair, &trail) != X509_CA_E_NAME)
			fail_msg("'%s' was accepted", refused[i]);
	assert_int_equal(ERR_peek_error(), 0);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = "localhost";
	assert_int_equal(x509_tls_create(&arena, many, X509_TLS_HOSTS_MAX, now, &pair, &trail), 0);
	assert_int_equal(x509_tls_create(&arena, many, ARRAY_LEN(many), now, &pair, &trail),
			 X509_CA_E_NAME);
	assert_int_equal(x509_tls_create(&arena, many, 0, now, &pair, &trail), X509_CA_E_NAME);
}

static void tls_first_host_may_be_long(void **state)
{
	static const char *const hosts[] = {
	    "a-host-with-a-name.in-a-department-with-a-name.in-a-company-with-a-name.example.com"};
	struct x509_pair pair;
	struct x509_cert cert;

	assert_int_equal(x509_tls_create(&arena, hosts, 1, now, &pair, &trail), 0);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &cert), 0);
	assert_true(text_eq_c(cert.subject_cn, "Muster"));
}

/* The reader of certificates. */

static void cert_fingerprints_are_of_the_bytes(void **state)
{
	struct x509_pair pair;
	struct x509_cert cert;
	uint8_t sha1[SHA1_LEN];
	struct text der;

	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	assert_int_equal(x509_pem_read(&arena, pair.certificate_pem, &der), 0);
	assert_int_equal(x509_cert_read(&arena, der, &cert), 0);
	assert_true(text_eq(cert.der, der));
	digest_sha1(der, sha1);
	assert_string_equal(cert.sha1, hex_write_upper(&arena, text_make(sha1, SHA1_LEN)));
	assert_string_equal(cert.sha256, digest_sha256_hex(&arena, der));
	assert_string_equal(cert.spki_sha256, digest_sha256_hex(&arena, cert.spki_der));
	/* PEM is written as OpenSSL writes it */
	assert_true(text_eq(x509_pem_write(&arena, der), pair.certificate_pem));
}

static void cert_reader_takes_one_certificate_only(void **state)
{
	struct text tail = make_hex(&arena, "0500"), der, other;
	struct x509_pair pair;
	struct x509_cert cert;

	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	assert_int_equal(x509_pem_read(&arena, pair.certificate_pem, &der), 0);
	other = x509_der_join(&arena, (const struct text[]){der, tail}, 2);
	assert_int_equal(x509_cert_read(&arena, other, &cert), X509_CERT_E_MALFORMED);
	for (size_t len = 0; len < der.len; len++)
		assert_int_equal(x509_cert_read(&arena, text_take(der, len), &cert),
				 X509_CERT_E_MALFORMED);
	assert_int_equal(
	    x509_cert_read(&arena,
			   text_make(arena_alloc(&arena, X509_CERT_MAX + 1), X509_CERT_MAX + 1),
			   &cert),
	    X509_CERT_E_MALFORMED);
	assert_int_equal(ERR_peek_error(), 0);
}

static void cert_pem_is_found_or_refused(void **state)
{
	static const char encrypted[] = "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
					"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
					"MAA=\n-----END CERTIFICATE-----\n";
	static const char *const refused[] = {
	    "", "no PEM at all", "-----BEGIN CERTIFICATE-----\n",
	    "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", encrypted};
	struct x509_pair pair;
	struct x509_cert cert, chain;
	struct text der, both;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_int_equal(x509_pem_read(&arena, text_of(refused[i]), &der),
				 X509_CERT_E_MALFORMED);
	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &cert), 0);
	both = x509_der_join(&arena,
			     (const struct text[]){TEXT("A comment.\n"), pair.certificate_pem,
						   TEXT("-----BEGIN X-----\n")},
			     3);
	assert_int_equal(x509_cert_read_pem(&arena, both, &chain), 0);
	assert_string_equal(chain.sha256, cert.sha256);
}

static void cert_common_name_must_be_one(void **state)
{
	struct x509_pair pair;
	struct x509_cert cert;
	unsigned char *der = NULL;
	X509 *x;
	int len;

	assert_int_equal(x509_ca_create(&arena, "A", now, &pair, &trail), 0);
	x = openssl_read(pair.certificate_pem);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
				   (const unsigned char *)"B", -1, -1, 0);
	len = i2d_re_X509_tbs(x, NULL);
	assert_true(len > 0);
	len = i2d_X509(x, &der);
	assert_int_equal(x509_cert_read(&arena, text_make(der, (size_t)len), &cert), 0);
	assert_null(cert.subject_cn.ptr);
	OPENSSL_free(der);
	X509_free(x);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(ca_is_limited_to_its_purpose),
	    CASE(ca_serials_and_keys_differ),
	    CASE(ca_name_is_checked),
	    CASE(tls_certificate_names_its_hosts),
	    CASE(tls_certificate_verifies_itself),
	    CASE(tls_hosts_are_checked),
	    CASE(tls_first_host_may_be_long),
	    CASE(cert_fingerprints_are_of_the_bytes),
	    CASE(cert_reader_takes_one_certificate_only),
	    CASE(cert_pem_is_found_or_refused),
	    CASE(cert_common_name_must_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
