/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_check.c: see soap_check.h. Every reply goes through the same gate: framing, type, envelope,
 * fault or 200, action, RelatesTo. A fault becomes the code a user of Windows would see; a fault
 * that arrives with status 200 is what Windows cannot read at all, so it is a broken rule.
 * enrollment.md sections 0, 1.4, 3.2, 4.5 and 7.
 */
#include "sim/device/soap_check.h"

#include "base/b64.h"
#include "sim/device/soap_names.h"
#include "sim/device/wire.h"
#include "sim/device/xml.h"

enum { STATUS_OK = 200, KEY_BITS_MIN = 2048, KEY_BITS_MAX = 4096, POLICY_SCHEMA = 3 };

#define SHA256_OID "2.16.840.1.101.3.4.2.1"
#define SHA1_OID   "1.3.14.3.2.29"

static uint32_t unreadable(const struct http_client_response *response)
{
	return code_of_status(response->status);
}

/* What follows the prefix of a QName in text. */
static struct text local_name(struct text qname)
{
	struct text rest = qname;
	struct text head = text_cut(&rest, ':');

	return rest.ptr ? rest : head;
}

static int fault_read(struct task *task, const struct http_client_response *response,
		      const struct xml *fault, const char *what)
{
	const struct xml *code = xml_child(fault, NS_SOAP, "Code");
	const struct xml *subcode = xml_child(code, NS_SOAP, "Subcode");
	struct text value = xml_text(xml_child(subcode, NS_SOAP, "Value"));
	struct text reason =
	    xml_text(xml_child(xml_child(fault, NS_SOAP, "Reason"), NS_SOAP, "Text"));
	const struct xml *detail = xml_child(xml_child(fault, NS_SOAP, "Detail"), NS_ENROLLMENT,
					     "DeviceEnrollmentServiceError");
	struct text error_type = xml_text(xml_child(detail, NS_ENROLLMENT, "ErrorType"));
	uint32_t hresult = code_of_fault(local_name(value), error_type);

	if (response->status == STATUS_OK)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: a fault with HTTP status 200, Windows reads none of it",
				 what);
	if (!hresult)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: a fault Windows does not know: subcode \"%.*s\", type "
				 "\"%.*s\"",
				 what, TEXT_ARG(value), TEXT_ARG(error_type));
	return TASK_FAIL(task, OUTCOME_REFUSED, hresult, "%s refused: %.*s%s%.*s: %.*s", what,
			 TEXT_ARG(local_name(value)), error_type.len > 0 ? "/" : "",
			 TEXT_ARG(error_type), TEXT_ARG(reason));
}

static int envelope_read(struct task *task, const struct http_client_response *response,
			 const char *what, const struct xml **ret)
{
	struct xml_document document;
	const char *why;
	int r;

	if (response->body.len == 0)
		return TASK_FAIL(task, OUTCOME_BROKEN,
				 response->status == STATUS_OK ? code_hresult(CODE_EMPTY_MESSAGE)
							       : unreadable(response),
				 "%s: HTTP %d without a body", what, response->status);
	r = wire_check_framing(task, response, what);
	if (r == 0)
		r = wire_check_type(task, response, "application/soap+xml", what);
	if (r != 0)
		return r;
	if (xml_read(task->arena, response->body, &document, &why))
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: the reply is not XML: %s", what, why);
	if (!xml_is(document.root, NS_SOAP, "Envelope"))
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: the reply is no SOAP 1.2 envelope", what);
	*ret = document.root;
	return 0;
}

static int addressing_check(struct task *task, const struct http_client_response *response,
			    const struct xml *envelope, const struct soap_expected *expected)
{
	const struct xml *header = xml_child(envelope, NS_SOAP, "Header");
	struct text action = xml_text(xml_child(header, NS_ADDRESSING, "Action"));
	struct text relates = xml_text(xml_child(header, NS_ADDRESSING, "RelatesTo"));

	if (!text_eq_c(action, expected->action))
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: the reply's action is \"%.*s\"", expected->what,
				 TEXT_ARG(action));
	if (!text_eq_c(relates, expected->message_id))
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: RelatesTo is \"%.*s\", not the request's MessageID",
				 expected->what, TEXT_ARG(relates));
	return 0;
}

