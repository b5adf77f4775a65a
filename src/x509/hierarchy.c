/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hierarchy.c: see hierarchy.h. Serial numbers are random; times start an hour in the past, as
 * those of ca.c do, so that a device with a slow clock can use the certificate at once.
 */
#include "x509/hierarchy.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "base/rand.h"
#include "x509/cert.h"
#include "x509/profile.h"

enum { BACKDATE_S = 3600, CN_MAX = 64, SCRYPT_N = 1 << 14, SCRYPT_R = 8 };

struct extension {
	int nid;
	const char *value;
};

static const struct extension root_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:1"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_ext_key_usage, "clientAuth"},
    {NID_subject_key_identifier, "hash"},
};

static const struct extension intermediate_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_ext_key_usage, "clientAuth"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
};

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void request_done(X509_REQ **request)
{
	X509_REQ_free(*request);
}

static void key_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void bio_done(BIO **bio)
{
	BIO_free(*bio);
}

static int crypto_fail(struct trail *trail, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	int r = ERR_FAIL(trail, ERR_CRYPTO, "%s: %s", what, why ? why : "no reason given");

	ERR_clear_error();
	return r;
}

static struct text bio_copy(struct arena *arena, BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return text_make(arena_copy(arena, data, (size_t)len), (size_t)len);
}

static bool is_name(const char *cn)
{
	struct text t = text_of(cn);

	return t.len > 0 && t.len <= CN_MAX && text_is_printable(t);
}

static bool name_add(X509_NAME *name, const char *cn)
{
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1,
					  -1, 0) == 1;
}

static bool extensions_add(X509 *cert, X509 *issuer, const struct extension *rows, size_t n)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, rows[i].nid, rows[i].value);
		bool good = ext != NULL && X509_add_ext(cert, ext, -1) == 1;

		X509_EXTENSION_free(ext);
		if (!good)
			return false;
	}
	return true;
}

/* Everything but issuer, extensions and signature. NULL: library failure. */
static X509 *cert_new(EVP_PKEY *key, const char *cn, int64_t from, int64_t until)
{
	CLEANUP(cert_done) X509 *cert = X509_new();
	uint8_t serial[X509_SERIAL_LEN];

	rand_bytes(serial, sizeof(serial));
	x509_serial_shape(serial);
	if (cert == NULL || X509_set_version(cert, X509_VERSION_3) != 1 ||
	    ASN1_STRING_set(X509_get_serialNumber(cert), serial, sizeof(serial)) != 1 ||
	    !name_add(X509_get_subject_name(cert), cn) || X509_set_pubkey(cert, key) != 1 ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)until))
		return NULL;
	return steal(&cert);
}

static int cert_write(struct arena *arena, X509 *cert, struct text *ret, struct trail *trail)
{
	CLEANUP(bio_done) BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || PEM_write_bio_X509(bio, cert) != 1)
		return crypto_fail(trail, "writing a certificate");
	*ret = bio_copy(arena, bio);
	return 0;
}

/* NULL: library failure. */
static X509_SIG *key_encrypt(EVP_PKEY *key, struct text passphrase)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	X509_ALGOR *how =
	    PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, 1);
	X509_SIG *sealed = NULL;

	/* takes how over when it succeeds */
	if (info != NULL && how != NULL)
		sealed = PKCS8_set0_pbe(passphrase.ptr, (int)passphrase.len, info, how);
	if (sealed == NULL)
		X509_ALGOR_free(how);
	PKCS8_PRIV_KEY_INFO_free(info);
	return sealed;
}

static int key_write(struct arena *arena, EVP_PKEY *key, struct text passphrase, struct text *ret,
		     struct trail *trail)
{
	CLEANUP(bio_done) BIO *bio = BIO_new(BIO_s_secmem());
	X509_SIG *sealed = NULL;
	bool good;

	if (passphrase.len == 0) {
		good = bio != NULL &&
		       PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	} else {
		sealed = key_encrypt(key, passphrase);
		good = bio != NULL && sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
		X509_SIG_free(sealed);
	}
	if (!good)
		return crypto_fail(trail, "writing a private key");
	*ret = bio_copy(arena, bio);
	return 0;
}

