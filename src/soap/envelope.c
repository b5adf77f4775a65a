/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.c: reading and writing the SOAP envelope.
 *
 * Requests are SOAP 1.2; 1.1 is read too because the specification's text names it, with all
 * three envelope elements in one namespace. Replies are SOAP 1.2 always, the only version that
 * a Windows client was seen to accept. mustUnderstand is not looked at: headers we do not know
 * carry nothing that could change a decision here.
 */
#include "soap/envelope.h"

#include "base/limits.h"
#include "soap/names.h"

static const struct {
	const char *request;
	const char *response;
} actions[] = {
    [SOAP_DISCOVER] = {NS_DISCOVERY "/IDiscoveryService/Discover",
		       NS_DISCOVERY "/IDiscoveryService/DiscoverResponse"},
    [SOAP_POLICIES] = {NS_XCEP "/IPolicy/GetPolicies", NS_XCEP "/IPolicy/GetPoliciesResponse"},
    [SOAP_TOKEN] = {NS_WSTEP "/RST/wstep", NS_WSTEP "/RSTRC/wstep"},
};

int soap_child_read(const struct xml_node *parent, const char *ns, const char *name,
		    const struct xml_node **ret)
{
	if (xml_count(parent, ns, name) > 1)
		return SOAP_E_FORMAT;
	*ret = xml_child(parent, ns, name);
	return 0;
}

int soap_leaf_read(const struct xml_node *parent, const char *ns, const char *name,
		   struct text *ret)
{
	const struct xml_node *leaf;
	struct text text;

	if (soap_child_read(parent, ns, name, &leaf) || (leaf && leaf->first))
		return SOAP_E_FORMAT;
	text = xml_text_trimmed(leaf);
	if (text.len > LIMIT_SOAP_VALUE)
		return SOAP_E_FORMAT;
	*ret = text;
	return 0;
}

static int header_read(const struct xml_node *header, struct soap_message *message)
{
	const struct xml_node *reply_to;

	message->header = header;
	if (soap_leaf_read(header, NS_ADDRESSING, "Action", &message->action) ||
	    soap_leaf_read(header, NS_ADDRESSING, "MessageID", &message->message_id) ||
	    soap_leaf_read(header, NS_ADDRESSING, "To", &message->to) ||
	    soap_child_read(header, NS_ADDRESSING, "ReplyTo", &reply_to))
		return SOAP_E_FORMAT;
	return 0;
}

int soap_envelope_read(struct arena *arena, struct text doc, struct soap_message *ret)
{
	struct soap_message message = {.header = NULL};
	const struct xml_node *root, *header, *body;
	const char *ns = NS_SOAP12;

	if (xml_read(arena, doc, &xml_limits_soap, &root))
		return SOAP_E_XML;
	if (xml_is(root, NS_SOAP11, "Envelope"))
		ns = NS_SOAP11;
	else if (!xml_is(root, NS_SOAP12, "Envelope"))
		return SOAP_E_FORMAT;
	if (soap_child_read(root, ns, "Header", &header) ||
	    soap_child_read(root, ns, "Body", &body))
		return SOAP_E_FORMAT;
	if (!body || body->child_count != 1)
		return SOAP_E_FORMAT;
	message.root = root;
	message.body = body->first;
	if (header_read(header, &message))
		return SOAP_E_FORMAT;
	*ret = message;
	return 0;
}

int soap_phase_check(const struct soap_message *message, enum soap_phase phase)
{
	if (!message->action.ptr || !text_eq_c(message->action, actions[phase].request))
		return SOAP_E_FORMAT;
	return 0;
}

void soap_reply_open(struct xml_writer *w, struct buf *buf, enum soap_phase phase,
		     const struct soap_reply *reply)
{
	xml_writer_init(w, buf);
	xml_open(w, "s:Envelope");
	xml_add_attr_c(w, "xmlns:s", NS_SOAP12);
	xml_add_attr_c(w, "xmlns:a", NS_ADDRESSING);
	xml_add_attr_c(w, "xmlns:u", NS_WSU);
	xml_open(w, "s:Header");
	xml_open(w, "a:Action");
	xml_add_attr_c(w, "s:mustUnderstand", "1");
	xml_add_text_c(w, actions[phase].response);
	xml_close(w);
	if (reply->activity_id && reply->activity_id[0]) {
		xml_open(w, "ActivityId");
		xml_add_attr_c(w, "CorrelationId", reply->activity_id);
		xml_add_attr_c(w, "xmlns", NS_DIAGNOSTICS);
		xml_add_text_c(w, reply->activity_id);
		xml_close(w);
	}
	if (!text_is_empty(reply->relates_to))
		xml_add_leaf(w, "a:RelatesTo", reply->relates_to);
}

void soap_reply_body(struct xml_writer *w)
{
	xml_close(w);
	xml_open(w, "s:Body");
}

void soap_reply_close(struct xml_writer *w)
{
	while (w->depth)
		xml_close(w);
}
