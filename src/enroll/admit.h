/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admit.h: an enrolment under way, and whether it may go on. Private to admit.c and enroll.c.
 *
 * Whatever returns int: 0, or a positive enroll_outcome that is in the attempt already, or an
 * error.
 */
#ifndef MUSTER_ENROLL_ADMIT_H
#define MUSTER_ENROLL_ADMIT_H

#include "enroll/enroll.h"
#include "store/store.h"
#include "x509/csr.h"

struct enrolment {
	struct op *op;
	const struct enroll_request *request;
	struct enrollment *attempt;
	enum enrollment_type type;
	struct x509_csr csr;
	const char *proof_sha256;              /* what is good for one enrolment only */
	struct device_certificate certificate; /* the row: found or intended */
	struct device previous;                /* the enrolled device this one replaces, if any */
	bool has_previous;
	bool is_key_used;
	struct device_certificate key_owner; /* the row that has the key, when is_key_used */
	bool is_consent_used;
	int64_t user_devices;   /* but the previous one */
	int64_t tenant_devices; /* the same, where they are limited */
	bool is_over_cap;
	bool is_tenant_full;
	struct device device;
	struct text der;
	const char *sha256;
};

/* Everything that can be said before something is written, but the limits. On 0 csr and
 * proof_sha256 are there, and certificate.id is set when the token was used before. */
MUST_CHECK int enrolment_admit(struct enrolment *e);
/* The limits, also that of a day. The commit counts again. */
MUST_CHECK int enrolment_cap_check(struct enrolment *e);

/* What there is to replace, and whether user and tenant may have one device more. Gives what the
 * store gives; enrolment_cap_refuse says what follows. */
MUST_CHECK int enrolment_cap_count(struct enrolment *e, struct db_conn *conn);
MUST_CHECK int enrolment_cap_refuse(struct enrolment *e);
/* The enrolled device this one replaces: of the same Entra identity, or where Entra proved none the
 * user's own that called itself the same. Gives what the store gives. */
MUST_CHECK int enrolment_previous_load(struct enrolment *e, struct db_conn *conn);
/* The earlier use of this token, if there was one. On 0 certificate.id is set when there was. */
MUST_CHECK int enrolment_token_check(struct enrolment *e);

bool enrolment_is_bulk(const struct enrolment *e);
/* A label the client chose: kept readable and short, never trusted. */
const char *enrolment_label(struct op *op, struct text t);
/* Note it in the attempt and give outcome back. */
int enrolment_refuse(struct enrolment *e, int outcome, const char *reason);
int enrolment_store_failed(struct enrolment *e, int r);

#endif
