/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.c: see code.h. The rows are in the order of the codes; the messages are in a table of their
 * own, as many codes share one.
 */
#include "enroll/code.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

enum { HTTP_FACILITY = 0x8019, HTTP_STATUS_MIN = 100, HTTP_STATUS_MAX = 599 };

#define WITH_CODE " your system administrator with the error code {0}."
#define AGAIN     " You can try to do this again or contact" WITH_CODE
#define CONTACT   " Contact" WITH_CODE

/* Windows puts the code for {0}. */
static const struct {
	const char *id;
	const char *text;
} messages[] = {
    {"idErrorServerConnectivity", "There was an error communicating with the server." AGAIN},
    {"idErrorAuthenticationFailure",
     "There was a problem authenticating your account or device." AGAIN},
    {"idErrorAuthorizationFailure", "This user isn't authorized to enroll." AGAIN},
    {"idErrorMDMCertificateError", "There was a certificate error." AGAIN},
    {"idErrorAlreadyInProgress", "Another enrollment is in progress." AGAIN},
    {"idErrorMDMAlreadyEnrolled", "This device is already enrolled."
				  " You can contact" WITH_CODE},
    {"idErrorDeviceLimit",
     "Looks like there are too many devices or users for this account." CONTACT},
    {"idErrorMDMNotSupported", "This feature isn't supported." CONTACT},
    {"idErrorMDMRenewalRejected", "The server did not accept the request." AGAIN},
    {"idErrorMDMAccountMaintenance", "The service is in maintenance."
				     " You can try to do this again later or contact" WITH_CODE},
    {"idErrorMDMLicenseError", "There was an error with your license." AGAIN},
    {"idErrorInvalidServerConfig", "Looks like the server isn't correctly configured." AGAIN},
    {"idErrorRejectedTermsOfUse",
     "Your organization requires that you agree to the Terms of Use."
     " Please try again or ask your support person for more information."},
    {"idErrorUntrustedServer", "The server being contacted isn't trusted." CONTACT},
    {"idErrorDeviceRequiresReboot", "A reboot is required to complete device registration."},
    {"idErrorInvalidCertificate", "Looks like you have an invalid certificate." CONTACT},
};

#define SEE_ATTEMPT "Look at the attempt: its reason says what exactly was refused."
#define ENTRA_ONLY                                                                                 \
	"This happened between Windows and Entra ID; look at the user's sign-ins and the audit "   \
	"log in Entra."

