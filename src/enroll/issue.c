/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.c: see issue.h.
 */
#include "enroll/issue.h"

#include "base/digest.h"
#include "base/hex.h"
#include "signer/signer.h"
#include "store/certificate.h"

enum { DAY_S = 24 * 3600 };

/* Shorter than the template's where the configuration says so. */
static void lifetime_set(const struct op *op, struct x509_leaf_request *leaf)
{
	int64_t until = op->now + (int64_t)op->config->certificate_days * DAY_S;

	x509_leaf_times(leaf, op->now, signer_ca(op->signer));
	if (op->config->certificate_days > 0 && until < signer_ca(op->signer)->not_after)
		leaf->not_after = until;
}

int enroll_certificate_issue(struct op *op, struct text spki_der,
			     struct device_certificate *certificate, struct text *ret_der,
			     const char **ret_sha256)
{
	struct x509_leaf_request leaf = {
	    .spki_der = spki_der,
	    .subject_cn = text_of(certificate->device_id),
	};
	int r;

	signer_serial_make(leaf.serial);
	lifetime_set(op, &leaf);
	r = signer_sign_leaf(op->signer, op->arena, &leaf, ret_der, &op->trail);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == SIGNER_E_REFUSED)
		return ERR_FAIL(&op->trail, ERR_CRYPTO, "signer refused: %s",
				x509_leaf_verdict_name(signer_refusal(op->signer)));
	*ret_sha256 = digest_sha256_hex(op->arena, *ret_der);
	certificate->serial = hex_write(op->arena, text_make(leaf.serial, sizeof(leaf.serial)));
	certificate->issuer_key_id = hex_write(op->arena, signer_ca(op->signer)->subject_key_id);
	certificate->not_before = leaf.not_before;
	certificate->not_after = leaf.not_after;
	return 0;
}

int enroll_certificate_repeat(struct op *op, const char *tenant_id, const char *token_sha256,
			      struct device_certificate *ret)
{
	int r = store_certificate_find_token(db_reader(op->db), op->arena, text_of(tenant_id),
					     text_of(token_sha256), ret);

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == STORE_E_NOT_FOUND) {
		*ret = (struct device_certificate){0};
		return 0;
	}
	switch (ret->state) {
	case CERTIFICATE_INTENDED:
	case CERTIFICATE_ACTIVE:
		return 0;
	case CERTIFICATE_SUPERSEDED:
	case CERTIFICATE_REVOKED:
		break;
	}
	return ENROLL_REPEAT_E_SPENT;
}
