/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential_signed.h: the prover for a signed SOAP header (certificate authentication).
 */
#ifndef MUSTER_EDGE_CREDENTIAL_SIGNED_H
#define MUSTER_EDGE_CREDENTIAL_SIGNED_H

#include "edge/soap_call.h"

/* As soap_call_authenticate. */
MUST_CHECK int credential_signed_prove(struct soap_call *call, const struct soap_security *security,
				       struct enroll_principal *ret, struct tenant *ret_tenant);

#endif