static const struct enroll_code codes[] = {
    {"rejectedTermsOfUse", "", "", "", "idErrorRejectedTermsOfUse", CODE_DEVICE,
     "The user declined the Terms of Use, or the page could not be shown.",
     "Ask the user to join again and to accept. If they saw no page, look for a refused attempt of "
     "the stage terms."},

    {"0x80180001", "MENROLL_E_DEVICE_MESSAGE_FORMAT_ERROR", "", "MessageFormat",
     "idErrorServerConnectivity", CODE_EITHER,
     "The server could not read the request, or Windows could not read the answer.",
     "Check proxies between device and server that change, compress or cut messages. " SEE_ATTEMPT},
    {"0x80180002", "MENROLL_E_DEVICE_AUTHENTICATION_ERROR", "", "Authentication",
     "idErrorAuthenticationFailure", CODE_SERVER,
     "The server does not believe that this is a user it knows: a token of another application, "
     "tenant or time, or a wrong password.",
     "Compare client id and application ID URIs of the tenant with the MDM application in Entra, "
     "and check the clocks. " SEE_ATTEMPT},
    {"0x80180003", "MENROLL_E_DEVICE_AUTHORIZATION_ERROR", "", "Authorization",
     "idErrorAuthorizationFailure", CODE_SERVER,
     "The user is known and may not enrol, or a credential that is good for one enrolment was used "
     "a second time.",
     "Check the scope mdm_delegation of the application, and whether guests may "
     "enrol. " SEE_ATTEMPT},
    {"0x80180004", "MENROLL_E_DEVICE_CERTIFICATEREQUEST_ERROR",
     "MENROLL_E_DEVICE_CERTIFCATEREQUEST_ERROR", "CertificateRequest", "idErrorMDMCertificateError",
     CODE_SERVER, "The server did not issue a certificate for the key the device brought.",
     "Let the device try again with a new key; a device made from the image of an enrolled one "
     "must be reset first. " SEE_ATTEMPT},
    {"0x80180005", "MENROLL_E_DEVICE_CONFIGMGRSERVER_ERROR", "", "EnrollmentServer",
     "idErrorServerConnectivity", CODE_SERVER,
     "Something the server needs failed for the moment: its database, its signing process, or "
     "Entra ID behind it.",
     "Look at /readyz and the server's log, then let the user try again. " SEE_ATTEMPT},
    {"0x80180006", "MENROLL_E_DEVICE_INTERNALSERVICE_ERROR", "", "InternalServiceFault",
     "idErrorServerConnectivity", CODE_SERVER, "The server failed in a way nobody foresaw.",
     "Look for the trace id in the server's log and report what is there."},
    {"0x80180007", "MENROLL_E_DEVICE_INVALIDSECURITY_ERROR", "", "InvalidSecurity",
     "idErrorAuthenticationFailure", CODE_SERVER,
     "The request carried no credential, or one that cannot be read.",
     "Check that the device joins in a way the tenant offers, and that no proxy changes the "
     "message. " SEE_ATTEMPT},
    {"0x80180008", "MENROLL_E_DEVICE_UNKNOWN_ERROR", "", "", "idErrorServerConnectivity",
     CODE_DEVICE, "Windows got a fault it does not know.",
     "Look at what stands between device and server: this server sends known faults only."},
    {"0x80180009", "MENROLL_E_ENROLLMENT_IN_PROGRESS", "", "", "idErrorAlreadyInProgress",
     CODE_DEVICE, "Windows is enrolling already.",
     "Wait for the other enrolment to end, or restart the device."},
    {"0x8018000A", "MENROLL_E_DEVICE_ALREADY_ENROLLED", "", "", "idErrorMDMAlreadyEnrolled",
     CODE_DEVICE, "The device is enrolled, here or with another management.",
     "Disconnect the old account in Settings, Accounts, Access work or school, and join again."},
    {"0x8018000B", "MENROLL_E_DEVICE_NOT_ENROLLED", "", "", "", CODE_DEVICE,
     "Something was asked of an enrolment that does not exist.",
     "Nothing is wrong with the server. Enrol the device first."},
    {"0x8018000D", "MENROLL_E_DISCOVERY_SEC_CERT_DATE_INVALID", "", "",
     "idErrorMDMCertificateError", CODE_DEVICE,
     "The server's TLS certificate has expired or is not valid yet, or the device's clock is "
     "wrong.",
     "Run musterd check, renew the certificate, and compare the clock of the device."},
    {"0x8018000E", "MENROLL_E_PASSWORD_NEEDED", "", "", "idErrorAuthenticationFailure", CODE_DEVICE,
     "Windows needs a password and has none.", "Let the user join again and type it."},
    {"0x8018000F", "MENROLL_E_WAB_ERROR", "", "", "idErrorAuthenticationFailure", CODE_DEVICE,
     "The sign-in page of the server could not be shown or did not end as Windows expects.",
     "Open the address /EnrollmentServer/Auth from the device's network, and check the sign-in "
     "provider of the tenant."},
    {"0x80180010", "MENROLL_E_CONNECTIVITY", "", "", "idErrorServerConnectivity", CODE_DEVICE,
     "The server's name does not resolve or the server cannot be reached.",
     "Run musterd check, and open the discovery address from the device's network."},
    {"0x80180012", "MENROLL_E_INVALIDSSLCERT", "", "", "idErrorMDMCertificateError", CODE_DEVICE,
     "Windows does not trust the server's TLS certificate: an unknown issuer, a missing "
     "intermediate, or another name.",
     "Run musterd check: it looks at the chain as Windows does. The device trusts public "
     "authorities only until it is enrolled."},
    {"0x80180013", "MENROLL_E_DEVICECAPREACHED", "MENROLL_E_DEVICEAPREACHED", "DeviceCapReached",
     "idErrorDeviceLimit", CODE_SERVER, "The user or the tenant has as many devices as allowed.",
     "Retire a device that is no longer used, or raise device_limit or tenant_device_limit of the "
     "tenant."},
    {"0x80180014", "MENROLL_E_DEVICENOTSUPPORTED", "", "DeviceNotSupported",
     "idErrorMDMNotSupported", CODE_SERVER,
     "The tenant's rules do not take this version or edition of Windows.",
     "Update the device, or change os_version_min, os_version_max or os_editions of the tenant."},
    {"0x80180015", "MENROLL_E_NOTSUPPORTED", "MENROLL_E_NOT_SUPPORTED", "NotSupported",
     "idErrorMDMNotSupported", CODE_SERVER,
     "The tenant does not offer this kind of enrolment, such as that of personal devices.",
     "Join the device through the organisation, or let the tenant offer what was "
     "asked for. " SEE_ATTEMPT},
    {"0x80180016", "MENROLL_E_NOTELIGIBLETORENEW", "", "NotEligibleToRenew",
     "idErrorMDMRenewalRejected", CODE_SERVER,
     "The device may not renew its certificate: it was retired, its certificate has expired or "
     "was taken back, or the request was not signed by it.",
     "Enrol the device again. " SEE_ATTEMPT},
    {"0x80180017", "MENROLL_E_INMAINTENANCE", "", "InMaintenance", "idErrorMDMAccountMaintenance",
     CODE_SERVER,
     "An administrator has put the tenant or the server into maintenance: nobody can enrol.",
     "End it with: muster tenants update TENANT_ID --maintenance no. Where the attempt's reason is "
     "server_maintenance, the setting is in the configuration file."},
    {"0x80180018", "MENROLL_E_USERLICENSE", "MENROLL_E_USER_LICENSE", "UserLicense",
     "idErrorMDMLicenseError", CODE_SERVER,
     "The user is not in the Entra group that license_group of the tenant names.",
     "Put the user into that group in Entra, wait a minute, and let them join again."},
    {"0x80180019", "MENROLL_E_ENROLLMENTDATAINVALID", "", "InvalidEnrollmentData",
     "idErrorInvalidServerConfig", CODE_SERVER,
     "The device brought no valid consent to the Terms of Use.",
     "Check that the Terms of Use URL of the MDM application in Entra leads to this server, and "
     "let the user join again."},
    {"0x8018001A", "MENROLL_E_INSECUREREDIRECT", "", "", "", CODE_DEVICE,
     "Discovery was redirected to an address without TLS.",
     "Let enterpriseenrollment.<domain> lead to this server directly, without a redirect."},
    {"0x8018001B", "MENROLL_E_PLATFORM_WRONG_STATE", "", "", "", CODE_DEVICE,
     "Windows is not in a state in which it can enrol.",
     "Finish set-up or updates of the device, restart it, and join again."},
    {"0x8018001C", "MENROLL_E_PLATFORM_LICENSE_ERROR", "", "", "", CODE_DEVICE,
     "The licence of Windows itself does not allow enrolment.",
     "Activate Windows, in an edition that can be managed: Home cannot join Entra ID."},
    {"0x8018001D", "MENROLL_E_PLATFORM_UNKNOWN_ERROR", "", "", "", CODE_DEVICE,
     "Windows failed for a reason of its own.",
     "Look at the event log DeviceManagement-Enterprise-Diagnostics-Provider on the device."},
    {"0x8018001E", "MENROLL_E_PROV_CSP_CERTSTORE", "", "", "", CODE_DEVICE,
     "Windows could not install the certificates it was given.",
     "Check the device CA with musterd check, and look at the device's event log for the node it "
     "refused."},
    {"0x8018001F", "MENROLL_E_PROV_CSP_W7", "", "", "", CODE_DEVICE,
     "Windows could not make the account for management.",
     "Check manage_url of the server, and look at the device's event log."},
    {"0x80180020", "MENROLL_E_PROV_CSP_DMCLIENT", "", "", "", CODE_DEVICE,
     "Windows refused the settings of its management client.",
     "Look at the device's event log for the node it refused."},
    {"0x80180021", "MENROLL_E_PROV_CSP_PFW", "", "", "", CODE_DEVICE,
     "Windows refused settings of Windows Hello for Business.",
     "Look at the device's event log for the node it refused."},
    {"0x80180022", "MENROLL_E_PROV_CSP_MISC", "", "", "", CODE_DEVICE,
     "Windows refused a part of the provisioning document.",
     "Look at the device's event log for the node it refused."},
    {"0x80180023", "MENROLL_E_PROV_UNKNOWN", "", "", "", CODE_DEVICE,
     "Windows could not use the provisioning document.",
     "Check that no proxy changed the answer, and look at the device's event log."},
    {"0x80180024", "MENROLL_E_PROV_SSLCERTNOTFOUND", "", "", "", CODE_DEVICE,
     "Windows does not find the certificate it was given.",
     "Let the device join again. If it repeats, look at what removes certificates on the device."},
    {"0x80180025", "MENROLL_E_PROV_CSP_APPMGMT", "", "", "", CODE_DEVICE,
     "Windows refused settings of app management.",
     "Look at the device's event log for the node it refused."},
    {"0x80180026", "MENROLL_E_DEVICE_MANAGEMENT_BLOCKED", "", "", "", CODE_DEVICE,
     "A policy of the device forbids enrolment, or it is managed by something else.",
     "Look for DisableRegistration in the registry, for a group policy of that name, and for "
     "another management such as Configuration Manager."},
    {"0x80180027", "MENROLL_E_CERTPOLICY_PRIVATEKEYCREATION_FAILED", "", "", "", CODE_DEVICE,
     "Windows could not make a private key.",
     "Check the TPM of the device, and clear it where it is stuck."},
    {"0x80180028", "MENROLL_E_CERTAUTH_FAILED_TO_FIND_CERT", "", "", "", CODE_DEVICE,
     "Windows does not find the certificate it is to prove itself with.",
     "Check the certificate that the provisioning package names, in the store of the device."},
    {"0x80180029", "MENROLL_E_EMPTY_MESSAGE", "", "", "", CODE_DEVICE, "The answer had no body.",
     "Check proxies between device and server: this server never answers with an empty message."},
    {"0x8018002A", "MENROLL_E_USER_CANCELED", "", "", "", CODE_DEVICE,
     "The user closed a page, the Terms of Use page sent Windows away with an error, or a policy "
     "asks for more than Windows can do there, such as a second factor in the middle of enrolment.",
     "Look for a refused attempt of the stage terms. If there is none, let the user try again; if "
     "it repeats, take this server's application out of conditional access policies that ask for a "
     "second factor while the device enrols."},
    {"0x8018002B", "", "", "", "", CODE_DEVICE,
     "The user's name is of a domain that Entra has not verified, or the user is not in the MDM "
     "scope.",
     "In Entra under Mobility, put the user into the MDM user scope of this server's application, "
     "and check that the domain of the user's name is verified."},
    {"0x80180030", "MENROLL_E_USER_CANCELLED", "", "", "", CODE_DEVICE,
     "The user cancelled, or the Terms of Use page sent Windows away with an error.",
     "Look for a refused attempt of the stage terms. If there is none, let the user join again."},
    {"0x80180031", "MENROLL_E_MDM_NOT_CONFIGURED", "", "", "", CODE_DEVICE,
     "Entra ID names no management for this user.",
     "In Entra under Mobility, set the MDM user scope and the three addresses of this server."},
    {"0x80180032", "MENROLL_E_CUSTOMSERVERERROR", "", "CustomServerError", "", CODE_SERVER,
     "The tenant is closed for enrolment and its closed_message was shown.",
     "Open it with: muster tenants update TENANT_ID --closed-message ''."},
    {"0x80180033", "", "", "", "", CODE_EITHER,
     "The server or a proxy before it answered that there are too many requests.",
     "Let the user try again later; look at /metrics for what the server turned away."},

    {"0x801900C8", "", "", "", "", CODE_DEVICE,
     "The answer came with HTTP 200 and was not what Windows expected: a page of a proxy, of a "
     "portal, or of another server. A wrong audience of the MDM application shows so too.",
     "Open the discovery address from the device's network and see who answers; compare the "
     "application ID URI in Entra with the tenant's."},
    {"0x80190190", "HTTP_E_STATUS_BAD_REQUEST", "", "", "", CODE_EITHER,
     "The request was answered with HTTP 400: it was no readable message.",
     "Check proxies between device and server that change messages."},
    {"0x80190191", "HTTP_E_STATUS_DENIED", "", "", "", CODE_DEVICE,
     "Something answered with HTTP 401, which this server does not do to enrolling devices.",
     "Look at what stands before the server: a proxy that wants a password."},
    {"0x80190193", "HTTP_E_STATUS_FORBIDDEN", "", "", "", CODE_EITHER,
     "The request was answered with HTTP 403: in a session, the device's certificate is not one "
     "this server believes.",
     "Look at the device: it may be retired, or a proxy before the server ends TLS and so hides "
     "the certificate."},
    {"0x80190194", "HTTP_E_STATUS_NOT_FOUND", "", "", "", CODE_EITHER,
     "The address does not exist.",
     "Compare the discovery address in Entra with https://HOST/EnrollmentServer/Discovery.svc."},
    {"0x801901F4", "HTTP_E_STATUS_SERVER_ERROR", "", "", "", CODE_EITHER,
     "The request was answered with HTTP 500 and without a fault that Windows could read.",
     "Look for the attempt and its trace id in the server's log; without one, a proxy answered."},
    {"0x801901F7", "HTTP_E_STATUS_SERVICE_UNAVAIL", "", "", "", CODE_EITHER,
     "The server or a proxy before it is overloaded or starting.",
     "Look at /readyz of the server, and let the user try again."},

    {"0x801C0001", "DSREG_E_DEVICE_MESSAGE_FORMAT_ERROR", "", "", "idErrorServerConnectivity",
     CODE_ENTRA, "Entra's registration service could not read the request.", ENTRA_ONLY},
    {"0x801C0002", "DSREG_E_DEVICE_AUTHENTICATION_ERROR", "", "", "idErrorAuthenticationFailure",
     CODE_ENTRA, "Entra's registration service did not believe the user's sign-in.", ENTRA_ONLY},
    {"0x801C0003", "DSREG_E_DEVICE_AUTHORIZATION_ERROR", "", "", "idErrorAuthorizationFailure",
     CODE_ENTRA, "The user may not join or register devices, or has too many.",
     "In Entra under Devices, Device settings, check who may join devices and how many; delete "
     "devices of the user that no longer exist."},
    {"0x801C0006", "DSREG_E_DEVICE_INTERNALSERVICE_ERROR", "", "", "idErrorServerConnectivity",
     CODE_ENTRA, "Entra's registration service failed.",
     "Let the user try again later, and look at the health of Entra."},
    {"0x801C000B", "DSREG_E_DISCOVERY_REDIRECTION_NOT_TRUSTED", "", "", "idErrorUntrustedServer",
     CODE_ENTRA, "Discovery of the registration service led to a server that is not trusted.",
     "Look for a proxy or DNS entry that redirects enterpriseregistration.<domain>."},
    {"0x801C000C", "DSREG_E_DISCOVERY_FAILED", "", "", "idErrorServerConnectivity", CODE_ENTRA,
     "Windows did not find the registration service.",
     "Check that the device's network reaches enterpriseregistration.windows.net."},
    {"0x801C000E", "DSREG_E_DEVICE_REGISTRATION_QUOTA_EXCCEEDED",
     "DSREG_E_DEVICE_REGISTRATION_QUOTA_EXCEEDED", "", "idErrorDeviceLimit", CODE_ENTRA,
     "The user has as many devices in Entra as Entra allows; this is not a limit of this server.",
     "Delete devices of the user in Entra, or raise the limit in its device settings."},
    {"0x801C000F", "DSREG_E_DEVICE_REQUIRES_REBOOT", "", "", "idErrorDeviceRequiresReboot",
     CODE_ENTRA, "The device must restart before it can register.", "Restart the device."},
    {"0x801C0010", "DSREG_E_DEVICE_AIK_VALIDATION_ERROR", "", "", "idErrorInvalidCertificate",
     CODE_ENTRA, "The attestation key of the device's TPM is not accepted.",
     "Update the firmware of the TPM, clear it, and join again."},
    {"0x801C0011", "DSREG_E_DEVICE_ATTESTATION_ERROR", "", "", "idErrorAuthenticationFailure",
     CODE_ENTRA, "The device could not attest itself with its TPM.",
     "Update the firmware of the TPM, clear it, and join again."},
    {"0x801C0012", "DSREG_E_DISCOVERY_BAD_MESSAGE_ERROR", "", "", "idErrorServerConnectivity",
     CODE_ENTRA, "The answer of the registration service's discovery cannot be read.",
     "Check proxies on the device's network that change messages."},
    {"0x801C0013", "DSREG_E_TENANTID_NOT_FOUND", "", "", "idErrorAuthenticationFailure", CODE_ENTRA,
     "Windows found no tenant for the user's domain.",
     "Check that the domain of the user's name is verified in Entra, and how it is spelled."},
    {"0x801C0014", "DSREG_E_USERSID_NOT_FOUND", "", "", "idErrorAuthenticationFailure", CODE_ENTRA,
     "Windows found no security identifier of the user.",
     "Let the user sign out and in again; check that Entra Connect has synchronised the user."},

    {"0xCAA30194", "CAA30194", "", "", "", CODE_ENTRA,
     "The sign-in component of Windows got no token for this server's application.",
     "Check that the MDM application exists in the tenant, exposes mdm_delegation, has consent, "
     "and that its application ID URI is what the addresses under Mobility belong to."},
};

