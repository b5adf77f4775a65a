/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.c: the form of a signed SOAP header (MS-MDE2 3.1.4.1.1.1.2; WS-Security X.509 profile).
 *
 * Each element of the signature is compared with what it must be: its children in their order,
 * its attributes, its algorithm. Nothing is skipped because it is not known.
 */
#include "soap/signature.h"

#include "base/b64.h"
#include "base/limits.h"
#include "soap/names.h"

#define ALG_EXC_C14N   "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ALG_RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define ALG_ENVELOPED  NS_DSIG "enveloped-signature"
#define ALG_SHA256     "http://www.w3.org/2001/04/xmlenc#sha256"

enum { DIGEST_LEN = 32, NAMES_MAX = 3 };

/* Does node hold exactly these elements of one namespace, in this order, and no text? */
static bool holds(const struct xml_node *node, const char *ns, const char *const names[NAMES_MAX])
{
	const struct xml_node *child;
	size_t i = 0;

	if (!node || !text_is_empty(text_trim(node->text)))
		return false;
	for (child = node->first; child && i < NAMES_MAX && names[i]; child = child->next, i++)
		if (!xml_is(child, ns, names[i]))
			return false;
	return !child && (i == NAMES_MAX || !names[i]);
}

/* The only attribute of node is plain and has this value. */
static bool has_only(const struct xml_node *node, const char *name, const char *value)
{
	return node->attr_count == 1 && text_is_empty(node->attrs[0].ns) &&
	       text_eq_c(node->attrs[0].name, name) && text_eq_c(node->attrs[0].value, value);
}

/* An element that says nothing but which algorithm. */
static bool names_algorithm(const struct xml_node *node, const char *algorithm)
{
	return has_only(node, "Algorithm", algorithm) && !node->first &&
	       text_is_empty(text_trim(node->text));
}

static bool is_base64(struct arena *arena, const struct xml_node *node, size_t min, size_t max)
{
	struct text bytes;

	return node->attr_count == 0 && !node->first && node->text.len <= LIMIT_SOAP_VALUE &&
	       b64_read_lenient(arena, xml_text_trimmed(node), &bytes) == 0 && bytes.len >= min &&
	       bytes.len <= max;
}

/* The one reference: the whole document, without the signature. */
static bool reference_is_whole(struct arena *arena, const struct xml_node *reference)
{
	static const char *const names[NAMES_MAX] = {"Transforms", "DigestMethod", "DigestValue"};
	static const char *const transforms[NAMES_MAX] = {"Transform"};
	const struct xml_node *first = reference->first;

	return has_only(reference, "URI", "") && holds(reference, NS_DSIG, names) &&
	       first->attr_count == 0 && holds(first, NS_DSIG, transforms) &&
	       names_algorithm(first->first, ALG_ENVELOPED) &&
	       names_algorithm(first->next, ALG_SHA256) &&
	       is_base64(arena, first->next->next, DIGEST_LEN, DIGEST_LEN);
}

static bool signed_info_is_good(struct arena *arena, const struct xml_node *info)
{
	static const char *const names[NAMES_MAX] = {"CanonicalizationMethod", "SignatureMethod",
						     "Reference"};

	return info->attr_count == 0 && holds(info, NS_DSIG, names) &&
	       names_algorithm(info->first, ALG_EXC_C14N) &&
	       names_algorithm(info->first->next, ALG_RSA_SHA256) &&
	       reference_is_whole(arena, info->first->next->next);
}

/* Clients write the id with or without '#', and with or without the "uuid-" it begins with. */
static bool points_to(struct text uri, struct text id)
{
	struct text prefix = TEXT("uuid-");

	if (text_starts(uri, TEXT("#")))
		uri = text_from(uri, 1);
	if (text_is_empty(uri) || text_is_empty(id))
		return false;
	if (text_eq(uri, id))
		return true;
	return text_starts(id, prefix) && text_eq(uri, text_from(id, prefix.len));
}

/* KeyInfo names the token beside the signature, and nothing else. */
static bool key_info_is_good(const struct xml_node *info, const struct xml_node *token)
{
	static const char *const references[NAMES_MAX] = {"SecurityTokenReference"};
	static const char *const targets[NAMES_MAX] = {"Reference"};
	const struct xml_node *target;

	if (info->attr_count != 0 || !holds(info, NS_WSSE, references) ||
	    !holds(info->first, NS_WSSE, targets))
		return false;
	target = info->first->first;
	return !target->first && text_is_empty(text_trim(target->text)) &&
	       xml_attr_count(target, "URI") == 1 && xml_attr_count(token, "Id") == 1 &&
	       points_to(text_trim(xml_attr(target, "URI")), text_trim(xml_attr(token, "Id")));
}

static bool signature_is_good(struct arena *arena, const struct xml_node *signature,
			      const struct xml_node *token)
{
	static const char *const names[NAMES_MAX] = {"SignedInfo", "SignatureValue", "KeyInfo"};

	return signature->attr_count == 0 && holds(signature, NS_DSIG, names) &&
	       signed_info_is_good(arena, signature->first) &&
	       is_base64(arena, signature->first->next, LIMIT_RSA_BITS_MIN / 8,
			 LIMIT_RSA_BITS_MAX / 8) &&
	       key_info_is_good(signature->first->next->next, token);
}

/* How many elements of the signature's namespace there are below node and in it; and how many are
 * called Signature, whatever their namespace. Depth is bounded by the reader. */
static void dsig_count(const struct xml_node *node, size_t *elements, size_t *signatures)
{
	for (; node; node = node->next) {
		*elements += text_eq_c(node->ns, NS_DSIG);
		*signatures += text_eq_c(node->name, "Signature");
		dsig_count(node->first, elements, signatures);
	}
}

static int timestamp_read(const struct xml_node *security, struct soap_signature *ret)
{
	const struct xml_node *timestamp;

	if (soap_child_read(security, NS_WSU, "Timestamp", &timestamp) || !timestamp ||
	    soap_leaf_read(timestamp, NS_WSU, "Created", &ret->created) ||
	    soap_leaf_read(timestamp, NS_WSU, "Expires", &ret->expires))
		return SOAP_E_SECURITY;
	return ret->created.ptr && ret->expires.ptr ? 0 : SOAP_E_SECURITY;
}

int soap_signature_read(struct arena *arena, const struct soap_message *message,
			struct soap_signature *ret)
{
	const struct xml_node *security, *signature, *token;
	size_t elements = 0, inside = 0, signatures = 0, ignored = 0;
	struct soap_signature found;

	if (soap_child_read(message->header, NS_WSSE, "Security", &security) ||
	    soap_child_read(security, NS_DSIG, "Signature", &signature) ||
	    soap_child_read(security, NS_WSSE, "BinarySecurityToken", &token) || !signature ||
	    !token || timestamp_read(security, &found))
		return SOAP_E_SECURITY;
	dsig_count(message->root, &elements, &signatures);
	dsig_count(signature->first, &inside, &ignored);
	if (signatures != 1 || elements != inside + 1 ||
	    !signature_is_good(arena, signature, token))
		return SOAP_E_SECURITY;
	*ret = found;
	return 0;
}
