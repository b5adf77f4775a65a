/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcep.c: GetPolicies in, GetPoliciesResponse out (MS-XCEP 3.1.4.1).
 *
 * The response is an xs:sequence: the order of its elements matters, and what has no value is
 * written as nil, not left out. hashAlgorithmOIDReference is never nil: a client that is not
 * told a hash signs its request with SHA-1.
 */
#include "soap/xcep.h"

#include "soap/names.h"

enum { HASH_REFERENCE = 0, HASH_GROUP = 1, POLICY_SCHEMA = 3 };

int soap_policies_read(const struct soap_message *message, struct soap_policies *ret)
{
	struct soap_policies policies;
	const struct xml_node *client;

	if (soap_phase_check(message, SOAP_POLICIES) ||
	    !xml_is(message->body, NS_XCEP, "GetPolicies"))
		return SOAP_E_FORMAT;
	if (soap_child_read(message->body, NS_XCEP, "client", &client) ||
	    soap_leaf_read(client, NS_XCEP, "preferredLanguage", &policies.preferred_language) ||
	    soap_leaf_read(client, NULL, "TPMManufacturer", &policies.tpm_manufacturer) ||
	    soap_leaf_read(client, NULL, "TPMFirmwareVersion", &policies.tpm_firmware))
		return SOAP_E_FORMAT;
	*ret = policies;
	return 0;
}

static void add_nil(struct xml_writer *w, const char *name)
{
	xml_open(w, name);
	xml_add_attr_c(w, "xsi:nil", "true");
	xml_close(w);
}

static void add_nils(struct xml_writer *w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_nil(w, names[i]);
}

static void add_private_key(struct xml_writer *w, const struct soap_policies_response *response)
{
	static const char *const nils[] = {"keySpec", "keyUsageProperty", "permissions",
					   "algorithmOIDReference"};

	xml_open(w, "privateKeyAttributes");
	xml_add_leaf_int(w, "minimalKeyLength", response->minimal_key_length);
	add_nils(w, nils, ARRAY_LEN(nils));
	if (!response->provider_count) {
		add_nil(w, "cryptoProviders");
	} else {
		xml_open(w, "cryptoProviders");
		for (size_t i = 0; i < response->provider_count; i++)
			xml_add_leaf_c(w, "provider", response->providers[i]);
		xml_close(w);
	}
	xml_close(w);
}

static void add_attributes(struct xml_writer *w, const struct soap_policies_response *response)
{
	static const char *const flags[] = {"supersededPolicies", "privateKeyFlags",
					    "subjectNameFlags", "enrollmentFlags", "generalFlags"};
	static const char *const rest[] = {"rARequirements", "keyArchivalAttributes", "extensions"};

	xml_open(w, "attributes");
	xml_add_leaf_c(w, "commonName", response->common_name);
	xml_add_leaf_int(w, "policySchema", POLICY_SCHEMA);
	xml_open(w, "certificateValidity");
	xml_add_leaf_int(w, "validityPeriodSeconds", response->validity_s);
	xml_add_leaf_int(w, "renewalPeriodSeconds", response->renewal_s);
	xml_close(w);
	xml_open(w, "permission");
	xml_add_leaf_c(w, "enroll", "true");
	xml_add_leaf_c(w, "autoEnroll", "false");
	xml_close(w);
	add_private_key(w, response);
	xml_open(w, "revision");
	xml_add_leaf_int(w, "majorRevision", 101);
	xml_add_leaf_int(w, "minorRevision", 0);
	xml_close(w);
	add_nils(w, flags, ARRAY_LEN(flags));
	xml_add_leaf_int(w, "hashAlgorithmOIDReference", HASH_REFERENCE);
	add_nils(w, rest, ARRAY_LEN(rest));
	xml_close(w);
}

static void add_oids(struct xml_writer *w)
{
	xml_open(w, "oIDs");
	xml_open(w, "oID");
	xml_add_leaf_c(w, "value", "2.16.840.1.101.3.4.2.1");
	xml_add_leaf_int(w, "group", HASH_GROUP);
	xml_add_leaf_int(w, "oIDReferenceID", HASH_REFERENCE);
	xml_add_leaf_c(w, "defaultName", "szOID_NIST_sha256");
	xml_close(w);
	xml_close(w);
}

void soap_policies_write(struct buf *buf, const struct soap_reply *reply,
			 const struct soap_policies_response *response)
{
	static const char *const nils[] = {"policyFriendlyName", "nextUpdateHours",
					   "policiesNotChanged"};
	struct xml_writer w;

	soap_reply_open(&w, buf, SOAP_POLICIES, reply);
	soap_reply_body(&w);
	xml_open(&w, "GetPoliciesResponse");
	xml_add_attr_c(&w, "xmlns", NS_XCEP);
	xml_add_attr_c(&w, "xmlns:xsi", NS_XSI);
	xml_open(&w, "response");
	xml_add_leaf_c(&w, "policyID", response->policy_id);
	add_nils(&w, nils, ARRAY_LEN(nils));
	xml_open(&w, "policies");
	xml_open(&w, "policy");
	xml_add_leaf_int(&w, "policyOIDReference", 0);
	add_nil(&w, "cAs");
	add_attributes(&w, response);
	xml_close(&w);
	xml_close(&w);
	xml_close(&w);
	add_nil(&w, "cAs");
	add_oids(&w);
	soap_reply_close(&w);
}
