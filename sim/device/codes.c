/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codes.c: see codes.h. One table holds what Microsoft documents for 0x8018xxxx; the rows with a
 * fault name are those a server can choose. enrollment.md sections 7.2 to 7.4.
 */
#include "sim/device/codes.h"

static const struct {
	uint16_t number;
	const char *fault;      /* local name of the subcode, or NULL */
	const char *error_type; /* of the fault's detail, or NULL */
	const char *text;
} CODES[] = {
    {0x01, "MessageFormat", NULL, "the server did not understand the message"},
    {0x02, "Authentication", NULL, "the server does not recognise the user"},
    {0x03, "Authorization", NULL, "the user may not enrol"},
    {0x04, "CertificateRequest", NULL, "the server issued no certificate"},
    {0x05, "EnrollmentServer", NULL, "the server failed"},
    {0x06, "InternalServiceFault", NULL, "the server failed unexpectedly"},
    {0x07, "InvalidSecurity", NULL, "the server could not read the security header"},
    {0x10, NULL, NULL, "the server cannot be reached"},
    {0x12, NULL, NULL, "the server's TLS certificate is not trusted"},
    {0x13, NULL, "DeviceCapReached", "the user has too many devices"},
    {0x14, NULL, "DeviceNotSupported", "this kind of device is not supported"},
    {0x15, NULL, "NotSupported", "device management is not offered"},
    {0x16, NULL, "NotEligibleToRenew", "the certificate cannot be renewed"},
    {0x17, NULL, "InMaintenance", "the server is in maintenance, try later"},
    {0x18, NULL, "UserLicense", "the user has no licence"},
    {0x19, NULL, "InvalidEnrollmentData", "the Terms of Use were not accepted properly"},
    {0x1e, NULL, NULL, "the certificates of the provisioning document cannot be installed"},
    {0x1f, NULL, NULL, "the account of the provisioning document cannot be made"},
    {0x20, NULL, NULL, "the DMClient part of the provisioning document is refused"},
    {0x22, NULL, NULL, "a part of the provisioning document is refused"},
    {0x23, NULL, NULL, "the provisioning document is not usable"},
    {0x24, NULL, NULL, "the client certificate is not found"},
    {0x27, NULL, NULL, "the private key could not be made"},
    {0x29, NULL, NULL, "the server's message is empty"},
    {0x30, NULL, NULL, "the user cancelled"},
    {0x32, NULL, "CustomServerError", "the server told its own reason"},
    {0x33, NULL, NULL, "the server is too busy"},
};

enum { FACILITY_ENROLLMENT = 0x8018, FACILITY_HTTP = 0x8019, STATUS_TOO_MANY = 429 };

static uint32_t code_make(uint32_t facility, uint32_t number)
{
	return facility << 16 | number;
}

uint32_t code_hresult(enum code code)
{
	return code ? code_make(FACILITY_ENROLLMENT, code) : 0;
}

uint32_t code_of_status(int status)
{
	if (status == STATUS_TOO_MANY)
		return code_make(FACILITY_ENROLLMENT, 0x33);
	return code_make(FACILITY_HTTP, (uint32_t)status & 0xffff);
}

uint32_t code_of_fault(struct text subcode, struct text error_type)
{
	for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
		if (CODES[i].error_type && text_eq_c(error_type, CODES[i].error_type))
			return code_make(FACILITY_ENROLLMENT, CODES[i].number);
	for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
		if (CODES[i].fault && text_eq_c(subcode, CODES[i].fault))
			return code_make(FACILITY_ENROLLMENT, CODES[i].number);
	return 0;
}

const char *code_text(uint32_t code)
{
	if (code == code_make(FACILITY_HTTP, 200))
		return "the answer is not the message Windows expected";
	if (code >> 16 == FACILITY_HTTP)
		return "the server answered with an HTTP error";
	for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
		if (code_make(FACILITY_ENROLLMENT, CODES[i].number) == code)
			return CODES[i].text;
	return "";
}
