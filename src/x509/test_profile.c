/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_profile.c: the device certificate against its template. Case 10 of the threat model:
 * whatever a request asks for, the certificate is the same but for key and signature; case 11:
 * keys that no certificate may carry are refused here a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "x509/ca.h"
#include "x509/csr.h"
#include "x509/der.h"
#include "x509/profile.h"
#include "x509/test_make.h"

enum { DAY = 24 * 3600 };

static const int64_t now = 1788000000; /* 2026-08-29 */

static struct arena arena, group_arena;
static struct x509_pair pair; /* making one is slow */
static struct trail trail;
static EVP_PKEY *device_key, *ca_key;
static struct x509_cert ca;
static struct x509_leaf_request request;

static EVP_PKEY *key_of(struct text pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	assert_non_null(key);
	BIO_free(bio);
	return key;
}

static int group_setup(void **state)
{
	device_key = make_rsa(2048, 65537);
	arena_init(&group_arena);
	trail_reset(&trail);
	return x509_ca_create(&group_arena, "Test device CA", now, &pair, &trail);
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(device_key);
	arena_done(&group_arena);
	return 0;
}

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	assert_int_equal(x509_cert_read_pem(&arena, pair.certificate_pem, &ca), 0);
	ca_key = key_of(pair.key_pem);
	request = (struct x509_leaf_request){
	    .spki_der = make_spki(&arena, device_key),
	    .subject_cn = TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11"),
	    .serial = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	};
	x509_serial_shape(request.serial);
	x509_leaf_times(&request, now, &ca);
	return 0;
}

static int teardown(void **state)
{
	EVP_PKEY_free(ca_key);
	arena_done(&arena);
	return 0;
}

static struct text issue(const struct x509_leaf_request *what)
{
	struct text tbs = x509_leaf_tbs(&arena, what, &ca);

	return x509_leaf_assemble(&arena, tbs, &ca,
				  make_sign(&arena, ca_key, x509_leaf_digest(&ca), tbs));
}

static void template_is_followed(void **state)
{
	struct text der = issue(&request);
	struct x509_cert cert;

	assert_int_equal(x509_leaf_check(&request, &ca, now), X509_LEAF_OK);
	assert_int_equal(x509_leaf_lint(der, &request, &ca, &trail), 0);
	assert_int_equal(x509_cert_read(&arena, der, &cert), 0);
	assert_true(text_eq(cert.subject_cn, request.subject_cn));
	assert_true(text_eq(cert.issuer_der, ca.subject_der));
	assert_true(text_eq(cert.spki_der, request.spki_der));
	assert_string_equal(cert.serial, "7f0102030405060708090a0b0c0d0e0f");
	assert_int_equal(cert.not_before, now - 300);
	assert_int_equal(cert.not_after, now + 365LL * DAY);
	assert_false(cert.is_ca);
}

static void the_place_of_the_crl_is_the_ca_s(void **state)
{
	struct text without = issue(&request), with;

	ca.crl_url = TEXT("https://mdm.contoso.com/EnrollmentServer/CRL/0011.crl");
	assert_int_equal(x509_leaf_lint(without, &request, &ca, &trail), X509_LEAF_E_DIFFERS);
	with = issue(&request);
	assert_int_equal(x509_leaf_lint(with, &request, &ca, &trail), 0);
	ca.crl_url = TEXT("https://mdm.contoso.com/EnrollmentServer/CRL/0012.crl");
	trail_reset(&trail);
	assert_int_equal(x509_leaf_lint(with, &request, &ca, &trail), X509_LEAF_E_DIFFERS);
	assert_non_null(strstr(trail.text, "cRLDistributionPoints"));
	ca.crl_url = TEXT_EMPTY;
	ca.crl_url.ptr = NULL;
	assert_int_equal(x509_leaf_lint(with, &request, &ca, &trail), X509_LEAF_E_DIFFERS);
}

