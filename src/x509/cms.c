/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms.c: see cms.h. The walk is our own and touches every field that decides something; from what
 * it took, a message without certificates, revocation lists and unsigned attributes is put
 * together, and only that is shown to OpenSSL's CMS_verify, together with the one certificate that
 * may be the signer's. So the library never parses a part of the message that nobody needs.
 */
#include "x509/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/hex.h"
#include "base/limits.h"
#include "x509/ber.h"
#include "x509/der.h"

enum { SERIAL_MAX = 20, DIGESTS_MAX = 8, ATTRIBUTES_MAX = 32 };

#define BYTES(array) text_make((array), sizeof(array))

static const uint8_t oid_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
				   0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t oid_signed_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					  0xf7, 0x0d, 0x01, 0x07, 0x02};
static const uint8_t oid_content_type[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					   0xf7, 0x0d, 0x01, 0x09, 0x03};
static const uint8_t oid_message_digest[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					     0xf7, 0x0d, 0x01, 0x09, 0x04};
/* rsaEncryption, and what comes instead of its last byte when the digest is named along. */
static const uint8_t oid_rsa[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};

static const struct digest {
	uint8_t oid[11];
	uint8_t oid_len;
	uint8_t rsa; /* last byte of shaXWithRSAEncryption */
	bool is_sha1;
} digests[] = {
    {{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}, 11, 0x0b, false},
    {{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}, 11, 0x0c, false},
    {{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}, 11, 0x0d, false},
    {{0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a}, 7, 0x05, true},
};

/* An element that may be missing: then nothing is taken, and the text is empty. */
static struct text optional_take(struct text *in, enum x509_der_tag tag)
{
	struct x509_der_item item;

	return x509_der_take(in, tag, &item) ? item.whole : TEXT_EMPTY;
}

/* Where the parts of the message are. */
struct parts {
	struct text version, digests, encapsulated, content;
	struct text signer; /* content of the one SignerInfo */
	struct text signer_version, sid, digest, attributes, algorithm, signature;
	const struct digest *digest_kind;
};

