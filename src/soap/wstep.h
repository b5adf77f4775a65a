/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wstep.h: RequestSecurityToken, its context items, and the answer (MS-MDE2 3.4 to 3.6).
 *
 * The same message enrols, renews and recovers; the request type tells which, and with it what
 * the body's BinarySecurityToken must be. Context items are what the device says of itself:
 * labels, kept whole and in order, unknown names too. None of them authorises anything.
 */
#ifndef MUSTER_SOAP_WSTEP_H
#define MUSTER_SOAP_WSTEP_H

#include <stdint.h>

#include "model/device.h"
#include "soap/envelope.h"

enum soap_token_kind { SOAP_TOKEN_ISSUE, SOAP_TOKEN_RENEW, SOAP_TOKEN_RECOVERY };

struct soap_context_item {
	struct text name;
	struct text value; /* not trimmed */
};

struct soap_token_request {
	enum soap_token_kind kind;
	const struct soap_context_item *items;
	size_t item_count;               /* at most LIMIT_SOAP_CONTEXT_ITEMS */
	const struct xml_node *evidence; /* for soap_token_evidence */
};

/* SOAP_E_FORMAT: another message, an unknown request type, too many or too long context items,
 * or an item repeated that describes the one device. Whether evidence is usable is not looked at.
 */
MUST_CHECK int soap_token_read(struct arena *arena, const struct soap_message *message,
			       struct soap_token_request *ret);

/* The DER bytes in the body's BinarySecurityToken: a PKCS#10 request, or for SOAP_TOKEN_RENEW a
 * CMS SignedData around one. SOAP_E_CERTIFICATE: of another type than the request asks for, not
 * base64 of DER, or longer than LIMIT_CSR. */
MUST_CHECK int soap_token_evidence(struct arena *arena, const struct soap_token_request *request,
				   struct text *ret);

/* The first item of that name, trimmed; ptr NULL: not sent. */
struct text soap_context_get(const struct soap_token_request *request, const char *name);
/* Iterate items of one name that repeats (MAC, IMEI): prev NULL gives the first, NULL is the end.
 */
const struct soap_context_item *soap_context_next(const struct soap_token_request *request,
						  const struct soap_context_item *prev,
						  const char *name);
/* "true" in any case; anything else, or not sent, is false. */
bool soap_context_is_true(const struct soap_token_request *request, const char *name);
/* EnrollmentType; false, with *ret untouched, when it is missing or unknown. */
MUST_CHECK bool soap_context_type(const struct soap_token_request *request,
				  enum enrollment_type *ret);

enum { SOAP_TOKEN_VALIDITY_S = 5 * 60 };

/* document: a provisioning document; now: Unix seconds, for the message's time stamp. */
void soap_token_write(struct arena *arena, struct buf *buf, const struct soap_reply *reply,
		      struct text document, int64_t now);

#endif