/* What a TLS server will do with it. */
static void chain_verifies_for_clients_only(void **state)
{
	static const struct {
		const char *purpose;
		int want;
	} rows[] = {{"sslclient", 1}, {"sslserver", 0}, {"smimesign", 0}};
	struct text der = issue(&request);
	const unsigned char *p = (const unsigned char *)der.ptr;
	X509 *leaf = d2i_X509(NULL, &p, (long)der.len), *root;
	X509_STORE *store = X509_STORE_new();

	p = (const unsigned char *)ca.der.ptr;
	root = d2i_X509(NULL, &p, (long)ca.der.len);
	assert_int_equal(X509_STORE_add_cert(store, root), 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();
		int id = X509_PURPOSE_get_by_sname(rows[i].purpose);

		assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
		X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)now);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
		X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_get_id(X509_PURPOSE_get0(id)));
		assert_int_equal(X509_verify_cert(ctx), rows[i].want);
		X509_STORE_CTX_free(ctx);
	}
	X509_free(leaf);
	X509_free(root);
	X509_STORE_free(store);
}

static void other_ca_keys_sign_too(void **state)
{
	static const struct {
		enum x509_key_kind kind;
		const char *digest;
	} rows[] = {{X509_KEY_RSA, "SHA256"}, {X509_KEY_P384, "SHA384"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EVP_PKEY_free(ca_key);
		ca_key = rows[i].kind == X509_KEY_RSA ? make_rsa(2048, 65537) : make_ec("P-384");
		ca.spki_der = make_spki(&arena, ca_key);
		ca.key_kind = rows[i].kind;
		assert_string_equal(x509_leaf_digest(&ca), rows[i].digest);
		assert_int_equal(x509_leaf_check(&request, &ca, now), X509_LEAF_OK);
		assert_int_equal(x509_leaf_lint(issue(&request), &request, &ca, &trail), 0);
	}
}

/* Case 10. Extensions in OpenSSL's configuration notation, as an attacker would ask for them. */
static const struct {
	const char *name;
	int nid; /* 0: oid and value */
	const char *oid;
	const char *value;
} demands[] = {
    {"subject alternative names", NID_subject_alt_name, NULL,
     "DNS:mdm.contoso.com,email:admin@contoso.com"},
    {"UPN", NID_subject_alt_name, NULL,
     "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:administrator@contoso.com"},
    {"EKU serverAuth", NID_ext_key_usage, NULL, "serverAuth"},
    {"EKU any", NID_ext_key_usage, NULL, "anyExtendedKeyUsage"},
    {"EKU codeSigning", NID_ext_key_usage, NULL, "codeSigning"},
    {"CA:TRUE", NID_basic_constraints, NULL, "critical,CA:TRUE,pathlen:3"},
    {"KU keyCertSign", NID_key_usage, NULL, "critical,keyCertSign,cRLSign"},
    {"another subject key id", NID_subject_key_identifier, NULL, "00112233445566778899"},
    {"MDM device id", 0, "1.2.840.113556.5.4", "DER:0410000102030405060708090a0b0c0d0e0f"},
    {"MDM tenant", 0, "1.2.840.113556.5.14", "DER:0410000102030405060708090a0b0c0d0e0f"},
    {"security identifier", 0, "1.3.6.1.4.1.311.25.2", "DER:0403010203"},
};

static X509_EXTENSION *demand_new(size_t i)
{
	X509_EXTENSION *ext;

	if (demands[i].nid != 0) {
		ext = X509V3_EXT_conf_nid(NULL, NULL, demands[i].nid, demands[i].value);
	} else {
		struct text value = make_hex(&arena, demands[i].value + 4);
		ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
		ASN1_OBJECT *oid = OBJ_txt2obj(demands[i].oid, 1);

		ASN1_OCTET_STRING_set(data, (const unsigned char *)value.ptr, (int)value.len);
		ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
		ASN1_OCTET_STRING_free(data);
		ASN1_OBJECT_free(oid);
	}
	assert_non_null(ext);
	return ext;
}

/* A request of OpenSSL with one demand, another name and a challenge password. */
static struct text demanding_csr(size_t i)
{
	X509_REQ *req = X509_REQ_new();
	X509_EXTENSIONS *extensions = sk_X509_EXTENSION_new_null();
	unsigned char *der = NULL;
	struct text ret;
	int len;

	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8,
				   (const unsigned char *)"somebody else", -1, -1, 0);
	sk_X509_EXTENSION_push(extensions, demand_new(i));
	assert_int_equal(X509_REQ_add_extensions(req, extensions), 1);
	assert_int_equal(X509_REQ_add1_attr_by_txt(req, "challengePassword", MBSTRING_UTF8,
						   (const unsigned char *)"secret", -1),
			 1);
	assert_int_equal(X509_REQ_set_pubkey(req, device_key), 1);
	assert_true(X509_REQ_sign(req, device_key, EVP_sha256()) > 0);
	len = i2d_X509_REQ(req, &der);
	ret = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(req);
	return ret;
}

