/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.h: the SOAP faults that Windows understands, and the error each becomes on the device
 * (MS-MDE2 2.2.9).
 *
 * A fault goes out with HTTP status 500; with 200 or 4xx the client shows the HTTP status and
 * never reads the body. Which fault an outcome deserves is the caller's decision.
 */
#ifndef MUSTER_SOAP_FAULT_H
#define MUSTER_SOAP_FAULT_H

#include "soap/envelope.h"

enum soap_fault {
	SOAP_FAULT_MESSAGE_FORMAT,
	SOAP_FAULT_AUTHENTICATION,
	SOAP_FAULT_AUTHORIZATION,
	SOAP_FAULT_CERTIFICATE_REQUEST,
	SOAP_FAULT_ENROLLMENT_SERVER,
	SOAP_FAULT_INTERNAL_SERVICE,
	SOAP_FAULT_INVALID_SECURITY,
	SOAP_FAULT_DEVICE_CAP_REACHED,
	SOAP_FAULT_DEVICE_NOT_SUPPORTED,
	SOAP_FAULT_NOT_SUPPORTED,
	SOAP_FAULT_NOT_ELIGIBLE_TO_RENEW,
	SOAP_FAULT_IN_MAINTENANCE,
	SOAP_FAULT_USER_LICENSE,
	SOAP_FAULT_INVALID_ENROLLMENT_DATA,
	SOAP_FAULT_CUSTOM_SERVER_ERROR
};

enum { SOAP_FAULT_HTTP_STATUS = 500 };

/* What the device reports for it: "0x80180013". */
const char *soap_fault_hresult(enum soap_fault fault);
/* A stable lower case name for logs and counters: "device_cap_reached". */
const char *soap_fault_name(enum soap_fault fault);

/* message: shown or logged by the client; NULL gives a plain sentence of our own. The activity id
 * of the reply is also the fault's TraceId. */
void soap_fault_write(struct buf *buf, enum soap_phase phase, const struct soap_reply *reply,
		      enum soap_fault fault, const char *message);

#endif
