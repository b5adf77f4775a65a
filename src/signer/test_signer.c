/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_signer.c: the in-process signer, what it refuses, and the files of a pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "signer/core.h"
#include "signer/files.h"
#include "signer/key.h"
#include "signer/signer.h"
#include "x509/ca.h"
#include "x509/der.h"
#include "x509/test_make.h"

enum { DAY = 24 * 3600 };

static struct arena arena, group_arena;
static struct trail trail;
static EVP_PKEY *device_key;
static struct x509_pair pair, group_pair; /* making one is slow */
static struct signer *signer;
static struct x509_leaf_request request;

static int group_setup(void **state)
{
	device_key = make_rsa(2048, 65537);
	arena_init(&group_arena);
	trail_reset(&trail);
	return x509_ca_create(&group_arena, "Test device CA", clock_now(), &group_pair, &trail);
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(device_key);
	arena_done(&group_arena);
	return 0;
}

static void request_fill(void)
{
	request = (struct x509_leaf_request){
	    .spki_der = make_spki(&arena, device_key),
	    .subject_cn = TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11"),
	};
	signer_serial_make(request.serial);
	x509_leaf_times(&request, clock_now(), signer_ca(signer));
}

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	pair = group_pair;
	assert_int_equal(signer_new_local(&signer, pair.certificate_pem, pair.key_pem, &trail), 0);
	request_fill();
	return 0;
}

static int teardown(void **state)
{
	clock_shift(0);
	signer_free(signer);
	arena_done(&arena);
	return 0;
}

static void local_signs(void **state)
{
	struct text der;

	assert_int_equal(signer_sign_leaf(signer, &arena, &request, &der, &trail), 0);
	assert_int_equal(x509_leaf_lint(der, &request, signer_ca(signer), &trail), 0);
	assert_int_equal(signer_refusal(signer), X509_LEAF_OK);
	assert_true(text_eq(signer_ca_der(signer), signer_ca(signer)->der));
	assert_true(text_eq_c(signer_ca(signer)->subject_cn, "Test device CA"));
}

