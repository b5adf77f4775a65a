/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wsse.h: what the WS-Security header of a request carries (MS-MDE2 3.1.4, 3.4, 3.6).
 *
 * Reading is not believing: a kind says what was sent, nothing about whether it is genuine. In
 * particular SOAP_SECURITY_X509 is a certificate without any check of the XML signature beside
 * it: that is soap/signature.h and xmldsig/. The kinds are told apart by ValueType, and one header
 * holds at most one token.
 */
#ifndef MUSTER_SOAP_WSSE_H
#define MUSTER_SOAP_WSSE_H

#include "soap/envelope.h"

enum soap_security_kind {
	SOAP_SECURITY_NONE,         /* no header, or no token in it: a renewal */
	SOAP_SECURITY_JWT,          /* an Entra token */
	SOAP_SECURITY_DEVICE_TOKEN, /* a string that this server's sign-in page handed out */
	SOAP_SECURITY_USERNAME,     /* name and password; the password is empty in a renewal */
	SOAP_SECURITY_X509          /* a certificate, not proved */
};

struct soap_security {
	enum soap_security_kind kind;
	struct text token;       /* JWT: its compact form, printable; DEVICE_TOKEN: the string;
				  * X509: DER */
	struct text token_again; /* DEVICE_TOKEN: decoded once more, ptr NULL where it is not
				  * base64: programmatic enrolment may encode one time less */
	struct text username;    /* USERNAME */
	struct text password;    /* USERNAME: as sent, not trimmed. Never log it */
};

/* SOAP_E_SECURITY: the header is repeated, holds more than one token, or one we cannot read. */
MUST_CHECK int soap_security_read(struct arena *arena, const struct soap_message *message,
				  struct soap_security *ret);

#endif