static void cms_done(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

static void bio_done(BIO **bio)
{
	BIO_free(*bio);
}

static void cert_done(X509 **cert)
{
	X509_free(*cert);
}

static void certs_done(STACK_OF(X509) * *certs)
{
	sk_X509_free(*certs);
}

/* The OID of an AlgorithmIdentifier whose parameters are absent or NULL; ptr NULL: another. */
static struct text algorithm_oid(struct text body)
{
	struct x509_der_item oid, parameters;

	if (!x509_der_take(&body, X509_DER_OID, &oid))
		return (struct text){NULL, 0};
	if (body.len > 0 && (!x509_der_take(&body, X509_DER_NULL, &parameters) ||
			     parameters.body.len > 0 || body.len > 0))
		return (struct text){NULL, 0};
	return oid.whole;
}

static const struct digest *digest_find(struct text body)
{
	struct text oid = algorithm_oid(body);

	for (size_t i = 0; oid.ptr && i < ARRAY_LEN(digests); i++)
		if (text_eq(oid, text_make(digests[i].oid, digests[i].oid_len)))
			return &digests[i];
	return NULL;
}

static bool signature_algorithm_is_ok(struct text body, const struct digest *digest)
{
	struct text oid = algorithm_oid(body);
	struct text family = text_make(oid_rsa, sizeof(oid_rsa) - 1);
	uint8_t last;

	if (!oid.ptr || oid.len != sizeof(oid_rsa) || !text_starts(oid, family))
		return false;
	last = (uint8_t)oid.ptr[oid.len - 1];
	return last == oid_rsa[sizeof(oid_rsa) - 1] || last == digest->rsa;
}

/* Every digest of the set must be one we take, and the signer's among them. */
static bool digests_are_ok(struct text set, const struct digest *wanted)
{
	struct x509_der_item item;
	bool is_found = false;
	size_t n = 0;

	while (set.len > 0) {
		const struct digest *digest;

		if (n++ == DIGESTS_MAX || !x509_der_take(&set, X509_DER_SEQUENCE, &item))
			return false;
		digest = digest_find(item.body);
		if (!digest)
			return false;
		is_found = is_found || digest == wanted;
	}
	return is_found;
}

static int content_read(struct text encapsulated, struct parts *parts)
{
	struct x509_der_item oid, explicit, octets;

	if (!x509_der_take(&encapsulated, X509_DER_OID, &oid))
		return X509_CMS_E_MALFORMED;
	if (!text_eq(oid.whole, BYTES(oid_data)))
		return X509_CMS_E_CONTENT_TYPE;
	if (encapsulated.len == 0)
		return X509_CMS_E_DETACHED;
	if (!x509_der_take(&encapsulated, X509_DER_CONTEXT_0, &explicit) || encapsulated.len > 0 ||
	    !x509_der_take(&explicit.body, X509_DER_OCTET_STRING, &octets) || explicit.body.len > 0)
		return X509_CMS_E_MALFORMED;
	parts->content = octets.body;
	return octets.body.len > 0 ? 0 : X509_CMS_E_DETACHED;
}

/* SignedData: version, digestAlgorithms, encapContentInfo, certificates, signerInfos */
static int data_read(struct text data, struct parts *parts)
{
	struct x509_der_item version, set, encapsulated, signers, signer;
	int r;

	if (!x509_der_take(&data, X509_DER_INTEGER, &version) ||
	    !x509_der_take(&data, X509_DER_SET, &set) ||
	    !x509_der_take(&data, X509_DER_SEQUENCE, &encapsulated))
		return X509_CMS_E_MALFORMED;
	r = content_read(encapsulated.body, parts);
	if (r)
		return r;
	/* Stepped over unread: the caller knows the signer's certificate or does not. */
	optional_take(&data, X509_DER_CONTEXT_0);
	if (!x509_der_take(&data, X509_DER_SET, &signers) || data.len > 0)
		return X509_CMS_E_MALFORMED;
	if (signers.body.len == 0)
		return X509_CMS_E_SIGNERS;
	if (!x509_der_take(&signers.body, X509_DER_SEQUENCE, &signer))
		return X509_CMS_E_MALFORMED;
	if (signers.body.len > 0)
		return X509_CMS_E_SIGNERS;
	parts->version = version.whole;
	parts->digests = set.whole;
	parts->encapsulated = encapsulated.whole;
	parts->signer = signer.body;
	return 0;
}

static int signer_id_read(struct arena *arena, struct text sid, struct x509_cms *cms)
{
	struct x509_der_item issuer;
	struct text serial;

	if (!x509_der_take(&sid, X509_DER_SEQUENCE, &issuer) ||
	    !x509_der_take_unsigned(&sid, &serial) || sid.len > 0 || serial.len > SERIAL_MAX)
		return X509_CMS_E_MALFORMED;
	cms->issuer_der = issuer.whole;
	cms->serial = hex_write(arena, serial);
	return 0;
}

/* SignerInfo: version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature,
 * unsignedAttrs */
static int signer_read(struct arena *arena, struct parts *parts, struct x509_cms *cms)
{
	struct text in = parts->signer;
	struct x509_der_item version, sid, digest, algorithm, signature;
	struct text attributes;

	if (!x509_der_take(&in, X509_DER_INTEGER, &version) || !x509_der_next(&in, &sid))
		return X509_CMS_E_MALFORMED;
	if (sid.tag != X509_DER_SEQUENCE)
		return X509_CMS_E_SIGNER_ID;
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &digest))
		return X509_CMS_E_MALFORMED;
	attributes = optional_take(&in, X509_DER_CONTEXT_0);
	if (!x509_der_take(&in, X509_DER_SEQUENCE, &algorithm) ||
	    !x509_der_take(&in, X509_DER_OCTET_STRING, &signature))
		return X509_CMS_E_MALFORMED;
	optional_take(&in, X509_DER_CONTEXT_1);
	if (in.len > 0)
		return X509_CMS_E_MALFORMED;
	parts->digest_kind = digest_find(digest.body);
	if (!parts->digest_kind || !signature_algorithm_is_ok(algorithm.body, parts->digest_kind))
		return X509_CMS_E_ALGORITHM;
	parts->signer_version = version.whole;
	parts->sid = sid.whole;
	parts->digest = digest.whole;
	parts->attributes = attributes;
	parts->algorithm = algorithm.whole;
	parts->signature = signature.whole;
	return signer_id_read(arena, sid.body, cms);
}

/* One attribute: counts those that bind the signature to the content. */
static bool attribute_read(struct text attribute, size_t *types, size_t *digests_seen)
{
	struct x509_der_item oid, set, value;

	if (!x509_der_take(&attribute, X509_DER_OID, &oid) ||
	    !x509_der_take(&attribute, X509_DER_SET, &set) || attribute.len > 0)
		return false;
	if (text_eq(oid.whole, BYTES(oid_content_type))) {
		*types += 1;
		return text_eq(set.body, BYTES(oid_data));
	}
	if (!text_eq(oid.whole, BYTES(oid_message_digest)))
		return true;
	*digests_seen += 1;
	return x509_der_take(&set.body, X509_DER_OCTET_STRING, &value) && set.body.len == 0;
}

/* None at all is allowed for plain data; then the signature is over the content itself. */
static int attributes_check(struct text attributes)
{
	size_t types = 0, seen = 0, n = 0;
	struct x509_der_item all, one;

	if (attributes.len == 0)
		return 0;
	if (!x509_der_take(&attributes, X509_DER_CONTEXT_0, &all))
		return X509_CMS_E_MALFORMED;
	while (all.body.len > 0) {
		if (n++ == ATTRIBUTES_MAX || !x509_der_take(&all.body, X509_DER_SEQUENCE, &one) ||
		    !attribute_read(one.body, &types, &seen))
			return X509_CMS_E_ATTRIBUTES;
	}
	return types == 1 && seen == 1 ? 0 : X509_CMS_E_ATTRIBUTES;
}

