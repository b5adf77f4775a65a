/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.c: see crl.h. The mark of what is revoked is read before the list is: a change between the
 * two only makes one list more. Of several servers on one database each may make the same list; the
 * one with the larger number stays, and that was made of no less.
 */
#include "enroll/crl.h"

#include "base/b64.h"
#include "base/hex.h"
#include "signer/signer.h"
#include "store/crl.h"

enum { ATTRIBUTE_MAX = 500 };

/* In place of the issuer of a certificate that does not say it. */
#define ISSUER_UNKNOWN "-"

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

struct attribution {
	struct op *op;
	const struct device_certificate *list;
	size_t n;
};

static const char *issuer_of(struct op *op, const struct device_certificate *certificate)
{
	struct x509_cert cert;
	struct text der;

	if (b64_read(op->arena, text_of(certificate->der), &der) ||
	    x509_cert_read(op->arena, der, &cert) || cert.authority_key_id.ptr == NULL)
		return ISSUER_UNKNOWN;
	return hex_write(op->arena, cert.authority_key_id);
}

static int attribution_write(struct db_conn *tx, void *argument)
{
	const struct attribution *a = argument;

	for (size_t i = 0; i < a->n; i++) {
		int r =
		    store_crl_attribute(tx, text_of(a->list[i].tenant_id), text_of(a->list[i].id),
					text_of(issuer_of(a->op, &a->list[i])));

		if (r)
			return r;
	}
	return 0;
}

/* Certificates that were stored before the issuer was. */
static int attribute(struct op *op)
{
	struct attribution a = {.op = op};
	struct device_certificate *list;
	int r;

	r = store_crl_list_unattributed(db_reader(op->db), op->arena, ATTRIBUTE_MAX, &list, &a.n);
	if (r == 0 && a.n > 0) {
		a.list = list;
		r = db_transact(op->db, attribution_write, &a);
	}
	return r ? store_failed(op, r) : 0;
}

static int put_write(struct db_conn *tx, void *argument)
{
	return store_crl_put(tx, argument);
}

/* False: a serial number that none of our certificates has; it cannot be in circulation. */
static bool entry_fill(struct op *op, const struct x509_cert *ca, const struct store_revoked *from,
		       struct x509_crl_entry *ret)
{
	struct text serial;
	int64_t at = from->revoked_at;

	if (hex_read(op->arena, text_of(from->serial), &serial) || serial.len != X509_SERIAL_LEN)
		return false;
	memcpy(ret->serial, serial.ptr, X509_SERIAL_LEN);
	/* another server's clock may be ahead; a restored CA certificate may be younger */
	if (at > op->now)
		at = op->now;
	ret->revoked_at = at < ca->not_before ? ca->not_before : at;
	ret->reason =
	    from->state == CERTIFICATE_SUPERSEDED ? X509_CRL_SUPERSEDED : X509_CRL_CESSATION;
	return true;
}

static int entries_load(struct op *op, const struct x509_cert *ca, const char *key_id,
			struct x509_crl_request *ret)
{
	struct x509_crl_entry *entries;
	struct store_revoked *list;
	size_t n, count = 0;
	int r;

	r = store_crl_list_revoked(db_reader(op->db), op->arena, text_of(key_id),
				   op->now - X509_CRL_LIFETIME_S, LIMIT_CRL_ENTRIES + 1, &list, &n);
	if (r)
		return store_failed(op, r);
	entries = ARENA_ARRAY(op->arena, n, struct x509_crl_entry);
	for (size_t i = 0; i < n; i++)
		count += entry_fill(op, ca, &list[i], &entries[count]);
	x509_crl_sort(entries, count);
	ret->entries = entries;
	ret->count = count;
	return 0;
}

static int crl_make(struct op *op, size_t issuer, const char *key_id, const char *mark,
		    int64_t last_number)
{
	const struct x509_cert *ca = signer_issuer(op->signer, issuer);
	struct x509_crl_request request = {0};
	struct store_crl crl = {.issuer_key_id = key_id, .revoked = mark, .made_at = op->now};
	struct text der;
	int r;

	r = entries_load(op, ca, key_id, &request);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	x509_crl_times(&request, op->now, last_number);
	r = signer_sign_crl(op->signer, op->arena, issuer, &request, &der, &op->trail);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == SIGNER_E_REFUSED)
		return ERR_FAIL(&op->trail, ERR_CRYPTO, "signer refused a CRL of %zu: %s",
				request.count,
				x509_crl_verdict_name(signer_crl_refusal(op->signer)));
	crl.der = b64_write(op->arena, der);
	crl.number = request.number;
	crl.next_at = request.next_update;
	r = db_transact(op->db, put_write, &crl);
	if (r < 0)
		return store_failed(op, r);
	return 0; /* also where the stored list has the larger number */
}

static bool is_in_service(const struct op *op, size_t issuer)
{
	const struct x509_cert *ca = signer_issuer(op->signer, issuer);

	return signer_issuer_has_key(op->signer, issuer) && op->now >= ca->not_before &&
	       op->now < ca->not_after;
}

static int crl_keep(struct op *op, size_t issuer)
{
	const char *key_id =
	    hex_write(op->arena, signer_issuer(op->signer, issuer)->subject_key_id);
	struct store_crl last = {.revoked = ""};
	const char *mark;
	int r;

	r = store_crl_load_head(db_reader(op->db), op->arena, text_of(key_id), &last);
	if (r < 0)
		return store_failed(op, r);
	r = store_crl_mark(db_reader(op->db), op->arena, text_of(key_id), &mark);
	if (r)
		return store_failed(op, r);
	/* One of the future: the clock went back, or was wrong then. While signatures fail, a list
	 * is what shows that they work again. */
	if (!signer_is_failing(op->signer) && strcmp(mark, last.revoked) == 0 &&
	    op->now < last.made_at + ENROLL_CRL_RENEW_S &&
	    last.made_at <= op->now + X509_CRL_BACKDATE_S)
		return 0;
	return crl_make(op, issuer, key_id, mark, last.number);
}

int enroll_crl_turn(struct op *op)
{
	int r = attribute(op), first = r;

	/* a CA that fails keeps no other from its list */
	for (size_t i = 0; i < signer_issuer_count(op->signer); i++) {
		if (!is_in_service(op, i))
			continue;
		r = crl_keep(op, i);
		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

int enroll_crl_remaining(struct op *op, int64_t *ret)
{
	int64_t least = X509_CRL_LIFETIME_S;

	for (size_t i = 0; i < signer_issuer_count(op->signer); i++) {
		const struct x509_cert *ca = signer_issuer(op->signer, i);
		struct store_crl crl = {0};
		int r;

		if (!is_in_service(op, i))
			continue;
		r = store_crl_load_head(db_reader(op->db), op->arena,
					text_of(hex_write(op->arena, ca->subject_key_id)), &crl);
		if (r < 0)
			return store_failed(op, r);
		if (crl.next_at - op->now < least)
			least = crl.next_at - op->now;
	}
	*ret = least;
	return 0;
}
