/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.h: is the security header of a request the signed one of MS-MDE2 (certificate
 * authentication), in exactly the one form this program accepts?
 *
 * Reading is not believing: this judges size and shape, so that what remains for the verification
 * is one digest over the whole document and one RSA signature. Everything that makes XML
 * signatures dangerous is refused here already: references to a part of the document, further
 * transforms, keys that KeyInfo brings or fetches, a second signature, and dsig elements anywhere
 * else. Because the one reference is the whole document, every element that is read of the message
 * is signed, but for the Signature itself.
 */
#ifndef MUSTER_SOAP_SIGNATURE_H
#define MUSTER_SOAP_SIGNATURE_H

#include "soap/envelope.h"

struct soap_signature {
	struct text created; /* of the timestamp, as written */
	struct text expires;
};

/* SOAP_E_SECURITY: the header is not of that form. It must hold one Timestamp, the token
 * that soap_security_read read, and one Signature. */
MUST_CHECK int soap_signature_read(struct arena *arena, const struct soap_message *message,
				   struct soap_signature *ret);

#endif
