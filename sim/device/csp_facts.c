/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp_facts.c: see csp_facts.h. One table: a healthy, encrypted Windows machine. Values that
 * differ between devices come from the device. management.md section 6.7 and 6.8.
 */
#include "sim/device/csp_facts.h"

#include <stddef.h>

#define STATUS "./Device/Vendor/MSFT/DeviceStatus"
#define DETAIL "./DevDetail"
#define HEALTH "./Device/Vendor/MSFT/Defender/Health"
#define RENEW  "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew"
#define CLIENT "./Device/Vendor/MSFT/DMClient/Provider/%s"

enum { FROM_TABLE = -1, FROM_ENROLMENT_TYPE = -2 };
#define FROM(field) (int)offsetof(struct device, field)

/* %s in an address is the provider id. */
static const struct {
	const char *uri;
	const char *format;
	const char *data;
	int offset; /* of a string of the device, or FROM_... */
} FACTS[] = {
    {"./DevInfo/DevId", "chr", NULL, FROM(device_id)},
    {"./DevInfo/Man", "chr", NULL, FROM(maker)},
    {"./DevInfo/Mod", "chr", NULL, FROM(model)},
    {"./DevInfo/DmV", "chr", "1.3", FROM_TABLE},
    {"./DevInfo/Lang", "chr", NULL, FROM(locale)},
    {DETAIL "/DevTyp", "chr", "Desktop", FROM_TABLE},
    {DETAIL "/OEM", "chr", NULL, FROM(maker)},
    {DETAIL "/FwV", "chr", "2.14.1", FROM_TABLE},
    {DETAIL "/SwV", "chr", NULL, FROM(os_version)},
    {DETAIL "/HwV", "chr", "1.0", FROM_TABLE},
    {DETAIL "/LrgObj", "bool", "false", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/OSPlatform", "chr", "Windows 11 Enterprise", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/ProcessorArchitecture", "int", "9", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/DeviceName", "chr", NULL, FROM(name)},
    {DETAIL "/Ext/Microsoft/DNSComputerName", "chr", NULL, FROM(name)},
    {DETAIL "/Ext/Microsoft/TotalStorage", "int", "476937", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/FreeStorage", "int", "301422", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/TotalRAM", "int", "16384", FROM_TABLE},
    {DETAIL "/Ext/Microsoft/SMBIOSSerialNumber", "chr", NULL, FROM(serial)},
    {DETAIL "/Ext/Microsoft/SMBIOSVersion", "chr", "3.4", FROM_TABLE},
    {DETAIL "/Ext/WLANMACAddress", "chr", NULL, FROM(mac)},
    {STATUS "/SecureBootState", "int", "1", FROM_TABLE},
    {STATUS "/Compliance/EncryptionCompliance", "int", "1", FROM_TABLE},
    {STATUS "/TPM/SpecificationVersion", "chr", "2.0, 0, 1.59", FROM_TABLE},
    {STATUS "/TPM/ManufacturerIdTxt", "chr", "INTC", FROM_TABLE},
    {STATUS "/TPM/ManufacturerVersion", "chr", "600.18.54.0", FROM_TABLE},
    {STATUS "/OS/Edition", "chr", "4", FROM_TABLE},
    {STATUS "/OS/Mode", "int", "0", FROM_TABLE},
    {STATUS "/Antivirus/Status", "int", "0", FROM_TABLE},
    {STATUS "/Antivirus/SignatureStatus", "int", "1", FROM_TABLE},
    {STATUS "/Antispyware/Status", "int", "0", FROM_TABLE},
    {STATUS "/Antispyware/SignatureStatus", "int", "1", FROM_TABLE},
    {STATUS "/Firewall/Status", "int", "0", FROM_TABLE},
    {STATUS "/UAC/Status", "int", "0", FROM_TABLE},
    {STATUS "/Battery/Status", "int", "1", FROM_TABLE},
    {STATUS "/Battery/EstimatedChargeRemaining", "int", "93", FROM_TABLE},
    {STATUS "/DomainName", "chr", "", FROM_TABLE},
    {STATUS "/DeviceGuard/VirtualizationBasedSecurityHwReq", "int", "0", FROM_TABLE},
    {STATUS "/DeviceGuard/VirtualizationBasedSecurityStatus", "int", "0", FROM_TABLE},
    {STATUS "/DeviceGuard/LsaCfgCredGuardStatus", "int", "0", FROM_TABLE},
    {STATUS "/DeviceGuard/HypervisorEnforcedCodeIntegrityStatus", "int", "0", FROM_TABLE},
    {STATUS "/DMA/BootDMAProtectionStatus", "int", "1", FROM_TABLE},
    {"./Device/Vendor/MSFT/BitLocker/Status/DeviceEncryptionStatus", "int", "0", FROM_TABLE},
    {HEALTH "/ProductStatus", "int", "0", FROM_TABLE},
    {HEALTH "/ComputerState", "int", "0", FROM_TABLE},
    {HEALTH "/DefenderEnabled", "bool", "true", FROM_TABLE},
    {HEALTH "/RtpEnabled", "bool", "true", FROM_TABLE},
    {HEALTH "/NisEnabled", "bool", "true", FROM_TABLE},
    {HEALTH "/SignatureOutOfDate", "bool", "false", FROM_TABLE},
    {HEALTH "/TamperProtectionEnabled", "bool", "true", FROM_TABLE},
    {HEALTH "/EngineVersion", "chr", "1.1.24090.11", FROM_TABLE},
    {HEALTH "/SignatureVersion", "chr", "1.421.226.0", FROM_TABLE},
    {RENEW "/RenewPeriod", "int", NULL, FROM(renew_period)},
    {RENEW "/RetryInterval", "int", NULL, FROM(retry_interval)},
    {RENEW "/ServerURL", "chr", NULL, FROM(renew_url)},
    {RENEW "/ROBOSupport", "bool", "true", FROM_TABLE},
    {RENEW "/Status", "int", NULL, FROM(renew_status)},
    {RENEW "/ErrorCode", "int", NULL, FROM(renew_error)},
    {CLIENT "/EntDMID", "chr", NULL, FROM(ent_dmid)},
    {CLIENT "/UPN", "chr", NULL, FROM(upn)},
    {CLIENT "/EnrollmentType", "chr", NULL, FROM_ENROLMENT_TYPE},
    {CLIENT "/AADDeviceID", "chr", NULL, FROM(entra_device_id)},
    {CLIENT "/AADResourceID", "chr", NULL, FROM(aad_resource_id)},
    {CLIENT "/HWDevID", "chr", NULL, FROM(hardware_id)},
    {CLIENT "/ManagementServiceAddress", "chr", NULL, FROM(address)},
    {CLIENT "/MaxSyncApplicationVersion", "chr", "5.0", FROM_TABLE},
    {CLIENT "/SyncApplicationVersion", "chr", "1.0", FROM_TABLE},
    {CLIENT "/Push/Status", "int", "0", FROM_TABLE},
};

static const char PER_PROVIDER[] = CLIENT;

enum { PER_PROVIDER_PREFIX = sizeof(PER_PROVIDER) - 3 };

static bool is_per_provider(const char *uri)
{
	return strncmp(uri, PER_PROVIDER, sizeof(PER_PROVIDER) - 1) == 0;
}

/* Does the row's address, with the provider id put in, equal uri? */
static bool row_is(const struct device *device, const char *row, const char *uri)
{
	size_t id = strlen(device->provider_id);

	if (!is_per_provider(row))
		return strcmp(row, uri) == 0;
	return strncmp(row, uri, PER_PROVIDER_PREFIX) == 0 &&
	       strncmp(uri + PER_PROVIDER_PREFIX, device->provider_id, id) == 0 &&
	       strcmp(uri + PER_PROVIDER_PREFIX + id, row + PER_PROVIDER_PREFIX + 2) == 0;
}

static const char *row_data(const struct device *device, size_t i)
{
	if (FACTS[i].offset == FROM_TABLE)
		return FACTS[i].data;
	if (FACTS[i].offset == FROM_ENROLMENT_TYPE)
		return device_is_full(device) ? "Full" : "Device";
	return *(const char *const *)(const void *)((const char *)device + FACTS[i].offset);
}

bool csp_fact_at(struct arena *arena, const struct device *device, size_t i, struct csp_fact *ret)
{
	const char *row;

	if (i >= ARRAY_LEN(FACTS))
		return false;
	row = FACTS[i].uri;
	ret->uri = is_per_provider(row)
		       ? arena_printf(arena, "%.*s%s%s", (int)PER_PROVIDER_PREFIX, row,
				      device->provider_id, row + PER_PROVIDER_PREFIX + 2)
		       : row;
	ret->format = FACTS[i].format;
	ret->data = row_data(device, i);
	return true;
}

bool csp_fact_get(const struct device *device, const char *uri, struct csp_fact *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(FACTS); i++)
		if (row_is(device, FACTS[i].uri, uri)) {
			*ret = (struct csp_fact){uri, FACTS[i].format, row_data(device, i)};
			return true;
		}
	return false;
}
