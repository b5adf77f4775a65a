/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fault.c: every fault, what the device makes of it, and its exact bytes.
 */
#include "soap/fault.h"
#include "soap/test_message.h"

#define TRACE "8c6060c4-3d78-4d73-ae17-e8bce88426ee"

static const struct {
	enum soap_fault fault;
	const char *subcode;
	const char *error_type;
	const char *hresult;
	const char *name;
} faults[] = {
    {SOAP_FAULT_MESSAGE_FORMAT, "s:MessageFormat", NULL, "0x80180001", "message_format"},
    {SOAP_FAULT_AUTHENTICATION, "s:Authentication", NULL, "0x80180002", "authentication"},
    {SOAP_FAULT_AUTHORIZATION, "s:Authorization", NULL, "0x80180003", "authorization"},
    {SOAP_FAULT_CERTIFICATE_REQUEST, "s:CertificateRequest", NULL, "0x80180004",
     "certificate_request"},
    {SOAP_FAULT_ENROLLMENT_SERVER, "s:EnrollmentServer", NULL, "0x80180005", "enrollment_server"},
    {SOAP_FAULT_INTERNAL_SERVICE, "a:InternalServiceFault", NULL, "0x80180006", "internal_service"},
    {SOAP_FAULT_INVALID_SECURITY, "a:InvalidSecurity", NULL, "0x80180007", "invalid_security"},
    {SOAP_FAULT_DEVICE_CAP_REACHED, "s:Authorization", "DeviceCapReached", "0x80180013",
     "device_cap_reached"},
    {SOAP_FAULT_DEVICE_NOT_SUPPORTED, "s:Authorization", "DeviceNotSupported", "0x80180014",
     "device_not_supported"},
    {SOAP_FAULT_NOT_SUPPORTED, "s:CertificateRequest", "NotSupported", "0x80180015",
     "not_supported"},
    {SOAP_FAULT_NOT_ELIGIBLE_TO_RENEW, "s:CertificateRequest", "NotEligibleToRenew", "0x80180016",
     "not_eligible_to_renew"},
    {SOAP_FAULT_IN_MAINTENANCE, "s:EnrollmentServer", "InMaintenance", "0x80180017",
     "in_maintenance"},
    {SOAP_FAULT_USER_LICENSE, "s:Authorization", "UserLicense", "0x80180018", "user_license"},
    {SOAP_FAULT_INVALID_ENROLLMENT_DATA, "s:Authorization", "InvalidEnrollmentData", "0x80180019",
     "invalid_enrollment_data"},
    {SOAP_FAULT_CUSTOM_SERVER_ERROR, "s:EnrollmentServer", "CustomServerError", "0x80180032",
     "custom_server_error"},
};

static const struct xml_node *fault_of(enum soap_fault fault, const char *message)
{
	struct soap_reply reply = {.relates_to = TEXT(MESSAGE_ID), .activity_id = TRACE};
	const struct xml_node *root;
	struct buf buf;

	buf_init(&buf, &arena);
	soap_fault_write(&buf, SOAP_TOKEN, &reply, fault, message);
	root = tree_of(buf_text(&buf));
	return xml_child(xml_child(root, T_SOAP, "Body"), T_SOAP, "Fault");
}

static void each_fault_has_its_codes(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct xml_node *fault = fault_of(faults[i].fault, NULL);
		const struct xml_node *code = xml_child(fault, T_SOAP, "Code");
		const struct xml_node *subcode = xml_child(code, T_SOAP, "Subcode");
		const struct xml_node *text =
		    xml_child(xml_child(fault, T_SOAP, "Reason"), T_SOAP, "Text");
		const struct xml_node *detail = xml_child(xml_child(fault, T_SOAP, "Detail"),
							  T_WSTEP, "DeviceEnrollmentServiceError");

		assert_text(xml_child_text(code, T_SOAP, "Value"), "s:Receiver");
		assert_text(xml_child_text(subcode, T_SOAP, "Value"), faults[i].subcode);
		assert_text(xml_child_text(detail, T_WSTEP, "ErrorType"), faults[i].error_type);
		assert_text(xml_child_text(detail, T_WSTEP, "TraceId"), TRACE);
		assert_text(xml_attr(text, "lang"), "en-US");
		assert_true(text->text.len > 10);
		assert_true(text_eq(text->text, xml_child_text(detail, T_WSTEP, "Message")));
		assert_string_equal(soap_fault_hresult(faults[i].fault), faults[i].hresult);
		assert_string_equal(soap_fault_name(faults[i].fault), faults[i].name);
	}
}

static void writes_exactly(void **state)
{
	struct soap_reply reply = {.relates_to = TEXT(MESSAGE_ID), .activity_id = TRACE};
	struct buf buf;

	buf_init(&buf, &arena);
	soap_fault_write(&buf, SOAP_DISCOVER, &reply, SOAP_FAULT_DEVICE_CAP_REACHED, "No <more>.");
	assert_text(
	    buf_text(&buf),
	    "<s:Envelope xmlns:s=\"" T_SOAP "\" xmlns:a=\"" T_ADDR "\" xmlns:u=\"" T_WSU
	    "\"><s:Header><a:Action s:mustUnderstand=\"1\">" T_DISCOVERY
	    "/IDiscoveryService/DiscoverResponse</a:Action><ActivityId CorrelationId=\"" TRACE
	    "\" xmlns=\"http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics\">" TRACE
	    "</ActivityId><a:RelatesTo>" MESSAGE_ID "</a:RelatesTo></s:Header><s:Body><s:Fault>"
	    "<s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>s:Authorization</s:Value>"
	    "</s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">No &lt;more&gt;.</s:Text>"
	    "</s:Reason><s:Detail><DeviceEnrollmentServiceError xmlns=\"" T_WSTEP
	    "\"><ErrorType>DeviceCapReached</ErrorType><Message>No "
	    "&lt;more&gt;.</Message><TraceId>" TRACE
	    "</TraceId></DeviceEnrollmentServiceError></s:Detail></s:Fault></s:Body></s:Envelope>");
}

static void an_empty_message_is_none(void **state)
{
	const struct xml_node *fault = fault_of(SOAP_FAULT_AUTHENTICATION, "");

	assert_true(xml_child_text(xml_child(fault, T_SOAP, "Reason"), T_SOAP, "Text").len > 10);
}

static void no_request_no_relation(void **state)
{
	struct soap_reply reply = {.activity_id = TRACE};
	const struct xml_node *header;
	struct buf buf;

	buf_init(&buf, &arena);
	soap_fault_write(&buf, SOAP_POLICIES, &reply, SOAP_FAULT_MESSAGE_FORMAT, NULL);
	header = xml_child(tree_of(buf_text(&buf)), T_SOAP, "Header");
	assert_text(xml_child_text(header, T_ADDR, "Action"),
		    T_XCEP "/IPolicy/GetPoliciesResponse");
	assert_int_equal(xml_count(header, T_ADDR, "RelatesTo"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(each_fault_has_its_codes),
	    CASE(writes_exactly),
	    CASE(an_empty_message_is_none),
	    CASE(no_request_no_relation),
	};

	return cmocka_run_group_tests_name("soap/fault", tests, NULL, NULL);
}
