/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cms.c: signed messages, good and bad. Each bad one is wrong in one place only. Covers cases
 * 8, 10 and 11 of the threat model as far as they concern renewals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "x509/ber.h"
#include "x509/cms.h"
#include "x509/der.h"
#include "x509/test_make.h"

#define OID_DATA       "06092a864886f70d010701"
#define OID_SIGNED     "06092a864886f70d010702"
#define OID_SHA256     "0609608648016503040201"
#define OID_RSA        "06092a864886f70d010101"
#define ALGORITHM(oid) "300d" oid "0500"
#define SHA256_RSA     ALGORITHM("06092a864886f70d01010b")
#define SERIAL         "0211420102030405060708090a0b0c0d0e0f10"

static struct arena arena;
static struct trail trail;
static EVP_PKEY *key, *other_key;
static X509 *certificate, *twin; /* the same names and number, another key */
static struct x509_cert signer, twin_signer;
static struct text request;

static X509 *certificate_make(EVP_PKEY *of)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	struct text serial = make_hex(&arena, "420102030405060708090a0b0c0d0e0f10");
	BIGNUM *bn = BN_bin2bn((const unsigned char *)serial.ptr, (int)serial.len, NULL);

	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
	BN_free(bn);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"issuer", -1,
				   -1, 0);
	X509_set_issuer_name(x, name);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, of);
	assert_true(X509_sign(x, of, EVP_sha256()) > 0);
	return x;
}

static struct text certificate_der(X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	struct text ret = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);

	OPENSSL_free(der);
	return ret;
}

static int group_setup(void **state)
{
	key = make_rsa(2048, 65537);
	other_key = make_rsa(2048, 65537);
	return 0;
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	return 0;
}

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	certificate = certificate_make(key);
	twin = certificate_make(other_key);
	assert_int_equal(x509_cert_read(&arena, certificate_der(certificate), &signer), 0);
	assert_int_equal(x509_cert_read(&arena, certificate_der(twin), &twin_signer), 0);
	request = make_csr(&arena, &(struct make_recipe){.key = other_key});
	return 0;
}

static int teardown(void **state)
{
	X509_free(certificate);
	X509_free(twin);
	arena_done(&arena);
	return 0;
}

