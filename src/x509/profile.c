/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.c: the device certificate, byte by byte (RFC 5280, 4.1; protocol notes on the issued
 * device certificate).
 *
 * Everything that is the same in every certificate is a constant here. What varies comes from the
 * request struct, whose every field x509_leaf_check judges, and from the CA certificate. The key
 * identifier is that of RFC 7093, method 1: the first 160 bits of SHA-256.
 */
#include "x509/profile.h"

#include "base/digest.h"
#include "base/uuid.h"
#include "x509/der.h"
#include "x509/rsa_key.h"

enum { KEY_ID_LEN = 20 };

/* version v3, as [0] EXPLICIT */
static const uint8_t version_v3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};

static const uint8_t oid_common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
static const uint8_t oid_subject_key_id[] = {0x06, 0x03, 0x55, 0x1d, 0x0e};
static const uint8_t oid_authority_key_id[] = {0x06, 0x03, 0x55, 0x1d, 0x23};
static const uint8_t oid_crl_distribution_points[] = {0x06, 0x03, 0x55, 0x1d, 0x1f};

/* The three extensions that never vary. */
static const uint8_t fixed_extensions[] = {
    /* basicConstraints, critical: an empty sequence is CA:FALSE */
    0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00,
    /* keyUsage, critical: digitalSignature, keyEncipherment */
    0x30, 0x0e, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x05, 0xa0,
    /* extendedKeyUsage: clientAuth */
    0x30, 0x13, 0x06, 0x03, 0x55, 0x1d, 0x25, 0x04, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01,
    0x05, 0x05, 0x07, 0x03, 0x02};

/* How a CA key of each kind signs; a kind without a row is not signed with. */
struct signature_kind {
	const char *digest;
	uint8_t len;
	uint8_t algorithm[15]; /* AlgorithmIdentifier */
};

static const struct signature_kind signature_kinds[] = {
    [X509_KEY_RSA] = {"SHA256",
		      15,
		      {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b,
		       0x05, 0x00}},
    [X509_KEY_P256] = {"SHA256",
		       12,
		       {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}},
    [X509_KEY_P384] = {"SHA384",
		       12,
		       {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03}},
};

#define BYTES(array) text_make((array), sizeof(array))

/* NULL: not a kind we sign with. */
static const struct signature_kind *signature_kind_get(const struct x509_cert *ca)
{
	if ((size_t)ca->key_kind >= ARRAY_LEN(signature_kinds) ||
	    signature_kinds[ca->key_kind].digest == NULL)
		return NULL;
	return &signature_kinds[ca->key_kind];
}

const char *x509_leaf_verdict_name(enum x509_leaf_verdict verdict)
{
	static const char *const names[] = {
	    [X509_LEAF_OK] = "ok",         [X509_LEAF_ISSUER] = "issuer",
	    [X509_LEAF_CLOCK] = "clock",   [X509_LEAF_SUBJECT] = "subject",
	    [X509_LEAF_SERIAL] = "serial", [X509_LEAF_VALIDITY] = "validity",
	    [X509_LEAF_KEY] = "key",       [X509_LEAF_CA_KEY] = "ca_key",
	};

	return (size_t)verdict < ARRAY_LEN(names) ? names[verdict] : "";
}

void x509_serial_shape(uint8_t serial[X509_SERIAL_LEN])
{
	/* 126 of the 128 bits stay; the top ones make every serial positive and equally long */
	serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
}

void x509_leaf_times(struct x509_leaf_request *request, int64_t now, const struct x509_cert *ca)
{
	request->not_before = now - X509_LEAF_BACKDATE_S;
	request->not_after = now + X509_LEAF_LIFETIME_S;
	if (request->not_after > ca->not_after)
		request->not_after = ca->not_after;
}

static bool is_lower_guid(struct text t)
{
	if (!uuid_is(t))
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] >= 'A' && t.ptr[i] <= 'F')
			return false;
	return true;
}

static bool is_validity_good(const struct x509_leaf_request *request, const struct x509_cert *ca,
			     int64_t now)
{
	if (request->not_before > now || request->not_before < now - X509_LEAF_BACKDATE_MAX_S)
		return false;
	return request->not_after > now && request->not_after <= ca->not_after &&
	       request->not_after - request->not_before <= X509_LEAF_LIFETIME_MAX_S;
}

bool x509_issuer_is_usable(const struct x509_cert *ca)
{
	return ca->is_ca && ca->subject_key_id.ptr != NULL && signature_kind_get(ca) != NULL;
}

