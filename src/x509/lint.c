/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint.c: x509_leaf_lint, the second opinion on a certificate before it leaves the signer.
 *
 * It shares nothing with the writer in profile.c: OpenSSL reads the certificate, and every field
 * is compared with what was asked for. Extensions are counted, so that one too many is seen. A
 * table of small checks, each named for the field it is about.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/digest.h"
#include "x509/profile.h"

struct lint {
	X509 *cert;
	const struct x509_leaf_request *request;
	const struct x509_cert *ca;
};

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static bool is_string(const ASN1_STRING *s, struct text want)
{
	return s != NULL &&
	       text_eq(text_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)), want);
}

static bool is_time(const ASN1_TIME *t, int64_t want)
{
	time_t when = (time_t)want;

	return ASN1_TIME_cmp_time_t(t, when) == 0;
}

static bool check_version(const struct lint *lint)
{
	return X509_get_version(lint->cert) == X509_VERSION_3;
}

static bool check_serial(const struct lint *lint)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(lint->cert);

	return serial->type == V_ASN1_INTEGER &&
	       is_string(serial, text_make(lint->request->serial, X509_SERIAL_LEN));
}

static bool check_algorithm(const struct lint *lint)
{
	static const int want[] = {
	    [X509_KEY_RSA] = NID_sha256WithRSAEncryption,
	    [X509_KEY_P256] = NID_ecdsa_with_SHA256,
	    [X509_KEY_P384] = NID_ecdsa_with_SHA384,
	};

	return (size_t)lint->ca->key_kind < ARRAY_LEN(want) &&
	       X509_get_signature_nid(lint->cert) == want[lint->ca->key_kind];
}

static bool check_issuer(const struct lint *lint)
{
	const unsigned char *der;
	size_t len;

	return X509_NAME_get0_der(X509_get_issuer_name(lint->cert), &der, &len) == 1 &&
	       text_eq(text_make(der, len), lint->ca->subject_der);
}

static bool check_validity(const struct lint *lint)
{
	return is_time(X509_get0_notBefore(lint->cert), lint->request->not_before) &&
	       is_time(X509_get0_notAfter(lint->cert), lint->request->not_after);
}

static bool check_subject(const struct lint *lint)
{
	const X509_NAME *name = X509_get_subject_name(lint->cert);
	const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, 0);

	return X509_NAME_entry_count(name) == 1 &&
	       OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName &&
	       is_string(X509_NAME_ENTRY_get_data(entry), lint->request->subject_cn);
}

static bool check_key(const struct lint *lint)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(lint->cert), &der);
	bool same = len > 0 && text_eq(text_make(der, (size_t)len), lint->request->spki_der);

	OPENSSL_free(der);
	return same;
}

static bool check_unique_ids(const struct lint *lint)
{
	const ASN1_BIT_STRING *issuer, *subject;

	X509_get0_uids(lint->cert, &issuer, &subject);
	return issuer == NULL && subject == NULL;
}

static bool check_extension_count(const struct lint *lint)
{
	return X509_get_ext_count(lint->cert) == (lint->ca->crl_url.ptr != NULL ? 6 : 5);
}

static bool check_basic_constraints(const struct lint *lint)
{
	int critical = 0;
	BASIC_CONSTRAINTS *bc =
	    X509_get_ext_d2i(lint->cert, NID_basic_constraints, &critical, NULL);
	bool good = bc != NULL && critical == 1 && !bc->ca && bc->pathlen == NULL;

	BASIC_CONSTRAINTS_free(bc);
	return good;
}

static bool check_key_usage(const struct lint *lint)
{
	int at = X509_get_ext_by_NID(lint->cert, NID_key_usage, -1);

	return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(lint->cert, at)) == 1 &&
	       X509_get_key_usage(lint->cert) == (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
}

static bool check_extended_key_usage(const struct lint *lint)
{
	EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(lint->cert, NID_ext_key_usage, NULL, NULL);
	bool good = eku != NULL && sk_ASN1_OBJECT_num(eku) == 1 &&
		    OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)) == NID_client_auth;

	EXTENDED_KEY_USAGE_free(eku);
	return good;
}

static bool check_subject_key_id(const struct lint *lint)
{
	uint8_t hash[SHA256_LEN];

	digest_sha256(lint->request->spki_der, hash);
	return is_string(X509_get0_subject_key_id(lint->cert), text_make(hash, 20));
}

static bool check_authority_key_id(const struct lint *lint)
{
	return is_string(X509_get0_authority_key_id(lint->cert), lint->ca->subject_key_id) &&
	       X509_get0_authority_issuer(lint->cert) == NULL &&
	       X509_get0_authority_serial(lint->cert) == NULL;
}

static bool check_crl_points(const struct lint *lint)
{
	CRL_DIST_POINTS *points =
	    X509_get_ext_d2i(lint->cert, NID_crl_distribution_points, NULL, NULL);
	const DIST_POINT *point = points ? sk_DIST_POINT_value(points, 0) : NULL;
	const GENERAL_NAMES *names = NULL;
	const GENERAL_NAME *name = NULL;
	bool good;

	if (point && point->distpoint && point->distpoint->type == 0)
		names = point->distpoint->name.fullname;
	if (names)
		name = sk_GENERAL_NAME_value(names, 0);
	if (lint->ca->crl_url.ptr == NULL)
		good = points == NULL;
	else
		good = name && sk_DIST_POINT_num(points) == 1 && sk_GENERAL_NAME_num(names) == 1 &&
		       !point->reasons && !point->CRLissuer && name->type == GEN_URI &&
		       is_string(name->d.uniformResourceIdentifier, lint->ca->crl_url);
	CRL_DIST_POINTS_free(points);
	return good;
}

static bool check_signature(const struct lint *lint)
{
	const unsigned char *p = (const unsigned char *)lint->ca->spki_der.ptr;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)lint->ca->spki_der.len);
	bool good = key != NULL && X509_verify(lint->cert, key) == 1;

	EVP_PKEY_free(key);
	return good;
}

static const struct {
	const char *field;
	bool (*check)(const struct lint *lint);
} checks[] = {
    {"version", check_version},
    {"serial", check_serial},
    {"algorithm", check_algorithm},
    {"issuer", check_issuer},
    {"validity", check_validity},
    {"subject", check_subject},
    {"key", check_key},
    {"unique ids", check_unique_ids},
    {"number of extensions", check_extension_count},
    {"basicConstraints", check_basic_constraints},
    {"keyUsage", check_key_usage},
    {"extendedKeyUsage", check_extended_key_usage},
    {"subjectKeyIdentifier", check_subject_key_id},
    {"authorityKeyIdentifier", check_authority_key_id},
    {"cRLDistributionPoints", check_crl_points},
    {"signature", check_signature},
};

static int differs(struct trail *trail, const char *field)
{
	ERR_clear_error();
	return ERR_FAIL(trail, X509_LEAF_E_DIFFERS, "the certificate's %s is not the template's",
			field);
}

int x509_leaf_lint(struct text der, const struct x509_leaf_request *request,
		   const struct x509_cert *ca, struct trail *trail)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	CLEANUP(cert_done) X509 *cert = d2i_X509(NULL, &p, (long)der.len);
	struct lint lint = {.cert = cert, .request = request, .ca = ca};

	if (cert == NULL || p != (const unsigned char *)der.ptr + der.len)
		return differs(trail, "form");
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (!checks[i].check(&lint))
			return differs(trail, checks[i].field);
	return 0;
}