/* 0 and the one element inside the body. */
static int reply_read(struct task *task, const struct http_client_response *response,
		      const struct soap_expected *expected, const struct xml **ret)
{
	const struct xml *envelope;
	const struct xml *body;
	const struct xml *fault;
	int r;

	if (response->status != STATUS_OK &&
	    !text_starts_nocase(response->content_type, TEXT("application/soap+xml")))
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: HTTP %d without a SOAP fault", expected->what,
				 response->status);
	r = envelope_read(task, response, expected->what, &envelope);
	if (r != 0)
		return r;
	body = xml_child(envelope, NS_SOAP, "Body");
	fault = xml_child(body, NS_SOAP, "Fault");
	if (fault)
		return fault_read(task, response, fault, expected->what);
	if (response->status != STATUS_OK)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: HTTP %d without a SOAP fault", expected->what,
				 response->status);
	r = addressing_check(task, response, envelope, expected);
	if (r != 0)
		return r;
	if (!body || xml_child_count(body) != 1)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "%s: the body must hold one element", expected->what);
	*ret = body->first;
	return 0;
}

/* The text of a child; "" where it is absent or nil. */
static const char *value_of(struct task *task, const struct xml *x, const char *space,
			    const char *name)
{
	return arena_cstr(task->arena, xml_text(xml_child(x, space, name)));
}

static struct text url_host(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return text_make(host, strcspn(host, "/:?"));
}

static int endpoints_check(struct task *task, const struct soap_endpoints *endpoints)
{
	const char *urls[] = {endpoints->enrollment_url, endpoints->policy_url,
			      endpoints->authentication_url};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		if (urls[i][0] && !text_starts(text_of(urls[i]), TEXT("https://")))
			return TASK_BROKEN(task, CODE_PROVISIONING, "Discover: %s is not https",
					   urls[i]);
	if (!endpoints->enrollment_url[0])
		return TASK_BROKEN(task, CODE_PROVISIONING, "Discover: no EnrollmentServiceUrl");
	if (endpoints->policy_url[0] &&
	    !text_eq_nocase(url_host(endpoints->policy_url), url_host(endpoints->enrollment_url)))
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "Discover: policy and enrolment are on different hosts");
	if (!endpoints->auth_policy[0])
		return TASK_BROKEN(task, CODE_PROVISIONING, "Discover: no AuthPolicy");
	return 0;
}

int soap_read_discover(struct task *task, const struct http_client_response *response,
		       struct soap_endpoints *ret)
{
	static const struct soap_expected expected = {"Discover", ACTION_DISCOVER_REPLY,
						      MESSAGE_DISCOVER};
	const struct xml *reply;
	const struct xml *result;
	int r = reply_read(task, response, &expected, &reply);

	if (r != 0)
		return r;
	result = xml_child(reply, NS_DISCOVERY, "DiscoverResult");
	if (!xml_is(reply, NS_DISCOVERY, "DiscoverResponse") || !result)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "Discover: no DiscoverResponse with a DiscoverResult");
	ret->auth_policy = value_of(task, result, NS_DISCOVERY, "AuthPolicy");
	ret->version = value_of(task, result, NS_DISCOVERY, "EnrollmentVersion");
	ret->policy_url = value_of(task, result, NS_DISCOVERY, "EnrollmentPolicyServiceUrl");
	ret->enrollment_url = value_of(task, result, NS_DISCOVERY, "EnrollmentServiceUrl");
	ret->authentication_url = value_of(task, result, NS_DISCOVERY, "AuthenticationServiceUrl");
	return endpoints_check(task, ret);
}

/* The OID that the policy's hash reference names; empty where it is nil. */
static struct text hash_oid(const struct xml *reply, struct text reference)
{
	const struct xml *oids = xml_child(reply, NS_POLICY, "oIDs");
	const struct xml *oid = xml_child(oids, NS_POLICY, "oID");

	while (oid && !text_eq(xml_text(xml_child(oid, NS_POLICY, "oIDReferenceID")), reference))
		oid = xml_next(oid, NS_POLICY, "oID");
	return xml_text(xml_child(oid, NS_POLICY, "value"));
}

static int hash_read(struct task *task, const struct xml *reply, const struct xml *attributes,
		     struct soap_policy *ret)
{
	struct text reference =
	    xml_text(xml_child(attributes, NS_POLICY, "hashAlgorithmOIDReference"));
	struct text oid = hash_oid(reply, reference);

