/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_xmldsig.c: signatures made here with OpenSSL over text that is its own canonical form, so
 * that nothing of xmlsec is on the signing side; then everything that must not verify, also what
 * callers never let through (cases 12 and 15), and what hostile documents cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/b64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "xmldsig/xmldsig.h"

#define DSIG      "http://www.w3.org/2000/09/xmldsig#"
#define ENVELOPED "<Transform Algorithm=\"" DSIG "enveloped-signature\"></Transform>"
#define EXC       "http://www.w3.org/2001/10/xml-exc-c14n#"
#define RSA256    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define HEAD                                                                                       \
	"<e:Envelope xmlns:e=\"urn:e\"><e:Header><w:Security xmlns:w=\"urn:w\">"                   \
	"<w:Token>AAAA</w:Token>"
#define TAIL "</w:Security></e:Header><e:Body><x>1</x></e:Body></e:Envelope>"

static struct arena arena;
static struct trail trail;
static EVP_PKEY *keys[2];
static struct text certificates[2];

/* What a signature says of itself; NULL: the good one. */
struct recipe {
	const char *uri;
	const char *transforms;
	const char *method;
	const char *canonical;
	const char *digest_name;
	const char *digest_algorithm;
	const char *key_info;
	const char *objects;
	const char *signed_text; /* what the digest is of */
};

static const char *good_or(const char *value, const char *good)
{
	return value ? value : good;
}

static struct text sign(EVP_PKEY *key, struct text data)
{
	unsigned char out[512];
	size_t len = sizeof(out);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
	    EVP_DigestSign(context, out, &len, (const unsigned char *)data.ptr, data.len), 1);
	EVP_MD_CTX_free(context);
	return text_make(arena_copy(&arena, out, len), len);
}

static const char *digest_of(const char *text)
{
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(text), digest);
	return b64_write(&arena, text_make(digest, sizeof(digest)));
}

/* <SignedInfo>, with or without the declaration that its canonical form has. */
static char *info_write(const struct recipe *recipe, bool is_canonical)
{
	return arena_printf(
	    &arena,
	    "<SignedInfo%s><CanonicalizationMethod Algorithm=\"%s\"></CanonicalizationMethod>"
	    "<SignatureMethod Algorithm=\"%s\"></SignatureMethod><Reference URI=\"%s\">"
	    "<Transforms>%s</Transforms><DigestMethod Algorithm=\"%s\"></DigestMethod>"
	    "<DigestValue>%s</DigestValue></Reference></SignedInfo>",
	    is_canonical ? " xmlns=\"" DSIG "\"" : "", good_or(recipe->canonical, EXC),
	    good_or(recipe->method, RSA256), good_or(recipe->uri, ""),
	    good_or(recipe->transforms, ENVELOPED),
	    good_or(recipe->digest_algorithm, "http://www.w3.org/2001/04/xmlenc#sha256"),
	    digest_of(good_or(recipe->signed_text, HEAD TAIL)));
}

static char *signature_make(const struct recipe *recipe)
{
	struct text value = sign(keys[0], text_of(info_write(recipe, true)));

	return arena_printf(&arena,
			    "<Signature xmlns=\"" DSIG
			    "\">%s<SignatureValue>%s</SignatureValue><KeyInfo>%s</KeyInfo>%s"
			    "</Signature>",
			    info_write(recipe, false), b64_write(&arena, value),
			    good_or(recipe->key_info, ""), good_or(recipe->objects, ""));
}

static int verify_with(const char *doc, size_t certificate)
{
	return xmldsig_verify(text_of(doc), certificates[certificate], &trail);
}

static char *message_make(const struct recipe *recipe)
{
	return arena_printf(&arena, HEAD "%s" TAIL, signature_make(recipe));
}

static const struct recipe good;

