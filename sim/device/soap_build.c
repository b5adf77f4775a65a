/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_build.c: see soap_build.h. Order, prefixes and the constant message identifiers are the
 * captured ones: two clients that enrol at the same moment send the same MessageID.
 * enrollment.md sections 1.3, 2, 3.1, 4.1 and 4.2.
 */
#include "sim/device/soap_build.h"

#include "base/b64.h"
#include "sim/device/soap_names.h"

static const char LONG_ENVELOPE[] =
    "<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING "\" xmlns:u=\"" NS_UTILITY
    "\" xmlns:wsse=\"" NS_SECURITY "\" xmlns:wst=\"" NS_TRUST "\" xmlns:ac=\"" NS_AUTHORIZATION
    "\">";

/* The first build that knows a version, newest first. */
static const struct {
	uint64_t build;
	const char *version;
} VERSIONS[] = {
    {26200, "9.0"}, {26100, "7.0"}, {22621, "6.0"}, {19044, "5.0"}, {0, "4.0"},
};

const char *soap_request_version(const struct device *device)
{
	size_t i = 0;

	while (device_build(device) < VERSIONS[i].build)
		i++;
	return VERSIONS[i].version;
}

static void add_element(struct buf *buf, const char *name, const char *value)
{
	buf_printf(buf, "<%s>", name);
	buf_add_xml(buf, text_of(value));
	buf_printf(buf, "</%s>", name);
}

static void add_addressing(struct buf *buf, const char *action, const char *message_id)
{
	buf_printf(buf,
		   "<a:Action s:mustUnderstand=\"1\">%s</a:Action><a:MessageID>%s</a:MessageID>"
		   "<a:ReplyTo><a:Address>" NS_ADDRESSING "/anonymous</a:Address></a:ReplyTo>"
		   "<a:To s:mustUnderstand=\"1\">",
		   action, message_id);
}

/* https://host/path becomes https://host:443/path. */
static void add_url_with_port(struct buf *buf, const char *url)
{
	const char *host = strstr(url, "://");
	size_t host_len;

	host = host ? host + 3 : url;
	host_len = strcspn(host, "/?");
	buf_add_xml(buf, text_make(url, (size_t)(host - url) + host_len));
	if (!memchr(host, ':', host_len))
		buf_add_c(buf, ":443");
	buf_add_xml(buf, text_of(host + host_len));
}

void soap_write_discover(struct buf *buf, const struct device *device, const char *url)
{
	buf_add_c(buf,
		  "<s:Envelope xmlns:a=\"" NS_ADDRESSING "\" xmlns:s=\"" NS_SOAP "\"><s:Header>");
	add_addressing(buf, ACTION_DISCOVER, MESSAGE_DISCOVER);
	add_url_with_port(buf, url);
	buf_add_c(buf, "</a:To></s:Header><s:Body><Discover xmlns=\"" NS_DISCOVERY
		       "\"><request xmlns:i=\"" NS_XSI "\">");
	add_element(buf, "EmailAddress", device->upn);
	add_element(buf, "RequestVersion", soap_request_version(device));
	add_element(buf, "DeviceType", "CIMClient_Windows");
	add_element(buf, "ApplicationVersion", device->os_version);
	buf_printf(buf, "<OSEdition>%d</OSEdition>", (int)device->os_edition);
	/* A provisioning package that names a certificate leaves no choice. */
	buf_add_c(buf, device->join == JOIN_CERTIFICATE
			   ? "<AuthPolicies><AuthPolicy>Certificate</AuthPolicy></AuthPolicies>"
			   : "<AuthPolicies><AuthPolicy>OnPremise</AuthPolicy>"
			     "<AuthPolicy>Federated</AuthPolicy></AuthPolicies>");
	buf_add_c(buf, "</request></Discover></s:Body></s:Envelope>");
}

static void add_token(struct buf *buf, const char *type, struct text bytes)
{
	struct arena arena;

	arena_init(&arena);
	buf_printf(buf,
		   "<wsse:BinarySecurityToken ValueType=\"%s\" EncodingType=\"" TYPE_BASE64 "\">",
		   type);
	buf_add_c(buf, b64_write(&arena, bytes));
	buf_add_c(buf, "</wsse:BinarySecurityToken>");
	arena_done(&arena);
}

static void add_password(struct buf *buf, const struct soap_credential *credential)
{
	buf_add_c(buf, "<wsse:UsernameToken u:Id=\"uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4\">");
	add_element(buf, "wsse:Username", credential->user);
	buf_add_c(buf, "<wsse:Password wsse:Type=\"" TYPE_PASSWORD "\">");
	buf_add_xml(buf, text_of(credential->password));
	buf_add_c(buf, "</wsse:Password></wsse:UsernameToken>");
}

/* value_type: of a signer's certificate, which differs between the two requests. */
static int add_security(struct arena *arena, struct buf *buf,
			const struct soap_credential *credential, const char *value_type,
			struct trail *trail)
{
	if (credential->signer)
		return sign_open(arena, buf, credential->signer, value_type, trail);
	if (!credential->page_token.ptr && !credential->jwt.ptr && !credential->user)
		return 0;
	buf_add_c(buf, "<wsse:Security s:mustUnderstand=\"1\">");
	if (credential->page_token.ptr)
		add_token(buf, TYPE_USER_TOKEN, credential->page_token);
	else if (credential->jwt.ptr)
		add_token(buf, TYPE_JWT, credential->jwt);
	else
		add_password(buf, credential);
	buf_add_c(buf, "</wsse:Security>");
	return 0;
}

