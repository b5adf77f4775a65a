/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll.h: the steps of an enrolment, one after another, so that a caller can time them: sign in,
 * Terms of Use (terms.h), join the directory, enrol with the server, keep the result.
 */
#ifndef MUSTER_SIM_DEVICE_ENROLL_H
#define MUSTER_SIM_DEVICE_ENROLL_H

#include "sim/device/directory.h"
#include "sim/device/keys.h"
#include "sim/device/provision.h"
#include "sim/device/sign.h"

struct enroll_wish {
	const char *discovery_url;
	struct directory directory;  /* control_url NULL: there is none */
	struct text token;           /* ptr NULL: from the directory */
	const char *password;        /* on-premises */
	struct sign_identity signer; /* certificate */
	struct text csr;             /* ptr NULL: made as Windows makes it */
	const char *opaque_blob;     /* NULL: no Terms of Use */
};

struct enroll_result {
	struct provision provision;
	struct text document;
};

/* The user's token for the Terms of Use page; sets the device's UPN. */
MUST_CHECK int enroll_sign_in(struct task *task, struct device *device,
			      const struct enroll_wish *wish, struct text *ret);
/* Register the device where it is not, and get the token that names it. */
MUST_CHECK int enroll_join(struct task *task, struct device *device, const struct enroll_wish *wish,
			   struct text *ret);
/* Discovery, policy, certificate request, provisioning document. *key is made when NULL. */
MUST_CHECK int enroll_with_server(struct task *task, const struct device *device,
				  const struct enroll_wish *wish, struct text token, EVP_PKEY **key,
				  struct enroll_result *ret);
/* Take the result into the device and its directory. pool_key: the file that holds the key; NULL:
 * key.pem of the directory. */
MUST_CHECK int enroll_keep(struct task *task, struct device *device, const char *discovery_url,
			   const struct enroll_result *result, const char *pool_key);

/* Discovery alone, also the first step of a renewal. */
struct soap_endpoints;
MUST_CHECK int enroll_discover(struct task *task, const struct device *device, const char *url,
			       bool is_renewal, struct soap_endpoints *ret);
/* POST a SOAP body; the client certificate of the device where is_renewal. */
MUST_CHECK int enroll_post(struct task *task, const struct device *device, const char *url,
			   struct text body, bool is_renewal, struct http_client_response *ret);

#endif