static void assert_refused(enum x509_leaf_verdict why)
{
	struct text der = {.ptr = "untouched"};

	assert_int_equal(signer_sign_leaf(signer, &arena, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_string_equal(x509_leaf_verdict_name(signer_refusal(signer)),
			    x509_leaf_verdict_name(why));
	assert_string_equal(der.ptr, "untouched");
}

static void local_refuses_what_breaks_the_template(void **state)
{
	EVP_PKEY *small = make_rsa(1024, 65537);

	request.subject_cn = TEXT("mdm.contoso.com");
	assert_refused(X509_LEAF_SUBJECT);
	request_fill();
	request.not_after = request.not_before + 398LL * DAY + 1;
	assert_refused(X509_LEAF_VALIDITY);
	request_fill();
	request.spki_der = make_spki(&arena, small);
	assert_refused(X509_LEAF_KEY);
	request.spki_der = signer_ca(signer)->spki_der;
	assert_refused(X509_LEAF_CA_KEY);
	EVP_PKEY_free(small);
}

/* A time before the build cannot be the present, even if the CA were that old. */
static void refuses_while_the_clock_is_wrong(void **state)
{
	signer_free(signer);
	clock_shift(-2000LL * DAY);
	assert_int_equal(x509_ca_create(&arena, "Old CA", clock_now(), &pair, &trail), 0);
	assert_int_equal(signer_new_local(&signer, pair.certificate_pem, pair.key_pem, &trail), 0);
	request_fill();
	assert_int_equal(x509_leaf_check(&request, signer_ca(signer), clock_now()), X509_LEAF_OK);
	assert_refused(X509_LEAF_CLOCK);
	clock_shift(0);
	request_fill();
	assert_int_equal(signer_sign_leaf(signer, &arena, &request, &(struct text){0}, &trail), 0);
	clock_shift(2000LL * DAY);
	request_fill();
	assert_refused(X509_LEAF_CLOCK);
}

static int serial_compare(const void *a, const void *b)
{
	return memcmp(a, b, X509_SERIAL_LEN);
}

static void serials_are_unique_and_positive(void **state)
{
	enum { N = 4096 };
	static uint8_t serials[N][X509_SERIAL_LEN];
	uint8_t any[X509_SERIAL_LEN] = {0}, all[X509_SERIAL_LEN];

	memset(all, 0xff, sizeof(all));
	for (size_t i = 0; i < N; i++) {
		signer_serial_make(serials[i]);
		assert_int_equal(serials[i][0] & 0xc0, 0x40);
		for (size_t b = 0; b < X509_SERIAL_LEN; b++) {
			any[b] |= serials[i][b];
			all[b] &= serials[i][b];
		}
	}
	qsort(serials, N, X509_SERIAL_LEN, serial_compare);
	for (size_t i = 1; i < N; i++)
		assert_memory_not_equal(serials[i - 1], serials[i], X509_SERIAL_LEN);
	/* every bit but the two at the top varies */
	assert_int_equal(any[0] ^ all[0], 0x3f);
	for (size_t b = 1; b < X509_SERIAL_LEN; b++)
		assert_int_equal(any[b] ^ all[b], 0xff);
}

static void assert_pair_unusable(struct text certificate, struct text key, const char *why)
{
	struct signer *other = NULL;

	trail_reset(&trail);
	assert_int_equal(signer_new_local(&other, certificate, key, &trail), ERR_CONFIG);
	assert_null(other);
	if (strstr(trail.text, why) == NULL)
		fail_msg("no '%s' in: %s", why, trail.text);
}

static void pairs_are_checked(void **state)
{
	static const char *const hosts[] = {"localhost"};
	struct x509_pair other, tls;
	EVP_PKEY *ec = make_ec("P-521");
	BIO *bio = BIO_new(BIO_s_mem());
	char *encrypted;
	long len;

	assert_int_equal(x509_ca_create(&arena, "A", clock_now(), &other, &trail), 0);
	assert_int_equal(x509_tls_create(&arena, hosts, 1, clock_now(), &tls, &trail), 0);
	assert_pair_unusable(pair.certificate_pem, other.key_pem, "not the key of the certificate");
	assert_pair_unusable(pair.certificate_pem, TEXT_EMPTY, "not an unencrypted private key");
	assert_pair_unusable(pair.certificate_pem, pair.certificate_pem,
			     "not an unencrypted private key");
	assert_pair_unusable(TEXT("hello"), pair.key_pem, "cannot be read as PEM");
	assert_pair_unusable(tls.certificate_pem, tls.key_pem, "not one of a CA");
	PEM_write_bio_PKCS8PrivateKey(bio, ec, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
	len = BIO_get_mem_data(bio, &encrypted);
	assert_pair_unusable(pair.certificate_pem, text_make(encrypted, (size_t)len),
			     "not an unencrypted private key");
	BIO_free(bio);
	EVP_PKEY_free(ec);
}

/* A self-signed CA around any key, in PEM. */
static struct text ca_around(EVP_PKEY *key, const EVP_MD *md, struct text *ret_key)
{
	BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
	X509 *cert = X509_new();
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	struct text ret;
	char *data;
	long len;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_set_pubkey(cert, key);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 1000L * DAY);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE");
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash");
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(cert, key, md) > 0);
	PEM_write_bio_X509(cert_bio, cert);
	PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(cert_bio, &data);
	ret = text_make(arena_copy(&arena, data, (size_t)len), (size_t)len);
	len = BIO_get_mem_data(key_bio, &data);
	*ret_key = text_make(arena_copy(&arena, data, (size_t)len), (size_t)len);
	X509_free(cert);
	BIO_free(cert_bio);
	BIO_free(key_bio);
	EVP_PKEY_free(key);
	return ret;
}

static void other_kinds_of_ca_key(void **state)
{
	struct text key, cert;

	cert = ca_around(make_ec("P-521"), EVP_sha512(), &key);
	assert_pair_unusable(cert, key, "P-256 or P-384");
	cert = ca_around(make_rsa(1024, 65537), EVP_sha256(), &key);
	assert_pair_unusable(cert, key, "shorter than 2048");
	for (int i = 0; i < 2; i++) {
		struct text der;

		signer_free(signer);
		cert = ca_around(i == 0 ? make_rsa(2048, 65537) : make_ec("P-384"), EVP_sha256(),
				 &key);
		assert_int_equal(signer_new_local(&signer, cert, key, &trail), 0);
		request_fill();
		assert_int_equal(signer_sign_leaf(signer, &arena, &request, &der, &trail), 0);
		assert_int_equal(x509_leaf_lint(der, &request, signer_ca(signer), &trail), 0);
	}
}

/* Files. */

static char *temp_dir(void)
{
	char *dir = arena_string(&arena, "/tmp/muster-signer-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void files_are_created_once(void **state)
{
	char *dir = temp_dir(), *cert = arena_printf(&arena, "%s/ca.crt", dir);
	char *key = arena_printf(&arena, "%s/ca.key", dir);
	char *nowhere = arena_printf(&arena, "%s/no/ca.crt", dir);
	struct signer_core core;
	mode_t mask = umask(0);

	assert_int_equal(signer_files_create(&pair, cert, key, &trail), 0);
	assert_int_equal(mode_of(key), 0600);
	assert_int_equal(mode_of(cert), 0644);
	assert_int_equal(signer_core_load(&core, cert, key, &trail), 0);
	assert_string_equal(core.ca.sha256, signer_ca(signer)->sha256);
	signer_core_done(&core);
	assert_int_equal(signer_files_create(&pair, cert, key, &trail), SIGNER_FILES_E_EXISTS);
	assert_int_equal(unlink(key), 0);
	/* the certificate is in the way: no key may be left */
	assert_int_equal(signer_files_create(&pair, cert, key, &trail), SIGNER_FILES_E_EXISTS);
	assert_int_not_equal(access(key, F_OK), 0);
	/* not even a dangling link is followed */
	assert_int_equal(symlink("elsewhere", key), 0);
	assert_int_equal(signer_files_create(&pair, nowhere, key, &trail), SIGNER_FILES_E_EXISTS);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(signer_files_create(&pair, nowhere, key, &trail), ERR_SYSTEM);
	assert_int_not_equal(access(key, F_OK), 0);
	assert_non_null(strstr(trail.text, nowhere));
	assert_int_equal(unlink(cert), 0);
	assert_int_equal(rmdir(dir), 0);
	umask(mask);
}

static void files_that_cannot_be_used(void **state)
{
	char *dir = temp_dir(), *cert = arena_printf(&arena, "%s/ca.crt", dir);
	char *key = arena_printf(&arena, "%s/ca.key", dir);
	struct signer_core core;

	assert_int_equal(signer_core_load(&core, cert, key, &trail), ERR_CONFIG);
	assert_non_null(strstr(trail.text, cert));
	assert_int_equal(signer_files_create(&pair, cert, key, &trail), 0);
	assert_int_equal(chmod(key, 0640), 0);
	trail_reset(&trail);
	assert_int_equal(signer_core_load(&core, cert, key, &trail), ERR_CONFIG);
	assert_non_null(strstr(trail.text, key));
	assert_int_equal(truncate(cert, X509_PEM_MAX + 1), 0);
	assert_int_equal(chmod(key, 0600), 0);
	trail_reset(&trail);
	assert_int_equal(signer_core_load(&core, cert, key, &trail), ERR_CONFIG);
	assert_non_null(strstr(trail.text, "larger than"));
	assert_int_equal(unlink(cert), 0);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* That a token which is not there is reported is seen with the process: what loads an engine may
 * leave its memory behind, and the process does not outlive it. */
static void keys_on_tokens_are_told_from_files(void **state)
{
	assert_true(signer_key_is_uri("pkcs11:token=none;object=none"));
	assert_true(signer_key_is_uri("PKCS11:token=none"));
	assert_false(signer_key_is_uri("/etc/muster/pkcs11:key"));
	assert_false(signer_key_is_uri("pkcs11"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(local_signs),
	    CASE(local_refuses_what_breaks_the_template),
	    CASE(refuses_while_the_clock_is_wrong),
	    CASE(serials_are_unique_and_positive),
	    CASE(pairs_are_checked),
	    CASE(other_kinds_of_ca_key),
	    CASE(files_are_created_once),
	    CASE(files_that_cannot_be_used),
	    CASE(keys_on_tokens_are_told_from_files),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