/* By OpenSSL, as the simulated device and others make it. */
static struct text cms_of(X509 *by, EVP_PKEY *with, const char *digest, unsigned flags)
{
	BIO *in = BIO_new_mem_buf(request.ptr, (int)request.len);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, in, flags | CMS_BINARY | CMS_PARTIAL);
	unsigned char *der = NULL;
	struct text ret;
	int len;

	assert_non_null(
	    CMS_add1_signer(cms, by, with, EVP_get_digestbyname(digest), flags | CMS_NOSMIMECAP));
	assert_int_equal(CMS_final(cms, in, NULL, flags | CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(cms, &der);
	assert_true(len > 0);
	ret = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	return ret;
}

/* Element by element; hex strings, NULL takes the proper one. */
struct recipe {
	const char *kind;            /* OID of the outermost */
	const char *digest_set;      /* content of digestAlgorithms */
	const char *content_oid;     /* of the content */
	const char *content;         /* the whole [0]; "" leaves it out */
	const char *after_content;   /* certificates, CRLs */
	const char *content_type;    /* the attribute */
	const char *more_attributes; /* further ones */
	const char *sid;
	const char *digest;
	const char *algorithm;
	const char *after_signature;
	bool no_digest_attribute;
	bool no_attributes;
	bool two_signers;
	bool no_signer;
	bool wrong_digest;
};

static struct text part(const char *given, const char *proper)
{
	return make_hex(&arena, given ? given : proper);
}

static struct text attribute(const char *oid, struct text value)
{
	return X509_DER_OF(&arena, X509_DER_SEQUENCE, make_hex(&arena, oid),
			   x509_der_wrap(&arena, X509_DER_SET, value));
}

static struct text attributes_make(const struct recipe *r)
{
	uint8_t hash[SHA256_LEN];
	struct text digest, type;

	digest_sha256(request, hash);
	hash[0] ^= r->wrong_digest;
	digest = attribute(
	    "06092a864886f70d010904",
	    x509_der_wrap(&arena, X509_DER_OCTET_STRING,
			  text_make(arena_copy(&arena, hash, sizeof(hash)), sizeof(hash))));
	type = attribute("06092a864886f70d010903", make_hex(&arena, OID_DATA));
	if (r->content_type)
		type = make_hex(&arena, r->content_type);
	return x509_der_join(
	    &arena,
	    (const struct text[]){type, r->no_digest_attribute ? TEXT_EMPTY : digest,
				  make_hex(&arena, r->more_attributes ? r->more_attributes : "")},
	    3);
}

static struct text signer_make(const struct recipe *r)
{
	struct text attributes = attributes_make(r), what = request, sid, tagged = TEXT_EMPTY;

	if (!r->no_attributes) {
		what = x509_der_wrap(&arena, X509_DER_SET, attributes);
		tagged = x509_der_wrap(&arena, X509_DER_CONTEXT_0, attributes);
	}
	sid = r->sid ? make_hex(&arena, r->sid)
		     : X509_DER_OF(&arena, X509_DER_SEQUENCE, signer.issuer_der,
				   make_hex(&arena, SERIAL));
	return X509_DER_OF(
	    &arena, X509_DER_SEQUENCE, make_hex(&arena, "020101"), sid,
	    part(r->digest, ALGORITHM(OID_SHA256)), tagged, part(r->algorithm, SHA256_RSA),
	    x509_der_wrap(&arena, X509_DER_OCTET_STRING, make_sign(&arena, key, "SHA256", what)),
	    make_hex(&arena, r->after_signature ? r->after_signature : ""));
}

static struct text made(const struct recipe *r)
{
	struct text one = r->no_signer ? TEXT_EMPTY : signer_make(r), content, data;

	content = x509_der_wrap(&arena, X509_DER_CONTEXT_0,
				x509_der_wrap(&arena, X509_DER_OCTET_STRING, request));
	if (r->content)
		content = make_hex(&arena, r->content);
	data = X509_DER_OF(
	    &arena, X509_DER_SEQUENCE, make_hex(&arena, "020101"),
	    x509_der_wrap(&arena, X509_DER_SET, part(r->digest_set, ALGORITHM(OID_SHA256))),
	    X509_DER_OF(&arena, X509_DER_SEQUENCE, part(r->content_oid, OID_DATA), content),
	    make_hex(&arena, r->after_content ? r->after_content : ""),
	    X509_DER_OF(&arena, X509_DER_SET, one, r->two_signers ? one : TEXT_EMPTY));
	return X509_DER_OF(&arena, X509_DER_SEQUENCE, part(r->kind, OID_SIGNED),
			   x509_der_wrap(&arena, X509_DER_CONTEXT_0, data));
}

/* Both steps under the signer's certificate. */
static int judge(struct text in, struct x509_cms *cms)
{
	int r = x509_cms_read(&arena, in, cms);

	return r ? r : x509_cms_verify(cms, &signer, &trail);
}

static void assert_good(struct text in)
{
	struct x509_cms cms;

	assert_int_equal(judge(in, &cms), 0);
	assert_true(text_eq(cms.content, request));
	assert_true(text_eq(cms.issuer_der, signer.issuer_der));
	assert_string_equal(cms.serial, signer.serial);
}

static void takes_what_the_library_makes(void **state)
{
	static const char *const names[] = {"SHA256", "SHA384", "SHA512"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_good(cms_of(certificate, key, names[i], 0));
		assert_good(cms_of(certificate, key, names[i], CMS_NOCERTS));
		assert_good(cms_of(certificate, key, names[i], CMS_NOATTR));
	}
}

static void says_when_it_is_sha1(void **state)
{
	struct x509_cms cms;

	assert_int_equal(judge(cms_of(certificate, key, "SHA1", 0), &cms), 0);
	assert_true(cms.is_sha1);
	assert_int_equal(judge(cms_of(certificate, key, "SHA256", 0), &cms), 0);
	assert_false(cms.is_sha1);
}

static void takes_its_own_making(void **state)
{
	assert_good(made(&(struct recipe){.kind = NULL}));
	assert_good(made(&(struct recipe){.no_attributes = true}));
	assert_good(made(&(struct recipe){.algorithm = ALGORITHM(OID_RSA)}));
	/* parameters may be left out, as RFC 5754 wants them */
	assert_good(
	    made(&(struct recipe){.digest = "300b" OID_SHA256, .digest_set = "300b" OID_SHA256}));
	/* what is not signed is dropped */
	assert_good(
	    made(&(struct recipe){.after_signature = "a111300f06092a864886f70d01090131020500"}));
	assert_good(made(&(struct recipe){.after_content = "a0020500"}));
}

static void refuses_by_shape(void **state)
{
	static const char stranger[] = "3012300d310b3009060355040313026b6b020101";
	const struct {
		const char *name;
		struct recipe recipe;
		int want;
	} cases[] = {
	    {"enveloped", {.kind = "06092a864886f70d010703"}, X509_CMS_E_MALFORMED},
	    {"digested", {.kind = "06092a864886f70d010705"}, X509_CMS_E_MALFORMED},
	    {"no digests", {.digest_set = ""}, X509_CMS_E_ALGORITHM},
	    {"another digest only",
	     {.digest_set = ALGORITHM("0609608648016503040202")},
	     X509_CMS_E_ALGORITHM},
	    {"md5 beside",
	     {.digest_set = ALGORITHM(OID_SHA256) "300c06082a864886f70d02050500"},
	     X509_CMS_E_ALGORITHM},
	    {"detached", {.content = ""}, X509_CMS_E_DETACHED},
	    {"empty", {.content = "a0020400"}, X509_CMS_E_DETACHED},
	    {"content is no octets", {.content = "a0023000"}, X509_CMS_E_MALFORMED},
	    {"signed in signed", {.content_oid = OID_SIGNED}, X509_CMS_E_CONTENT_TYPE},
	    {"revocation lists", {.after_content = "a1020500"}, X509_CMS_E_MALFORMED},
	    {"no signer", {.no_signer = true}, X509_CMS_E_SIGNERS},
	    {"two signers", {.two_signers = true}, X509_CMS_E_SIGNERS},
	    {"key identifier", {.sid = "800401020304"}, X509_CMS_E_SIGNER_ID},
	    {"negative serial",
	     {.sid = "3005300002"
		     "01ff"},
	     X509_CMS_E_MALFORMED},
	    {"md5", {.digest = "300c06082a864886f70d02050500"}, X509_CMS_E_ALGORITHM},
	    {"ecdsa", {.algorithm = "300a06082a8648ce3d040302"}, X509_CMS_E_ALGORITHM},
	    {"pss", {.algorithm = ALGORITHM("06092a864886f70d01010a")}, X509_CMS_E_ALGORITHM},
	    {"algorithms that differ",
	     {.algorithm = ALGORITHM("06092a864886f70d01010c")},
	     X509_CMS_E_ALGORITHM},
	    {"parameters", {.digest = "300e" OID_SHA256 "020101"}, X509_CMS_E_ALGORITHM},
	    {"content type twice",
	     {.more_attributes = "301806092a864886f70d010903310b" OID_DATA},
	     X509_CMS_E_ATTRIBUTES},
	    {"another content type",
	     {.content_type = "301806092a864886f70d010903310b" OID_SIGNED},
	     X509_CMS_E_ATTRIBUTES},
	    {"no content type", {.content_type = ""}, X509_CMS_E_ATTRIBUTES},
	    {"no digest attribute", {.no_digest_attribute = true}, X509_CMS_E_ATTRIBUTES},
	    {"attribute is no pair", {.more_attributes = "3000"}, X509_CMS_E_ATTRIBUTES},
	    {"after the signature", {.after_signature = "0500"}, X509_CMS_E_MALFORMED},
	    {"another digest of the content", {.wrong_digest = true}, X509_CMS_E_SIGNATURE},
	    {"another signer named", {.sid = stranger}, X509_CMS_E_SIGNATURE},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct x509_cms cms;
		int got = judge(made(&cases[i].recipe), &cms);

		if (got != cases[i].want)
			fail_msg("%s: got %d (%s), want %d", cases[i].name, got,
				 x509_cms_outcome_name((enum x509_cms_outcome)got), cases[i].want);
	}
}

static void refuses_a_foreign_signature_under_the_same_name(void **state)
{
	struct x509_cms cms;

	/* a certificate of the same issuer and number, but not the one that is stored */
	assert_int_equal(judge(cms_of(twin, other_key, "SHA256", 0), &cms), X509_CMS_E_SIGNATURE);
	assert_int_equal(x509_cms_read(&arena, cms_of(certificate, key, "SHA256", 0), &cms), 0);
	assert_int_equal(x509_cms_verify(&cms, &twin_signer, &trail), X509_CMS_E_SIGNATURE);
}

static void refuses_every_changed_byte(void **state)
{
	struct text good = made(&(struct recipe){.kind = NULL});

	for (size_t i = 0; i < good.len; i++) {
		char *copy = arena_copy(&arena, good.ptr, good.len);
		struct x509_cms cms;

		copy[i] ^= 1;
		if (judge(text_make(copy, good.len), &cms) != 0)
			continue;
		/* versions decide nothing, and the content type is compared */
		assert_true(text_eq(cms.content, request));
		assert_string_equal(cms.serial, signer.serial);
	}
}

static void refuses_what_is_cut_or_longer(void **state)
{
	struct text good = cms_of(certificate, key, "SHA256", 0);
	struct x509_cms cms;
	struct buf buf;

	for (size_t len = 0; len < good.len; len++)
		assert_int_equal(judge(text_take(good, len), &cms), X509_CMS_E_MALFORMED);
	buf_init(&buf, &arena);
	buf_add_text(&buf, good);
	buf_add_byte(&buf, 0);
	assert_int_equal(judge(buf_text(&buf), &cms), X509_CMS_E_MALFORMED);
	while (buf.len <= LIMIT_CMS)
		buf_add_byte(&buf, 0);
	assert_int_equal(judge(buf_text(&buf), &cms), X509_CMS_E_TOO_LARGE);
	assert_int_equal(judge(text_take(buf_text(&buf), LIMIT_CMS), &cms), X509_CMS_E_MALFORMED);
}

/* As a writer on a stream frames it. */
static void takes_open_lengths(void **state)
{
	BIO *in = BIO_new_mem_buf(request.ptr, (int)request.len), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms =
	    CMS_sign(certificate, key, NULL, in, CMS_BINARY | CMS_STREAM | CMS_NOSMIMECAP);
	char *data = NULL;
	long len;

	assert_int_equal(i2d_CMS_bio_stream(out, cms, in, CMS_BINARY | CMS_STREAM), 1);
	len = BIO_get_mem_data(out, &data);
	assert_int_equal((uint8_t)data[1], 0x80);
	assert_good(text_make(arena_copy(&arena, data, (size_t)len), (size_t)len));
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);
}