static void test_a_good_signature(void **state)
{
	const char *message = message_make(&good);

	assert_int_equal(verify_with(message, 0), 0);
	assert_int_equal(verify_with(message, 0), 0);
	/* The same in another spelling: blanks in tags, a comment, CDATA, a declaration. */
	message = arena_printf(&arena,
			       "<?xml version='1.0' encoding='utf-16'?><!-- x -->"
			       "<e:Envelope  xmlns:e='urn:e'><e:Header><w:Security xmlns:w='urn:w'>"
			       "<w:Token ><![CDATA[AA]]>A<!-- -->A</w:Token>%s" TAIL,
			       signature_make(&good));
	assert_int_equal(verify_with(message, 0), 0);
}

static void test_another_certificate(void **state)
{
	const char *message = message_make(&good);
	struct text half = text_take(certificates[0], certificates[0].len / 2);

	assert_int_equal(verify_with(message, 1), XMLDSIG_E_INVALID);
	assert_int_equal(xmldsig_verify(text_of(message), TEXT("x"), &trail), XMLDSIG_E_INVALID);
	assert_int_equal(xmldsig_verify(text_of(message), half, &trail), XMLDSIG_E_INVALID);
	assert_int_equal(xmldsig_verify(text_of(message), TEXT_EMPTY, &trail), XMLDSIG_E_INVALID);
}

static void test_what_the_signature_says_is_not_followed(void **state)
{
	static const struct recipe recipes[] = {
	    {.uri = "#x"},
	    {.uri = "/etc/passwd"},
	    {.uri = "http://127.0.0.1:1/"},
	    {.uri = "#xpointer(/)"},
	    {.transforms = ""},
	    {.transforms =
		 ENVELOPED "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">"
			   "<XPath>true()</XPath></Transform>"},
	    {.transforms = "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">"
			   "<x></x></Transform>"},
	    {.transforms = ENVELOPED "<Transform Algorithm=\"" DSIG "base64\"></Transform>"},
	    {.transforms = ENVELOPED "<Transform Algorithm=\"" EXC "\"></Transform>"},
	    {.method = DSIG "rsa-sha1"},
	    {.method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"},
	    {.method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"},
	    {.canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
	    {.canonical = EXC "WithComments"},
	    {.digest_algorithm = DSIG "sha1"},
	    {.digest_algorithm = "http://www.w3.org/2001/04/xmlenc#sha512"},
	    {.signed_text = HEAD},
	    {.signed_text = ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(recipes); i++)
		if (verify_with(message_make(&recipes[i]), 0) != XMLDSIG_E_INVALID)
			fail_msg("recipe %zu is accepted", i);
}

static void test_other_forms(void **state)
{
	const char *signature = signature_make(&good);
	const char *const docs[] = {
	    "",
	    "x",
	    HEAD TAIL,
	    arena_printf(&arena, "<!DOCTYPE x>" HEAD "%s" TAIL, signature),
	    arena_printf(&arena,
			 "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" HEAD "%s" TAIL,
			 signature),
	    arena_printf(&arena, "<?pi x?>" HEAD "%s" TAIL, signature),
	    arena_printf(&arena, HEAD "%s%s" TAIL, signature, signature),
	    arena_printf(&arena, HEAD "<Signature></Signature>%s" TAIL, signature),
	    arena_printf(&arena, HEAD "</w:Security>%s</e:Header></e:Envelope>", signature),
	    arena_printf(&arena, HEAD "%s" TAIL "<x/>", signature),
	    arena_printf(&arena, HEAD "&e;%s" TAIL, signature),
	    "<e><Header><Security><Signature/></Security></Header></e>",
	    "<Signature xmlns='" DSIG "'/>",
	};

	for (size_t i = 0; i < ARRAY_LEN(docs); i++)
		if (verify_with(docs[i], 0) != XMLDSIG_E_FORM)
			fail_msg("document %zu is accepted", i);
	assert_int_equal(xmldsig_verify(TEXT("<x>\xff\xfe</x>"), certificates[0], &trail),
			 XMLDSIG_E_FORM);
}

static void test_what_is_not_in_the_signature_is_signed(void **state)
{
	const char *signature = signature_make(&good);

	assert_int_equal(verify_with(arena_printf(&arena,
						  HEAD "%s</w:Security></e:Header>"
						       "<e:Body><x>2</x></e:Body></e:Envelope>",
						  signature),
				     0),
			 XMLDSIG_E_INVALID);
	assert_int_equal(verify_with(arena_printf(&arena, HEAD " %s" TAIL, signature), 0),
			 XMLDSIG_E_INVALID);
}

static void *verify_often(void *argument)
{
	const char *message = argument;
	struct trail mine = {0};
	size_t good_ones = 0;

	for (int i = 0; i < 50; i++)
		good_ones += xmldsig_verify(text_of(message), certificates[0], &mine) == 0;
	return good_ones == 50 ? argument : NULL;
}

static void test_threads_do_not_meet(void **state)
{
	char *message = message_make(&good);
	pthread_t threads[4];
	void *result;

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, message), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, message);
	}
}

/* A document of that many elements, with that many namespaces in scope of its signature and two
 * less in the others. */
static const char *crowd_make(int elements, int namespaces)
{
	enum { ALWAYS = 15 }; /* Envelope, Header, Security, Body and what the signature holds */
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, "<e:Envelope xmlns:e=\"urn:e\"");
	for (int i = 0; i < namespaces - 3; i++)
		buf_printf(&buf, " xmlns:n%d=\"urn:%d\"", i, i);
	buf_add_c(&buf, "><e:Header><w:Security xmlns:w=\"urn:w\">");
	buf_add_c(&buf, signature_make(&good));
	buf_add_c(&buf, "</w:Security></e:Header><e:Body>");
	for (int i = 0; i < elements - ALWAYS; i++)
		buf_add_c(&buf, "<a b=\"12345678901234567890123456789\" c=\"\"></a>");
	buf_add_c(&buf, "</e:Body></e:Envelope>");
	return buf.data;
}

