/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h: reports owed to Microsoft Graph. Key: (tenant_id, id). At most one row of a device is
 * open (pending or held): a newer verdict replaces its payload and raises seq, so the last state
 * wins. What is done stays as a record until it is swept.
 */
#ifndef MUSTER_STORE_OUTBOX_H
#define MUSTER_STORE_OUTBOX_H

#include "model/compliance.h"
#include "store/store.h"

/* Owe a report. Used of the row: the ids, the payload, and created_at as now. Where the device has
 * an open row, that one gets the payload and seq + 1, and becomes pending, untried and due at once.
 * Call it in the transaction of the change. STORE_E_CONFLICT: no such device. */
MUST_CHECK int store_outbox_put(struct db_conn *tx, const struct outbox_row *row);
/* Pending rows due at now of all tenants whose Graph is not paused, at most OUTBOX_TENANT_ROWS of
 * each: the longest due of every tenant, then the second of every tenant, and so on. A tenant whose
 * Graph has not answered since its last pause comes after the others. */
enum { OUTBOX_TENANT_ROWS = 20 };
MUST_CHECK int store_outbox_due(struct db_conn *conn, struct arena *arena, int64_t now,
				size_t limit, struct outbox_row **ret, size_t *ret_n);
/* The report was delivered. STORE_E_NOT_FOUND: seq moved on meanwhile (it stays open) or gone. */
MUST_CHECK int store_outbox_done(struct db_conn *tx, struct text tenant_id, struct text id,
				 int64_t seq, int64_t now);
/* Try again at a time; tries + 1. Only if seq is unchanged: STORE_E_NOT_FOUND. */
MUST_CHECK int store_outbox_retry_at(struct db_conn *tx, struct text tenant_id, struct text id,
				     int64_t seq, int64_t at, struct text error, int64_t now);
/* Wait for an administrator, or for the tenant to be released. Only if seq is unchanged:
 * STORE_E_NOT_FOUND. */
MUST_CHECK int store_outbox_hold(struct db_conn *tx, struct text tenant_id, struct text id,
				 int64_t seq, struct text error, int64_t now);
/* Held rows of a tenant become pending and due now. */
MUST_CHECK int store_outbox_release_tenant(struct db_conn *tx, struct text tenant_id, int64_t now);
/* One open row becomes pending and due now, tries 0. STORE_E_NOT_FOUND: not open. */
MUST_CHECK int store_outbox_retry(struct db_conn *tx, struct text tenant_id, struct text id,
				  int64_t now);
/* Removes an open row. STORE_E_NOT_FOUND: not open. */
MUST_CHECK int store_outbox_drop(struct db_conn *tx, struct text tenant_id, struct text id);
/* By id alone. STORE_E_NOT_FOUND. */
MUST_CHECK int store_outbox_load(struct db_conn *conn, struct arena *arena, struct text id,
				 struct outbox_row *ret);

struct outbox_filter {
	struct text tenant_id;
	struct text device_id;
	struct text state;
};
/* Newest first, older than the id `after`. */
MUST_CHECK int store_outbox_list(struct db_conn *conn, struct arena *arena,
				 const struct outbox_filter *filter, struct text after,
				 size_t limit, struct outbox_row **ret, size_t *ret_n);
/* Rows by state, indexed by enum outbox_state; and the earliest next_try_at of a pending row that
 * is due or will be (0: none). For metrics and for the loop's sleep. */
struct outbox_counts {
	int64_t by_state[3];
	int64_t next_due_at;
};
MUST_CHECK int store_outbox_count(struct db_conn *conn, struct outbox_counts *ret);
/* Removes what was done before a time. */
MUST_CHECK int store_outbox_sweep(struct db_conn *tx, int64_t done_before);

#endif
