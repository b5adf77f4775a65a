/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_client.c: certificates of clients and the CAs that issued them: who is believed, when, and
 * which names are taken (case 12). Certificates are made here with OpenSSL, extension by extension.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "x509/client.h"
#include "x509/test_make.h"

static const int64_t now = 1788000000; /* 2026-08-29 */
enum { DAY = 24 * 3600 };

static struct arena arena;
static struct trail trail;
static EVP_PKEY *ca_key, *other_key, *client_key, *ec_key;

struct recipe {
	EVP_PKEY *key; /* of the subject */
	EVP_PKEY *signer;
	const char *subject, *issuer;
	const char *constraints, *usage, *extended, *names; /* NULL: no such extension */
	int64_t start, end;                                 /* from now */
	const EVP_MD *digest;
};

static const char CA_NAME[] = "Contoso Issuing CA";

static void name_set(X509_NAME *name, const char *cn)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
						    (const unsigned char *)cn, -1, -1, 0),
			 1);
}

static void extension_add(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if (!value)
		return;
	extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static struct text make(const struct recipe *recipe)
{
	X509 *x = X509_new();
	unsigned char *der = NULL;
	struct text text;
	int len;

	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(now + recipe->start));
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(now + recipe->end));
	name_set(X509_get_subject_name(x), recipe->subject);
	name_set(X509_get_issuer_name(x), recipe->issuer);
	X509_set_pubkey(x, recipe->key);
	extension_add(x, NID_basic_constraints, recipe->constraints);
	extension_add(x, NID_key_usage, recipe->usage);
	extension_add(x, NID_ext_key_usage, recipe->extended);
	extension_add(x, NID_subject_alt_name, recipe->names);
	assert_true(X509_sign(x, recipe->signer, recipe->digest ? recipe->digest : EVP_sha256()) >
		    0);
	len = i2d_X509(x, &der);
	assert_true(len > 0);
	text = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	X509_free(x);
	return text;
}

static struct recipe authority(void)
{
	return (struct recipe){ca_key,
			       ca_key,
			       CA_NAME,
			       CA_NAME,
			       "critical,CA:TRUE",
			       "critical,keyCertSign,cRLSign",
			       NULL,
			       NULL,
			       -DAY,
			       1000L * DAY,
			       NULL};
}

static struct recipe leaf(void)
{
	return (struct recipe){
	    client_key,   ca_key, "Anna", CA_NAME, NULL, "critical,digitalSignature",
	    "clientAuth", NULL,   -DAY,   DAY,     NULL};
}

static struct x509_cert cert_of(struct recipe recipe)
{
	struct x509_cert cert;

	assert_int_equal(x509_cert_read(&arena, make(&recipe), &cert), 0);
	return cert;
}

static int client_of(struct recipe recipe, struct x509_client *ret)
{
	return x509_client_read(&arena, make(&recipe), ret, &trail);
}

static int check(struct recipe recipe, struct recipe issuer, int64_t at)
{
	struct x509_cert ca = cert_of(issuer);
	struct x509_client client;

	assert_int_equal(client_of(recipe, &client), 0);
	return x509_client_check(&client, &ca, at, &trail);
}

static void test_a_good_one_at_its_time(void **state)
{
	assert_int_equal(check(leaf(), authority(), now), 0);
	assert_int_equal(check(leaf(), authority(), now - DAY), 0);
	assert_int_equal(check(leaf(), authority(), now + DAY), 0);
	assert_int_equal(check(leaf(), authority(), now - DAY - 1), X509_CHAIN_E_TIME);
	assert_int_equal(check(leaf(), authority(), now + DAY + 1), X509_CHAIN_E_TIME);
}

static void test_the_time_of_the_issuer_counts(void **state)
{
	struct recipe old = authority();

	old.end = -1;
	assert_int_equal(check(leaf(), old, now), X509_CHAIN_E_TIME);
}

static void test_another_issuer(void **state)
{
	struct recipe foreign = authority(), unsure = leaf(), named = leaf();

	foreign.key = foreign.signer = other_key;
	assert_int_equal(check(leaf(), foreign, now), X509_CHAIN_E_UNTRUSTED);
	named.issuer = "Another CA";
	assert_int_equal(check(named, authority(), now), X509_CHAIN_E_UNTRUSTED);
	/* Genuine is asked before the time: a forged and expired one is not "expired". */
	unsure.signer = other_key;
	assert_int_equal(check(unsure, authority(), now + 2 * DAY), X509_CHAIN_E_UNTRUSTED);
	unsure = leaf();
	unsure.digest = EVP_sha1();
	assert_int_equal(check(unsure, authority(), now), X509_CHAIN_E_UNTRUSTED);
}

