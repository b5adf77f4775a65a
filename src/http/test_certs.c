/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_certs.c: certificates for the tests of the server, good ones and bad ones.
 */
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "http/test_serving.h"

static void cert_extend(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void cert_set_usage(X509 *x509, X509 *issuer, const struct cert_profile *profile)
{
	if (profile->is_ca) {
		cert_extend(x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
		/* One that could also pass for a client has no key usage to give it away. */
		if (profile->is_client)
			cert_extend(x509, issuer, NID_ext_key_usage, "clientAuth");
		else
			cert_extend(x509, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
		return;
	}
	cert_extend(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
	if (profile->is_server)
		cert_extend(x509, issuer, NID_ext_key_usage, "serverAuth");
	if (profile->is_client)
		cert_extend(x509, issuer, NID_ext_key_usage, "clientAuth");
}

struct cert cert_make(const struct cert_profile *profile, const struct cert *issuer)
{
	static long serial = 1;
	struct cert cert = {.x509 = X509_new()};
	X509 *parent = issuer ? issuer->x509 : cert.x509;
	X509_NAME *name = X509_get_subject_name(cert.x509);

	cert.key =
	    profile->rsa_bits ? EVP_RSA_gen((unsigned)profile->rsa_bits) : EVP_EC_gen("P-256");
	assert_non_null(cert.key);
	X509_set_version(cert.x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), serial++);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)profile->name,
				   -1, -1, 0);
	X509_set_issuer_name(cert.x509, X509_get_subject_name(parent));
	X509_gmtime_adj(X509_getm_notBefore(cert.x509), profile->from_s);
	X509_gmtime_adj(X509_getm_notAfter(cert.x509), profile->until_s);
	X509_set_pubkey(cert.x509, cert.key);
	cert_set_usage(cert.x509, parent, profile);
	assert_true(X509_sign(cert.x509, issuer ? issuer->key : cert.key, EVP_sha256()) > 0);
	return cert;
}

void cert_free(struct cert *cert)
{
	X509_free(cert->x509);
	EVP_PKEY_free(cert->key);
}

void cert_write(const struct cert *cert, const char *certificate_file, const char *key_file)
{
	FILE *file = fopen(certificate_file, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert->x509), 1);
	fclose(file);
	if (!key_file)
		return;
	file = fopen(key_file, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, cert->key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
}

void cert_sha256(const struct cert *cert, uint8_t ret[SHA256_LEN])
{
	unsigned len = SHA256_LEN;

	assert_int_equal(X509_digest(cert->x509, EVP_sha256(), ret, &len), 1);
}
