/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.c: see reason.h. What each code means is in code.c. A row: name, code, what an
 * administrator can do, and what had happened; a row without the last falls back on the code's.
 */
#include "enroll/reason.h"

#include "base/text.h"
#include "enroll/code.h"
#include "entra/verdict.h"

#define MESSAGE_FORMAT      "0x80180001"
#define AUTHENTICATION      "0x80180002"
#define AUTHORIZATION       "0x80180003"
#define CERTIFICATE_REQUEST "0x80180004"
#define SERVER              "0x80180005"
#define INVALID_SECURITY    "0x80180007"
#define CAP_REACHED         "0x80180013"
#define DEVICE_UNSUPPORTED  "0x80180014"
#define NOT_SUPPORTED       "0x80180015"
#define NOT_ELIGIBLE        "0x80180016"
#define MAINTENANCE         "0x80180017"
#define USER_LICENSE        "0x80180018"
#define TERMS_REJECTED      "rejectedTermsOfUse"
#define ENROLLMENT_DATA     "0x80180019"
#define CUSTOM_SERVER       "0x80180032"

#define CSR_REMEDY                                                                                 \
	"The certificate request of the device is not acceptable. Let the device try again; if "   \
	"it "                                                                                      \
	"happens again, check which program made the request."

#define SIGN_IN_REMEDY                                                                             \
	"The identity provider's answer is not acceptable. Run muster identity-provider check "    \
	"for the tenant and compare issuer and client id with the provider's own settings; the "   \
	"server's log has the detail under this trace id."

#define REDIRECT_REMEDY                                                                            \
	"The address to return to is not one Windows uses. Check the Terms of Use URL of the MDM " \
	"application in Entra, and who opened the page."

