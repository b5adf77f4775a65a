/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp_rules.c: see csp_rules.h. The table goes from special to general: the first match counts.
 * What is not in it does not exist, as a CSP that the edition of Windows lacks. management.md
 * section 6.
 */
#include "sim/device/csp_rules.h"

#define DEV    "./Device/Vendor/MSFT"
#define USR    "./User/Vendor/MSFT"
#define CLIENT "/DMClient/Provider/*"
#define FIRST  CLIENT "/FirstSyncStatus"

enum {
	G = VERB_GET,
	X = VERB_EXEC,
	SET = VERB_ADD | VERB_REPLACE | VERB_DELETE | VERB_GET,
	WRITE = VERB_REPLACE | VERB_GET
};

#define FIRST_SYNC(scope)                                                                          \
	{scope FIRST "/ServerHasFinishedProvisioning", WRITE, CSP_ONE_WAY, 0, false, false},       \
	    {scope FIRST "/IsSyncDone", WRITE, CSP_ONE_WAY, 0, false, false},                      \
	    {scope FIRST "/WasDeviceSuccessfullyProvisioned", WRITE, CSP_INT, 0, false, false},    \
	    {scope FIRST "/TimeOutUntilSyncFailure", WRITE, CSP_MINUTES, 0, false, false},         \
	    {scope FIRST "/BlockInStatusPage", WRITE, CSP_INT, 0, false, false},                   \
	    {scope FIRST "/SkipDeviceStatusPage", WRITE, CSP_BOOL, 0, false, false},               \
	    {scope FIRST "/SkipUserStatusPage", WRITE, CSP_BOOL, 0, false, false},                 \
	    {scope FIRST "/AllowCollectLogsButton", WRITE, CSP_BOOL, 0, false, false},             \
	{                                                                                          \
		scope FIRST "/**", SET, CSP_CHR, 0, false, false                                   \
	}

/* Both scopes of a provider whose nodes are all read and written alike. */
#define PLAIN(name)                                                                                \
	{                                                                                          \
		DEV "/" name "/**", SET, CSP_ANY, 0, false, false                                  \
	}
#define PLAIN_BOTH(name)                                                                           \
	PLAIN(name),                                                                               \
	{                                                                                          \
		USR "/" name "/**", SET, CSP_ANY, 0, false, false                                  \
	}