	ret->is_sha256 = false;
	if (reference.len == 0)
		return 0;
	if (oid.len == 0)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "GetPolicies: hashAlgorithmOIDReference %.*s names no oID",
				   TEXT_ARG(reference));
	ret->is_sha256 = text_eq_c(oid, SHA256_OID);
	if (!ret->is_sha256 && !text_eq_c(oid, SHA1_OID))
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "GetPolicies: %.*s is no hash Windows knows", TEXT_ARG(oid));
	return 0;
}

static int attributes_read(struct task *task, const struct xml *reply, const struct xml *attributes,
			   struct soap_policy *ret)
{
	const struct xml *key = xml_child(attributes, NS_POLICY, "privateKeyAttributes");
	struct text schema = xml_text(xml_child(attributes, NS_POLICY, "policySchema"));
	struct text bits = xml_text(xml_child(key, NS_POLICY, "minimalKeyLength"));
	uint64_t number;

	if (!text_to_u64(schema, &number) || number != POLICY_SCHEMA)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "GetPolicies: policySchema is \"%.*s\", not 3",
				   TEXT_ARG(schema));
	if (!text_to_u64(bits, &number) || number > KEY_BITS_MAX)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "GetPolicies: minimalKeyLength is \"%.*s\"", TEXT_ARG(bits));
	ret->key_bits = number < KEY_BITS_MIN ? KEY_BITS_MIN : (unsigned)number;
	return hash_read(task, reply, attributes, ret);
}

int soap_read_policies(struct task *task, const struct http_client_response *response,
		       struct soap_policy *ret)
{
	static const struct soap_expected expected = {"GetPolicies", ACTION_POLICIES_REPLY,
						      MESSAGE_POLICIES};
	const struct xml *reply;
	const struct xml *policies;
	const struct xml *policy;
	int r = reply_read(task, response, &expected, &reply);

	if (r != 0)
		return r;
	policies = xml_child(xml_child(reply, NS_POLICY, "response"), NS_POLICY, "policies");
	policy = xml_child(policies, NS_POLICY, "policy");
	if (!xml_is(reply, NS_POLICY, "GetPoliciesResponse") || !policy)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "GetPolicies: no GetPoliciesResponse with a policy");
	return attributes_read(task, reply, xml_child(policy, NS_POLICY, "attributes"), ret);
}

static int token_read(struct task *task, const struct xml *token, struct text *ret)
{
	struct text type = xml_attribute(token, "ValueType");
	struct text encoding = xml_attribute(token, "EncodingType");

	if (!text_eq_c(type, TYPE_DOCUMENT))
		return TASK_BROKEN(task, CODE_PROVISIONING, "enrolment: ValueType is \"%.*s\"",
				   TEXT_ARG(type));
	if (!text_eq_c(encoding, TYPE_BASE64))
		return TASK_BROKEN(task, CODE_PROVISIONING, "enrolment: EncodingType is \"%.*s\"",
				   TEXT_ARG(encoding));
	if (b64_read(task->arena, xml_text(token), ret) != 0)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "enrolment: the provisioning document is not base64");
	return 0;
}

int soap_read_request(struct task *task, const struct http_client_response *response,
		      struct text *ret)
{
	static const struct soap_expected expected = {"enrolment", ACTION_REQUEST_REPLY,
						      MESSAGE_REQUEST};
	const struct xml *reply;
	const struct xml *item;
	const struct xml *token;
	struct text type;
	int r = reply_read(task, response, &expected, &reply);

	if (r != 0)
		return r;
	item = xml_child(reply, NS_TRUST, "RequestSecurityTokenResponse");
	if (!xml_is(reply, NS_TRUST, "RequestSecurityTokenResponseCollection") || !item ||
	    xml_child_count(reply) != 1)
		return TASK_FAIL(task, OUTCOME_BROKEN, unreadable(response),
				 "enrolment: not a collection of one response");
	type = xml_text(xml_child(item, NS_TRUST, "TokenType"));
	if (!text_eq_c(type, TYPE_DEVICE_TOKEN))
		return TASK_BROKEN(task, CODE_PROVISIONING, "enrolment: TokenType is \"%.*s\"",
				   TEXT_ARG(type));
	token = xml_child(xml_child(item, NS_TRUST, "RequestedSecurityToken"), NS_SECURITY,
			  "BinarySecurityToken");
	if (!token)
		return TASK_BROKEN(task, CODE_PROVISIONING, "enrolment: no security token");
	return token_read(task, token, ret);
}
