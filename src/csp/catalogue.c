/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue.c: the table of nodes (Microsoft's device description framework files and CSP pages).
 *
 * The first row that matches a LocURI is its row, so a row for one node stands before the row for
 * the tree around it. Columns: address, format, allowed integers, meanings, fact, access, scopes,
 * first build, seconds between two questions, reserved.
 */
#include "csp/catalogue.h"

#define DEV     "./Device/Vendor/MSFT/"
#define CLIENT  DEV "DMClient/Provider/" DM_PROVIDER_ID "/"
#define STATE   DEV "DeviceStatus/"
#define DETAIL  "./DevDetail/"
#define RENEW   DEV "CertificateStore/MY/WSTEP/Renew/"
#define POLICY  DEV "Policy/Config/"
#define PROTECT "0 on|1 off|2 not monitoring|3 temporarily off|4 not applicable"

enum {
	G = CSP_GET,
	GR = CSP_GET | CSP_REPLACE,
	ADGR = CSP_ADD | CSP_DELETE | CSP_GET | CSP_REPLACE,
	X = CSP_EXEC,
	XG = CSP_EXEC | CSP_GET,

	/* Signals that decide compliance are asked in every session; what rarely changes once a
	 * day; what never changes once. */
	LIVE = 0,
	DAILY = 24 * 3600,
	ONCE = 10 * 365 * DAILY,
	NEVER = -1,

	B1809 = 17763,
	B1903 = 18362,
	B11 = 22000
};

/* clang-format off */
#define FACT(uri, form, means, name, build, age)                                                   \
	{uri, form, "", means, name, G, CSP_DEVICE, build, age, false}
#define NODE(uri, form, allow, means, acc, scope)                                                  \
	{uri, form, allow, means, "", acc, scope, 0, NEVER, false}
#define OWN(uri, form, acc) {uri, form, "", "", "", acc, CSP_DEVICE, 0, NEVER, true}

const struct csp_node csp_nodes[] = {
	/* what a device is */
	FACT(DETAIL "SwV", "chr", "", "os_version", 0, LIVE),
	FACT("./DevInfo/Man", "chr", "", "manufacturer", 0, NEVER),
	FACT("./DevInfo/Mod", "chr", "", "model", 0, NEVER),
	FACT("./DevInfo/DmV", "chr", "", "dm_version", 0, NEVER),
	FACT("./DevInfo/Lang", "chr", "", "language", 0, NEVER),
	FACT(DETAIL "Ext/Microsoft/SMBIOSSerialNumber", "chr", "", "serial_number", B1809, DAILY),
	FACT(DETAIL "Ext/Microsoft/DeviceName", "chr", "", "device_name", 0, DAILY),
	FACT(DETAIL "Ext/Microsoft/ProcessorArchitecture", "int", "0 x86|5 ARM|9 x64|12 ARM64",
	     "processor_architecture", 0, DAILY),
	FACT(DETAIL "Ext/Microsoft/TotalRAM", "int", "", "memory_mb", 0, DAILY),
	FACT(DETAIL "Ext/Microsoft/TotalStorage", "int", "", "storage_mb", 0, DAILY),
	FACT(DETAIL "Ext/Microsoft/FreeStorage", "int", "", "storage_free_mb", 0, DAILY),
	FACT(DETAIL "Ext/WLANMACAddress", "chr", "", "wlan_mac", 0, DAILY),
	FACT(DETAIL "FwV", "chr", "", "firmware_version", 0, DAILY),
	FACT(DETAIL "HwV", "chr", "", "hardware_version", 0, DAILY),
	{DETAIL "Ext/Microsoft/DNSComputerName", "chr", "", "", "", GR,
	 CSP_DEVICE, 0, NEVER, false},
	FACT(STATE "OS/Edition", "chr", "", "os_edition", 0, DAILY),
	FACT(STATE "OS/Mode", "int", "0 standard|1 S mode", "os_mode", B1809, DAILY),

	/* how safe it is */
	FACT(STATE "SecureBootState", "int", "0 not supported|1 on|2 off", "secure_boot", 0, LIVE),
	FACT(STATE "Compliance/EncryptionCompliance", "int", "0 not encrypted|1 encrypted",
	     "encryption", 0, LIVE),
	FACT(DEV "BitLocker/Status/DeviceEncryptionStatus", "int", "0 compliant",
	     "bitlocker_status", B1903, LIVE),
	FACT(STATE "Antivirus/Status", "int", PROTECT, "antivirus", 0, LIVE),
	FACT(STATE "Antivirus/SignatureStatus", "int", "0 outdated|1 current|2 not applicable",
	     "antivirus_signatures", 0, LIVE),
	FACT(STATE "Antispyware/Status", "int", "0 good|1 not monitored|2 poor|3 snoozed",
	     "antispyware", 0, LIVE),
	FACT(STATE "Antispyware/SignatureStatus", "int", "0 outdated|1 current|2 not applicable",
	     "antispyware_signatures", 0, LIVE),
	FACT(STATE "Firewall/Status", "int", PROTECT, "firewall", 0, LIVE),
	FACT(STATE "UAC/Status", "int", "", "uac", 0, LIVE),
	FACT(STATE "TPM/SpecificationVersion", "chr", "", "tpm_version", 0, LIVE),
	FACT(STATE "DeviceGuard/VirtualizationBasedSecurityStatus", "int",
	     "0 running|1 needs a restart|2 needs 64 bit|3 not licensed|4 not configured|"
	     "5 hardware lacks it|42 other", "vbs", 0, LIVE),
	FACT(STATE "DeviceGuard/LsaCfgCredGuardStatus", "int",
	     "0 running|1 needs a restart|2 not licensed|3 not configured|4 VBS is off",
	     "credential_guard", 0, LIVE),
	FACT(STATE "DeviceGuard/HypervisorEnforcedCodeIntegrityStatus", "int",
	     "0 running|1 needs a restart|2 not configured|3 VBS is off", "hvci", B11, LIVE),

	/* what our own client account says */
	FACT(CLIENT "MaxSyncApplicationVersion", "chr", "", "dm_sync_version_max", B1809, DAILY),
	FACT(CLIENT "EnrollmentType", "chr", "", "dm_enrollment_type", 0, DAILY),
	FACT(CLIENT "HWDevID", "chr", "", "hardware_id", 0, DAILY),
	FACT(CLIENT "AADDeviceID", "chr", "", "dm_entra_device_id", 0, DAILY),

	/* how renewing its certificate went */
	FACT(RENEW "Status", "int", "0 not started|1 in progress|2 succeeded|3 failed",
	     "renew_status", 0, DAILY),
	FACT(RENEW "ErrorCode", "int", "0 none", "renew_error_code", 0, DAILY),

	/* our own line to the device: a policy could cut it */
	NODE(RENEW "RenewNow", "null", "", "", X, CSP_DEVICE),
	OWN(RENEW "**", "", GR),
	OWN(DEV "DMClient/Provider/*/EntDMID", "chr", ADGR),
	OWN(DEV "DMClient/Provider/*/AADResourceID", "chr", CSP_ADD | GR),
	OWN(DEV "DMClient/Provider/*/SyncApplicationVersion", "chr", ADGR),
	OWN(DEV "DMClient/Provider/*/ManagementServiceAddress", "chr", GR),
	OWN(DEV "DMClient/Provider/*/ManagementServerAddressList", "chr", GR),
	OWN(DEV "DMClient/Provider/*/RequireMessageSigning", "bool", GR),
	OWN(DEV "DMClient/Provider/*/EnhancedAppLayerSecurity/**", "", ADGR),
	OWN(DEV "DMClient/Provider/*/LinkedEnrollment/**", "", XG),
	OWN("./SyncML/**", "", ADGR),

	/* actions: asked for one device at a time, never by a policy */
	NODE(DEV "DMClient/Provider/*/Unenroll", "chr", "", "", XG, CSP_DEVICE),
	NODE(DEV "DMClient/Unenroll", "chr", "", "", XG, CSP_DEVICE),
	NODE(DEV "RemoteWipe/**", "chr", "", "", XG, CSP_DEVICE),
	NODE(DEV "RemoteLock/**", "null", "", "", XG, CSP_DEVICE),
	NODE(DEV "Reboot/RebootNow", "null", "", "", XG, CSP_DEVICE),
	NODE(DEV "LAPS/Actions/**", "null", "", "", XG, CSP_DEVICE),

	/* trees that can only be read */
	NODE(STATE "**", "", "", "", G, CSP_DEVICE),
	NODE(DEV "Policy/Result/**", "", "", "", G, CSP_BOTH),
	NODE("./DevInfo/**", "", "", "", G, CSP_DEVICE),
	NODE(DETAIL "**", "", "", "", G, CSP_DEVICE),
	NODE(DEV "BitLocker/Status/**", "", "", "", G, CSP_DEVICE),
	NODE(DEV "DeviceManageability/Capabilities/**", "", "", "", G, CSP_DEVICE),

	/* settings that are often written wrong */
	NODE(CLIENT "Poll/IntervalForFirstSetOfRetries", "int", "0-525600", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "Poll/NumberOfFirstRetries", "int", "0-1000000", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "Poll/IntervalForSecondSetOfRetries", "int", "0-525600", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "Poll/NumberOfSecondRetries", "int", "0-1000000", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "Poll/IntervalForRemainingScheduledRetries", "int", "0-525600", "", ADGR,
	     CSP_DEVICE),
	NODE(CLIENT "Poll/NumberOfRemainingScheduledRetries", "int", "0-1000000", "", ADGR,
	     CSP_DEVICE),
	NODE(CLIENT "Poll/PollOnLogin", "bool", "", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "Poll/AllUsersPollOnFirstLogin", "bool", "", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/TimeOutUntilSyncFailure", "int", "1-1440", "", GR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/BlockInStatusPage", "int", "0-7", "", GR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/SkipDeviceStatusPage", "bool", "", "", GR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/SkipUserStatusPage", "bool", "", "", GR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/AllowCollectLogsButton", "bool", "", "", GR, CSP_DEVICE),
	NODE(CLIENT "FirstSyncStatus/ServerHasFinishedProvisioning", "bool", "", "", GR, CSP_BOTH),
	NODE(CLIENT "NumberOfDaysAfterLostContactToUnenroll", "int", "", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "ConfigRefresh/Enabled", "bool", "", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "ConfigRefresh/Cadence", "int", "30-1440", "", ADGR, CSP_DEVICE),
	NODE(CLIENT "ConfigRefresh/PausePeriod", "int", "0-1440", "", ADGR, CSP_DEVICE),
	NODE(POLICY "DeviceLock/DevicePasswordEnabled", "int", "0-1",
	     "0 a password is required|1 no password is required", ADGR, CSP_DEVICE),
	NODE(POLICY "DeviceLock/MinDevicePasswordLength", "int", "4-16", "", ADGR, CSP_DEVICE),
	NODE(POLICY "DeviceLock/MaxInactivityTimeDeviceLock", "int", "0-999", "", ADGR, CSP_DEVICE),
	NODE(POLICY "DeviceLock/AlphanumericDevicePasswordRequired", "int", "0-2", "", ADGR,
	     CSP_DEVICE),
	NODE(POLICY "DeviceLock/MinDevicePasswordComplexCharacters", "int", "1-4", "", ADGR,
	     CSP_DEVICE),
	NODE(POLICY "ApplicationManagement/AllowAllTrustedApps", "int", "0-1,65535", "", ADGR,
	     CSP_DEVICE),
	NODE(POLICY "ApplicationManagement/AllowAppStoreAutoUpdate", "int", "0-2", "", ADGR,
	     CSP_DEVICE),
	NODE(POLICY "ApplicationManagement/AllowDeveloperUnlock", "int", "0-1,65535", "", ADGR,
	     CSP_DEVICE),
	NODE(POLICY "ApplicationManagement/RequirePrivateStoreOnly", "int", "0-1", "", ADGR,
	     CSP_BOTH),
	NODE(POLICY "Experience/AllowManualMDMUnenrollment", "int", "0-1", "", ADGR, CSP_DEVICE),
	NODE(POLICY "**", "", "", "", ADGR, CSP_BOTH),
	NODE(DEV "BitLocker/RequireDeviceEncryption", "int", "0-1", "", ADGR, CSP_DEVICE),
	NODE(DEV "BitLocker/AllowWarningForOtherDiskEncryption", "int", "0-1", "", ADGR,
	     CSP_DEVICE),
	NODE(DEV "BitLocker/AllowStandardUserEncryption", "int", "0-1", "", ADGR, CSP_DEVICE),
	NODE(DEV "BitLocker/ConfigureRecoveryPasswordRotation", "int", "0-2", "", ADGR, CSP_DEVICE),
	NODE(DEV "BitLocker/RotateRecoveryPasswords", "chr", "", "", X, CSP_DEVICE),
	NODE(DEV "PassportForWork/*/Policies/UsePassportForWork", "bool", "", "", ADGR, CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/RequireSecurityDevice", "bool", "", "", ADGR,
	     CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/EnablePinRecovery", "bool", "", "", ADGR, CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/PINComplexity/MinimumPINLength", "int", "4-127", "",
	     ADGR, CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/PINComplexity/MaximumPINLength", "int", "4-127", "",
	     ADGR, CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/PINComplexity/History", "int", "0-50", "", ADGR,
	     CSP_BOTH),
	NODE(DEV "PassportForWork/*/Policies/PINComplexity/Expiration", "int", "0-730", "", ADGR,
	     CSP_BOTH),
	NODE(DEV "RootCATrustedCertificates/*/*/EncodedCertificate", "b64", "", "", ADGR, CSP_BOTH),
	NODE(DEV "EnterpriseModernAppManagement/AppManagement/AppInventoryQuery", "xml", "", "", GR,
	     CSP_BOTH),
};
/* clang-format on */

const size_t csp_node_count = ARRAY_LEN(csp_nodes);