static const struct csp_rule RULES[] = {
    {"./DevInfo/**", G, CSP_ANY, 0, false, false},
    {"./DevDetail/Ext/Microsoft/DNSComputerName", WRITE, CSP_CHR, 0, false, false},
    {"./DevDetail/**", G, CSP_ANY, 0, false, false},
    {"./SyncML/DMAcc/**", SET, CSP_ANY, 0, false, false},
    {DEV "/DeviceStatus/**", G, CSP_ANY, 0, false, false},
    {DEV "/Defender/Health/**", G, CSP_ANY, 0, false, false},
    {DEV "/BitLocker/Status/**", G, CSP_ANY, 0, false, false},
    {DEV "/BitLocker/RequireDeviceEncryption", SET, CSP_INT, 0, false, false},
    {DEV "/BitLocker/AllowWarningForOtherDiskEncryption", SET, CSP_INT, 0, false, false},
    {DEV "/BitLocker/RotateRecoveryPasswords", X, CSP_CHR, 0, true, false},
    {DEV "/Policy/Config/*/*", SET, CSP_ANY, 0, false, false},
    {DEV "/Policy/Result/**", G, CSP_ANY, 0, false, false},
    {DEV "/Policy/ConfigOperations/ADMXInstall/**", SET, CSP_CHR, 0, false, false},
    {USR "/Policy/Config/*/*", SET, CSP_ANY, 0, false, false},
    {USR "/Policy/Result/**", G, CSP_ANY, 0, false, false},
    {DEV "/DMClient/Unenroll", X | G, CSP_ANY, CSP_UNENROLL, false, false},
    {DEV CLIENT "/Unenroll", X | G, CSP_ANY, CSP_UNENROLL, false, false},
    {DEV CLIENT "/AADDeviceID", G, CSP_CHR, 0, false, false},
    {DEV CLIENT "/EnrollmentType", G, CSP_CHR, 0, false, false},
    {DEV CLIENT "/HWDevID", G, CSP_CHR, 0, false, false},
    {DEV CLIENT "/MaxSyncApplicationVersion", G, CSP_CHR, 0, false, false},
    {DEV CLIENT "/SyncApplicationVersion", SET, CSP_CHR, 0, false, false},
    {DEV CLIENT "/EntDMID", SET, CSP_CHR, 0, false, false},
    {DEV CLIENT "/AADResourceID", SET, CSP_CHR, 0, false, false},
    {DEV CLIENT "/Push/ChannelURI", G, CSP_CHR, 0, false, false},
    {DEV CLIENT "/Push/Status", G, CSP_INT, 0, false, false},
    {DEV CLIENT "/Push/PFN", SET, CSP_CHR, 0, false, false},
    {DEV CLIENT "/Poll/PollOnLogin", SET, CSP_BOOL, 0, false, false},
    {DEV CLIENT "/Poll/AllUsersPollOnFirstLogin", SET, CSP_BOOL, 0, false, false},
    {DEV CLIENT "/Poll/*", SET, CSP_INT, 0, false, false},
    FIRST_SYNC(DEV),
    FIRST_SYNC(USR),
    {DEV CLIENT "/**", SET, CSP_ANY, 0, false, false},
    {USR CLIENT, SET, CSP_ANY, 0, false, false},
    {DEV "/Reboot/RebootNow", X, CSP_ANY, CSP_REBOOT, false, false},
    {DEV "/Reboot/Schedule/*", SET, CSP_CHR, 0, false, false},
    {DEV "/RemoteLock/Lock", X, CSP_ANY, CSP_LOCK, false, false},
    {DEV "/RemoteWipe/doWipe", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/doWipeProtected", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/doWipePersistProvisionedData", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/doWipePersistUserData", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/doWipeCloud", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/doWipeCloudPersistUserData", X, CSP_ANY, CSP_WIPE, false, false},
    {DEV "/RemoteWipe/AutomaticRedeployment/doAutomaticRedeployment", X, CSP_ANY, CSP_WIPE, false,
     false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/RenewPeriod", WRITE, CSP_INT, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/RetryInterval", WRITE, CSP_INT, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/ServerURL", WRITE, CSP_CHR, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/ROBOSupport", WRITE, CSP_BOOL, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/Status", G, CSP_INT, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/ErrorCode", G, CSP_INT, 0, false, false},
    {DEV "/CertificateStore/MY/WSTEP/Renew/RenewNow", X, CSP_ANY, CSP_RENEW, true, false},
    {DEV "/LAPS/Actions/ResetPassword", X, CSP_ANY, 0, true, false},
    {DEV "/EnterpriseDesktopAppManagement/MSI/*/DownloadInstall", SET | X, CSP_XML, 0, true, true},
    {USR "/EnterpriseDesktopAppManagement/MSI/*/DownloadInstall", SET | X, CSP_XML, 0, true, true},
    {DEV "/EnterpriseModernAppManagement/AppInstallation/*/HostedInstall", SET | X, CSP_XML, 0,
     true, true},
    {USR "/EnterpriseModernAppManagement/AppInstallation/*/HostedInstall", SET | X, CSP_XML, 0,
     true, true},
    {USR "/EnterpriseModernAppManagement/AppInstallation/*/StoreInstall", SET | X, CSP_XML, 0, true,
     true},
    {DEV "/EnterpriseModernAppManagement/AppManagement/UpdateScan", X, CSP_ANY, 0, true, false},
    PLAIN_BOTH("EnterpriseDesktopAppManagement"),
    PLAIN_BOTH("EnterpriseModernAppManagement"),
    PLAIN_BOTH("RootCATrustedCertificates"),
    PLAIN_BOTH("ClientCertificateInstall"),
    PLAIN_BOTH("PassportForWork"),
    PLAIN_BOTH("NodeCache"),
    PLAIN_BOTH("EnrollmentStatusTracking"),
    PLAIN_BOTH("DMSessionActions"),
    PLAIN_BOTH("VPNv2"),
    PLAIN_BOTH("WiFi"),
    PLAIN("BitLocker"),
    PLAIN("CertificateStore"),
    PLAIN("Defender"),
    PLAIN("DeviceManageability"),
    PLAIN("Firewall"),
    PLAIN("HealthAttestation"),
    PLAIN("LAPS"),
    PLAIN("Personalization"),
    PLAIN("SharedPC"),
    PLAIN("Update"),
    PLAIN("Win32AppInventory"),
    PLAIN("WindowsAdvancedThreatProtection"),
    PLAIN("WindowsLicensing"),
};

/* The end of the first segment. */
static size_t segment_len(const char *s)
{
	return strcspn(s, "/");
}

enum match { MATCH_NO, MATCH_ABOVE, MATCH_WHOLE };

/* Where uri stands to the pattern: no match, an interior node on the way, or the node itself. */
static enum match pattern_match(const char *pattern, const char *uri)
{
	for (;;) {
		size_t p = segment_len(pattern);
		size_t u = segment_len(uri);

		if (p == 2 && strncmp(pattern, "**", 2) == 0)
			return u > 0 ? MATCH_WHOLE : MATCH_NO;
		if (!(p == 1 && *pattern == '*') && (p != u || strncmp(pattern, uri, p) != 0))
			return MATCH_NO;
		pattern += p;
		uri += u;
		if (!*uri)
			return *pattern ? MATCH_ABOVE : MATCH_WHOLE;
		if (!*pattern)
			return MATCH_NO;
		pattern++;
		uri++;
	}
}

const struct csp_rule *csp_rule_find(const char *uri)
{
	for (size_t i = 0; i < ARRAY_LEN(RULES); i++)
		if (pattern_match(RULES[i].pattern, uri) == MATCH_WHOLE)
			return &RULES[i];
	return NULL;
}

bool csp_rule_is_interior(const char *uri)
{
	for (size_t i = 0; i < ARRAY_LEN(RULES); i++)
		if (pattern_match(RULES[i].pattern, uri) == MATCH_ABOVE)
			return true;
	return false;
}
