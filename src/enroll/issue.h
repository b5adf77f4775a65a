/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h: the one way in which enrolment and renewal use the CA's key. The intent must be durable
 * before; the certificate counts only when it is stored as ACTIVE after.
 */
#ifndef MUSTER_ENROLL_ISSUE_H
#define MUSTER_ENROLL_ISSUE_H

#include "model/device.h"
#include "model/op.h"

/* Sign a certificate for this key that names certificate->device_id, valid from now for as long as
 * the configuration says. Fills serial, not_before and not_after of the row; *ret_sha256 is hex.
 * A signer that refuses is a failure of ours. */
MUST_CHECK int enroll_certificate_issue(struct op *op, struct text spki_der,
					struct device_certificate *certificate,
					struct text *ret_der, const char **ret_sha256);

enum enroll_repeat_outcome { ENROLL_REPEAT_E_SPENT = 1 /* the certificate was taken back since */ };

/* The row that the same request made before, which an equal one is answered with; all zero: there
 * is none. Positive: enum enroll_repeat_outcome, *ret is filled all the same. Negative: the store
 * failed. */
MUST_CHECK int enroll_certificate_repeat(struct op *op, const char *tenant_id,
					 const char *token_sha256, struct device_certificate *ret);

#endif