static void case10_nothing_but_the_key_is_taken_over(void **state)
{
	struct text want = x509_leaf_tbs(&arena, &request, &ca);

	for (size_t i = 0; i < ARRAY_LEN(demands); i++) {
		struct x509_leaf_request asked = request;
		struct x509_csr csr;
		struct text der;

		assert_int_equal(x509_csr_read(&arena, demanding_csr(i), &csr, &trail), 0);
		asked.spki_der = csr.spki_der;
		if (!text_eq(x509_leaf_tbs(&arena, &asked, &ca), want))
			fail_msg("%s changed the certificate", demands[i].name);
		der = issue(&asked);
		assert_int_equal(x509_leaf_lint(der, &request, &ca, &trail), 0);
	}
}

static void case10_windows_request_too(void **state)
{
	struct make_recipe recipe = {.key = device_key};
	struct x509_leaf_request asked = request;
	struct x509_csr csr;

	assert_int_equal(x509_csr_read(&arena, make_csr(&arena, &recipe), &csr, &trail), 0);
	asked.spki_der = csr.spki_der;
	assert_true(
	    text_eq(x509_leaf_tbs(&arena, &asked, &ca), x509_leaf_tbs(&arena, &request, &ca)));
}

static void assert_verdict(const char *what, enum x509_leaf_verdict want)
{
	enum x509_leaf_verdict got = x509_leaf_check(&request, &ca, now);

	if (got != want)
		fail_msg("%s: %s instead of %s", what, x509_leaf_verdict_name(got),
			 x509_leaf_verdict_name(want));
}

static void subject_must_be_a_guid(void **state)
{
	static const struct {
		const char *cn;
		enum x509_leaf_verdict want;
	} rows[] = {
	    {"6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11", X509_LEAF_OK},
	    {"6F1B1C52-7C0E-4D19-9D7A-0D9A5E0B7C11", X509_LEAF_SUBJECT},
	    {"6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c1", X509_LEAF_SUBJECT},
	    {"{6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11}", X509_LEAF_SUBJECT},
	    {"", X509_LEAF_SUBJECT},
	    {"mdm.contoso.com", X509_LEAF_SUBJECT},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		request.subject_cn = text_of(rows[i].cn);
		assert_verdict(rows[i].cn, rows[i].want);
	}
}

static void serial_is_positive_and_of_one_length(void **state)
{
	for (unsigned first = 0; first < 256; first++) {
		uint8_t serial[X509_SERIAL_LEN] = {(uint8_t)first}, again[X509_SERIAL_LEN];

		memcpy(request.serial, serial, sizeof(serial));
		assert_verdict("as it came", first >> 6 == 1 ? X509_LEAF_OK : X509_LEAF_SERIAL);
		x509_serial_shape(serial);
		memcpy(again, serial, sizeof(serial));
		x509_serial_shape(again);
		assert_memory_equal(again, serial, sizeof(serial));
		memcpy(request.serial, serial, sizeof(serial));
		assert_verdict("shaped", X509_LEAF_OK);
		assert_in_range(serial[0], 0x40, 0x7f);
	}
}

static void validity_is_bounded(void **state)
{
	const struct {
		const char *what;
		int64_t not_before, not_after;
		enum x509_leaf_verdict want;
	} rows[] = {
	    {"398 days", now, now + 398LL * DAY, X509_LEAF_OK},
	    {"398 days and a second", now, now + 398LL * DAY + 1, X509_LEAF_VALIDITY},
	    {"ten minutes back", now - 600, now + DAY, X509_LEAF_OK},
	    {"more than ten minutes back", now - 601, now + DAY, X509_LEAF_VALIDITY},
	    {"not yet", now + 1, now + DAY, X509_LEAF_VALIDITY},
	    {"already over", now - 10, now, X509_LEAF_VALIDITY},
	    {"wrong way round", now, now - DAY, X509_LEAF_VALIDITY},
	    {"to the end of CA", now, ca.not_after, X509_LEAF_VALIDITY},
	    {"farthest", INT64_MIN, INT64_MAX, X509_LEAF_VALIDITY},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		request.not_before = rows[i].not_before;
		request.not_after = rows[i].not_after;
		assert_verdict(rows[i].what, rows[i].want);
	}
}