const struct enroll_code *enroll_codes(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(codes);
	return codes;
}

const char *enroll_code_message(struct arena *arena, const struct enroll_code *code)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const char *mark = strstr(messages[i].text, "{0}");

		if (strcmp(messages[i].id, code->message_id) != 0)
			continue;
		return mark ? arena_printf(arena, "%.*s%s%s", (int)(mark - messages[i].text),
					   messages[i].text, code->code, mark + 3)
			    : messages[i].text;
	}
	return "";
}

const char *enroll_code_origin_name(enum code_origin origin)
{
	switch (origin) {
	case CODE_SERVER:
		return "server";
	case CODE_DEVICE:
		return "device";
	case CODE_ENTRA:
		return "entra";
	case CODE_EITHER:
		return "either";
	}
	return "";
}

/* The number a person wrote: hexadecimal with or without 0x, or the signed decimal of event logs.
 * False: it is no such number. */
static bool number_read(const char *written, uint32_t *ret)
{
	bool is_hex = !strncasecmp(written, "0x", 2);
	const char *digits = is_hex ? written + 2 : written;
	size_t hex = strspn(digits, "0123456789abcdefABCDEF");

	if (hex == 8 && !digits[hex]) {
		*ret = (uint32_t)strtoul(digits, NULL, 16);
		return true;
	}
	digits = written + (written[0] == '-');
	if (is_hex || strspn(digits, "0123456789") != strlen(digits) || strlen(digits) != 10)
		return false;
	*ret = (uint32_t)strtoll(written, NULL, 10);
	return true;
}