int x509_root_create(struct arena *arena, const char *subject_cn, int64_t now,
		     struct text passphrase, struct x509_pair *ret, struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	CLEANUP(cert_done) X509 *cert = NULL;
	struct x509_pair pair;
	int r;

	if (!is_name(subject_cn))
		return X509_CA_E_NAME;
	key = EVP_RSA_gen(X509_CA_BITS);
	cert = key ? cert_new(key, subject_cn, now - BACKDATE_S, now + X509_ROOT_LIFETIME_S) : NULL;
	if (cert == NULL || X509_set_issuer_name(cert, X509_get_subject_name(cert)) != 1 ||
	    !extensions_add(cert, cert, root_extensions, ARRAY_LEN(root_extensions)) ||
	    X509_sign(cert, key, EVP_sha256()) <= 0)
		return crypto_fail(trail, "making a root certificate");
	r = cert_write(arena, cert, &pair.certificate_pem, trail);
	if (r == 0)
		r = key_write(arena, key, passphrase, &pair.key_pem, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	*ret = pair;
	return 0;
}

int x509_ca_key_create(struct arena *arena, struct text *ret_pem, struct trail *trail)
{
	CLEANUP(key_done) EVP_PKEY *key = EVP_RSA_gen(X509_CA_BITS);
	int r;

	if (key == NULL)
		return crypto_fail(trail, "making a key");
	r = key_write(arena, key, TEXT_EMPTY, ret_pem, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

/* May this certificate stand above an intermediate that issues for TLS clients, now? NULL: yes. */
static const char *root_objection(X509 *root, EVP_PKEY *root_key, const struct x509_cert *cert,
				  int64_t now)
{
	uint32_t flags = X509_get_extension_flags(root);
	long pathlen = X509_get_pathlen(root);

	if (!cert->is_ca || cert->subject_key_id.ptr == NULL)
		return "is not the certificate of a CA with a subjectKeyIdentifier";
	if (pathlen == 0)
		return "must not certify a CA (pathlen 0)";
	if ((flags & EXFLAG_KUSAGE) && !(X509_get_key_usage(root) & KU_KEY_CERT_SIGN))
		return "must not certify (keyUsage)";
	if ((flags & EXFLAG_XKUSAGE) && !(X509_get_extended_key_usage(root) & XKU_SSL_CLIENT))
		return "is not for TLS clients (extendedKeyUsage)";
	if (now < cert->not_before || now >= cert->not_after)
		return "is not valid now";
	if (X509_check_private_key(root, root_key) != 1)
		return "does not belong to that root key";
	return NULL;
}

static int root_read(struct arena *arena, struct text pem, EVP_PKEY *root_key, int64_t now,
		     X509 **ret_root, int64_t *ret_until, struct trail *trail)
{
	struct x509_cert cert;
	const unsigned char *p;
	const char *objection;
	X509 *root;

	if (x509_cert_read_pem(arena, pem, &cert) != 0)
		return ERR_FAIL(trail, ERR_CONFIG, "the root certificate cannot be read as PEM");
	p = (const unsigned char *)cert.der.ptr;
	root = d2i_X509(NULL, &p, (long)cert.der.len);
	if (root == NULL)
		return crypto_fail(trail, "reading the root certificate");
	objection = root_objection(root, root_key, &cert, now);
	ERR_clear_error();
	if (objection != NULL) {
		X509_free(root);
		return ERR_FAIL(trail, ERR_CONFIG, "the root certificate %s", objection);
	}
	*ret_root = root;
	*ret_until = cert.not_after;
	return 0;
}

int x509_intermediate_certify(struct arena *arena, const char *subject_cn, EVP_PKEY *key,
			      struct text root_pem, EVP_PKEY *root_key, int64_t now,
			      struct text *ret_pem, struct trail *trail)
{
	CLEANUP(cert_done) X509 *root = NULL;
	CLEANUP(cert_done) X509 *cert = NULL;
	int64_t until = now + X509_INTERMEDIATE_LIFETIME_S, root_until;
	int r;

	if (!is_name(subject_cn))
		return X509_CA_E_NAME;
	if (EVP_PKEY_is_a(key, "RSA") && (EVP_PKEY_get_bits(key) < LIMIT_RSA_BITS_MIN ||
					  EVP_PKEY_get_bits(key) > LIMIT_RSA_BITS_MAX))
		return ERR_FAIL(trail, ERR_CONFIG, "the CA's RSA key must have %d to %d bits",
				LIMIT_RSA_BITS_MIN, LIMIT_RSA_BITS_MAX);
	r = root_read(arena, root_pem, root_key, now, &root, &root_until, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (X509_NAME_cmp(X509_get_subject_name(root), X509_get_issuer_name(root)) == 0 &&
	    EVP_PKEY_eq(key, root_key) == 1)
		return ERR_FAIL(trail, ERR_CONFIG, "root and device CA must have two keys");
	cert = cert_new(key, subject_cn, now - BACKDATE_S, until < root_until ? until : root_until);
	if (cert == NULL || X509_set_issuer_name(cert, X509_get_subject_name(root)) != 1 ||
	    !extensions_add(cert, root, intermediate_extensions,
			    ARRAY_LEN(intermediate_extensions)) ||
	    X509_sign(cert, root_key, EVP_sha256()) <= 0)
		return crypto_fail(trail, "making a CA certificate");
	r = cert_write(arena, cert, ret_pem, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int x509_intermediate_request(struct arena *arena, const char *subject_cn, EVP_PKEY *key,
			      struct text *ret_pem, struct trail *trail)
{
	CLEANUP(request_done) X509_REQ *request = X509_REQ_new();
	CLEANUP(bio_done) BIO *bio = BIO_new(BIO_s_mem());

	if (!is_name(subject_cn))
		return X509_CA_E_NAME;
	if (request == NULL || bio == NULL ||
	    !name_add(X509_REQ_get_subject_name(request), subject_cn) ||
	    X509_REQ_set_pubkey(request, key) != 1 ||
	    X509_REQ_sign(request, key, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509_REQ(bio, request) != 1)
		return crypto_fail(trail, "making a certificate request");
	*ret_pem = bio_copy(arena, bio);
	return 0;
}

static const char *request_name(struct arena *arena, X509_REQ *request)
{
	char cn[CN_MAX + 2];
	int len = X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request), NID_commonName, cn,
					    sizeof(cn));

	return len > 0 && len <= CN_MAX && is_name(cn) ? arena_string(arena, cn) : NULL;
}

int x509_intermediate_request_read(struct arena *arena, struct text pem, EVP_PKEY **ret_key,
				   const char **ret_cn, struct trail *trail)
{
	CLEANUP(bio_done) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	CLEANUP(request_done) X509_REQ *request = NULL;
	CLEANUP(key_done) EVP_PKEY *key = NULL;
	const char *cn;

	request = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;
	key = request ? X509_REQ_get_pubkey(request) : NULL;
	cn = request ? request_name(arena, request) : NULL;
	if (key == NULL || cn == NULL || X509_REQ_verify(request, key) != 1) {
		ERR_clear_error();
		return ERR_FAIL(trail, ERR_CONFIG,
				"not a certificate request (PEM) with a common name and proof of "
				"its key");
	}
	*ret_key = steal(&key);
	*ret_cn = cn;
	return 0;
}
