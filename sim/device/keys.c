/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c: see keys.h. The subjects are those real clients send, legal or not: for a traditional or
 * work account enrolment 30 characters of a GUID, '!', the device id and a NUL, all in a
 * PrintableString that may not hold two of these characters. enrollment.md section 4.3.
 */
#include "sim/device/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/digest.h"
#include "base/hex.h"
#include "base/uuid.h"

static const char DEVICE_ID_OID[] = "1.3.6.1.4.1.311.66.1.0";

enum { SUBJECT_LEN = 64, SUBJECT_GUID_LEN = 30 };

void key_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

void certificate_free(X509 **certificate)
{
	X509_free(*certificate);
}

static void bio_free(BIO **bio)
{
	BIO_free(*bio);
}

static void request_free(X509_REQ **request)
{
	X509_REQ_free(*request);
}

static void cms_free(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

static void extensions_free(STACK_OF(X509_EXTENSION) * *extensions)
{
	sk_X509_EXTENSION_pop_free(*extensions, X509_EXTENSION_free);
}

static int crypto_fail(struct trail *trail, const char *what)
{
	char why[256];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	ERR_clear_error();
	return ERR_FAIL(trail, ERR_CRYPTO, "%s: %s", what, why);
}

int key_new(EVP_PKEY **ret, unsigned bits, struct trail *trail)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);

	if (!key)
		return crypto_fail(trail, "make a key");
	*ret = key;
	return 0;
}

int key_read(EVP_PKEY **ret, const char *path, struct trail *trail)
{
	CLEANUP(bio_free) BIO *bio = BIO_new_file(path, "r");
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

	if (!key)
		return crypto_fail(trail, path);
	*ret = key;
	return 0;
}

int key_write(EVP_PKEY *key, const char *path, struct trail *trail)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CLEANUP(bio_free) BIO *bio = NULL;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "write %s: %s", path, strerror(errno));
	bio = BIO_new_fd(fd, BIO_CLOSE);
	if (!bio) {
		close(fd);
		return crypto_fail(trail, path);
	}
	if (!PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return crypto_fail(trail, path);
	return 0;
}

static size_t subject_make(const struct device *device, char ret[SUBJECT_LEN + 1])
{
	char guid[UUID_TEXT_LEN + 1];

	if (device->join == JOIN_ENTRA) {
		snprintf(ret, SUBJECT_LEN + 1, "%s", device->entra_device_id);
		return strlen(ret);
	}
	uuid_write(uuid_random(), guid);
	for (size_t i = 0; guid[i]; i++)
		if (guid[i] >= 'a' && guid[i] <= 'f')
			guid[i] = (char)(guid[i] - 'a' + 'A');
	snprintf(ret, SUBJECT_LEN + 1, "%.*s!%.32s", SUBJECT_GUID_LEN, guid, device->device_id);
	return strlen(ret) + 1;
}

static bool subject_set(X509_REQ *request, const struct device *device)
{
	char subject[SUBJECT_LEN + 1];
	size_t len = subject_make(device, subject);

	return X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request), NID_commonName,
					  V_ASN1_PRINTABLESTRING, (unsigned char *)subject,
					  (int)len, -1, 0) == 1;
}

/* Raw ASCII with its NUL inside the OCTET STRING, not wrapped once more. */
static X509_EXTENSION *device_id_extension(const struct device *device)
{
	ASN1_OBJECT *object = OBJ_txt2obj(DEVICE_ID_OID, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;

	if (object && value &&
	    ASN1_OCTET_STRING_set(value, (const unsigned char *)device->device_id,
				  (int)strlen(device->device_id) + 1))
		extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
	ASN1_OBJECT_free(object);
	ASN1_OCTET_STRING_free(value);
	return extension;
}

static bool extension_add(STACK_OF(X509_EXTENSION) * extensions, X509_EXTENSION *extension)
{
	if (extension && sk_X509_EXTENSION_push(extensions, extension) > 0)
		return true;
	X509_EXTENSION_free(extension);
	return false;
}

static bool extensions_set(X509_REQ *request, const struct device *device, bool is_sha256)
{
	CLEANUP(extensions_free)
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();

	if (!extensions || !extension_add(extensions, device_id_extension(device)))
		return false;
	if (is_sha256 &&
	    !extension_add(extensions,
			   X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "clientAuth")))
		return false;
	return X509_REQ_add_extensions(request, extensions) == 1;
}

int csr_new(struct arena *arena, EVP_PKEY *key, const struct device *device, bool is_sha256,
	    struct text *ret, struct trail *trail)
{
	CLEANUP(request_free) X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	int len;

	if (!request || !X509_REQ_set_version(request, 0) || !X509_REQ_set_pubkey(request, key) ||
	    !subject_set(request, device) || !extensions_set(request, device, is_sha256) ||
	    !X509_REQ_sign(request, key, is_sha256 ? EVP_sha256() : EVP_sha1()))
		return crypto_fail(trail, "make a certificate request");
	len = i2d_X509_REQ(request, &der);
	if (len <= 0)
		return crypto_fail(trail, "encode a certificate request");
	*ret = text_make(arena_copy(arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	return 0;
}

X509 *certificate_read(struct text der)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	X509 *certificate = der.len <= INT32_MAX ? d2i_X509(NULL, &p, (long)der.len) : NULL;

	ERR_clear_error();
	if (certificate && p != (const unsigned char *)der.ptr + der.len) {
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

int certificate_load(X509 **ret, const char *path, struct trail *trail)
{
	CLEANUP(bio_free) BIO *bio = BIO_new_file(path, "r");
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	if (!certificate)
		return crypto_fail(trail, path);
	*ret = certificate;
	return 0;
}

char *certificate_pem(struct arena *arena, X509 *certificate)
{
	CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len = 0;

	if (bio && PEM_write_bio_X509(bio, certificate))
		len = BIO_get_mem_data(bio, &data);
	return len > 0 ? arena_copy(arena, data, (size_t)len) : arena_string(arena, "");
}

char *certificate_thumbprint(struct arena *arena, struct text der)
{
	uint8_t sha1[SHA1_LEN];

	digest_sha1(der, sha1);
	return hex_write_upper(arena, text_make(sha1, sizeof(sha1)));
}

char *certificate_common_name(struct arena *arena, X509 *certificate)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	char *ret;
	int len;

	if (at < 0)
		return arena_string(arena, "");
	len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len < 0)
		return arena_string(arena, "");
	ret = arena_copy(arena, utf8, (size_t)len);
	OPENSSL_free(utf8);
	return ret;
}

int64_t certificate_end(X509 *certificate)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1 ? (int64_t)timegm(&tm)
									  : 0;
}

int cms_sign(struct arena *arena, X509 *certificate, EVP_PKEY *key, struct text content,
	     struct text *ret, struct trail *trail)
{
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(content.ptr, (int)content.len);
	CLEANUP(cms_free) CMS_ContentInfo *cms = NULL;
	unsigned char *der = NULL;
	int len;

	if (bio)
		cms = CMS_sign(certificate, key, NULL, bio, CMS_BINARY | CMS_NOSMIMECAP);
	len = cms ? i2d_CMS_ContentInfo(cms, &der) : -1;
	if (len <= 0)
		return crypto_fail(trail, "sign the renewal request");
	*ret = text_make(arena_copy(arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	return 0;
}