static void normal_form(void **state)
{
	const struct {
		const char *in;
		const char *want; /* NULL: refused */
	} cases[] = {
	    {"0500", "0500"},
	    {"30800000", "3000"},
	    {"308002010500"
	     "00",
	     "3003020105"},
	    {"3081030201"
	     "05",
	     "3003020105"},
	    {"30840000000302"
	     "0105",
	     "3003020105"},
	    {"2480040161040162"
	     "0000",
	     "04026162"},
	    {"24060401610401"
	     "62",
	     "04026162"},
	    {"248024800401610000040162"
	     "0000",
	     "04026162"},
	    {"a080020101"
	     "0000",
	     "a003020101"},
	    {"", NULL},
	    {"05", NULL},
	    {"3080", NULL},
	    {"30800201050", NULL},
	    {"308002010500", NULL},
	    {"0480616200"
	     "00",
	     NULL},
	    {"3085000000000302"
	     "0105",
	     NULL},
	    {"2480020101"
	     "0000",
	     NULL},
	    {"1f0100", NULL},
	    {"000000", NULL},
	    {"3002000"
	     "0",
	     NULL},
	    {"3003020205", NULL},
	    {"050000", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text in, out, want;
		bool ok;

		if (strlen(cases[i].in) % 2)
			continue;
		in = make_hex(&arena, cases[i].in);
		ok = x509_ber_normal(&arena, in, &out);
		if (ok != (cases[i].want != NULL))
			fail_msg("%s: %d", cases[i].in, ok);
		want = make_hex(&arena, cases[i].want ? cases[i].want : "");
		if (ok && !text_eq(out, want))
			fail_msg("%s: another result", cases[i].in);
	}
}

static void nesting_is_bounded(void **state)
{
	struct text in = make_hex(&arena, "0500"), out;

	for (int i = 0; i < LIMIT_BER_DEPTH - 1; i++)
		in = x509_der_wrap(&arena, X509_DER_SEQUENCE, in);
	assert_true(x509_ber_normal(&arena, in, &out));
	assert_true(text_eq(in, out));
	in = x509_der_wrap(&arena, X509_DER_SEQUENCE, in);
	assert_false(x509_ber_normal(&arena, in, &out));
}

static void outcomes_have_names(void **state)
{
	for (int i = X509_CMS_E_TOO_LARGE; i <= X509_CMS_E_SIGNATURE; i++)
		assert_true(*x509_cms_outcome_name((enum x509_cms_outcome)i));
	assert_string_equal(x509_cms_outcome_name((enum x509_cms_outcome)0), "");
	assert_string_equal(x509_cms_outcome_name((enum x509_cms_outcome)99), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(takes_what_the_library_makes),
	    CASE(says_when_it_is_sha1),
	    CASE(takes_its_own_making),
	    CASE(refuses_by_shape),
	    CASE(refuses_a_foreign_signature_under_the_same_name),
	    CASE(refuses_every_changed_byte),
	    CASE(refuses_what_is_cut_or_longer),
	    CASE(takes_open_lengths),
	    CASE(normal_form),
	    CASE(nesting_is_bounded),
	    CASE(outcomes_have_names),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
