/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wsse.c: the readers of BinarySecurityToken and UsernameToken.
 *
 * Attributes are matched by local name because clients prefix them or not; one that is there
 * both ways is refused. A credential in a wrong place, a digest password, an encoding other than
 * base64 or an unknown ValueType is refused rather than read as "no credential".
 */
#include "soap/wsse.h"

#include "base/b64.h"
#include "base/limits.h"
#include "soap/names.h"

/* The trimmed value of an attribute; ptr NULL when absent; false when it is there twice. */
static bool attr_read(const struct xml_node *node, const char *name, struct text *ret)
{
	struct text value = xml_attr(node, name);

	if (xml_attr_count(node, name) > 1)
		return false;
	*ret = value.ptr ? text_trim(value) : value;
	return true;
}

static int username_read(const struct xml_node *node, struct soap_security *security)
{
	const struct xml_node *password;
	struct text type;

	if (soap_leaf_read(node, NS_WSSE, "Username", &security->username) ||
	    soap_child_read(node, NS_WSSE, "Password", &password))
		return SOAP_E_SECURITY;
	if (!security->username.ptr || (password && password->first))
		return SOAP_E_SECURITY;
	if (!attr_read(password, "Type", &type) ||
	    (type.ptr && !text_eq_c(type, URI_PASSWORD_TEXT)))
		return SOAP_E_SECURITY;
	security->kind = SOAP_SECURITY_USERNAME;
	security->password = password ? password->text : TEXT_EMPTY;
	if (security->password.len > LIMIT_SOAP_VALUE)
		return SOAP_E_SECURITY;
	return 0;
}

static int kind_read(const struct xml_node *header, const struct xml_node *node,
		     enum soap_security_kind *ret)
{
	static const struct {
		const char *value_type;
		enum soap_security_kind kind;
	} kinds[] = {
	    {URI_JWT, SOAP_SECURITY_JWT},
	    {URI_USER_TOKEN, SOAP_SECURITY_DEVICE_TOKEN},
	    {URI_X509, SOAP_SECURITY_X509},
	};
	struct text value_type;

	if (!attr_read(node, "ValueType", &value_type) || !value_type.ptr)
		return SOAP_E_SECURITY;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!text_eq_c(value_type, kinds[i].value_type))
			continue;
		*ret = kinds[i].kind;
		/* Certificate authentication labels its certificate as a user token in the
		 * request for a certificate; only the signature beside it tells. */
		if (*ret == SOAP_SECURITY_DEVICE_TOKEN && xml_child(header, NS_DSIG, "Signature"))
			*ret = SOAP_SECURITY_X509;
		return 0;
	}
	return SOAP_E_SECURITY;
}

static int binary_read(struct arena *arena, const struct xml_node *header,
		       const struct xml_node *node, struct soap_security *security)
{
	struct text encoding, suffix = TEXT("#base64binary");

	if (kind_read(header, node, &security->kind))
		return SOAP_E_SECURITY;
	if (node->first || !attr_read(node, "EncodingType", &encoding))
		return SOAP_E_SECURITY;
	if (encoding.ptr &&
	    (encoding.len < suffix.len ||
	     !text_eq_nocase(text_from(encoding, encoding.len - suffix.len), suffix)))
		return SOAP_E_SECURITY;
	if (b64_read_lenient(arena, xml_text_trimmed(node), &security->token))
		return SOAP_E_SECURITY;
	if (!security->token.len || security->token.len > LIMIT_TOKEN)
		return SOAP_E_SECURITY;
	if (security->kind == SOAP_SECURITY_JWT && !text_is_printable(security->token))
		return SOAP_E_SECURITY;
	if (security->kind == SOAP_SECURITY_DEVICE_TOKEN &&
	    b64_read_lenient(arena, security->token, &security->token_again))
		security->token_again = (struct text){.ptr = NULL};
	return 0;
}

int soap_security_read(struct arena *arena, const struct soap_message *message,
		       struct soap_security *ret)
{
	struct soap_security security = {.kind = SOAP_SECURITY_NONE};
	const struct xml_node *header, *username, *binary;

	if (soap_child_read(message->header, NS_WSSE, "Security", &header) ||
	    soap_child_read(header, NS_WSSE, "UsernameToken", &username) ||
	    soap_child_read(header, NS_WSSE, "BinarySecurityToken", &binary))
		return SOAP_E_SECURITY;
	if (username && binary)
		return SOAP_E_SECURITY;
	if (username && username_read(username, &security))
		return SOAP_E_SECURITY;
	if (binary && binary_read(arena, header, binary, &security))
		return SOAP_E_SECURITY;
	*ret = security;
	return 0;
}