enum x509_leaf_verdict x509_leaf_check(const struct x509_leaf_request *request,
				       const struct x509_cert *ca, int64_t now)
{
	struct x509_rsa_key key;
	struct trail trail;

	trail_reset(&trail);
	if (!x509_issuer_is_usable(ca))
		return X509_LEAF_ISSUER;
	if (now < ca->not_before || now >= ca->not_after)
		return X509_LEAF_CLOCK;
	if (!is_lower_guid(request->subject_cn))
		return X509_LEAF_SUBJECT;
	if ((request->serial[0] & 0xc0) != 0x40)
		return X509_LEAF_SERIAL;
	if (!is_validity_good(request, ca, now))
		return X509_LEAF_VALIDITY;
	if (text_eq(request->spki_der, ca->spki_der))
		return X509_LEAF_CA_KEY;
	if (x509_rsa_read(request->spki_der, &key, &trail) != 0)
		return X509_LEAF_KEY;
	return X509_LEAF_OK;
}

static struct text subject_write(struct arena *arena, struct text cn)
{
	struct text pair = X509_DER_OF(arena, X509_DER_SEQUENCE, BYTES(oid_common_name),
				       x509_der_wrap(arena, X509_DER_UTF8_STRING, cn));

	return x509_der_wrap(arena, X509_DER_SEQUENCE, x509_der_wrap(arena, X509_DER_SET, pair));
}

static struct text extension_write(struct arena *arena, struct text oid, struct text value)
{
	return X509_DER_OF(arena, X509_DER_SEQUENCE, oid,
			   x509_der_wrap(arena, X509_DER_OCTET_STRING, value));
}

/* One distribution point with one name, or nothing. */
static struct text crl_points_write(struct arena *arena, struct text url)
{
	struct text name, point;

	if (url.ptr == NULL)
		return TEXT_EMPTY;
	name = x509_der_wrap(arena, X509_DER_CONTEXT_0,
			     x509_der_wrap(arena, X509_DER_CONTEXT_6_PRIMITIVE, url));
	point =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, x509_der_wrap(arena, X509_DER_CONTEXT_0, name));
	return extension_write(arena, BYTES(oid_crl_distribution_points),
			       x509_der_wrap(arena, X509_DER_SEQUENCE, point));
}

static struct text extensions_write(struct arena *arena, struct text spki,
				    const struct x509_cert *ca)
{
	struct text subject_id, authority_id, all;
	uint8_t hash[SHA256_LEN];

	digest_sha256(spki, hash);
	subject_id = x509_der_wrap(arena, X509_DER_OCTET_STRING, text_make(hash, KEY_ID_LEN));
	authority_id =
	    X509_DER_OF(arena, X509_DER_SEQUENCE,
			x509_der_wrap(arena, X509_DER_CONTEXT_0_PRIMITIVE, ca->subject_key_id));
	all = X509_DER_OF(arena, X509_DER_SEQUENCE, BYTES(fixed_extensions),
			  extension_write(arena, BYTES(oid_subject_key_id), subject_id),
			  extension_write(arena, BYTES(oid_authority_key_id), authority_id),
			  crl_points_write(arena, ca->crl_url));
	return x509_der_wrap(arena, X509_DER_CONTEXT_3, all);
}

struct text x509_leaf_tbs(struct arena *arena, const struct x509_leaf_request *request,
			  const struct x509_cert *ca)
{
	struct text validity =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, x509_der_time(arena, request->not_before),
			x509_der_time(arena, request->not_after));

	return X509_DER_OF(arena, X509_DER_SEQUENCE, BYTES(version_v3),
			   x509_der_unsigned(arena, BYTES(request->serial)),
			   x509_leaf_algorithm(ca), ca->subject_der, validity,
			   subject_write(arena, request->subject_cn), request->spki_der,
			   extensions_write(arena, request->spki_der, ca));
}

const char *x509_leaf_digest(const struct x509_cert *ca)
{
	return signature_kind_get(ca)->digest;
}

struct text x509_leaf_algorithm(const struct x509_cert *ca)
{
	const struct signature_kind *kind = signature_kind_get(ca);

	return text_make(kind->algorithm, kind->len);
}

struct text x509_leaf_assemble(struct arena *arena, struct text tbs, const struct x509_cert *ca,
			       struct text signature)
{
	return X509_DER_OF(arena, X509_DER_SEQUENCE, tbs, x509_leaf_algorithm(ca),
			   x509_der_bits(arena, signature));
}
