/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.c: Discover in, DiscoverResponse out (MS-MDE2 3.1.4.1).
 *
 * Printed samples end the namespace with a slash, clients do not; both are read, none is written.
 * The children of `request` come in any order.
 */
#include "soap/discovery.h"

#include "soap/names.h"

enum { VERSION_FIRST = 30 };

static const struct {
	const char *name;
	enum soap_auth auth;
} auth_names[] = {
    {"OnPremise", SOAP_AUTH_ON_PREMISE},
    {"Federated", SOAP_AUTH_FEDERATED},
    {"Certificate", SOAP_AUTH_CERTIFICATE},
};

static bool is_digits(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
	}
	return t.len > 0;
}

/* A decimal number with or without a fraction, of which the first digit counts. */
static int version_read(struct text t, uint32_t *ret)
{
	struct text whole = text_cut(&t, '.');
	uint64_t number;
	uint32_t tenths = 0;

	if (!text_to_u64(whole, &number) || number > 1000)
		return SOAP_E_FORMAT;
	if (t.ptr) {
		if (!is_digits(t))
			return SOAP_E_FORMAT;
		tenths = (uint32_t)(t.ptr[0] - '0');
	}
	*ret = (uint32_t)number * 10 + tenths;
	return 0;
}

static int auth_read(const struct xml_node *request, const char *ns, unsigned int *ret)
{
	const struct xml_node *policies, *policy;
	unsigned int auth = 0;

	if (soap_child_read(request, ns, "AuthPolicies", &policies))
		return SOAP_E_FORMAT;
	policy = xml_child(policies, ns, "AuthPolicy");
	if (!policy)
		auth = SOAP_AUTH_ON_PREMISE;
	for (; policy; policy = xml_next(policy, ns, "AuthPolicy")) {
		for (size_t i = 0; i < ARRAY_LEN(auth_names); i++) {
			if (text_eq_c(xml_text_trimmed(policy), auth_names[i].name))
				auth |= auth_names[i].auth;
		}
	}
	*ret = auth;
	return 0;
}

int soap_discover_read(const struct soap_message *message, struct soap_discover *ret)
{
	struct soap_discover discover = {.version = SOAP_VERSION_NOT_SENT};
	const struct xml_node *request;
	const char *ns = NS_DISCOVERY;
	struct text version;

	if (soap_phase_check(message, SOAP_DISCOVER))
		return SOAP_E_FORMAT;
	if (xml_is(message->body, NS_DISCOVERY "/", "Discover"))
		ns = NS_DISCOVERY "/";
	else if (!xml_is(message->body, ns, "Discover"))
		return SOAP_E_FORMAT;
	if (soap_child_read(message->body, ns, "request", &request) || !request)
		return SOAP_E_FORMAT;
	if (soap_leaf_read(request, ns, "EmailAddress", &discover.email) ||
	    soap_leaf_read(request, ns, "RequestVersion", &version) ||
	    soap_leaf_read(request, ns, "DeviceType", &discover.device_type) ||
	    soap_leaf_read(request, ns, "ApplicationVersion", &discover.application_version) ||
	    soap_leaf_read(request, ns, "OSEdition", &discover.os_edition) ||
	    auth_read(request, ns, &discover.auth))
		return SOAP_E_FORMAT;
	if (!text_is_empty(version) && version_read(version, &discover.version))
		return SOAP_E_FORMAT;
	*ret = discover;
	return 0;
}

uint32_t soap_version_pick(uint32_t client, uint32_t highest)
{
	if (client == SOAP_VERSION_NOT_SENT)
		return VERSION_FIRST;
	return client < highest ? client : highest;
}

static const char *auth_name(enum soap_auth auth)
{
	for (size_t i = 0; i < ARRAY_LEN(auth_names); i++) {
		if (auth_names[i].auth == auth)
			return auth_names[i].name;
	}
	return "";
}

static void add_url(struct xml_writer *w, const char *name, const char *url)
{
	if (url && url[0])
		xml_add_leaf_c(w, name, url);
}

void soap_discover_write(struct buf *buf, const struct soap_reply *reply,
			 const struct soap_discover_response *response)
{
	struct xml_writer w;
	struct buf version;

	buf_init(&version, NULL);
	buf_printf(&version, "%u.%u", response->version / 10, response->version % 10);
	soap_reply_open(&w, buf, SOAP_DISCOVER, reply);
	soap_reply_body(&w);
	xml_open(&w, "DiscoverResponse");
	xml_add_attr_c(&w, "xmlns", NS_DISCOVERY);
	xml_open(&w, "DiscoverResult");
	xml_add_leaf_c(&w, "AuthPolicy", auth_name(response->auth));
	xml_add_leaf(&w, "EnrollmentVersion", buf_text(&version));
	add_url(&w, "EnrollmentPolicyServiceUrl", response->policy_url);
	add_url(&w, "EnrollmentServiceUrl", response->enrollment_url);
	add_url(&w, "AuthenticationServiceUrl", response->auth_url);
	soap_reply_close(&w);
	buf_done(&version);
}
