/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h: the audit. Key: (tenant_id, id). Rows are only ever added, in the transaction of what
 * they record; there is no function that changes or removes one.
 */
#ifndef MUSTER_STORE_AUDIT_H
#define MUSTER_STORE_AUDIT_H

#include "model/audit.h"
#include "store/store.h"

/* Exact matches; the empty text leaves a field out. */
struct audit_filter {
	struct text tenant_id;
	struct text actor;
	struct text action;
	struct text object_kind;
	struct text object_id;
	struct text outcome;
	struct text trace_id;
};

/* STORE_E_CONFLICT: the id. */
MUST_CHECK int store_audit_add(struct db_conn *tx, const struct audit_entry *entry);
/* Newest first, older than the id `after`. */
MUST_CHECK int store_audit_list(struct db_conn *conn, struct arena *arena,
				const struct audit_filter *filter, struct text after, size_t limit,
				struct audit_entry **ret, size_t *ret_n);
/* By id alone. STORE_E_NOT_FOUND. */
MUST_CHECK int store_audit_load(struct db_conn *conn, struct arena *arena, struct text id,
				struct audit_entry *ret);

#endif
