/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.c: describe a certificate, through OpenSSL's reader.
 *
 * OpenSSL accepts more than DER; what it read is therefore accepted only if the bytes it keeps
 * for the signed part, with nothing before or after, are those that came in, so that a
 * fingerprint always names one certificate and not one of its spellings.
 */
#include "x509/cert.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/b64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/hex.h"

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void bio_done(BIO **bio)
{
	BIO_free(*bio);
}

static struct text octets_copy(struct arena *arena, const unsigned char *data, int len)
{
	return text_make(arena_copy(arena, data, (size_t)len), (size_t)len);
}

static bool time_read(const ASN1_TIME *in, int64_t *ret)
{
	struct tm tm;
	time_t t;

	if (ASN1_TIME_to_tm(in, &tm) != 1)
		return false;
	t = timegm(&tm);
	*ret = (int64_t)t;
	return true;
}

/* The one commonName; left alone where there is none or more than one. */
static void common_name_read(struct arena *arena, const X509_NAME *name, struct text *ret)
{
	unsigned char *utf8 = NULL;
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1), len;

	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
		return;
	len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len < 0)
		return;
	*ret = octets_copy(arena, utf8, len);
	OPENSSL_free(utf8);
}

static bool name_copy(struct arena *arena, const X509_NAME *name, struct text *ret)
{
	const unsigned char *der;
	size_t len;

	if (X509_NAME_get0_der(name, &der, &len) != 1)
		return false;
	*ret = text_make(arena_copy(arena, der, len), len);
	return true;
}

static bool spki_copy(struct arena *arena, X509 *cert, struct text *ret)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	if (len <= 0)
		return false;
	*ret = octets_copy(arena, der, len);
	OPENSSL_free(der);
	return true;
}

static enum x509_key_kind key_kind(X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	char group[32];

	if (key == NULL)
		return X509_KEY_OTHER;
	if (EVP_PKEY_is_a(key, "RSA"))
		return X509_KEY_RSA;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
					   NULL) != 1)
		return X509_KEY_OTHER;
	if (strcmp(group, "prime256v1") == 0)
		return X509_KEY_P256;
	return strcmp(group, "secp384r1") == 0 ? X509_KEY_P384 : X509_KEY_OTHER;
}

static bool fields_read(struct arena *arena, X509 *x, struct x509_cert *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(x);
	const ASN1_OCTET_STRING *aki = X509_get0_authority_key_id(x);

	if (X509_get_version(x) != X509_VERSION_3 || serial->type != V_ASN1_INTEGER ||
	    (X509_get_extension_flags(x) & EXFLAG_INVALID))
		return false;
	if (!name_copy(arena, X509_get_subject_name(x), &cert->subject_der) ||
	    !name_copy(arena, X509_get_issuer_name(x), &cert->issuer_der) ||
	    !spki_copy(arena, x, &cert->spki_der) ||
	    !time_read(X509_get0_notBefore(x), &cert->not_before) ||
	    !time_read(X509_get0_notAfter(x), &cert->not_after))
		return false;
	common_name_read(arena, X509_get_subject_name(x), &cert->subject_cn);
	if (ski != NULL)
		cert->subject_key_id =
		    octets_copy(arena, ASN1_STRING_get0_data(ski), ASN1_STRING_length(ski));
	if (aki != NULL)
		cert->authority_key_id =
		    octets_copy(arena, ASN1_STRING_get0_data(aki), ASN1_STRING_length(aki));
	cert->serial = hex_write(
	    arena, text_make(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)));
	cert->key_kind = key_kind(x);
	cert->is_ca = X509_check_ca(x) == 1;
	return true;
}

int x509_cert_read(struct arena *arena, struct text der, struct x509_cert *ret)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	CLEANUP(cert_done) X509 *x = NULL;
	unsigned char *again = NULL;
	struct x509_cert cert = {0};
	uint8_t sha1[SHA1_LEN];
	bool same;
	int len;

	if (der.len == 0 || der.len > X509_CERT_MAX)
		return X509_CERT_E_MALFORMED;
	x = d2i_X509(NULL, &p, (long)der.len);
	len = x ? i2d_X509(x, &again) : -1;
	same = len >= 0 && text_eq(der, text_make(again, (size_t)len));
	OPENSSL_free(again);
	if (!same || !fields_read(arena, x, &cert)) {
		ERR_clear_error();
		return X509_CERT_E_MALFORMED;
	}
	cert.der = arena_text(arena, der);
	cert.sha256 = digest_sha256_hex(arena, der);
	digest_sha1(der, sha1);
	cert.sha1 = hex_write_upper(arena, text_make(sha1, sizeof(sha1)));
	cert.spki_sha256 = digest_sha256_hex(arena, cert.spki_der);
	*ret = cert;
	return 0;
}

static void key_done(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

bool x509_cert_is_signed_by(const struct x509_cert *cert, const struct x509_cert *ca)
{
	const unsigned char *p = (const unsigned char *)cert->der.ptr;
	const unsigned char *q = (const unsigned char *)ca->spki_der.ptr;
	CLEANUP(cert_done) X509 *x = d2i_X509(NULL, &p, (long)cert->der.len);
	CLEANUP(key_done) EVP_PKEY *key = d2i_PUBKEY(NULL, &q, (long)ca->spki_der.len);
	bool is_signed =
	    x && key && text_eq(cert->issuer_der, ca->subject_der) && X509_verify(x, key) == 1;

	ERR_clear_error();
	return is_signed;
}

/* An encrypted PEM block must not make the server ask its terminal for a password. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	return -1;
}

int x509_pem_read(struct arena *arena, struct text pem, struct text *ret_der)
{
	CLEANUP(bio_done) BIO *bio = NULL;
	unsigned char *der = NULL;
	long len;

	if (pem.len == 0 || pem.len > X509_PEM_MAX)
		return X509_CERT_E_MALFORMED;
	bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	if (bio == NULL ||
	    PEM_bytes_read_bio(&der, &len, NULL, PEM_STRING_X509, bio, no_password, NULL) != 1) {
		ERR_clear_error();
		return X509_CERT_E_MALFORMED;
	}
	*ret_der = text_make(arena_copy(arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	return 0;
}

int x509_cert_read_pem(struct arena *arena, struct text pem, struct x509_cert *ret)
{
	struct text der;

	if (x509_pem_read(arena, pem, &der) != 0)
		return X509_CERT_E_MALFORMED;
	return x509_cert_read(arena, der, ret);
}

struct text x509_pem_write(struct arena *arena, struct text der)
{
	struct buf buf;
	char *b64 = b64_write(arena, der);
	struct text rest = text_of(b64);

	buf_init(&buf, arena);
	buf_add_c(&buf, "-----BEGIN CERTIFICATE-----\n");
	for (; rest.len > 0; rest = text_from(rest, 64)) {
		buf_add_text(&buf, text_take(rest, 64));
		buf_add_byte(&buf, '\n');
	}
	buf_add_c(&buf, "-----END CERTIFICATE-----\n");
	return buf_text(&buf);
}

/* Everything but printable ASCII is escaped, so that no name can be more than a line of text. */
const char *x509_name_text(struct arena *arena, struct text name_der)
{
	const unsigned char *p = (const unsigned char *)name_der.ptr;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)name_der.len);
	BIO *bio = BIO_new(BIO_s_mem());
	const char *made = "";
	char *text;
	long len;

	if (name && bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0 && len <= X509_NAME_MAX)
			made = arena_cstr(arena, text_make(text, (size_t)len));
	}
	BIO_free(bio);
	X509_NAME_free(name);
	ERR_clear_error();
	return made;
}