static void test_an_issuer_that_may_not_issue(void **state)
{
	struct recipe ca = authority();

	ca.constraints = NULL;
	assert_int_equal(check(leaf(), ca, now), X509_CHAIN_E_UNTRUSTED);
	ca = authority();
	ca.usage = "critical,digitalSignature";
	assert_int_equal(check(leaf(), ca, now), X509_CHAIN_E_UNTRUSTED);
	ca = authority();
	ca.extended = "serverAuth";
	assert_int_equal(check(leaf(), ca, now), X509_CHAIN_E_UNTRUSTED);
}

static void test_what_a_client_may_not_be(void **state)
{
	struct x509_client client;
	struct recipe r = leaf();

	r.constraints = "critical,CA:TRUE";
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_CA);
	r = leaf();
	r.usage = "keyCertSign";
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_CA);
	r = leaf();
	r.usage = NULL;
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_USAGE);
	r.usage = "keyEncipherment";
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_USAGE);
	r = leaf();
	r.extended = "serverAuth";
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_USAGE);
	r.extended = NULL;
	assert_int_equal(client_of(r, &client), 0);
	r = leaf();
	r.key = ec_key;
	assert_int_equal(client_of(r, &client), X509_CLIENT_E_KEY);
	assert_int_equal(x509_client_read(&arena, TEXT("x"), &client, &trail),
			 X509_CLIENT_E_MALFORMED);
}

static void test_names(void **state)
{
	static const struct {
		const char *names, *upn, *email;
	} rows[] = {
	    {NULL, "", ""},
	    {"otherName:1.3.6.1.4.1.311.20.2.3;UTF8:anna@contoso.com", "anna@contoso.com", ""},
	    {"email:a@b.c,email:d@e.f", "", "a@b.c"},
	    {"email:a@b.c,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:anna@x", "anna@x", "a@b.c"},
	    {"otherName:1.3.6.1.4.1.311.20.2.3;IA5:anna@contoso.com", "", ""},
	    {"otherName:1.2.3.4;UTF8:anna@contoso.com", "", ""},
	    {"DNS:contoso.com,URI:urn:x", "", ""},
	};
	struct x509_client client;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct recipe r = leaf();

		r.names = rows[i].names;
		assert_int_equal(client_of(r, &client), 0);
		assert_string_equal(client.upn, rows[i].upn);
		assert_string_equal(client.email, rows[i].email);
	}
}

static void test_labels(void **state)
{
	char longest[X509_LABEL_MAX + 2];

	memset(longest, 'a', sizeof(longest));
	assert_string_equal(x509_label(&arena, TEXT("M\xc3\xbcller")), "M\xc3\xbcller");
	assert_string_equal(x509_label(&arena, TEXT("a\nb")), "");
	assert_string_equal(x509_label(&arena, TEXT("a\0b")), "");
	assert_string_equal(x509_label(&arena, TEXT("\xff")), "");
	assert_string_equal(x509_label(&arena, TEXT_EMPTY), "");
	assert_string_equal(x509_label(&arena, (struct text){NULL, 0}), "");
	assert_int_equal(strlen(x509_label(&arena, text_make(longest, X509_LABEL_MAX))),
			 X509_LABEL_MAX);
	assert_string_equal(x509_label(&arena, text_make(longest, X509_LABEL_MAX + 1)), "");
}

static void test_issuers(void **state)
{
	struct x509_cert cert = cert_of(authority());
	struct recipe ca = authority();

	assert_true(x509_is_issuer(&cert));
	ca.key = ec_key;
	cert = cert_of(ca);
	assert_true(x509_is_issuer(&cert));
	ca = authority();
	ca.key = make_rsa(1024, 65537);
	cert = cert_of(ca);
	EVP_PKEY_free(ca.key);
	assert_false(x509_is_issuer(&cert));
	cert = cert_of(leaf());
	assert_false(x509_is_issuer(&cert));
	ca = authority();
	ca.usage = "critical,cRLSign";
	cert = cert_of(ca);
	assert_false(x509_is_issuer(&cert));
}

static int setup(void **state)
{
	arena_init(&arena);
	ca_key = make_rsa(2048, 65537);
	other_key = make_rsa(2048, 65537);
	client_key = make_rsa(2048, 65537);
	ec_key = make_ec("P-256");
	return 0;
}

static int teardown(void **state)
{
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	EVP_PKEY_free(client_key);
	EVP_PKEY_free(ec_key);
	arena_done(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_good_one_at_its_time),
	    cmocka_unit_test(test_the_time_of_the_issuer_counts),
	    cmocka_unit_test(test_another_issuer),
	    cmocka_unit_test(test_an_issuer_that_may_not_issue),
	    cmocka_unit_test(test_what_a_client_may_not_be),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_labels),
	    cmocka_unit_test(test_issuers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
