/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h: the Discover request and its answer (MS-MDE2 3.1).
 *
 * The request is not authenticated. All it says are claims of the client; the e-mail address in
 * particular may be empty, DOMAIN\user, or anything. An unknown newer version or policy is not
 * an error.
 */
#ifndef MUSTER_SOAP_DISCOVERY_H
#define MUSTER_SOAP_DISCOVERY_H

#include <stdint.h>

#include "soap/envelope.h"

/* Values are bits of a set. */
enum soap_auth { SOAP_AUTH_ON_PREMISE = 1, SOAP_AUTH_FEDERATED = 2, SOAP_AUTH_CERTIFICATE = 4 };

/* Versions are counted in tenths: 4.0 is 40. */
enum { SOAP_VERSION_NOT_SENT = 0 };

struct soap_discover {
	struct text email; /* ptr NULL: not sent */
	uint32_t version;  /* highest that the client knows, or SOAP_VERSION_NOT_SENT */
	struct text device_type;
	struct text application_version;
	struct text os_edition;
	unsigned int auth; /* set of enum soap_auth; on-premise alone when it offered none */
};

struct soap_discover_response {
	enum soap_auth auth;
	uint32_t version;           /* soap_version_pick */
	const char *policy_url;     /* NULL or "": left out */
	const char *enrollment_url; /* same host as policy_url */
	const char *auth_url;       /* NULL or "": left out; required by non-Entra federated */
};

/* SOAP_E_FORMAT. */
MUST_CHECK int soap_discover_read(const struct soap_message *message, struct soap_discover *ret);

/* What to answer a client that knows up to `client`, when we implement up to `highest`: the lower,
 * and 3.0, the first that Windows 10 knew, to one that did not say. protocol: version negotiation.
 */
uint32_t soap_version_pick(uint32_t client, uint32_t highest);

void soap_discover_write(struct buf *buf, const struct soap_reply *reply,
			 const struct soap_discover_response *response);

#endif
