/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.c: see chain.h. OpenSSL's verification with the roots as the only trust, the rest of the
 * file as what the server sends, and its security level for keys of 112 bits.
 */
#include "x509/chain.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

enum { SECURITY_LEVEL = 2, NAME_MAX_LEN = 256 };

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void certs_done(STACK_OF(X509) * *certs)
{
	sk_X509_pop_free(*certs, X509_free);
}

static void store_done(X509_STORE **store)
{
	X509_STORE_free(*store);
}

static void context_done(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
}

static void bio_done(BIO **bio)
{
	BIO_free(*bio);
}

static int no_password(char *buf, int size, int is_writing, void *user)
{
	(void)buf;
	(void)size;
	(void)is_writing;
	(void)user;
	return -1;
}

/* The next certificate, NULL at the end. */
static X509 *cert_next(BIO *bio)
{
	X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	ERR_clear_error();
	return cert;
}

/* The certificates of a PEM text, at most max. NULL: memory. */
static STACK_OF(X509) * certs_read(struct text pem, int max)
{
	BIO *bio CLEANUP(bio_done) = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	STACK_OF(X509) *certs = sk_X509_new_null();

	while (bio && certs && sk_X509_num(certs) < max) {
		X509 *cert = cert_next(bio);

		if (!cert)
			break;
		if (!sk_X509_push(certs, cert)) {
			X509_free(cert);
			break;
		}
	}
	return certs;
}

/* Roots that cannot be read or are there twice are passed over. */
static void roots_add(X509_STORE *store, struct text pem)
{
	BIO *bio CLEANUP(bio_done) = BIO_new_mem_buf(pem.ptr, (int)pem.len);

	while (bio) {
		X509 *root CLEANUP(cert_done) = cert_next(bio);

		if (!root)
			return;
		if (X509_STORE_add_cert(store, root) != 1)
			ERR_clear_error();
	}
}

/* The common name, else the whole name. */
static const char *name_text(struct arena *arena, const X509_NAME *name)
{
	char text[NAME_MAX_LEN];

	if (X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof(text)) <= 0 &&
	    !X509_NAME_oneline(name, text, sizeof(text)))
		return "";
	return arena_string(arena, text);
}

static int outcome_of(int error)
{
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return X509_CHAIN_E_SELF_SIGNED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return X509_CHAIN_E_MISSING;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return X509_CHAIN_E_ROOT_UNKNOWN;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return X509_CHAIN_E_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return X509_CHAIN_E_NOT_YET;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return X509_CHAIN_E_WEAK;
	case X509_V_ERR_INVALID_PURPOSE:
		return X509_CHAIN_E_NOT_SERVER;
	default:
		return X509_CHAIN_E_OTHER;
	}
}

static int verify(X509_STORE_CTX *context, struct arena *arena, int64_t now, struct x509_chain *ret)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
	X509 *about;
	int error;

	X509_VERIFY_PARAM_set_time(param, (time_t)now);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(context) == 1)
		return 0;
	ERR_clear_error();
	error = X509_STORE_CTX_get_error(context);
	about = X509_STORE_CTX_get_current_cert(context);
	ret->reason = arena_string(arena, X509_verify_cert_error_string(error));
	if (about) {
		ret->subject = name_text(arena, X509_get_subject_name(about));
		ret->issuer = name_text(arena, X509_get_issuer_name(about));
	}
	return outcome_of(error);
}

int x509_chain_check(struct arena *arena, struct text pem, struct text roots, int64_t now,
		     struct x509_chain *ret)
{
	STACK_OF(X509) * certs CLEANUP(certs_done) = certs_read(pem, X509_CHAIN_MAX);
	X509_STORE *store CLEANUP(store_done) = X509_STORE_new();
	X509_STORE_CTX *context CLEANUP(context_done) = X509_STORE_CTX_new();
	X509 *leaf CLEANUP(cert_done) = NULL;

	*ret = (struct x509_chain){"", "", ""};
	if (!certs || !store || !context || sk_X509_num(certs) == 0)
		return X509_CHAIN_E_MALFORMED;
	roots_add(store, roots);
	leaf = sk_X509_shift(certs);
	if (X509_STORE_CTX_init(context, store, leaf, certs) != 1)
		return X509_CHAIN_E_MALFORMED;
	return verify(context, arena, now, ret);
}

bool x509_chain_is_for(struct text pem, const char *host)
{
	STACK_OF(X509) * certs CLEANUP(certs_done) = certs_read(pem, 1);
	X509 *leaf;

	if (!certs || sk_X509_num(certs) == 0)
		return false;
	leaf = sk_X509_value(certs, 0);
	if (X509_check_ip_asc(leaf, host, 0) == 1)
		return true;
	return X509_check_host(leaf, host, strlen(host),
			       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
				   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			       NULL) == 1;
}
