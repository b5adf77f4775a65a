/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wstep.c: RequestSecurityToken in, RequestSecurityTokenResponseCollection out.
 *
 * TokenType is not checked: there is only one. The credential in the header and the evidence in
 * the body are elements of the same name, so each is looked up by its path. Renewals come with
 * one or two layers of base64 and two spellings of their type; both are read.
 */
#include "soap/wstep.h"

#include <time.h>

#include "base/b64.h"
#include "base/limits.h"
#include "soap/names.h"

enum evidence { EVIDENCE_PKCS10, EVIDENCE_PKCS7 };

static const struct {
	const char *request_type;
	enum evidence evidence;
} kinds[] = {
    [SOAP_TOKEN_ISSUE] = {URI_ISSUE, EVIDENCE_PKCS10},
    [SOAP_TOKEN_RENEW] = {URI_RENEW, EVIDENCE_PKCS7},
    [SOAP_TOKEN_RECOVERY] = {URI_RECOVERY, EVIDENCE_PKCS10},
};

/* Items a device sends at most once (MS-MDE2 3.4.4.1.1.1). MAC and IMEI repeat. */
static const char *const singletons[] = {
    "OSEdition",
    "OSVersion",
    "ApplicationVersion",
    "DeviceName",
    "EnrollmentType",
    "DeviceType",
    "DeviceID",
    "EnrollmentData",
    "TargetedUserLoggedIn",
    "Locale",
    "HWDevID",
    "BulkAADJ",
    "ZeroTouchProvisioning",
    "UXInitiated",
    "ExternalMgmtAgentHint",
    "DomainName",
    "BootstrapDomainJoin",
    "PlugandForget",
    "OfflineAutoPilotEnrollmentCorrelator",
    "WhiteGlove",
    "WhiteGloveHybridJoin",
    "NotInOobe",
    "AIKAttestationClaim",
    "AIKPub",
    "AIKCert",
    "AadAIKAttestationClaim",
    "AADPub",
    "EmmDeviceId",
    "RequestVersion",
    "AzureAttestationBlob",
    "AttestationStatus",
    "AttestationStatusHResult",
    "AzureAttestationCorrelationVector",
    "AIKAlgorithm",
};

static int kind_read(const struct xml_node *body, enum soap_token_kind *ret)
{
	struct text type;

	if (soap_leaf_read(body, NS_TRUST, "RequestType", &type) || !type.ptr)
		return SOAP_E_FORMAT;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (text_eq_c(type, kinds[i].request_type)) {
			*ret = (enum soap_token_kind)i;
			return 0;
		}
	}
	return SOAP_E_FORMAT;
}

static int item_read(const struct xml_node *node, struct soap_context_item *ret)
{
	struct soap_context_item item;
	const struct xml_node *value;
	struct text name = xml_attr(node, "Name");

	if (!name.ptr || xml_attr_count(node, "Name") > 1)
		return SOAP_E_FORMAT;
	item.name = text_trim(name);
	if (!item.name.len || item.name.len > LIMIT_SOAP_VALUE)
		return SOAP_E_FORMAT;
	if (soap_child_read(node, NS_AUTHORIZATION, "Value", &value) || (value && value->first))
		return SOAP_E_FORMAT;
	item.value = value ? value->text : TEXT_EMPTY;
	if (item.value.len > LIMIT_SOAP_CONTEXT_VALUE)
		return SOAP_E_FORMAT;
	*ret = item;
	return 0;
}

static bool has_repeated_singleton(const struct soap_token_request *request)
{
	for (size_t i = 0; i < ARRAY_LEN(singletons); i++) {
		const struct soap_context_item *first =
		    soap_context_next(request, NULL, singletons[i]);

		if (first && soap_context_next(request, first, singletons[i]))
			return true;
	}
	return false;
}

static int items_read(struct arena *arena, const struct xml_node *body,
		      struct soap_token_request *request)
{
	const struct xml_node *context, *node;
	struct soap_context_item *items;
	size_t count, done = 0;

	if (soap_child_read(body, NS_AUTHORIZATION, "AdditionalContext", &context))
		return SOAP_E_FORMAT;
	count = xml_count(context, NS_AUTHORIZATION, "ContextItem");
	if (count > LIMIT_SOAP_CONTEXT_ITEMS)
		return SOAP_E_FORMAT;
	items = ARENA_ARRAY(arena, count, struct soap_context_item);
	for (node = xml_child(context, NS_AUTHORIZATION, "ContextItem"); node;
	     node = xml_next(node, NS_AUTHORIZATION, "ContextItem")) {
		if (item_read(node, &items[done++]))
			return SOAP_E_FORMAT;
	}
	request->items = items;
	request->item_count = count;
	return has_repeated_singleton(request) ? SOAP_E_FORMAT : 0;
}

int soap_token_read(struct arena *arena, const struct soap_message *message,
		    struct soap_token_request *ret)
{
	struct soap_token_request request = {.kind = SOAP_TOKEN_ISSUE};
	const struct xml_node *body = message->body;

