/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca.c: make the first certificates of an installation, with OpenSSL's writer.
 *
 * Runs once, from the command line, on names the operator chose. Serial numbers are random, times
 * start an hour in the past so that a device with a slow clock can use them at once. The device
 * CA carries extendedKeyUsage clientAuth: a path validator that honours it will accept nothing
 * below this root as a TLS server, although devices put it among their trusted roots.
 */
#include "x509/ca.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/rand.h"
#include "x509/profile.h"

enum { BACKDATE_S = 3600, CN_MAX = 64, HOST_MAX = 253, LABEL_MAX = 63 };

struct extension {
	int nid;
	const char *value; /* in the notation of OpenSSL's configuration */
};

static const struct extension ca_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_ext_key_usage, "clientAuth"},
    {NID_subject_key_identifier, "hash"},
};

static const struct extension tls_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_key_identifier, "hash"},
};

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void key_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void bio_done(BIO **bio)
{
	BIO_free(*bio);
}

static void names_done(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

static bool serial_set(X509 *cert)
{
	uint8_t serial[X509_SERIAL_LEN];
	ASN1_INTEGER *value = X509_get_serialNumber(cert);

	rand_bytes(serial, sizeof(serial));
	x509_serial_shape(serial);
	return ASN1_STRING_set(value, serial, sizeof(serial)) == 1;
}

static bool name_set(X509 *cert, const char *cn)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1,
					  -1, 0) == 1 &&
	       X509_set_issuer_name(cert, name) == 1;
}

static bool extensions_set(X509 *cert, const struct extension *rows, size_t n)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, rows[i].nid, rows[i].value);
		bool good = ext != NULL && X509_add_ext(cert, ext, -1) == 1;

		X509_EXTENSION_free(ext);
		if (!good)
			return false;
	}
	return true;
}

/* An unsigned certificate with everything but the extensions. NULL: library failure. */
static X509 *cert_new(EVP_PKEY *key, const char *cn, int64_t now, int64_t lifetime)
{
	CLEANUP(cert_done) X509 *cert = X509_new();

	if (cert == NULL || X509_set_version(cert, X509_VERSION_3) != 1 || !serial_set(cert) ||
	    !name_set(cert, cn) || X509_set_pubkey(cert, key) != 1 ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now - BACKDATE_S)) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now + lifetime)))
		return NULL;
	return steal(&cert);
}

static struct text bio_copy(struct arena *arena, BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return text_make(arena_copy(arena, data, (size_t)len), (size_t)len);
}

/* Sign with the certificate's own key and write both. */
static int pair_write(struct arena *arena, X509 *cert, EVP_PKEY *key, struct x509_pair *ret,
		      struct trail *trail)
{
	CLEANUP(bio_done) BIO *cert_bio = BIO_new(BIO_s_mem());
	CLEANUP(bio_done) BIO *key_bio = BIO_new(BIO_s_secmem());

	if (!cert_bio || !key_bio || X509_sign(cert, key, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509(cert_bio, cert) != 1 ||
	    PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
		ERR_clear_error();
		return ERR_FAIL(trail, ERR_CRYPTO, "writing a self-signed certificate failed");
	}
	ret->certificate_pem = bio_copy(arena, cert_bio);
	ret->key_pem = bio_copy(arena, key_bio);
	return 0;
}

int x509_ca_create(struct arena *arena, const char *subject_cn, int64_t now, struct x509_pair *ret,
		   struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	CLEANUP(cert_done) X509 *cert = NULL;
	struct text cn = text_of(subject_cn);

	if (cn.len == 0 || cn.len > CN_MAX || !text_is_printable(cn))
		return X509_CA_E_NAME;
	key = EVP_RSA_gen(X509_CA_BITS);
	cert = key ? cert_new(key, subject_cn, now, X509_CA_LIFETIME_S) : NULL;
	if (!cert || !extensions_set(cert, ca_extensions, ARRAY_LEN(ca_extensions)))
		return ERR_FAIL(trail, ERR_CRYPTO, "making a CA certificate failed");
	return pair_write(arena, cert, key, ret, trail);
}

/* Letters, digits and inner hyphens. */
static bool is_label(struct text label, bool *ret_is_number)
{
	*ret_is_number = true;
	if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];
		bool is_digit = c >= '0' && c <= '9';

