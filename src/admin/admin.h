/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h: what all operations behind the API share: who asks, why it was refused, and the audit.
 *
 * An operation checks its input, then changes rows and writes its audit entry in one transaction.
 * Input of an administrator is checked like any other. Secrets go in and never come out.
 */
#ifndef MUSTER_ADMIN_ADMIN_H
#define MUSTER_ADMIN_ADMIN_H

#include "model/op.h"
#include "store/store.h"

struct admin {
	struct op *op;
	const struct api_principal *who;
	/* Set with every positive outcome: one sentence for the caller, in the arena or static. */
	const char *why;
};

enum admin_outcome {
	ADMIN_E_INVALID = 1, /* a field's value; why names the field */
	ADMIN_E_NOT_FOUND,
	ADMIN_E_CONFLICT, /* it exists already */
	ADMIN_E_STATE,    /* not possible in the state things are in */
	ADMIN_E_STALE     /* somebody else changed it since it was read; read again */
};

/* Set why and return the outcome. */
int admin_refuse(struct admin *admin, enum admin_outcome outcome, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* What is recorded of a change. detail: JSON object without secrets. */
struct admin_record {
	const char *tenant_id;
	const char *action; /* "policy.add" */
	const char *object_kind;
	const char *object_id;
	const char *detail; /* NULL: {} */
};

/* Run change(tx, argument) and add the audit entry in the same transaction. Outcomes of the store
 * become outcomes of admin; what names the object in why ("policy"). */
typedef int (*admin_change)(struct db_conn *tx, void *argument);
MUST_CHECK int admin_transact(struct admin *admin, const char *what,
			      const struct admin_record *record, admin_change change,
			      void *argument);

/* Translate what a read of the store returned. */
MUST_CHECK int admin_found(struct admin *admin, const char *what, int r);

/* Checks of common fields; ADMIN_E_INVALID names the field. */
MUST_CHECK int admin_check_text(struct admin *admin, const char *field, const char *value,
				size_t min, size_t max);
MUST_CHECK int admin_check_guid(struct admin *admin, const char *field, const char *value);

/* A copy with ASCII letters in lower case: GUIDs are stored and compared so. */
const char *admin_lower(struct admin *admin, const char *text);

struct assignment;
MUST_CHECK int admin_check_assignments(struct admin *admin, const struct assignment *list,
				       size_t n);

#endif