	if (soap_phase_check(message, SOAP_TOKEN) ||
	    !xml_is(body, NS_TRUST, "RequestSecurityToken"))
		return SOAP_E_FORMAT;
	if (kind_read(body, &request.kind) || items_read(arena, body, &request))
		return SOAP_E_FORMAT;
	if (soap_child_read(body, NS_WSSE, "BinarySecurityToken", &request.evidence) ||
	    !request.evidence)
		return SOAP_E_FORMAT;
	*ret = request;
	return 0;
}

static bool is_evidence_type(struct text value_type, enum evidence evidence)
{
	if (evidence == EVIDENCE_PKCS10)
		return text_eq_c(value_type, URI_PKCS10);
	return text_eq_c(value_type, URI_PKCS7) || text_eq_c(value_type, URI_PKCS7_OLD);
}

static bool is_der(struct text t)
{
	return t.len && t.ptr[0] == 0x30;
}

int soap_token_evidence(struct arena *arena, const struct soap_token_request *request,
			struct text *ret)
{
	struct text value_type = xml_attr(request->evidence, "ValueType"), der;

	if (!value_type.ptr || xml_attr_count(request->evidence, "ValueType") > 1 ||
	    request->evidence->first)
		return SOAP_E_CERTIFICATE;
	if (!is_evidence_type(text_trim(value_type), kinds[request->kind].evidence))
		return SOAP_E_CERTIFICATE;
	if (b64_read_lenient(arena, request->evidence->text, &der))
		return SOAP_E_CERTIFICATE;
	if (!is_der(der) && b64_read_lenient(arena, der, &der))
		return SOAP_E_CERTIFICATE;
	if (!is_der(der) || der.len > LIMIT_CSR)
		return SOAP_E_CERTIFICATE;
	*ret = der;
	return 0;
}

const struct soap_context_item *soap_context_next(const struct soap_token_request *request,
						  const struct soap_context_item *prev,
						  const char *name)
{
	size_t i = prev ? (size_t)(prev - request->items) + 1 : 0;

	for (; i < request->item_count; i++) {
		if (text_eq_c(request->items[i].name, name))
			return &request->items[i];
	}
	return NULL;
}

struct text soap_context_get(const struct soap_token_request *request, const char *name)
{
	const struct soap_context_item *item = soap_context_next(request, NULL, name);

	return item ? text_trim(item->value) : (struct text){.ptr = NULL};
}

bool soap_context_is_true(const struct soap_token_request *request, const char *name)
{
	struct text value = soap_context_get(request, name);

	return value.ptr && text_eq_nocase(value, TEXT("true"));
}

bool soap_context_type(const struct soap_token_request *request, enum enrollment_type *ret)
{
	struct text type = soap_context_get(request, "EnrollmentType");

	if (!type.ptr)
		return false;
	if (text_eq_nocase(type, TEXT("Device")))
		*ret = ENROLLMENT_DEVICE;
	else if (text_eq_nocase(type, TEXT("Full")))
		*ret = ENROLLMENT_FULL;
	else
		return false;
	return true;
}

static void add_time(struct xml_writer *w, const char *name, int64_t t)
{
	char text[sizeof("9999-12-31T23:59:59.000Z") + 8];
	time_t seconds = (time_t)t;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000Z", &tm))
		text[0] = '\0';
	xml_add_leaf_c(w, name, text);
}

static void add_security(struct xml_writer *w, int64_t now)
{
	xml_open(w, "o:Security");
	xml_add_attr_c(w, "s:mustUnderstand", "1");
	xml_add_attr_c(w, "xmlns:o", NS_WSSE);
	xml_open(w, "u:Timestamp");
	xml_add_attr_c(w, "u:Id", "_0");
	add_time(w, "u:Created", now);
	add_time(w, "u:Expires", now + SOAP_TOKEN_VALIDITY_S);
	xml_close(w);
	xml_close(w);
}

void soap_token_write(struct arena *arena, struct buf *buf, const struct soap_reply *reply,
		      struct text document, int64_t now)
{
	struct xml_writer w;

	soap_reply_open(&w, buf, SOAP_TOKEN, reply);
	add_security(&w, now);
	soap_reply_body(&w);
	xml_open(&w, "RequestSecurityTokenResponseCollection");
	xml_add_attr_c(&w, "xmlns", NS_TRUST);
	xml_open(&w, "RequestSecurityTokenResponse");
	xml_add_leaf_c(&w, "TokenType", URI_DEVICE_TOKEN);
	xml_open(&w, "DispositionMessage");
	xml_add_attr_c(&w, "xmlns", NS_WSTEP);
	xml_close(&w);
	xml_open(&w, "RequestedSecurityToken");
	xml_open(&w, "BinarySecurityToken");
	xml_add_attr_c(&w, "xmlns", NS_WSSE);
	xml_add_attr_c(&w, "ValueType", URI_PROVISION);
	xml_add_attr_c(&w, "EncodingType", URI_BASE64);
	xml_add_text_c(&w, b64_write(arena, document));
	xml_close(&w);
	xml_close(&w);
	xml_open(&w, "RequestID");
	xml_add_attr_c(&w, "xmlns", NS_WSTEP);
	xml_add_text_c(&w, "0");
	xml_close(&w);
	soap_reply_close(&w);
}
