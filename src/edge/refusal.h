/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal.h: what the endpoints of enrolment share about who may not enrol: the fault of each
 * refusal, and whether a user has the licence a tenant asks for.
 */
#ifndef MUSTER_EDGE_REFUSAL_H
#define MUSTER_EDGE_REFUSAL_H

#include "enroll/enroll.h"
#include "soap/fault.h"

/* The fault each refusal of the use case becomes. */
enum soap_fault edge_refusal_fault(enum enroll_outcome outcome);

/* Whether the user is in the group the tenant names; Graph is asked, for a few seconds at most,
 * where it has not told lately. ENROLL_LICENSE_UNKNOWN where the tenant names none. 0, or negative
 * when the program failed. */
MUST_CHECK int edge_license_find(struct op *op, const struct enroll_principal *principal,
				 const struct tenant *tenant, enum enroll_license *ret);

#endif
