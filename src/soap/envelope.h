/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h: the SOAP envelope that the three enrolment services share (MS-MDE2 3.1, SOAP 1.2,
 * WS-Addressing 1.0), and the outcomes of every reader in this folder.
 *
 * Readers take bytes or nodes and give structs whose texts live in the arena; writers append
 * bytes. Nothing here decides whether somebody may enrol. An element that may appear once and
 * appears twice is refused, wherever it is: two readers that pick different ones of them are how
 * signatures get wrapped. A text that was not sent has ptr NULL.
 */
#ifndef MUSTER_SOAP_ENVELOPE_H
#define MUSTER_SOAP_ENVELOPE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"
#include "xml/xml_read.h"
#include "xml/xml_write.h"

enum soap_outcome {
	SOAP_E_XML = 1,     /* not XML that we read at all, see xml_outcome; HTTP 400 */
	SOAP_E_FORMAT,      /* a part missing, repeated, too long or of the wrong form */
	SOAP_E_SECURITY,    /* the security header, see soap/wsse.h */
	SOAP_E_CERTIFICATE, /* the request for a certificate, see soap/wstep.h */
};

#define SOAP_CONTENT_TYPE "application/soap+xml; charset=utf-8"

enum soap_phase { SOAP_DISCOVER, SOAP_POLICIES, SOAP_TOKEN };

struct soap_message {
	struct text action;
	struct text message_id; /* a constant of the client: echo it, never use it as a key */
	struct text to;
	const struct xml_node *root;   /* the Envelope */
	const struct xml_node *header; /* NULL when there is none */
	const struct xml_node *body;   /* the one element inside Body */
};

/* What a reply says about the request it answers. */
struct soap_reply {
	struct text relates_to;  /* MessageID of the request; empty: not known */
	const char *activity_id; /* the trace id, a GUID; NULL or "": left out */
};

/* SOAP_E_XML, or SOAP_E_FORMAT. */
MUST_CHECK int soap_envelope_read(struct arena *arena, struct text doc, struct soap_message *ret);

/* Is this a request of that phase, by its Action? SOAP_E_FORMAT where it is not. */
MUST_CHECK int soap_phase_check(const struct soap_message *message, enum soap_phase phase);

/* The trimmed text of a child that may appear once and holds no elements; ptr NULL when it is
 * absent. SOAP_E_FORMAT when it is repeated, not a leaf, or longer than LIMIT_SOAP_VALUE. */
MUST_CHECK int soap_leaf_read(const struct xml_node *parent, const char *ns, const char *name,
			      struct text *ret);
/* A child that may appear once; NULL when it is absent. SOAP_E_FORMAT when it is repeated. */
MUST_CHECK int soap_child_read(const struct xml_node *parent, const char *ns, const char *name,
			       const struct xml_node **ret);

/* Envelope and header of a reply up to the still open Header; then the still open Body; then all
 * closed. More headers go between the first two. */
void soap_reply_open(struct xml_writer *w, struct buf *buf, enum soap_phase phase,
		     const struct soap_reply *reply);
void soap_reply_body(struct xml_writer *w);
void soap_reply_close(struct xml_writer *w);

#endif