static const struct enroll_reason reasons[] = {
    {"token_missing", "",
     "Windows opens the Terms of Use with a token of the user. Most likely somebody opened the "
     "address in a browser, which cannot show them. If it happens to devices that join, look for "
     "a proxy that removes the header Authorization.",
     "The Terms of Use were opened without a token."},
    {"message_malformed", MESSAGE_FORMAT,
     "The message is not what Windows sends. Check proxies between device and server that change "
     "requests, and whether the caller is a Windows device.",
     "The message could not be read as one of this protocol."},
    {"message_empty", MESSAGE_FORMAT,
     "The request had no body. A proxy on the device's network often causes this; let the device "
     "try again on another network.",
     "The message had no body."},
    {"context_enrollment_type", MESSAGE_FORMAT,
     "The request names no enrolment type this server knows (Device or Full).",
     "The device did not say whether it is the organisation's or personal."},
    {"context_device_id", MESSAGE_FORMAT, "The request names no usable device id.",
     "The device did not say which id it has."},
    {"discovery_host", "",
     "The device came to EnterpriseEnrollment.<domain>, and no enabled tenant has that domain. Add "
     "it to domains of the tenant, or take the name out of DNS.",
     "The device asked at the name of a domain that no tenant has."},
    {"discovery_tenant", NOT_SUPPORTED,
     "Nothing the device sent says which organization it belongs to. Add the domain of the user's "
     "mail address to domains of the tenant, or give the device the discovery address with "
     "?tenant= and the tenant's id.",
     "The server could not tell whose device it is."},
    {"discovery_no_method", NOT_SUPPORTED,
     "The tenant lets devices enrol through Microsoft Entra ID only. To enrol without it, set "
     "enrollment_methods of the tenant.",
     "The tenant has no way to enrol without Microsoft Entra ID."},
    {"discovery_no_provider", NOT_SUPPORTED,
     "The tenant wants users to sign in (federated) and has no identity provider. Add one with "
     "muster identity-provider add, or take federated out of enrollment_methods.",
     "There is no place where the users of the tenant can sign in."},
    {"discovery_method", NOT_SUPPORTED,
     "The device cannot do what the tenant asks for: none of enrollment_methods of the tenant is "
     "among the ways the device offered, or the discovery address names another one in ?method=.",
     "The device and the tenant have no way to enrol in common."},
    {"request_type", NOT_SUPPORTED,
     "The device asked for a kind of request this server does not answer.",
     "The device asked for something else than a new certificate."},
    {"security_missing", INVALID_SECURITY,
     "The request carried no token. The device must be joined through Microsoft Entra ID, with "
     "this server as its MDM application.",
     "The device brought no token and no other credential."},
    {"security_malformed", INVALID_SECURITY,
     "The security header cannot be read. Check proxies that change requests.",
     "The part of the message that holds the credential cannot be read."},
    {"security_kind", AUTHENTICATION,
     "The device offered a kind of credential this server does not take. Join the device through "
     "Microsoft Entra ID.",
     "The device brought a kind of credential that the tenant does not take."},
    {"account_unknown", AUTHENTICATION,
     "There is no account of this name: neither among the tenant's enrollment-accounts nor in its "
     "LDAP directory, as user_filter looks for it. Check what the user typed, or add the account.",
     "The user name is nobody's."},
    {"account_no_tenant", AUTHENTICATION,
     "The name leads to no tenant, and several take passwords. Add the domain behind the @ to the "
     "domains of one tenant, or set netbios_domain of its LDAP directory.",
     "The user name does not say which of several tenants it belongs to."},
    {"account_disabled", AUTHENTICATION,
     "Enable the account where it is kept, if the user is to enrol devices.",
     "The password was right but the account is disabled."},
    {"account_expired", AUTHENTICATION, "Extend the account in the directory.",
     "The password was right but the account has expired in the directory."},
    {"account_locked", AUTHENTICATION,
     "Unlock the account in the directory, or wait until it does so itself.",
     "The directory has locked the account after wrong passwords."},
    {"account_restricted", AUTHENTICATION,
     "Look at the log-on hours and the log-on workstations of the account in the directory.",
     "The directory does not let the user sign in at this time or from this server."},
    {"account_not_in_group", AUTHENTICATION,
     "Add the user to the group that group_dn of the LDAP directory names, or change group_dn.",
     "The password was right but the user is not in the group that may enrol."},
    {"account_ambiguous", AUTHENTICATION,
     "Make user_filter of the LDAP directory fit one entry only.",
     "The directory has more than one entry for this user name."},
    {"password_missing", AUTHENTICATION, "Let the user join again and type the password.",
     "The device sent a user name without a password."},
    {"password_wrong", AUTHENTICATION,
     "If the user did not mistype it, somebody else may be guessing: look at the source of the "
     "attempts.",
     "The password is wrong."},
    {"password_expired", AUTHENTICATION, "Let the user change the password, then enrol.",
     "The password was right but has expired in the directory."},
    {"password_must_change", AUTHENTICATION,
     "Let the user sign in elsewhere and change the password, then enrol.",
     "The directory wants the user to change the password at the next sign-in."},
    {"password_blocked", AUTHENTICATION,
     "Wait up to fifteen minutes, or run muster enrollment-accounts unblock.",
     "There were too many wrong passwords for this name or from this address, so this one was not "
     "looked at."},
    {"password_busy", SERVER,
     "Let the user try again. If it happens often, somebody may be guessing, or the directory is "
     "slow.",
     "The server was checking as many passwords as it may at once."},
    {"directory_unavailable", SERVER,
     "Run muster ldap-directory check; the server's log has the cause under the trace id.",
     "The LDAP directory gave no answer, or its certificate is not trusted."},
    {"directory_settings", SERVER,
     "Run muster ldap-directory check, and compare bind name, search base, filter and what the "
     "bind name may read.",
     "The LDAP directory refuses what is set for it."},
    {"method_on_premises", NOT_SUPPORTED,
     "Add on-premises to enrollment_methods of the tenant, or join through Microsoft Entra ID.",
     "The device offered a user name and a password, which the tenant does not take."},
    {"signature_form", INVALID_SECURITY,
     "The signed security header is not the one Windows makes for certificate authentication. "
     "Check proxies that change requests, and which program made the request.",
     "The signed part of the security header is not of the form Windows makes."},
    {"signature_time", AUTHENTICATION,
     "The message was signed too long ago or in the future. Correct the clock of the device (and "
     "of this server) and let it try again.",
     "The request was not signed in the minutes in which it came."},
    {"signature_address", AUTHENTICATION,
     "The message was made for another address. Compare the addresses in the provisioning package "
     "with public_url of this server; otherwise somebody sends on what was meant for another one.",
     "The signed message names another address than the one it came to."},
    {"signature_invalid", AUTHENTICATION,
     "The signature does not fit the message and the certificate. Check proxies that change "
     "requests; otherwise somebody used a certificate without having its key.",
     "The signature does not fit the request and the certificate."},
    {"certificate_malformed", INVALID_SECURITY,
     "The security header holds no certificate that can be read. Check the thumbprint in the "
     "provisioning package.",
     "What stands for the certificate is none."},
    {"certificate_ca", AUTHENTICATION,
     "The device signed with the certificate of a CA. Name a certificate of a user or device in "
     "the provisioning package.",
     "The request was signed with the certificate of a CA."},
    {"certificate_key", AUTHENTICATION,
     "The certificate the device signed with must have an RSA key of 2048 to 4096 bits. Issue "
     "another one.",
     "The key of the certificate is not of an accepted kind or size."},
    {"certificate_usage", AUTHENTICATION,
     "The certificate the device signed with must allow digital signatures, and client "
     "authentication where it has extended key usages. Issue another one.",
     "The certificate is not for signing in."},
    {"certificate_of_device", AUTHENTICATION,
     "The device signed with a certificate that this server gave to a device. Name a certificate "
     "of your own CA in the provisioning package.",
     "The request was signed with a device certificate of this server."},
    {"certificate_untrusted", AUTHENTICATION,
     "No tenant trusts the CA that issued the certificate directly. Add it with muster "
     "trusted-issuers add if its certificates shall enrol devices.",
     "The certificate was not issued by a CA that a tenant trusts."},
    {"certificate_expired", AUTHENTICATION,
     "The certificate the device signed with, or its CA's, has expired or is not valid yet. Renew "
     "it, and check the clock of this server.",
     "The certificate or its CA's is not valid at this time."},
    {"certificate_tenant", AUTHENTICATION,
     "More than one tenant trusts the CA, and the domain of the user's name belongs to none of "
     "them or to several. Add the domain to the domains of the right tenant.",
     "The certificate leads to more than one tenant."},
    {"certificate_tenant_disabled", AUTHORIZATION, "The tenant is disabled on this server.",
     "The certificate leads to a tenant that is disabled."},
    {"method_not_enabled", NOT_SUPPORTED,
     "The tenant does not offer this way of enrolling. Add it to enrollment_methods of the tenant "
     "if devices shall enrol so.",
     "The tenant does not let devices enrol in the way that was tried."},
    {"device_token_forged", AUTHENTICATION,
     "The token was not made by the sign-in page of this server, was changed on the way, or is "
     "from before a change of the master key. Let the user start again.",
     "The device brought a token that this server did not make."},
    {"device_token_expired", AUTHENTICATION,
     "More than ten minutes passed between signing in and enrolling. Let the user start again.",
     "The token of the sign-in page had expired."},
    {"device_token_tenant", AUTHORIZATION,
     "The tenant was removed or disabled after the user signed in, or federated was taken out of "
     "its enrollment_methods.",
     "The tenant no longer takes tokens of the sign-in page."},
    {"sign_in_appru", "",
     "The page was not opened by the sign-in broker of Windows: the address to return to (appru) "
     "is missing or is not one of an app. Usually somebody opened the page in a browser.",
     "The sign-in page was opened without an address of an app to return to."},
    {"sign_in_tenant", "",
     "No enabled tenant has the domain of the address the user typed. Add it to domains of the "
     "tenant.",
     "The server could not tell whose user wants to sign in."},
    {"sign_in_method", "",
     "The tenant has no identity provider, or federated is not among its enrollment_methods.",
     "The tenant does not let users sign in here."},
    {"sign_in_provider", "",
     "The identity provider did not answer, or not with what can be used. Run muster "
     "identity-provider check for the tenant; the log of the server has the detail under this "
     "trace id.",
     "The identity provider gave no usable answer."},
    {"sign_in_state", "",
     "The answer of the provider came without the cookie of the browser that asked, or was made "
     "up. If it happens to everybody, look whether a proxy removes cookies.",
     "The answer of the identity provider does not belong to a sign-in of this browser."},
    {"sign_in_expired", "",
     "The user took more than ten minutes to sign in. Let the user start again.",
     "Signing in took too long."},
    {"sign_in_changed", "",
     "The tenant or its identity provider was changed while the user signed in. Let the user start "
     "again.",
     "Settings changed while the user signed in."},
    {"sign_in_denied", "",
     "The user cancelled, or the provider does not let this user use the application. Look at the "
     "sign-in log of the provider.",
     "The user did not sign in, or was not let in by the identity provider."},
    {"sign_in_failed", "",
     "The provider reported an error. Look at its sign-in log, and whether the redirect URI that "
     "muster identity-provider show prints is registered there.",
     "The identity provider reported an error."},
    {"sign_in_code", "",
     "The provider does not take its own code: it was used before or expired. Let the user start "
     "again.",
     "The identity provider did not confirm the sign-in."},
    {"sign_in_client", "",
     "Client id or client secret are wrong, or the secret has expired. Make a new one at the "
     "provider and set it with muster identity-provider update --client-secret-file FILE.",
     "The identity provider does not accept this server's client id or secret."},
    {"sign_in_exchange", "",
     "The provider gave no ID token for its code. Compare redirect URI, scopes and the kind of "
     "application with the provider's own settings.",
     "The identity provider did not hand out who signed in."},
    {"id_token_malformed", "", SIGN_IN_REMEDY, "The ID token of the provider cannot be read."},
    {"id_token_algorithm", "",
     "The provider signs its ID tokens with another algorithm than RS256. Set the application "
     "there to RS256.",
     "The ID token of the provider is not signed with RS256."},
    {"id_token_header", "", SIGN_IN_REMEDY,
     "The ID token of the provider has a header that is not accepted."},
    {"id_token_key_unknown", "",
     "The ID token is signed with a key that the provider does not publish. If it changed its keys "
     "just now, let the user try again in five minutes.",
     "The ID token of the provider is signed with a key that is not known."},
    {"id_token_key_weak", "",
     "The key of the provider is too small: RSA with 2048 bits or more is needed.",
     "The ID token of the provider is signed with a key that is too small."},
    {"id_token_signature", "", SIGN_IN_REMEDY,
     "The ID token of the provider has a signature that is not right."},
    {"id_token_issuer", "",
     "The ID token names another issuer than the tenant's settings. Set issuer to what the "
     "metadata of the provider states.",
     "The ID token of the provider names another issuer."},
    {"id_token_audience", "",
     "The ID token is for another application. Compare client_id with the application at the "
     "provider.",
     "The ID token of the provider is for another application."},
    {"id_token_authorized_party", "",
     "The ID token was given to another application. Compare client_id with the application at the "
     "provider.",
     "The ID token of the provider was given to another application."},
    {"id_token_times", "", SIGN_IN_REMEDY, "The ID token of the provider has no plausible times."},
    {"id_token_expired", "",
     "The ID token has expired already. Compare the clock of this server with the right time.",
     "The ID token of the provider has expired."},
    {"id_token_not_yet", "",
     "The ID token is from the future. Compare the clock of this server with the right time.",
     "The ID token of the provider is from the future."},
    {"id_token_nonce", "",
     "The ID token was made for another sign-in. Let the user start again; if it happens again, "
     "somebody may be replaying tokens.",
     "The ID token of the provider was made for another sign-in."},
    {"id_token_subject", "", SIGN_IN_REMEDY, "The ID token of the provider names no user."},
    {"id_token_tenant", "",
     "The user signed in to another Entra tenant. Set issuer to the one of this tenant, "
     "https://login.microsoftonline.com/TENANT-ID/v2.0.",
     "The ID token of the provider is of another Entra tenant."},
    {"id_token_object_id", "", "The ID token has no oid. Add profile to scopes.",
     "The ID token of the provider has no object id of the user."},
    {"id_token_guest", "",
     "The user is a guest. Set guests_allowed of the tenant if guests may enrol.",
     "The ID token of the provider is of a guest."},
    {"id_token_required_claim", "",
     "The user signed in but is not one who may enrol: the ID token lacks required_claim of the "
     "identity provider.",
     "The ID token of the provider lacks the required claim."},
    {"terms_missing", ENROLLMENT_DATA,
     "The device did not pass the Terms of Use. Check that the Terms of Use URL is set for the MDM "
     "application in Entra, or set terms_required to no for the tenant.",
     "The device brought no consent to the Terms of Use."},
    {"terms_forged", ENROLLMENT_DATA,
     "The consent was not made by this server or was changed. Let the user join again.",
     "The consent to the Terms of Use is not one this server made."},
    {"terms_expired", ENROLLMENT_DATA,
     "More than an hour passed between accepting the terms and enrolling. Let the user join "
     "again.",
     "The consent to the Terms of Use is older than an hour."},
    {"terms_user", ENROLLMENT_DATA,
     "The consent was given by another user than the one who enrols. Let the user join again.",
     "The consent to the Terms of Use is of another user."},
    {"terms_mode", ENROLLMENT_DATA,
     "The consent was for another kind of device (organisation or personal). Let the user join "
     "again.",
     "The consent is for the other kind of device, organisation or personal."},
    {"terms_version", ENROLLMENT_DATA,
     "The terms changed after the user accepted them. Let the user join again.",
     "The consent is to an older text of the Terms of Use."},
    {"terms_used", ENROLLMENT_DATA,
     "The consent was used for an enrolment before; each needs its own. Let the user join again.",
     "The consent to the Terms of Use was used before."},
    {"query_malformed", "", REDIRECT_REMEDY,
     "The address of the Terms of Use page was called with a query that cannot be read."},
    {"redirect_uri_missing", "", REDIRECT_REMEDY,
     "The Terms of Use page was opened without an address to return to."},
    {"redirect_uri_repeated", "", REDIRECT_REMEDY,
     "The Terms of Use page was given two addresses to return to."},
    {"redirect_uri_too_long", "", REDIRECT_REMEDY, "The address to return to is too long."},
    {"redirect_uri_scheme", "", REDIRECT_REMEDY,
     "The address to return to does not lead back to Windows."},
    {"redirect_uri_host", "", REDIRECT_REMEDY,
     "The host of the address to return to is not one Windows uses."},
    {"redirect_uri_character", "", REDIRECT_REMEDY,
     "The address to return to holds a character that has no place in it."},
    {"redirect_uri_fragment", "", REDIRECT_REMEDY, "The address to return to has a fragment."},
    {"redirect_uri_parameter", "", REDIRECT_REMEDY,
     "The address to return to holds an answer already."},
    {"redirect_uri_tenant", "",
     "The address Windows wants to go back to begins like none of the tenant's redirect_uris. If "
     "it is what your devices use, add its beginning; if not, somebody may have tried to steal a "
     "consent.",
     "The tenant does not let Windows be sent back to that address."},
    {"terms_declined", TERMS_REJECTED,
     "Windows tells the user that the organization requires it. Ask them to join again and accept.",
     "The user declined the Terms of Use."},
    {"pin_wrong", "",
     "The PIN that was typed is unknown, used, revoked, expired or of another user. Look at the "
     "tenant's pins, and give the user another one.",
     "The PIN typed on the Terms of Use page is not good."},
    {"pin_blocked", "",
     "Too many wrong PINs were typed by this user or from this address. They can try again after "
     "fifteen minutes, or once muster pins unblock was run; if it was not them, review their "
     "sign-ins.",
     "Too many wrong PINs were typed on the Terms of Use page."},
    {"terms_api_version", "",
     "Windows asked for a version of the Terms of Use protocol this server does not know. Look for "
     "an update of this server.",
     "Windows asked for a version of the Terms of Use protocol other than 1.0."},
    {"terms_mode_unknown", "",
     "Windows named a kind of join this server does not know (mode). Look for an update of this "
     "server.",
     "Windows named a kind of join other than azureadjoin."},
    {"terms_state", "",
     "The form or the page's address was not made by this server, or its master key changed. Let "
     "the "
     "user join again.",
     "The Terms of Use page came back altered or from another server."},
    {"terms_page_expired", "",
     "The page was open for more than fifteen minutes. Let the user join again.",
     "The user took longer than the page is good for."},
    {"tenant_gone", "", "The tenant was removed or disabled while the page was open.",
     "The tenant does not exist any more or is disabled."},
    {"csr_too_large", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The certificate request is larger than one can be."},
    {"csr_malformed", CERTIFICATE_REQUEST, CSR_REMEDY, "The certificate request cannot be read."},
    {"csr_trailing_bytes", CERTIFICATE_REQUEST, CSR_REMEDY,
     "There is something after the certificate request."},
    {"csr_signature_algorithm", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The certificate request is signed in a way that is not accepted."},
    {"csr_key_type", CERTIFICATE_REQUEST, "Only RSA keys of 2048 to 4096 bits are accepted.",
     "The key of the certificate request is no RSA key."},
    {"csr_key_malformed", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The key of the certificate request cannot be read."},
    {"csr_key_size", CERTIFICATE_REQUEST, "Only RSA keys of 2048 to 4096 bits are accepted.",
     "The key of the certificate request is too small or too large."},
    {"csr_key_exponent", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The key of the certificate request has an unusual exponent."},
    {"csr_key_small_factor", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The key of the certificate request is broken: it has a small factor."},
    {"csr_key_roca", CERTIFICATE_REQUEST,
     "The device's key was made by a TPM with a known flaw. Update the TPM firmware.",
     "The key was made by a TPM whose keys can be computed from the public part."},
    {"csr_key_close_primes", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The key of the certificate request is broken: its primes are too close."},
    {"csr_no_proof_of_possession", CERTIFICATE_REQUEST, CSR_REMEDY,
     "The certificate request was not signed with its own key."},
    {"key_in_use", CERTIFICATE_REQUEST,
     "This happens when a disk image was taken from an enrolled device; reset the device and join "
     "again.",
     "Another device has a certificate for the same key."},
    {"token_used", AUTHORIZATION,
     "The same token was used before with another key. If the user did not try twice, the token "
     "may have been stolen: review the user's sign-ins and the device that enrolled first.",
     "The credential was used before, with another key."},
    {"device_cap", CAP_REACHED,
     "Retire one that is no longer used, or raise device_limit of the tenant.",
     "The user has as many enrolled devices as one user may have."},
    {"renew_malformed", NOT_ELIGIBLE,
     "The renewal is not a certificate request signed in the way Windows does it. Check proxies "
     "that change requests; if it happens again, enrol the device again.",
     "The renewal cannot be read as a signed certificate request."},
    {"renew_signature", NOT_ELIGIBLE,
     "The renewal names a certificate of this server but is not signed by its key. A device whose "
     "key was lost must enrol again; from an unknown address this may be an attack.",
     "The renewal is not signed by the key of the certificate it names."},
    {"renew_unknown_certificate", NOT_ELIGIBLE,
     "The renewal is signed by a certificate this server does not know. The device was enrolled "
     "with another server, or the database is older than the certificate. Enrol it again.",
     "The renewal is signed by a certificate this server never stored."},
    {"renew_tenant", NOT_ELIGIBLE,
     "The tenant of the device was removed or is disabled. Enable it, and the device renews at its "
     "next try.",
     "The tenant of the device is gone or disabled."},
    {"renew_device_retired", NOT_ELIGIBLE,
     "The device was retired or unenrolled and its certificate ended with that. Enrol it again if "
     "it is to be managed.",
     "The device was retired or unenrolled."},
    {"renew_superseded", NOT_ELIGIBLE,
     "The device has used a newer certificate since, so this one is no longer good. If the device "
     "lost the newer one (restored from an image, for example), enrol it again.",
     "The certificate was replaced by a newer one that the device has used."},
    {"renew_revoked", NOT_ELIGIBLE,
     "The certificate was revoked. Enrol the device again if it is to be managed.",
     "The certificate was revoked."},
    {"renew_expired", NOT_ELIGIBLE,
     "The certificate has expired, and an expired certificate cannot be renewed. Enrol the device "
     "again. If its clock or the server's is wrong, set that first.",
     "The certificate has expired or is not valid yet."},
    {"renew_tls_mismatch", NOT_ELIGIBLE,
     "The connection was made with another certificate than the one that signed the renewal. Check "
     "for proxies that present a certificate of their own; otherwise let the device try again.",
     "Connection and signature are by two certificates."},
    {"renew_other_device", NOT_ELIGIBLE,
     "The device names itself differently than when it enrolled. This happens when a disk image "
     "was taken from an enrolled device; reset the device and enrol it again.",
     "The device calls itself another than the one the certificate is of."},
    {"renew_key_same", NOT_ELIGIBLE,
     "The renewal asks for the same key again; each certificate needs a new one. Let the device "
     "try again.",
     "The device wants to keep its key."},
    {"renew_key_known", NOT_ELIGIBLE,
     "The renewal asks for a key that had a certificate before, of this device or another. Let the "
     "device try again; if it happens on several devices, they share a disk image.",
     "The new key had a certificate before."},
    {"renew_replayed", NOT_ELIGIBLE,
     "The same renewal was answered before, and the device has asked for another certificate "
     "since. Nothing needs to be done if the device renews at its next try.",
     "The same renewal was answered before and replaced since."},
    {"renew_too_early", NOT_ELIGIBLE,
     "The certificate is new and nobody asked the device to renew it. To have it renewed now, use "
     "'muster devices renew'.",
     "The certificate is too young to be renewed and nobody ordered it."},
    {"tenant_device_cap", CAP_REACHED,
     "Retire devices that are no longer used, or raise tenant_device_limit of the tenant.",
     "The tenant has as many enrolled devices as it may have."},
    {"daily_cap", CAP_REACHED,
     "Find out why one user enrols so often: a device that fails and tries again, or a stolen "
     "sign-in. It is possible again when a day has passed.",
     "The user has enrolled devices more often within a day than anybody needs to."},
    {"maintenance", MAINTENANCE,
     "End it when the work is done: muster tenants update TENANT_ID --maintenance no.",
     "An administrator has put the tenant into maintenance, so nobody can enrol."},
    {"server_maintenance", MAINTENANCE,
     "End it when the work is done: set maintenance = no in [server] of the configuration file and "
     "reload.",
     "The configuration file has put the server into maintenance, so nobody can enrol."},
    {"closed", CUSTOM_SERVER,
     "Take the message away to let devices in: muster tenants update TENANT_ID --closed-message "
     "''.",
     "An administrator has closed the tenant for enrolment; users read its closed_message."},
    {"license_missing", USER_LICENSE,
     "Put the user into the Entra group that license_group of the tenant names, wait a minute, and "
     "let them join again. If nobody gets in, muster tenants check TENANT_ID says whether that "
     "group "
     "exists. Users without Entra ID are in no group.",
     "The user is not in the Entra group whose members may enrol."},
    {"license_unknown", SERVER,
     "Run muster tenants check TENANT_ID: it asks Graph the same and says what is missing, a "
     "credential, a permission, or an answer. Then let the user join again.",
     "Whether the user may enrol depends on an Entra group, and Graph could not be asked."},
    {"os_version_unknown", DEVICE_UNSUPPORTED,
     "The tenant has rules about the version of Windows and the device named none that can be "
     "read. Check which program made the request.",
     "The device did not say which version of Windows it has."},
    {"os_version_old", DEVICE_UNSUPPORTED,
     "Update Windows on the device, or lower os_version_min of the tenant.",
     "The device has an older version of Windows than the tenant takes."},
    {"os_version_new", DEVICE_UNSUPPORTED,
     "Raise os_version_max of the tenant when the newer version has been tested.",
     "The device has a newer version of Windows than the tenant takes."},
    {"os_edition", DEVICE_UNSUPPORTED,
     "Change the edition of Windows, or add its number to os_editions of the tenant.",
     "The device has an edition of Windows that the tenant does not take."},
    {"personal_device", NOT_SUPPORTED,
     "Join the device to the organisation, or set personal_devices_allowed of the tenant to yes.",
     "A user added a work account on a personal device, and the tenant takes none."},
    {"concurrent", SERVER,
     "Two enrolments of the same device ran at the same time. Nothing needs to be done.",
     "Another enrolment of the same device was faster."},
    {"session_aborted", "",
     "Look at the device's event log, and at the sessions and commands of the device here.",
     "The device gave its first session up."},
    {"session_setup_refused", "",
     "Look at the commands of the device: the status says what it made of them.",
     "The device refused a setting with which its set-up ends."},
    {"session_source_mismatch", "",
     "The device named another id than at its enrolment. A certificate may have been copied to "
     "another device: enrol that one on its own.",
     "The device spoke for another device than the one its certificate is of."},
    {"server_error", SERVER,
     "The server could not complete the request. Look for the trace id in the server's log.",
     "The server or something it needs failed."},
};

const struct enroll_reason *enroll_reasons(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(reasons);
	return reasons;
}

const struct enroll_reason *enroll_reason_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reasons[i].name, name))
			return &reasons[i];
	return NULL;
}

/* "" when it is no verdict on a token. */
static const char *token_cause(const char *name)
{
	static const char prefix[] = "token_";

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return "";
	for (int v = ENTRA_TOKEN_OK + 1; v < ENTRA_VERDICT_COUNT; v++)
		if (!strcmp(name + sizeof(prefix) - 1, entra_verdict_name((enum entra_verdict)v)))
			return entra_verdict_reason((enum entra_verdict)v);
	return "";
}

const char *enroll_reason_cause(struct arena *arena, const char *name, const char *error_code)
{
	const struct enroll_reason *reason = enroll_reason_find(name);
	const struct enroll_code *code;
	const char *cause = reason && reason->cause ? reason->cause : token_cause(name);

	if (cause[0])
		return cause;
	code = enroll_code_find(arena, text_of(error_code));
	return code ? code->cause : "";
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
