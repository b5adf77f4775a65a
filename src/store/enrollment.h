/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrollment.h: every attempt to enrol, also those that failed. Key: (tenant_id, id). Rows of no
 * proved tenant (tenant_id "") can be made by anyone on the Internet: they are bounded, and the
 * oldest go first.
 */
#ifndef MUSTER_STORE_ENROLLMENT_H
#define MUSTER_STORE_ENROLLMENT_H

#include "model/device.h"
#include "store/store.h"

/* Exact matches; the empty text leaves a field out. */
struct enrollment_filter {
	struct text tenant_id;
	struct text stage;
	struct text outcome;
	struct text error_code;
	struct text reason;
	struct text user_principal_name; /* without regard to ASCII case */
	struct text device_id;
	struct text entra_device_id;
	struct text client_request_id;
	struct text trace_id;
};

/* Also removes rows of no tenant beyond LIMIT_REFUSED_ATTEMPTS_KEPT. STORE_E_CONFLICT: the id. */
MUST_CHECK int store_enrollment_add(struct db_conn *tx, const struct enrollment *enrollment);
/* By id alone. STORE_E_NOT_FOUND. */
MUST_CHECK int store_enrollment_load(struct db_conn *conn, struct arena *arena, struct text id,
				     struct enrollment *ret);
/* Newest first (ids are time-ordered), older than the id `after`. */
MUST_CHECK int store_enrollment_list(struct db_conn *conn, struct arena *arena,
				     const struct enrollment_filter *filter, struct text after,
				     size_t limit, struct enrollment **ret, size_t *ret_n);
/* Attempts of one user with this outcome at or since a time; for caps on enrolments in a day. */
MUST_CHECK int store_enrollment_count_for_user(struct db_conn *conn, struct text tenant_id,
					       struct text user_key, enum enrollment_stage stage,
					       enum enrollment_outcome outcome, int64_t since,
					       int64_t *ret);
/* Removes attempts made before a time. */
MUST_CHECK int store_enrollment_sweep(struct db_conn *tx, int64_t before);

#endif
