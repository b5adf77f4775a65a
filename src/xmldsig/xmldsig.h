/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xmldsig.h: does the enveloped signature of this SOAP message verify with this certificate's key?
 *
 * The only folder that knows xmlsec and libxml2 (doc/decisions/0042-xmlsec-behind-a-fence.md).
 * It answers one question about one form of message: the signature stands at
 * Envelope/Header/Security/Signature, its one reference is the whole document, and the key is the
 * one that is passed; what KeyInfo says is never followed. Nothing outside the bytes is opened:
 * no DTD, entity, inclusion, catalogue, file or address. Whether the certificate may sign anything
 * is not asked here, and callers have answered it before they hand bytes to these libraries.
 *
 * What verifies is the document as those bytes spell it, so a caller may act on what it read from
 * the same bytes and from nothing else.
 */
#ifndef MUSTER_XMLDSIG_XMLDSIG_H
#define MUSTER_XMLDSIG_XMLDSIG_H

#include "base/err.h"
#include "base/text.h"

enum xmldsig_outcome {
	XMLDSIG_E_FORM = 1, /* not the form above, a document type, or over a LIMIT_SIGNED_ */
	XMLDSIG_E_INVALID   /* digest or signature do not match, or an algorithm is not allowed */
};

/* 0 only where the signature is valid. doc is UTF-8; a declared encoding is not looked at.
 * certificate_der: one certificate with an RSA key. Outcomes as above; ERR_CRYPTO where the
 * libraries do not work at all. Threads may call at the same time. */
MUST_CHECK int xmldsig_verify(struct text doc, struct text certificate_der, struct trail *trail);

#endif