		if (!is_digit && c != '-' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return false;
		*ret_is_number &= is_digit;
	}
	return true;
}

/* A number at the end would be an address that was mistyped. */
static bool is_host_name(struct text host)
{
	bool is_number = true;

	if (host.len == 0 || host.len > HOST_MAX)
		return false;
	while (host.ptr != NULL)
		if (!is_label(text_cut(&host, '.'), &is_number))
			return false;
	return !is_number;
}

/* NULL: neither an address nor a name. */
static GENERAL_NAME *general_name_new(const char *host)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
	ASN1_IA5STRING *dns = NULL;

	if (name != NULL && address != NULL) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
		return name;
	}
	ASN1_OCTET_STRING_free(address);
	dns = is_host_name(text_of(host)) ? ASN1_IA5STRING_new() : NULL;
	if (name == NULL || dns == NULL || ASN1_STRING_set(dns, host, -1) != 1) {
		ASN1_IA5STRING_free(dns);
		GENERAL_NAME_free(name);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, GEN_DNS, dns);
	return name;
}

static const char *without_brackets(struct arena *arena, const char *host)
{
	struct text t = text_of(host);

	if (t.len > 2 && t.ptr[0] == '[' && t.ptr[t.len - 1] == ']')
		return arena_cstr(arena, text_make(t.ptr + 1, t.len - 2));
	return host;
}

static bool is_repeated(const char *const *hosts, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (text_eq_nocase(text_of(hosts[i]), text_of(hosts[at])))
			return true;
	return false;
}

/* The subjectAltName. GENERAL_NAMES_free the result. */
static int names_read(struct arena *arena, const char *const *hosts, size_t n, GENERAL_NAMES **ret,
		      struct trail *trail)
{
	CLEANUP(names_done) GENERAL_NAMES *names = GENERAL_NAMES_new();

	for (size_t i = 0; i < n; i++) {
		GENERAL_NAME *name;

		if (is_repeated(hosts, i))
			continue;
		name = general_name_new(without_brackets(arena, hosts[i]));
		ERR_clear_error(); /* a name is first tried as an address */
		if (name == NULL)
			return X509_CA_E_NAME;
		if (names == NULL || !sk_GENERAL_NAME_push(names, name)) {
			GENERAL_NAME_free(name);
			return ERR_FAIL(trail, ERR_CRYPTO, "collecting host names failed");
		}
	}
	*ret = steal(&names);
	return 0;
}

int x509_tls_create(struct arena *arena, const char *const *hosts, size_t n, int64_t now,
		    struct x509_pair *ret, struct trail *trail)
{
	CLEANUP(names_done) GENERAL_NAMES *names = NULL;
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	CLEANUP(cert_done) X509 *cert = NULL;
	const char *cn;
	int r;

	if (n == 0 || n > X509_TLS_HOSTS_MAX)
		return X509_CA_E_NAME;
	r = names_read(arena, hosts, n, &names, trail);
	if (r != 0)
		return r < 0 ? ERR_TRACE(trail, r) : X509_CA_E_NAME;
	cn = without_brackets(arena, hosts[0]);
	if (text_of(cn).len > CN_MAX)
		cn = "Muster";
	key = EVP_EC_gen("P-256");
	cert = key ? cert_new(key, cn, now, X509_TLS_LIFETIME_S) : NULL;
	if (!cert || !extensions_set(cert, tls_extensions, ARRAY_LEN(tls_extensions)) ||
	    X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0) != 1)
		return ERR_FAIL(trail, ERR_CRYPTO, "making a TLS certificate failed");
	return pair_write(arena, cert, key, ret, trail);
}