static void validity_ends_with_the_ca(void **state)
{
	ca.not_after = now + 100;
	assert_verdict("beyond the CA", X509_LEAF_VALIDITY);
	x509_leaf_times(&request, now, &ca);
	assert_int_equal(request.not_after, now + 100);
	assert_verdict("cut", X509_LEAF_OK);
	assert_int_equal(x509_leaf_check(&request, &ca, now + 100), X509_LEAF_CLOCK);
	assert_int_equal(x509_leaf_check(&request, &ca, ca.not_before - 1), X509_LEAF_CLOCK);
}

static void case11_keys_are_judged_again(void **state)
{
	EVP_PKEY *small = make_rsa(1024, 65537), *three = make_rsa(2048, 3), *ec = make_ec("P-256");
	struct text good = request.spki_der;

	request.spki_der = make_spki(&arena, small);
	assert_verdict("1024 bits", X509_LEAF_KEY);
	request.spki_der = make_spki(&arena, three);
	assert_verdict("e = 3", X509_LEAF_KEY);
	request.spki_der = make_spki(&arena, ec);
	assert_verdict("P-256", X509_LEAF_KEY);
	request.spki_der = TEXT_EMPTY;
	assert_verdict("none", X509_LEAF_KEY);
	request.spki_der =
	    x509_der_join(&arena, (const struct text[]){good, make_hex(&arena, "0500")}, 2);
	assert_verdict("with a tail", X509_LEAF_KEY);
	request.spki_der = ca.spki_der;
	assert_verdict("the CA's own", X509_LEAF_CA_KEY);
	EVP_PKEY_free(small);
	EVP_PKEY_free(three);
	EVP_PKEY_free(ec);
}

static void issuer_must_be_a_ca(void **state)
{
	ca.is_ca = false;
	assert_verdict("a leaf", X509_LEAF_ISSUER);
	ca.is_ca = true;
	ca.key_kind = X509_KEY_OTHER;
	assert_verdict("an unknown kind of key", X509_LEAF_ISSUER);
	ca.key_kind = X509_KEY_P256;
	ca.subject_key_id = (struct text){0};
	assert_verdict("no key identifier", X509_LEAF_ISSUER);
}

/* The lint: each wrong certificate is signed by the right CA. */

static void assert_differs(struct text der, const char *field)
{
	trail_reset(&trail);
	assert_int_equal(x509_leaf_lint(der, &request, &ca, &trail), X509_LEAF_E_DIFFERS);
	if (strstr(trail.text, arena_printf(&arena, "certificate's %s is", field)) == NULL)
		fail_msg("%s expected: %s", field, trail.text);
}

static void lint_sees_another_request(void **state)
{
	struct x509_leaf_request other = request;
	EVP_PKEY *key = make_rsa(2048, 65537);

	other.serial[7] ^= 1;
	assert_differs(issue(&other), "serial");
	other = request;
	other.not_before--;
	assert_differs(issue(&other), "validity");
	other = request;
	other.not_after++;
	assert_differs(issue(&other), "validity");
	other = request;
	other.subject_cn = TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c12");
	assert_differs(issue(&other), "subject");
	other = request;
	other.spki_der = make_spki(&arena, key);
	assert_differs(issue(&other), "key");
	EVP_PKEY_free(key);
}

static void lint_sees_a_foreign_issuer(void **state)
{
	struct text der = issue(&request);
	struct x509_cert real = ca;
	EVP_PKEY *key = make_ec("P-256");

	ca.subject_der = make_windows_subject(&arena);
	assert_differs(der, "issuer");
	ca = real;
	ca.subject_key_id = TEXT("01234567890123456789");
	assert_differs(der, "authorityKeyIdentifier");
	ca = real;
	ca.spki_der = make_spki(&arena, key);
	assert_differs(der, "signature");
	ca.key_kind = X509_KEY_P384;
	assert_differs(der, "algorithm");
	ca = real;
	assert_differs(text_take(der, der.len - 1), "form");
	assert_differs(
	    x509_der_join(&arena, (const struct text[]){der, make_hex(&arena, "0500")}, 2), "form");
	EVP_PKEY_free(key);
}

