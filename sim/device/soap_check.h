/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_check.h: reading the server's SOAP replies as strictly as Windows' enrolment client, and
 * where Windows is not documented, as strictly as the specification.
 */
#ifndef MUSTER_SIM_DEVICE_SOAP_CHECK_H
#define MUSTER_SIM_DEVICE_SOAP_CHECK_H

#include "sim/device/task.h"

struct soap_expected {
	const char *what; /* "GetPolicies" */
	const char *action;
	const char *message_id; /* of the request */
};

struct soap_endpoints {
	const char *auth_policy;
	const char *version;    /* "" when left out */
	const char *policy_url; /* "" when left out */
	const char *enrollment_url;
	const char *authentication_url; /* "" when left out */
};

struct soap_policy {
	unsigned key_bits;
	bool is_sha256;
};

MUST_CHECK int soap_read_discover(struct task *task, const struct http_client_response *response,
				  struct soap_endpoints *ret);
MUST_CHECK int soap_read_policies(struct task *task, const struct http_client_response *response,
				  struct soap_policy *ret);
/* The provisioning document, decoded. */
MUST_CHECK int soap_read_request(struct task *task, const struct http_client_response *response,
				 struct text *ret);

#endif
