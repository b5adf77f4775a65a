/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.h: the wap-provisioningdoc that makes a device a managed one (MS-MDE2 2.2.9.1, Learn:
 * CertificateStore, w7 APPLICATION and DMClient CSPs).
 *
 * Windows applies the document from top to bottom and gives up at the first setting it does not
 * take, so only the three parts that enrolment needs are written: certificates, the management
 * account, and its polling. All else is the first session's business. Certificates are DER;
 * strings are UTF-8 and escaped here. A string that is NULL or "" leaves its setting out.
 */
#ifndef MUSTER_SOAP_PROVISION_H
#define MUSTER_SOAP_PROVISION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "model/device.h"

struct soap_certificates {
	struct text root;          /* trusted machine-wide by the device; ptr NULL: left out */
	struct text intermediate;  /* ptr NULL: left out */
	struct text certificate;   /* the issued one */
	enum enrollment_type type; /* ENROLLMENT_DEVICE: My/System, ENROLLMENT_FULL: My/User */
	uint32_t renew_days;       /* before it ends; 1..1000 */
	uint32_t retry_days;       /* 1..renew_days */
	const char *renew_url;     /* discovery URL for renewals */
};

/* Secrets of the OMA-DM digest; a session is authenticated by its certificate all the same. */
struct soap_account_auth {
	const char *name;   /* of the client; unused for the server's own */
	const char *secret; /* printable */
	struct text nonce;  /* 16 random bytes; Windows 11 fails without one */
};

/* Minutes. A count of 0 with an interval over 0 goes on for ever; at most one set may do so, and
 * never are all counts 0. */
struct soap_poll {
	uint32_t first_count;
	uint32_t first_interval;
	uint32_t second_count;
	uint32_t second_interval;
	uint32_t rest_count;
	uint32_t rest_interval; /* at least 1440 */
	bool on_login;
	bool all_users_on_first_login; /* for devices joined to Entra */
};

extern const struct soap_poll soap_poll_default;

struct soap_account {
	const char *provider_id; /* letters and digits only; names the account in every LocURI */
	const char *name;        /* shown to the user */
	const char *url;         /* of the management service */
	struct soap_account_auth server;
	struct soap_account_auth client;
	const char *certificate_subject; /* CN of the issued certificate, for the search criteria;
					  * left out: the client uses its enrolment certificate */
	const char *user_name;           /* UPN, shown to the user */
	const char *device_name;
	const char *device_id;       /* ours, EntDMID; must be set before the first renewal */
	const char *aad_resource_id; /* audience of user tokens in sessions */
	struct soap_poll poll;
};

/* The document of an enrolment. arena is for scratch. */
void soap_provision_write(struct arena *arena, struct buf *buf,
			  const struct soap_certificates *certificates,
			  const struct soap_account *account);

/* The document of a renewal: the certificate into its store, and whose account it is. */
void soap_provision_write_renewal(struct arena *arena, struct buf *buf,
				  const struct soap_certificates *certificates,
				  const char *provider_id);

#endif
