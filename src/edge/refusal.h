/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal.h: what the endpoints of enrolment share about who may not enrol: the answer to each
 * refusal, and whether a user has the licence a tenant asks for.
 */
#ifndef MUSTER_EDGE_REFUSAL_H
#define MUSTER_EDGE_REFUSAL_H

#include "edge/soap_call.h"
#include "enroll/enroll.h"

/* Answer with the fault that a refusal of the use case becomes, and record the attempt, whose
 * reason is filled in already. */
void edge_refuse(struct soap_call *call, enum enroll_outcome outcome, const struct tenant *tenant);

/* Whether the user is in the group the tenant names; Graph is asked, for a few seconds at most,
 * where it has not told lately. ENROLL_LICENSE_UNKNOWN where the tenant names none. *ret_why is
 * what kept Graph from telling, "" where nothing did. 0, or negative when the program failed. */
MUST_CHECK int edge_license_find(struct op *op, const struct enroll_principal *principal,
				 const struct tenant *tenant, enum enroll_license *ret,
				 const char **ret_why);
/* Where the attempt was refused for that: what Graph really said, beside what to do. */
void edge_license_tell(struct op *op, struct enrollment *attempt, const char *why);

#endif
