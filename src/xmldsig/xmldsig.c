/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xmldsig.c: XML signatures as MS-MDE2 uses them (XMLDSig core; RFC 3275), through xmlsec.
 *
 * Fenced in four ways, each enough by itself against the known tricks: the tree is checked for its
 * form before xmlsec sees it; xmlsec may use only the algorithms listed here; the key is set
 * beforehand, so that no key is looked for; and every way of libxml2 to open something is taken
 * away from the whole process.
 */
#include "xmldsig/xmldsig.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <pthread.h>
#include <xmlsec/app.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "base/attr.h"
#include "base/limits.h"

#define NS_DSIG "http://www.w3.org/2000/09/xmldsig#"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

static xmlParserInputPtr nothing_load(const char *url, const char *id, xmlParserCtxtPtr context)
{
	(void)url;
	(void)id;
	(void)context;
	return NULL;
}

/* The verdict is all that is told; what was wrong with a stranger's message is not. */
static void xmlsec_silent(const char *file, int line, const char *func, const char *object,
			  const char *subject, int reason, const char *msg)
{
	(void)file;
	(void)line;
	(void)func;
	(void)object;
	(void)subject;
	(void)reason;
	(void)msg;
}

static void libxml_silent(void *user, xmlErrorPtr error)
{
	(void)user;
	(void)error;
}

static void libraries_init(void)
{
	xmlInitParser();
	xmlSecErrorsSetCallback(xmlsec_silent);
	if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoInit() < 0)
		return;
	xmlSecErrorsSetCallback(xmlsec_silent);
	xmlSecIOCleanupCallbacks();
	xmlCleanupInputCallbacks();
	xmlSetExternalEntityLoader(nothing_load);
	is_ready = true;
}

static void doc_done(xmlDocPtr *doc)
{
	xmlFreeDoc(*doc);
}

static void parser_done(xmlParserCtxtPtr *parser)
{
	xmlFreeParserCtxt(*parser);
}

static void context_done(xmlSecDSigCtxPtr *context)
{
	if (*context)
		xmlSecDSigCtxDestroy(*context);
}

static xmlDocPtr doc_read(struct text bytes)
{
	CLEANUP(parser_done) xmlParserCtxtPtr parser = xmlNewParserCtxt();

	if (!parser || bytes.len > LIMIT_SIGNED_BYTES)
		return NULL;
	return xmlCtxtReadMemory(parser, bytes.ptr, (int)bytes.len, NULL, "UTF-8",
				 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				     XML_PARSE_IGNORE_ENC);
}

static size_t namespaces_of(const xmlNode *node)
{
	size_t n = 0;

	for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
		n++;
	return n;
}

static bool kind_is_allowed(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE || node->type == XML_TEXT_NODE ||
	       node->type == XML_CDATA_SECTION_NODE || node->type == XML_COMMENT_NODE;
}

/* The next node in document order after node, whose namespaces leave the scope where it is left. */
static xmlNode *node_after(xmlNode *node, size_t *scope)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	for (; node && node->type != XML_DOCUMENT_NODE; node = node->parent) {
		if (node->type == XML_ELEMENT_NODE)
			*scope -= namespaces_of(node);
		if (node->next)
			return node->next;
	}
	return NULL;
}

static bool is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

/* Elements, text and comments only, not many of them; few namespaces in scope; one Signature. */
static bool tree_is_plain(xmlDocPtr doc)
{
	size_t scope = 0, elements = 0, signatures = 0;

	if (doc->intSubset || doc->extSubset)
		return false;
	for (xmlNode *node = doc->children; node; node = node_after(node, &scope)) {
		if (!kind_is_allowed(node))
			return false;
		if (node->type != XML_ELEMENT_NODE)
			continue;
		scope += namespaces_of(node);
		if (scope > LIMIT_SIGNED_NAMESPACES || ++elements > LIMIT_SIGNED_ELEMENTS)
			return false;
		signatures += is_named(node, "Signature");
	}
	return signatures == 1;
}

static xmlNode *child_find(const xmlNode *parent, const char *name)
{
	for (xmlNode *node = parent ? parent->children : NULL; node; node = node->next)
		if (is_named(node, name))
			return node;
	return NULL;
}

/* By its place, never by a search: a signature elsewhere is not this message's. */
static xmlNode *signature_find(xmlDocPtr doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	xmlNode *node = child_find(child_find(child_find(root, "Header"), "Security"), "Signature");

	if (!node || !node->ns || !node->ns->href ||
	    strcmp((const char *)node->ns->href, NS_DSIG) != 0)
		return NULL;
	return node;
}

static xmlSecKeyPtr key_read(struct text certificate_der)
{
	return xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)certificate_der.ptr,
					    (xmlSecSize)certificate_der.len,
					    xmlSecKeyDataFormatCertDer, NULL, NULL, NULL);
}

static bool context_limit(xmlSecDSigCtxPtr context)
{
	context->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	return xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformExclC14NId) == 0 &&
	       xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformRsaSha256Id) == 0 &&
	       xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformEnvelopedId) == 0 &&
	       xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformSha256Id) == 0;
}

/* What was verified must be what this file is about: one reference, to the whole document. */
static bool result_is_valid(xmlSecDSigCtx *context)
{
	xmlSecPtrList *references = &context->signedInfoReferences;
	const xmlSecDSigReferenceCtx *reference;

	if (context->status != xmlSecDSigStatusSucceeded || xmlSecPtrListGetSize(references) != 1 ||
	    xmlSecPtrListGetSize(&context->manifestReferences) != 0)
		return false;
	reference = xmlSecPtrListGetItem(references, 0);
	return reference && reference->status == xmlSecDSigStatusSucceeded && reference->uri &&
	       reference->uri[0] == '\0';
}

static int signature_check(xmlNode *signature, struct text certificate_der, struct trail *trail)
{
	CLEANUP(context_done) xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);

	if (!context || !context_limit(context))
		return ERR_FAIL(trail, ERR_CRYPTO, "xmlsec cannot make a context");
	context->signKey = key_read(certificate_der);
	if (!context->signKey)
		return XMLDSIG_E_INVALID;
	if (xmlSecDSigCtxVerify(context, signature) < 0 || !result_is_valid(context))
		return XMLDSIG_E_INVALID;
	return 0;
}

int xmldsig_verify(struct text doc, struct text certificate_der, struct trail *trail)
{
	CLEANUP(doc_done) xmlDocPtr tree = NULL;
	xmlNode *signature;

	if (pthread_once(&once, libraries_init) != 0 || !is_ready)
		return ERR_FAIL(trail, ERR_CRYPTO, "xmlsec does not start");
	xmlSetStructuredErrorFunc(NULL, libxml_silent); /* of this thread */
	tree = doc_read(doc);
	if (!tree || !tree_is_plain(tree))
		return XMLDSIG_E_FORM;
	signature = signature_find(tree);
	return signature ? signature_check(signature, certificate_der, trail) : XMLDSIG_E_FORM;
}
