/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.c: one row for each fault, and the writer.
 *
 * The subcode alone decides the client's error unless an ErrorType in the detail refines it.
 * Element names are in the case that real services use; the lower case spelling of the printed
 * specification is not parsed by clients. The code is s:Receiver for all: no client was seen to
 * tell the two apart, and this is the one known to work.
 */
#include "soap/fault.h"

#include "soap/names.h"

static const struct {
	const char *subcode;
	const char *error_type; /* NULL: the subcode says it all */
	const char *hresult;
	const char *name;
	const char *message;
} faults[] = {
    [SOAP_FAULT_MESSAGE_FORMAT] = {"s:MessageFormat", NULL, "0x80180001", "message_format",
				   "The request could not be read."},
    [SOAP_FAULT_AUTHENTICATION] = {"s:Authentication", NULL, "0x80180002", "authentication",
				   "The user could not be authenticated."},
    [SOAP_FAULT_AUTHORIZATION] = {"s:Authorization", NULL, "0x80180003", "authorization",
				  "The user may not enroll this device."},
    [SOAP_FAULT_CERTIFICATE_REQUEST] = {"s:CertificateRequest", NULL, "0x80180004",
					"certificate_request",
					"The certificate request was refused."},
    [SOAP_FAULT_ENROLLMENT_SERVER] = {"s:EnrollmentServer", NULL, "0x80180005", "enrollment_server",
				      "The server cannot enroll devices at the moment."},
    [SOAP_FAULT_INTERNAL_SERVICE] = {"a:InternalServiceFault", NULL, "0x80180006",
				     "internal_service", "The server failed unexpectedly."},
    [SOAP_FAULT_INVALID_SECURITY] = {"a:InvalidSecurity", NULL, "0x80180007", "invalid_security",
				     "The security header could not be read."},
    [SOAP_FAULT_DEVICE_CAP_REACHED] = {"s:Authorization", "DeviceCapReached", "0x80180013",
				       "device_cap_reached",
				       "The user has enrolled as many devices as allowed."},
    [SOAP_FAULT_DEVICE_NOT_SUPPORTED] = {"s:Authorization", "DeviceNotSupported", "0x80180014",
					 "device_not_supported",
					 "This kind of device is not supported."},
    [SOAP_FAULT_NOT_SUPPORTED] = {"s:CertificateRequest", "NotSupported", "0x80180015",
				  "not_supported", "This kind of enrollment is not offered."},
    [SOAP_FAULT_NOT_ELIGIBLE_TO_RENEW] = {"s:CertificateRequest", "NotEligibleToRenew",
					  "0x80180016", "not_eligible_to_renew",
					  "The device may not renew its certificate."},
    [SOAP_FAULT_IN_MAINTENANCE] = {"s:EnrollmentServer", "InMaintenance", "0x80180017",
				   "in_maintenance",
				   "The server is in maintenance. Try again later."},
    [SOAP_FAULT_USER_LICENSE] = {"s:Authorization", "UserLicense", "0x80180018", "user_license",
				 "The user has no license for device management."},
    [SOAP_FAULT_INVALID_ENROLLMENT_DATA] = {"s:Authorization", "InvalidEnrollmentData",
					    "0x80180019", "invalid_enrollment_data",
					    "The terms of use were not accepted, or too long ago."},
    [SOAP_FAULT_CUSTOM_SERVER_ERROR] = {"s:EnrollmentServer", "CustomServerError", "0x80180032",
					"custom_server_error", "The server refused the request."},
};

const char *soap_fault_hresult(enum soap_fault fault)
{
	return faults[fault].hresult;
}

const char *soap_fault_name(enum soap_fault fault)
{
	return faults[fault].name;
}

static void add_code(struct xml_writer *w, enum soap_fault fault)
{
	xml_open(w, "s:Code");
	xml_add_leaf_c(w, "s:Value", "s:Receiver");
	xml_open(w, "s:Subcode");
	xml_add_leaf_c(w, "s:Value", faults[fault].subcode);
	xml_close(w);
	xml_close(w);
}

static void add_detail(struct xml_writer *w, enum soap_fault fault, const char *message,
		       const char *trace_id)
{
	xml_open(w, "s:Detail");
	xml_open(w, "DeviceEnrollmentServiceError");
	xml_add_attr_c(w, "xmlns", NS_WSTEP);
	if (faults[fault].error_type)
		xml_add_leaf_c(w, "ErrorType", faults[fault].error_type);
	xml_add_leaf_c(w, "Message", message);
	xml_add_leaf_c(w, "TraceId", trace_id);
	xml_close(w);
	xml_close(w);
}

void soap_fault_write(struct buf *buf, enum soap_phase phase, const struct soap_reply *reply,
		      enum soap_fault fault, const char *message)
{
	struct xml_writer w;

	if (!message || !message[0])
		message = faults[fault].message;
	soap_reply_open(&w, buf, phase, reply);
	soap_reply_body(&w);
	xml_open(&w, "s:Fault");
	add_code(&w, fault);
	xml_open(&w, "s:Reason");
	xml_open(&w, "s:Text");
	xml_add_attr_c(&w, "xml:lang", "en-US");
	xml_add_text_c(&w, message);
	xml_close(&w);
	xml_close(&w);
	add_detail(&w, fault, message, reply->activity_id);
	soap_reply_close(&w);
}