/* A code of an HTTP status. */
static const struct enroll_code *http_code_make(struct arena *arena, uint32_t number)
{
	struct enroll_code *made;
	int status = (int)(number & 0xffff);

	if (number >> 16 != HTTP_FACILITY || status < HTTP_STATUS_MIN || status > HTTP_STATUS_MAX)
		return NULL;
	made = ARENA_ARRAY(arena, 1, struct enroll_code);
	*made = (struct enroll_code){
	    .code = arena_printf(arena, "0x%08X", number),
	    .name = "",
	    .alias = "",
	    .fault = "",
	    .message_id = "",
	    .origin = CODE_EITHER,
	    .cause = arena_printf(arena, "The request was answered with HTTP status %d.", status),
	    .remedy =
		"Open the discovery address from the device's network and see who answers so.",
	};
	return made;
}

static bool is_named(const struct enroll_code *code, const char *written)
{
	const char *const names[] = {code->code, code->name, code->alias, code->fault};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i][0] && !strcasecmp(names[i], written))
			return true;
	return false;
}

bool enroll_code_is_number(struct arena *arena, struct text written)
{
	uint32_t number;

	return number_read(arena_cstr(arena, text_trim(written)), &number);
}

const struct enroll_code *enroll_code_find(struct arena *arena, struct text written)
{
	const char *name = arena_cstr(arena, text_trim(written));
	uint32_t number;
	bool is_number = number_read(name, &number);

	if (is_number)
		name = arena_printf(arena, "0x%08X", number);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (is_named(&codes[i], name))
			return &codes[i];
	return is_number ? http_code_make(arena, number) : NULL;
}
