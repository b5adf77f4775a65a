/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcep.h: the certificate enrolment policy, GetPolicies and its answer (MS-XCEP).
 *
 * A policy tells the client how to make its key: how long, hashed with what, in which provider.
 * It is the same for everyone and not secret.
 */
#ifndef MUSTER_SOAP_XCEP_H
#define MUSTER_SOAP_XCEP_H

#include <stdint.h>

#include "soap/envelope.h"

struct soap_policies {
	struct text preferred_language; /* hints, ptr NULL: not sent */
	struct text tpm_manufacturer;
	struct text tpm_firmware;
};

/* Where a member is 0 or NULL the answer leaves the choice to the client. */
struct soap_policies_response {
	const char *policy_id;   /* may be "" */
	const char *common_name; /* of the policy */
	uint32_t minimal_key_length;
	uint32_t validity_s;
	uint32_t renewal_s;
	const char *const *providers; /* names of key providers, best first; the software provider
				       * must be among them or devices without a TPM cannot enrol */
	size_t provider_count;        /* 0: any */
};

/* SOAP_E_FORMAT. Children it does not know are no error. */
MUST_CHECK int soap_policies_read(const struct soap_message *message, struct soap_policies *ret);

/* Certificate requests are to be signed with SHA-256. */
void soap_policies_write(struct buf *buf, const struct soap_reply *reply,
			 const struct soap_policies_response *response);

#endif
