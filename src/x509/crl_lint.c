/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl_lint.c: x509_crl_lint, the second opinion on a CRL before it leaves the signer. OpenSSL reads
 * it; nothing is shared with the writer in crl.c.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "x509/crl.h"

struct lint {
	X509_CRL *crl;
	const struct x509_crl_request *request;
	const struct x509_cert *ca;
};

static void crl_done(X509_CRL **crl)
{
	X509_CRL_free(*crl);
}

static bool is_string(const ASN1_STRING *s, struct text want)
{
	return s != NULL &&
	       text_eq(text_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)), want);
}

static bool is_time(const ASN1_TIME *t, int64_t want)
{
	return t != NULL && ASN1_TIME_cmp_time_t(t, (time_t)want) == 0;
}

static bool check_version(const struct lint *lint)
{
	return X509_CRL_get_version(lint->crl) == X509_CRL_VERSION_2;
}

static bool check_issuer(const struct lint *lint)
{
	const unsigned char *der;
	size_t len;

	return X509_NAME_get0_der(X509_CRL_get_issuer(lint->crl), &der, &len) == 1 &&
	       text_eq(text_make(der, len), lint->ca->subject_der);
}

static bool check_times(const struct lint *lint)
{
	return is_time(X509_CRL_get0_lastUpdate(lint->crl), lint->request->this_update) &&
	       is_time(X509_CRL_get0_nextUpdate(lint->crl), lint->request->next_update);
}

static bool check_extensions(const struct lint *lint)
{
	AUTHORITY_KEYID *key =
	    X509_CRL_get_ext_d2i(lint->crl, NID_authority_key_identifier, NULL, NULL);
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(lint->crl, NID_crl_number, NULL, NULL);
	int64_t value = -1;
	bool good = X509_CRL_get_ext_count(lint->crl) == 2 && key && !key->issuer && !key->serial &&
		    is_string(key->keyid, lint->ca->subject_key_id) && number &&
		    ASN1_INTEGER_get_int64(&value, number) == 1 && value == lint->request->number;

	AUTHORITY_KEYID_free(key);
	ASN1_INTEGER_free(number);
	return good;
}

static bool is_entry(const X509_REVOKED *revoked, const struct x509_crl_entry *want)
{
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);
	bool good = reason && X509_REVOKED_get_ext_count(revoked) == 1 &&
		    ASN1_ENUMERATED_get(reason) == (long)want->reason &&
		    is_string(X509_REVOKED_get0_serialNumber(revoked),
			      text_make(want->serial, X509_SERIAL_LEN)) &&
		    is_time(X509_REVOKED_get0_revocationDate(revoked), want->revoked_at);

	ASN1_ENUMERATED_free(reason);
	return good;
}

static bool check_entries(const struct lint *lint)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(lint->crl);
	size_t count = list ? (size_t)sk_X509_REVOKED_num(list) : 0;

	if (count != lint->request->count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_entry(sk_X509_REVOKED_value(list, (int)i), &lint->request->entries[i]))
			return false;
	return true;
}

static bool check_signature(const struct lint *lint)
{
	const unsigned char *p = (const unsigned char *)lint->ca->spki_der.ptr;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)lint->ca->spki_der.len);
	bool good = key != NULL && X509_CRL_verify(lint->crl, key) == 1;

	EVP_PKEY_free(key);
	return good;
}

static const struct {
	const char *field;
	bool (*check)(const struct lint *lint);
} checks[] = {
    {"version", check_version},       {"issuer", check_issuer},   {"times", check_times},
    {"extensions", check_extensions}, {"entries", check_entries}, {"signature", check_signature},
};

static int differs(struct trail *trail, const char *field)
{
	ERR_clear_error();
	return ERR_FAIL(trail, X509_CRL_E_DIFFERS, "the CRL's %s is not what was asked for", field);
}

int x509_crl_lint(struct text der, const struct x509_crl_request *request,
		  const struct x509_cert *ca, struct trail *trail)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	CLEANUP(crl_done) X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);
	struct lint lint = {.crl = crl, .request = request, .ca = ca};

	if (crl == NULL || p != (const unsigned char *)der.ptr + der.len)
		return differs(trail, "form");
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (!checks[i].check(&lint))
			return differs(trail, checks[i].field);
	return 0;
}

bool x509_crl_is_of(struct text der, const struct x509_cert *ca)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	CLEANUP(crl_done) X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);
	struct lint lint = {.crl = crl, .ca = ca};
	bool is_of = crl != NULL && check_issuer(&lint) && check_signature(&lint);

	ERR_clear_error();
	return is_of;
}
