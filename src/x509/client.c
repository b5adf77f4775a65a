/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c: see client.h (RFC 5280 6.1 for a path of two certificates, through OpenSSL).
 *
 * The path is verified without looking at the time, and the time is compared afterwards, so that
 * "expired" is said only of a certificate that was genuine.
 */
#include "x509/client.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "x509/rsa_key.h"

/* OpenSSL's level 2: 112 bits, which no SHA-1 signature and no RSA key below 2048 bits has. */
enum { SECURITY_LEVEL = 2, CHAIN_LENGTH = 2, RSA_BITS_MAX = 8192 };

static const char upn_oid[] = "1.3.6.1.4.1.311.20.2.3";

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void store_done(X509_STORE **store)
{
	X509_STORE_free(*store);
}

static void context_done(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
}

static void names_done(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

static X509 *cert_open(struct text der)
{
	const unsigned char *p = (const unsigned char *)der.ptr;

	return d2i_X509(NULL, &p, (long)der.len);
}

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

const char *x509_label(struct arena *arena, struct text name)
{
	if (!name.ptr || name.len == 0 || name.len > X509_LABEL_MAX || !text_is_utf8(name))
		return "";
	for (size_t i = 0; i < name.len; i++)
		if (is_control((unsigned char)name.ptr[i]))
			return "";
	return arena_cstr(arena, name);
}

static const char *label_of(struct arena *arena, const ASN1_STRING *string)
{
	return x509_label(
	    arena, text_make(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)));
}

/* A UPN is a UTF8String inside an otherName. */
static const char *upn_read(struct arena *arena, const OTHERNAME *other)
{
	char oid[64];

	if (OBJ_obj2txt(oid, sizeof(oid), other->type_id, 1) <= 0 || strcmp(oid, upn_oid) != 0 ||
	    other->value->type != V_ASN1_UTF8STRING)
		return "";
	return label_of(arena, other->value->value.utf8string);
}

static void names_read(struct arena *arena, X509 *x, struct x509_client *client)
{
	CLEANUP(names_done)
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	client->upn = client->email = "";
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_OTHERNAME && !client->upn[0])
			client->upn = upn_read(arena, name->d.otherName);
		else if (name->type == GEN_EMAIL && !client->email[0])
			client->email = label_of(arena, name->d.rfc822Name);
	}
}

static bool usage_is_good(X509 *x)
{
	uint32_t flags = X509_get_extension_flags(x);

	if (!(flags & EXFLAG_KUSAGE) || !(X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE))
		return false;
	return !(flags & EXFLAG_XKUSAGE) || (X509_get_extended_key_usage(x) & XKU_SSL_CLIENT);
}

int x509_client_read(struct arena *arena, struct text der, struct x509_client *ret,
		     struct trail *trail)
{
	CLEANUP(cert_done) X509 *x = NULL;
	struct x509_client client;
	struct x509_rsa_key key;
	int r;

	if (x509_cert_read(arena, der, &client.cert))
		return X509_CLIENT_E_MALFORMED;
	x = cert_open(der);
	if (!x)
		return ERR_FAIL(trail, ERR_CRYPTO, "a certificate is read once but not twice");
	names_read(arena, x, &client);
	ERR_clear_error();
	*ret = client;
	/* Whatever may be taken for the certificate of a CA somewhere. */
	if (X509_check_ca(x) != 0 || (X509_get_extension_flags(x) & EXFLAG_CA))
		return X509_CLIENT_E_CA;
	if (client.cert.key_kind != X509_KEY_RSA)
		return X509_CLIENT_E_KEY;
	r = x509_rsa_read(client.cert.spki_der, &key, trail);
	if (r)
		return r < 0 ? ERR_TRACE(trail, r) : X509_CLIENT_E_KEY;
	if (!usage_is_good(x))
		return X509_CLIENT_E_USAGE;
	ERR_clear_error();
	return 0;
}

static bool context_set(X509_STORE_CTX *context, X509_STORE *store, X509 *leaf)
{
	X509_VERIFY_PARAM *param;

	if (X509_STORE_CTX_init(context, store, leaf, NULL) != 1)
		return false;
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN |
						      X509_V_FLAG_NO_CHECK_TIME) == 1 &&
	       X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT) == 1;
}

/* 1: that CA issued it; 0: it did not; negative: OpenSSL failed. */
static int path_check(struct text leaf_der, struct text issuer_der)
{
	CLEANUP(cert_done) X509 *leaf = cert_open(leaf_der);
	CLEANUP(cert_done) X509 *issuer = cert_open(issuer_der);
	CLEANUP(store_done) X509_STORE *store = X509_STORE_new();
	CLEANUP(context_done) X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool is_good;

	if (!leaf || !issuer || !store || !context || X509_STORE_add_cert(store, issuer) != 1 ||
	    !context_set(context, store, leaf))
		return -1;
	is_good = X509_verify_cert(context) == 1 &&
		  sk_X509_num(X509_STORE_CTX_get0_chain(context)) == CHAIN_LENGTH;
	ERR_clear_error();
	return is_good;
}

static bool is_valid_at(const struct x509_cert *cert, int64_t now)
{
	return now >= cert->not_before && now <= cert->not_after;
}

int x509_client_check(const struct x509_client *client, const struct x509_cert *issuer, int64_t now,
		      struct trail *trail)
{
	int found;

	if (!issuer->is_ca || !text_eq(client->cert.issuer_der, issuer->subject_der))
		return X509_CHAIN_E_UNTRUSTED;
	found = path_check(client->cert.der, issuer->der);
	if (found < 0)
		return ERR_FAIL(trail, ERR_CRYPTO, "the path of a certificate cannot be checked");
	if (!found)
		return X509_CHAIN_E_UNTRUSTED;
	return is_valid_at(&client->cert, now) && is_valid_at(issuer, now) ? 0 : X509_CHAIN_E_TIME;
}

bool x509_is_issuer(const struct x509_cert *cert)
{
	CLEANUP(cert_done) X509 *x = cert_open(cert->der);
	int bits;

	if (!x || !cert->is_ca || !(X509_get_key_usage(x) & KU_KEY_CERT_SIGN))
		return false;
	bits = EVP_PKEY_get_bits(X509_get0_pubkey(x));
	switch (cert->key_kind) {
	case X509_KEY_RSA:
		return bits >= LIMIT_RSA_BITS_MIN && bits <= RSA_BITS_MAX;
	case X509_KEY_P256:
	case X509_KEY_P384:
		return true;
	case X509_KEY_OTHER:
		break;
	}
	return false;
}
