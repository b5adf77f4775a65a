/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signed.h: who signed an enrolment request (certificate authentication, MS-MDE2 3.1.4.1.1.1.2).
 *
 * The order is part of the protection. First size and form of the header, the timestamp, and
 * whether a CA that a tenant trusts issued the certificate; only then are the bytes given to the
 * libraries that read XML signatures. So a stranger without such a certificate never reaches
 * them. The key is the certificate's, never one that the signature names or carries.
 *
 * The tenant is the one that trusts the CA; where several do, the one to which the domain of the
 * user's name belongs.
 */
#ifndef MUSTER_ENROLL_SIGNED_H
#define MUSTER_ENROLL_SIGNED_H

#include "model/device.h"
#include "model/op.h"
#include "soap/wsse.h"

enum enroll_signed_outcome {
	ENROLL_SIGNED_E_FORM = 1,   /* the header is not the signed one, or not readable */
	ENROLL_SIGNED_E_IDENTITY,   /* who signed is not believed */
	ENROLL_SIGNED_E_PERMISSION, /* believed, and of a tenant that is not served */
	ENROLL_SIGNED_E_NOT_OFFERED /* believed, and the tenant has no such way to enrol */
};

/* bytes: what message and security were read from, the whole of it. On a positive outcome
 * attempt->reason says why; *ret is filled all the same where the signature was good and the
 * tenant is known, and has a NULL tenant_id otherwise. */
MUST_CHECK int enroll_signed_prove(struct op *op, struct text bytes,
				   const struct soap_message *message,
				   const struct soap_security *security, struct enrollment *attempt,
				   struct enroll_principal *ret, struct tenant *ret_tenant);

/* Does the tenant offer this way of enrolling without Entra? */
bool enroll_method_is_offered(const struct tenant *tenant, enum enrollment_method method);

#endif
