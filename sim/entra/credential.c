/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.c: see credential.h. entra.md sections 2.2, 2.5 and 2.6.
 *
 * Certificates are accepted without a chain, as the real registration does: only their key and
 * their dates mean anything. Names of members follow Graph (`keyId` is written by those who speak
 * Graph, `id` by the control API).
 */
#include "sim/entra/credential.h"

#include <openssl/pem.h>
#include <time.h>

#include "base/b64.h"
#include "base/hex.h"
#include "base/rand.h"

enum { SECRET_BYTES = 30, HINT_LEN = 3 };

static const char *const KINDS[] = {
    [CREDENTIAL_SECRET] = "secret",
    [CREDENTIAL_CERTIFICATE] = "certificate",
    [CREDENTIAL_FEDERATED] = "federated",
};

char *credential_secret_text(struct arena *arena)
{
	unsigned char bytes[SECRET_BYTES];

	rand_bytes(bytes, sizeof(bytes));
	return b64url_write(arena, text_make(bytes, sizeof(bytes)));
}

struct credential *credential_add_secret(struct app *app, struct text secret, int64_t not_before,
					 int64_t not_after)
{
	struct credential *credential = state_add_credential(app, CREDENTIAL_SECRET);

	digest_sha256(secret, credential->hash);
	memcpy(credential->hint, secret.ptr, text_take(secret, HINT_LEN).len);
	credential->not_before = not_before;
	credential->not_after = not_after;
	return credential;
}

static X509 *certificate_read(struct text certificate)
{
	CLEANUP(ossl_bio_free) BIO *bio = BIO_new_mem_buf(certificate.ptr, (int)certificate.len);
	const unsigned char *der = (const unsigned char *)certificate.ptr;

	if (text_starts(certificate, TEXT("-----BEGIN")))
		return bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	return d2i_X509(NULL, &der, (long)certificate.len);
}

static int64_t seconds_of(const ASN1_TIME *when)
{
	struct tm tm;

	return ASN1_TIME_to_tm(when, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

struct credential *credential_add_certificate(struct app *app, struct text certificate)
{
	CLEANUP(ossl_x509_free) X509 *cert = certificate_read(certificate);
	struct credential *credential;

	if (!cert)
		return NULL;
	credential = state_add_credential(app, CREDENTIAL_CERTIFICATE);
	credential->not_before = seconds_of(X509_get0_notBefore(cert));
	credential->not_after = seconds_of(X509_get0_notAfter(cert));
	X509_digest(cert, EVP_sha256(), credential->hash, NULL);
	X509_digest(cert, EVP_sha1(), credential->sha1, NULL);
	credential->cert = steal(&cert);
	return credential;
}

struct credential *credential_add_federated(struct app *app, struct text issuer,
					    struct text subject, struct text public_key)
{
	CLEANUP(ossl_bio_free) BIO *bio = BIO_new_mem_buf(public_key.ptr, (int)public_key.len);
	CLEANUP(ossl_pkey_free)
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	struct credential *credential;

	if (!key)
		return NULL;
	credential = state_add_credential(app, CREDENTIAL_FEDERATED);
	credential->not_after = INT64_MAX;
	credential->key = steal(&key);
	state_set(&credential->issuer, issuer);
	state_set(&credential->subject, subject);
	return credential;
}

struct credential *credential_find(const struct app *app, enum credential_kind kind, struct text id)
{
	struct uuid uuid;

	if (!uuid_read(id, &uuid))
		return NULL;
	LIST_EACH (pos, &app->credentials) {
		struct credential *credential = LIST_OWNER(pos, struct credential, list);

		if (credential->kind == kind && state_same_id(credential->id, uuid))
			return credential;
	}
	return NULL;
}

void credential_write(struct json_writer *w, struct arena *arena,
		      const struct credential *credential)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_write(credential->id, id);
	json_begin_object(w, NULL);
	json_add_c(w, "id", id);
	json_add_c(w, "kind", KINDS[credential->kind]);
	json_add_c(w, "displayName", credential->name);
	if (credential->kind == CREDENTIAL_SECRET)
		json_add_c(w, "hint", credential->hint);
	if (credential->kind == CREDENTIAL_CERTIFICATE)
		json_add_c(w, "thumbprint",
			   hex_write_upper(arena, text_make(credential->sha1, SHA1_LEN)));
	json_add_c(w, "issuer", credential->issuer);
	json_add_c(w, "subject", credential->subject);
	json_add_time(w, "startDateTime", credential->not_before);
	json_add_time(w, "endDateTime",
		      credential->kind == CREDENTIAL_FEDERATED ? 0 : credential->not_after);
	json_end_object(w);
}