/* The right certificate with its version replaced and something put before the extensions. */
static struct text issue_edited(const char *version, const char *before)
{
	struct text tbs = x509_leaf_tbs(&arena, &request, &ca), body = TEXT_EMPTY;
	struct x509_der_item outer, item;

	assert_true(x509_der_take(&tbs, X509_DER_SEQUENCE, &outer));
	while (x509_der_next(&outer.body, &item)) {
		struct text parts[] = {body, TEXT_EMPTY, item.whole};

		if (item.tag == X509_DER_CONTEXT_0)
			parts[2] = make_hex(&arena, version);
		if (item.tag == X509_DER_CONTEXT_3)
			parts[1] = make_hex(&arena, before);
		body = x509_der_join(&arena, parts, ARRAY_LEN(parts));
	}
	tbs = x509_der_wrap(&arena, X509_DER_SEQUENCE, body);
	return x509_leaf_assemble(&arena, tbs, &ca,
				  make_sign(&arena, ca_key, x509_leaf_digest(&ca), tbs));
}

static void lint_sees_other_forms(void **state)
{
	assert_int_equal(x509_leaf_lint(issue_edited("a003020102", ""), &request, &ca, &trail), 0);
	assert_differs(issue_edited("a003020101", ""), "version");
	assert_differs(issue_edited("a003020102", "81020001"), "unique ids");
	assert_differs(issue_edited("a003020102", "82020001"), "unique ids");
}

/* The right certificate with one extension replaced or added, signed again by the CA. */
static struct text with_extension(int nid, const char *value)
{
	struct text good = issue(&request), ret;
	const unsigned char *p = (const unsigned char *)good.ptr;
	X509 *cert = d2i_X509(NULL, &p, (long)good.len);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int at = X509_get_ext_by_NID(cert, nid, -1), len;
	unsigned char *der = NULL;

	assert_non_null(ext);
	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(cert, at));
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(cert, ca_key, EVP_sha256()) > 0);
	len = i2d_X509(cert, &der);
	ret = text_make(arena_copy(&arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	X509_free(cert);
	return ret;
}

static void case10_lint_sees_other_extensions(void **state)
{
	static const struct {
		int nid;
		const char *value, *field;
	} rows[] = {
	    {NID_basic_constraints, "critical,CA:TRUE", "basicConstraints"},
	    {NID_basic_constraints, "CA:FALSE", "basicConstraints"},
	    {NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign", "keyUsage"},
	    {NID_key_usage, "digitalSignature,keyEncipherment", "keyUsage"},
	    {NID_ext_key_usage, "clientAuth,serverAuth", "extendedKeyUsage"},
	    {NID_ext_key_usage, "serverAuth", "extendedKeyUsage"},
	    {NID_subject_key_identifier, "00112233", "subjectKeyIdentifier"},
	    {NID_subject_alt_name, "DNS:mdm.contoso.com", "number of extensions"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_differs(with_extension(rows[i].nid, rows[i].value), rows[i].field);
	/* the method itself: the same value again is no difference */
	assert_int_equal(x509_leaf_lint(with_extension(NID_basic_constraints, "critical,CA:FALSE"),
					&request, &ca, &trail),
			 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(template_is_followed),
	    CASE(the_place_of_the_crl_is_the_ca_s),
	    CASE(chain_verifies_for_clients_only),
	    CASE(other_ca_keys_sign_too),
	    CASE(case10_nothing_but_the_key_is_taken_over),
	    CASE(case10_windows_request_too),
	    CASE(subject_must_be_a_guid),
	    CASE(serial_is_positive_and_of_one_length),
	    CASE(validity_is_bounded),
	    CASE(validity_ends_with_the_ca),
	    CASE(case11_keys_are_judged_again),
	    CASE(issuer_must_be_a_ca),
	    CASE(lint_sees_another_request),
	    CASE(lint_sees_a_foreign_issuer),
	    CASE(lint_sees_other_forms),
	    CASE(case10_lint_sees_other_extensions),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