static struct text bare_write(struct arena *arena, const struct parts *parts)
{
	struct text signer =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, parts->signer_version, parts->sid, parts->digest,
			parts->attributes, parts->algorithm, parts->signature);
	struct text data =
	    X509_DER_OF(arena, X509_DER_SEQUENCE, parts->version, parts->digests,
			parts->encapsulated, x509_der_wrap(arena, X509_DER_SET, signer));

	return X509_DER_OF(arena, X509_DER_SEQUENCE, BYTES(oid_signed_data),
			   x509_der_wrap(arena, X509_DER_CONTEXT_0, data));
}

/* ContentInfo down to the content of SignedData. */
static bool frame_read(struct text in, struct text *ret)
{
	struct x509_der_item outer, oid, explicit, data;

	if (!x509_der_take(&in, X509_DER_SEQUENCE, &outer) || in.len > 0 ||
	    !x509_der_take(&outer.body, X509_DER_OID, &oid) ||
	    !text_eq(oid.whole, BYTES(oid_signed_data)) ||
	    !x509_der_take(&outer.body, X509_DER_CONTEXT_0, &explicit) || outer.body.len > 0 ||
	    !x509_der_take(&explicit.body, X509_DER_SEQUENCE, &data) || explicit.body.len > 0)
		return false;
	*ret = data.body;
	return true;
}

int x509_cms_read(struct arena *arena, struct text in, struct x509_cms *ret)
{
	struct x509_cms cms = {.serial = ""};
	struct parts parts = {.digest_kind = NULL};
	struct x509_der_item set;
	struct text der, data, all;
	int r;

	if (in.len > LIMIT_CMS)
		return X509_CMS_E_TOO_LARGE;
	if (!x509_ber_normal(arena, in, &der) || !frame_read(der, &data))
		return X509_CMS_E_MALFORMED;
	r = data_read(data, &parts);
	if (r == 0)
		r = signer_read(arena, &parts, &cms);
	if (r)
		return r;
	all = parts.digests;
	if (!x509_der_take(&all, X509_DER_SET, &set) ||
	    !digests_are_ok(set.body, parts.digest_kind))
		return X509_CMS_E_ALGORITHM;
	r = attributes_check(parts.attributes);
	if (r)
		return r;
	cms.content = parts.content;
	cms.is_sha1 = parts.digest_kind->is_sha1;
	cms.bare = bare_write(arena, &parts);
	*ret = cms;
	return 0;
}

/* What the library says was signed must be what we took out. */
static bool content_is_same(BIO *out, struct text content)
{
	char *data = NULL;
	long len = BIO_get_mem_data(out, &data);

	return len >= 0 && text_eq(text_make(data, (size_t)len), content);
}

int x509_cms_verify(const struct x509_cms *cms, const struct x509_cert *signer, struct trail *trail)
{
	const unsigned char *p = (const unsigned char *)cms->bare.ptr;
	const unsigned char *q = (const unsigned char *)signer->der.ptr;
	CLEANUP(certs_done) STACK_OF(X509) *certs = sk_X509_new_null();
	CLEANUP(bio_done) BIO *out = BIO_new(BIO_s_mem());
	CLEANUP(cms_done) CMS_ContentInfo *info = NULL;
	CLEANUP(cert_done) X509 *cert = d2i_X509(NULL, &q, (long)signer->der.len);
	const unsigned flags = CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY;
	bool is_good;

	/* Also said by the library, which looks the certificate up by these two. */
	if (strcmp(cms->serial, signer->serial) != 0 ||
	    !text_eq(cms->issuer_der, signer->issuer_der))
		return X509_CMS_E_SIGNATURE;
	if (!certs || !out || !cert || sk_X509_push(certs, cert) <= 0)
		return ERR_FAIL(trail, ERR_CRYPTO, "preparing to verify a renewal failed");
	info = d2i_CMS_ContentInfo(NULL, &p, (long)cms->bare.len);
	is_good = info && p == (const unsigned char *)cms->bare.ptr + cms->bare.len &&
		  CMS_verify(info, certs, NULL, NULL, out, flags) == 1 &&
		  content_is_same(out, cms->content);
	ERR_clear_error();
	return is_good ? 0 : X509_CMS_E_SIGNATURE;
}

const char *x509_cms_outcome_name(enum x509_cms_outcome outcome)
{
	static const char *const names[] = {
	    [X509_CMS_E_TOO_LARGE] = "too_large", [X509_CMS_E_MALFORMED] = "malformed",
	    [X509_CMS_E_DETACHED] = "detached",   [X509_CMS_E_CONTENT_TYPE] = "content_type",
	    [X509_CMS_E_SIGNERS] = "signers",     [X509_CMS_E_SIGNER_ID] = "signer_id",
	    [X509_CMS_E_ALGORITHM] = "algorithm", [X509_CMS_E_ATTRIBUTES] = "attributes",
	    [X509_CMS_E_SIGNATURE] = "signature",
	};

	if ((size_t)outcome >= ARRAY_LEN(names) || names[outcome] == NULL)
		return "";
	return names[outcome];
}
