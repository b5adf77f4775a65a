/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_chain.c: a root, an intermediate and a server's certificate, and each way in which the file
 * of a server can fail to lead from one to the other.
 */
#include "x509/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/attr.h"
#include "base/buf.h"
#include "x509/test_make.h"

enum { DAY = 24 * 3600 };

static const int64_t now = 1788000000; /* 2026-08-29 */
static EVP_PKEY *root_key, *middle_key, *leaf_key, *small_key;
static struct arena arena;

struct recipe {
	const char *subject;
	const char *issuer;
	EVP_PKEY *key;
	EVP_PKEY *signer;
	int64_t from; /* days from now */
	int64_t until;
	const char *usage; /* extendedKeyUsage; NULL: none */
	const char *names; /* subjectAltName; NULL: none */
	const EVP_MD *digest;
	bool is_ca;
};

static void extension_add(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(cert, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void name_set(X509_NAME *name, const char *cn)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
						    (const unsigned char *)cn, -1, -1, 0),
			 1);
}

static struct text make(const struct recipe *recipe)
{
	static long serial;
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	struct text text;
	char *data;
	long len;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now + recipe->from * DAY));
	ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now + recipe->until * DAY));
	name_set(X509_get_subject_name(cert), recipe->subject);
	name_set(X509_get_issuer_name(cert), recipe->issuer);
	X509_set_pubkey(cert, recipe->key);
	extension_add(cert, NID_basic_constraints,
		      recipe->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (recipe->usage)
		extension_add(cert, NID_ext_key_usage, recipe->usage);
	if (recipe->names)
		extension_add(cert, NID_subject_alt_name, recipe->names);
	assert_true(
	    X509_sign(cert, recipe->signer, recipe->digest ? recipe->digest : EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
	len = BIO_get_mem_data(bio, &data);
	text = arena_text(&arena, text_make(data, (size_t)len));
	BIO_free(bio);
	X509_free(cert);
	return text;
}

static struct recipe leaf_recipe(void)
{
	return (struct recipe){.subject = "mdm.contoso.com",
			       .issuer = "Middle",
			       .key = leaf_key,
			       .signer = middle_key,
			       .from = -10,
			       .until = 80,
			       .usage = "serverAuth",
			       .names = "DNS:mdm.contoso.com,DNS:*.mdm.contoso.com,IP:192.0.2.1"};
}

static struct text root(void)
{
	return make(&(struct recipe){"Root", "Root", root_key, root_key, -900, 900, NULL, NULL,
				     NULL, true});
}

static struct text middle(void)
{
	return make(&(struct recipe){"Middle", "Root", middle_key, root_key, -500, 500, NULL, NULL,
				     NULL, true});
}

static struct text joined(struct text a, struct text b)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_text(&buf, a);
	buf_add_text(&buf, b);
	return buf_text(&buf);
}

static int group_setup(void **state)
{
	(void)state;
	root_key = make_ec("P-256");
	middle_key = make_ec("P-256");
	leaf_key = make_ec("P-256");
	small_key = make_rsa(1024, 65537);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(leaf_key);
	EVP_PKEY_free(small_key);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static struct x509_chain chain;

static int check(struct text pem, struct text roots)
{
	return x509_chain_check(&arena, pem, roots, now, &chain);
}

static void a_whole_chain_is_good(void **state)
{
	struct recipe recipe = leaf_recipe();
	struct text file = joined(make(&recipe), middle()), roots = root();

	(void)state;
	assert_int_equal(check(file, roots), 0);
	/* The root may be in the file too, and others among the roots. */
	assert_int_equal(check(joined(file, roots), joined(middle(), roots)), 0);
}

static void a_missing_intermediate_is_named(void **state)
{
	struct recipe recipe = leaf_recipe();

	(void)state;
	assert_int_equal(check(make(&recipe), root()), X509_CHAIN_E_MISSING);
	assert_string_equal(chain.subject, "mdm.contoso.com");
	assert_string_equal(chain.issuer, "Middle");
	assert_int_equal(check(joined(make(&recipe), middle()), TEXT_EMPTY), X509_CHAIN_E_MISSING);
	assert_string_equal(chain.issuer, "Root");
}

static void a_root_nobody_knows(void **state)
{
	struct recipe recipe = leaf_recipe();
	struct text file = joined(joined(make(&recipe), middle()), root());

	(void)state;
	assert_int_equal(check(file, TEXT_EMPTY), X509_CHAIN_E_ROOT_UNKNOWN);
	assert_string_equal(chain.subject, "Root");
}

static void a_certificate_of_its_own(void **state)
{
	struct recipe recipe = leaf_recipe();

	(void)state;
	recipe.issuer = recipe.subject;
	recipe.signer = leaf_key;
	assert_int_equal(check(make(&recipe), root()), X509_CHAIN_E_SELF_SIGNED);
}

static void dates_keys_and_purposes(void **state)
{
	struct recipe expired = leaf_recipe(), early = leaf_recipe(), small = leaf_recipe(),
		      client = leaf_recipe(), sha1 = leaf_recipe();
	const struct {
		struct recipe *recipe;
		int outcome;
	} cases[] = {
	    {&expired, X509_CHAIN_E_EXPIRED},   {&early, X509_CHAIN_E_NOT_YET},
	    {&small, X509_CHAIN_E_WEAK},        {&sha1, X509_CHAIN_E_WEAK},
	    {&client, X509_CHAIN_E_NOT_SERVER},
	};

	(void)state;
	expired.until = -1;
	early.from = 1;
	small.key = small_key;
	sha1.digest = EVP_sha1();
	client.usage = "clientAuth";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(check(joined(make(cases[i].recipe), middle()), root()),
				 cases[i].outcome);
}

static void what_is_no_certificate(void **state)
{
	(void)state;
	assert_int_equal(check(TEXT_EMPTY, root()), X509_CHAIN_E_MALFORMED);
	assert_int_equal(
	    check(TEXT("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), root()),
	    X509_CHAIN_E_MALFORMED);
	assert_false(x509_chain_is_for(TEXT("nothing"), "mdm.contoso.com"));
}

static void names_are_those_of_the_first_certificate(void **state)
{
	struct recipe recipe = leaf_recipe();
	struct text file = joined(make(&recipe), middle());

	(void)state;
	assert_true(x509_chain_is_for(file, "mdm.contoso.com"));
	assert_true(x509_chain_is_for(file, "MDM.contoso.com"));
	assert_true(x509_chain_is_for(file, "manage.mdm.contoso.com"));
	assert_true(x509_chain_is_for(file, "192.0.2.1"));
	assert_false(x509_chain_is_for(file, "a.b.mdm.contoso.com"));
	assert_false(x509_chain_is_for(file, "enterpriseenrollment.contoso.com"));
	assert_false(x509_chain_is_for(file, "192.0.2.2"));
	/* The common name alone counts for nothing any more. */
	recipe.names = NULL;
	assert_false(x509_chain_is_for(make(&recipe), "mdm.contoso.com"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_whole_chain_is_good, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_missing_intermediate_is_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_root_nobody_knows, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_certificate_of_its_own, setup, teardown),
	    cmocka_unit_test_setup_teardown(dates_keys_and_purposes, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_no_certificate, setup, teardown),
	    cmocka_unit_test_setup_teardown(names_are_those_of_the_first_certificate, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
