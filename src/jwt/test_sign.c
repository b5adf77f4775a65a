/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sign.c: the assertions this program signs, verified with OpenSSL directly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/b64.h"
#include "jwt/sign.h"
#include "jwt/test_mint.h"

static struct arena arena;

static struct text bio_text(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	struct text t = arena_text(&arena, text_make(data, (size_t)len));

	BIO_free(bio);
	return t;
}

static struct text key_pem(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char passphrase[] = "secret";

	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, cipher, cipher ? passphrase : NULL,
						  cipher ? 6 : 0, NULL, NULL),
			 1);
	return bio_text(bio);
}

static bool verifies(EVP_PKEY *key, struct text input, struct text signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	int r;

	assert_int_equal(EVP_DigestVerifyInit(ctx, &options, EVP_sha256(), NULL, key), 1);
	EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
	EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
	r = EVP_DigestVerify(ctx, (const unsigned char *)signature.ptr, signature.len,
			     (const unsigned char *)input.ptr, input.len);
	EVP_MD_CTX_free(ctx);
	return r == 1;
}

static void a_signature_verifies(void **state UNUSED)
{
	EVP_PKEY *key = mint_rsa_key(2048, 65537);
	struct text token, header, payload, signature, rest;
	char *written;

	assert_int_equal(jwt_sign(&arena, TEXT("{\"alg\":\"PS256\"}"), TEXT("{\"a\":1}"),
				  key_pem(key, NULL), &written),
			 0);
	token = rest = text_of(written);
	assert_int_equal(b64url_read(&arena, text_cut(&rest, '.'), &header), 0);
	assert_int_equal(b64url_read(&arena, text_cut(&rest, '.'), &payload), 0);
	assert_true(text_eq_c(header, "{\"alg\":\"PS256\"}"));
	assert_true(text_eq_c(payload, "{\"a\":1}"));
	assert_int_equal(b64url_read(&arena, rest, &signature), 0);
	assert_int_equal(signature.len, 256);
	assert_true(verifies(key, text_take(token, token.len - rest.len - 1), signature));
	mint_key_free(key);
}

static void wrong_keys_are_refused(void **state UNUSED)
{
	EVP_PKEY *keys[] = {mint_rsa_key(1024, 65537), mint_ec_key(), mint_rsa_key(2048, 65537)};
	struct text pems[] = {key_pem(keys[0], NULL), key_pem(keys[1], NULL),
			      key_pem(keys[2], EVP_aes_128_cbc()), TEXT(""), TEXT("not a key")};
	char *written = NULL;

	for (size_t i = 0; i < ARRAY_LEN(pems); i++)
		assert_int_equal(jwt_sign(&arena, TEXT("{}"), TEXT("{}"), pems[i], &written),
				 JWT_SIGN_E_KEY);
	assert_null(written);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		mint_key_free(keys[i]);
}

static void a_thumbprint_is_of_the_der(void **state UNUSED)
{
	EVP_PKEY *key = mint_ec_key();
	char *pem = mint_certificate(&arena, key), *written = NULL;
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	unsigned char digest[32];
	struct text decoded;
	unsigned len;

	X509_digest(x509, EVP_sha256(), digest, &len);
	BIO_free(bio);
	assert_int_equal(jwt_certificate_thumbprint(&arena, text_of(pem), &written), 0);
	assert_int_equal(b64url_read(&arena, text_of(written), &decoded), 0);
	assert_int_equal(decoded.len, 32);
	assert_memory_equal(decoded.ptr, digest, 32);
	assert_int_equal(jwt_certificate_thumbprint(&arena, TEXT("-----BEGIN"), &written),
			 JWT_SIGN_E_CERTIFICATE);
	X509_free(x509);
	mint_key_free(key);
}

static int start(void **state UNUSED)
{
	arena_init(&arena);
	return 0;
}

static int end(void **state UNUSED)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_signature_verifies),
	    cmocka_unit_test(wrong_keys_are_refused),
	    cmocka_unit_test(a_thumbprint_is_of_the_der),
	};

	return cmocka_run_group_tests(tests, start, end);
}