/* What differs between the headers of the two requests. */
struct long_header {
	const char *action;
	const char *message_id;
	const char *url;
	const char *value_type;
};

static int add_long_header(struct arena *arena, struct buf *buf, const struct long_header *header,
			   const struct soap_credential *credential, struct trail *trail)
{
	int r;

	buf_add_c(buf, LONG_ENVELOPE);
	buf_add_c(buf, "<s:Header>");
	add_addressing(buf, header->action, header->message_id);
	buf_add_xml(buf, text_of(header->url));
	buf_add_c(buf, "</a:To>");
	r = add_security(arena, buf, credential, header->value_type, trail);
	buf_add_c(buf, "</s:Header>");
	return r;
}

/* The message is complete: sign it where its header is of that kind. */
static int finish(struct arena *arena, struct buf *buf, const struct soap_credential *credential,
		  struct trail *trail)
{
	return credential->signer ? sign_close(arena, buf, credential->signer, trail) : 0;
}

int soap_write_policies(struct arena *arena, struct buf *buf, const char *url,
			const struct soap_credential *credential, struct trail *trail)
{
	const struct long_header header = {ACTION_POLICIES, MESSAGE_POLICIES, url, TYPE_X509 "v3"};
	int r = add_long_header(arena, buf, &header, credential, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	buf_add_c(buf,
		  "<s:Body xmlns:xsi=\"" NS_XSI "\" xmlns:xsd=\"" NS_XSD
		  "\"><GetPolicies xmlns=\"" NS_POLICY "\"><client><lastUpdate xsi:nil=\"true\"/>"
		  "<preferredLanguage xsi:nil=\"true\"/></client>"
		  "<requestFilter xsi:nil=\"true\"/></GetPolicies></s:Body></s:Envelope>");
	return finish(arena, buf, credential, trail);
}

static void add_item(struct buf *buf, const char *name, const char *value)
{
	buf_printf(buf, "<ac:ContextItem Name=\"%s\">", name);
	add_element(buf, "ac:Value", value);
	buf_add_c(buf, "</ac:ContextItem>");
}

static void add_identity_items(struct arena *arena, struct buf *buf, const struct device *device,
			       const struct soap_request *request)
{
	bool is_interactive = device->join != JOIN_ENTRA;

	if (!request->is_renewal)
		add_item(buf, "UXInitiated", is_interactive ? "true" : "false");
	add_item(buf, "HWDevID", device->hardware_id);
	add_item(buf, "Locale", device->locale);
	if (!request->is_renewal)
		add_item(buf, "TargetedUserLoggedIn", is_interactive ? "true" : "false");
	add_item(buf, "OSEdition", arena_printf(arena, "%d", (int)device->os_edition));
	add_item(buf, "DeviceName", device->name);
	add_item(buf, "MAC", device->mac);
	add_item(buf, "DeviceID", device->device_id);
	add_item(buf, "EnrollmentType", device_is_full(device) ? "Full" : "Device");
	add_item(buf, "DeviceType", "CIMClient_Windows");
	add_item(buf, "OSVersion", device->os_version);
	add_item(buf, "ApplicationVersion", device->os_version);
}

static const char *content_type(const struct soap_request *request)
{
	if (!request->is_renewal)
		return TYPE_PKCS10;
	return request->is_mde_type ? TYPE_PKCS7_MDE : TYPE_PKCS7;
}

static struct text content(struct arena *arena, const struct soap_request *request)
{
	return request->is_encoded_twice ? text_of(b64_write(arena, request->content))
					 : request->content;
}

int soap_write_request(struct arena *arena, struct buf *buf, const struct device *device,
		       const struct soap_request *request, struct trail *trail)
{
	const struct long_header header = {ACTION_REQUEST, MESSAGE_REQUEST, request->url,
					   TYPE_USER_TOKEN};
	int r = add_long_header(arena, buf, &header, &request->credential, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	buf_printf(buf,
		   "<s:Body><wst:RequestSecurityToken><wst:TokenType>" TYPE_DEVICE_TOKEN
		   "</wst:TokenType><wst:RequestType>%s</wst:RequestType>",
		   request->is_renewal ? REQUEST_RENEW : REQUEST_ISSUE);
	add_token(buf, content_type(request), content(arena, request));
	buf_add_c(buf, "<ac:AdditionalContext xmlns=\"" NS_AUTHORIZATION "\">");
	add_identity_items(arena, buf, device, request);
	if (!request->is_renewal)
		add_item(buf, "NotInOobe", "false");
	if (request->request_version && strcmp(request->request_version, "4.0") != 0)
		add_item(buf, "RequestVersion", request->request_version);
	if (request->opaque_blob)
		add_item(buf, "EnrollmentData", request->opaque_blob);
	buf_add_c(buf, "</ac:AdditionalContext></wst:RequestSecurityToken></s:Body></s:Envelope>");
	return finish(arena, buf, &request->credential, trail);
}
