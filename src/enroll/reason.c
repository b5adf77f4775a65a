/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.c: see reason.h. Codes: enrolment error table of the Windows documentation.
 */
#include "enroll/reason.h"

#include "base/text.h"

#define MESSAGE_FORMAT      "0x80180001"
#define AUTHENTICATION      "0x80180002"
#define AUTHORIZATION       "0x80180003"
#define CERTIFICATE_REQUEST "0x80180004"
#define SERVER              "0x80180005"
#define INVALID_SECURITY    "0x80180007"
#define CAP_REACHED         "0x80180013"
#define NOT_SUPPORTED       "0x80180015"
#define ENROLLMENT_DATA     "0x80180019"

#define CSR_REMEDY                                                                                 \
	"The certificate request of the device is not acceptable. Let the device try again; if "   \
	"it "                                                                                      \
	"happens again, check which program made the request."

#define REDIRECT_REMEDY                                                                            \
	"The address to return to is not one Windows uses. Check the Terms of Use URL of the MDM " \
	"application in Entra, and who opened the page."

static const struct enroll_reason reasons[] = {
    {"message_malformed", MESSAGE_FORMAT,
     "The message is not what Windows sends. Check proxies between device and server that change "
     "requests, and whether the caller is a Windows device."},
    {"message_empty", MESSAGE_FORMAT,
     "The request had no body. A proxy on the device's network often causes this; let the device "
     "try again on another network."},
    {"context_enrollment_type", MESSAGE_FORMAT,
     "The request names no enrolment type this server knows (Device or Full)."},
    {"context_device_id", MESSAGE_FORMAT, "The request names no usable device id."},
    {"request_type", NOT_SUPPORTED,
     "The device asked for a kind of request this server does not answer."},
    {"security_missing", INVALID_SECURITY,
     "The request carried no token. The device must be joined through Microsoft Entra ID, with "
     "this server as its MDM application."},
    {"security_malformed", INVALID_SECURITY,
     "The security header cannot be read. Check proxies that change requests."},
    {"security_kind", AUTHENTICATION,
     "The device offered a user name and password or another credential this server does not "
     "take. Join the device through Microsoft Entra ID."},
    {"terms_missing", ENROLLMENT_DATA,
     "The device did not pass the Terms of Use. Check that the Terms of Use URL is set for the MDM "
     "application in Entra, or set terms_required to no for the tenant."},
    {"terms_forged", ENROLLMENT_DATA,
     "The consent was not made by this server or was changed. Let the user join again."},
    {"terms_expired", ENROLLMENT_DATA,
     "More than an hour passed between accepting the terms and enrolling. Let the user join "
     "again."},
    {"terms_user", ENROLLMENT_DATA,
     "The consent was given by another user than the one who enrols. Let the user join again."},
    {"terms_mode", ENROLLMENT_DATA,
     "The consent was for another kind of device (organisation or personal). Let the user join "
     "again."},
    {"terms_version", ENROLLMENT_DATA,
     "The terms changed after the user accepted them. Let the user join again."},
    {"terms_used", ENROLLMENT_DATA,
     "The consent was used for an enrolment before; each needs its own. Let the user join again."},
    {"query_malformed", "", REDIRECT_REMEDY},
    {"redirect_uri_missing", "", REDIRECT_REMEDY},
    {"redirect_uri_repeated", "", REDIRECT_REMEDY},
    {"redirect_uri_too_long", "", REDIRECT_REMEDY},
    {"redirect_uri_scheme", "", REDIRECT_REMEDY},
    {"redirect_uri_host", "", REDIRECT_REMEDY},
    {"redirect_uri_character", "", REDIRECT_REMEDY},
    {"redirect_uri_fragment", "", REDIRECT_REMEDY},
    {"redirect_uri_parameter", "", REDIRECT_REMEDY},
    {"terms_api_version", "",
     "Windows asked for a version of the Terms of Use protocol this server does not know. Look for "
     "an update of this server."},
    {"terms_mode_unknown", "",
     "Windows named a kind of join this server does not know (mode). Look for an update of this "
     "server."},
    {"terms_state", "",
     "The form was not made by this server, or its master key changed. Let the user join again."},
    {"terms_page_expired", "",
     "The page was open for more than fifteen minutes. Let the user join again."},
    {"tenant_gone", "", "The tenant was removed or disabled while the page was open."},
    {"csr_too_large", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_malformed", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_trailing_bytes", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_signature_algorithm", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_key_type", CERTIFICATE_REQUEST, "Only RSA keys of 2048 to 4096 bits are accepted."},
    {"csr_key_malformed", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_key_size", CERTIFICATE_REQUEST, "Only RSA keys of 2048 to 4096 bits are accepted."},
    {"csr_key_exponent", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_key_small_factor", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_key_roca", CERTIFICATE_REQUEST,
     "The device's key was made by a TPM with a known flaw. Update the TPM firmware."},
    {"csr_key_close_primes", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"csr_no_proof_of_possession", CERTIFICATE_REQUEST, CSR_REMEDY},
    {"key_in_use", CERTIFICATE_REQUEST,
     "Another device already has a certificate for this key. This happens when a disk image was "
     "taken from an enrolled device; reset the device and join again."},
    {"token_used", AUTHORIZATION,
     "The same token was used before with another key. If the user did not try twice, the token "
     "may have been stolen: review the user's sign-ins and the device that enrolled first."},
    {"device_cap", CAP_REACHED,
     "The user has as many enrolled devices as the tenant allows. Retire one, or raise "
     "device_limit of the tenant."},
    {"concurrent", SERVER,
     "Two enrolments of the same device ran at the same time. Nothing needs to be done."},
    {"server_error", SERVER,
     "The server could not complete the request. Look for the trace id in the server's log."},
};

const struct enroll_reason *enroll_reason_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reasons[i].name, name))
			return &reasons[i];
	return NULL;
}

void enroll_attempt_refuse(struct enrollment *attempt, const char *reason, const char *error_code,
			   const char *remedy)
{
	const struct enroll_reason *known = enroll_reason_find(reason);

	attempt->outcome = OUTCOME_REFUSED;
	attempt->reason = reason;
	attempt->error_code = known ? known->error_code : error_code;
	attempt->remedy = known ? known->remedy : remedy;
}

void enroll_attempt_refuse_known(struct enrollment *attempt, const char *reason)
{
	enroll_attempt_refuse(attempt, reason, "", "");
}

void enroll_attempt_fail(struct enrollment *attempt)
{
	enroll_attempt_refuse_known(attempt, "server_error");
	attempt->outcome = OUTCOME_FAILED;
}