static void test_hostile_documents_are_cheap(void **state)
{
	const int elements = LIMIT_SIGNED_ELEMENTS, namespaces = LIMIT_SIGNED_NAMESPACES;
	const char *full = crowd_make(elements, namespaces);
	const char *space = arena_printf(&arena, "%*s", LIMIT_SIGNED_BYTES, "");
	int64_t start = clock_mono_us();

	assert_int_equal(verify_with(full, 0), XMLDSIG_E_INVALID);
	print_message("%zu bytes, %d elements, %d namespaces: %d us\n", strlen(full), elements,
		      namespaces, (int)(clock_mono_us() - start));
	/* Far above what it takes, far below what it takes without bounds. */
	assert_true(clock_mono_us() - start < 500 * 1000);
	assert_int_equal(verify_with(crowd_make(elements + 1, namespaces), 0), XMLDSIG_E_FORM);
	assert_int_equal(verify_with(crowd_make(elements, namespaces + 1), 0), XMLDSIG_E_FORM);
	assert_int_equal(verify_with(arena_printf(&arena, "%s%s", message_make(&good), space), 0),
			 XMLDSIG_E_FORM);
}

static struct text certificate_make(EVP_PKEY *key)
{
	X509 *x = X509_new();
	unsigned char *der = NULL;
	struct text text;
	int len;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	len = i2d_X509(x, &der);
	assert_true(len > 0);
	text = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	X509_free(x);
	return text;
}

static int setup(void **state)
{
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		keys[i] = EVP_RSA_gen(2048);
		certificates[i] = certificate_make(keys[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		EVP_PKEY_free(keys[i]);
	arena_done(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_good_signature),
	    cmocka_unit_test(test_another_certificate),
	    cmocka_unit_test(test_what_the_signature_says_is_not_followed),
	    cmocka_unit_test(test_other_forms),
	    cmocka_unit_test(test_what_is_not_in_the_signature_is_signed),
	    cmocka_unit_test(test_threads_do_not_meet),
	    cmocka_unit_test(test_hostile_documents_are_cheap),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
