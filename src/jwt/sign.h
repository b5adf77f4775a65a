/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h: a token of our own: the assertion a certificate credential proves itself with.
 * Pure but for the random salt of the signature. Specification: RFC 7515; protocol/entra.md 2.2.
 */
#ifndef MUSTER_JWT_SIGN_H
#define MUSTER_JWT_SIGN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"

enum jwt_sign_outcome {
	JWT_SIGN_E_KEY = 1,        /* not a PEM RSA key of a size in use, or it does not sign */
	JWT_SIGN_E_CERTIFICATE = 2 /* not a PEM certificate */
};

/* base64url of the SHA-256 of the first certificate in pem: the x5t#S256 header. */
MUST_CHECK int jwt_certificate_thumbprint(struct arena *arena, struct text pem, char **ret);
/* PS256 over header and payload (JSON texts); *ret is the compact form. */
MUST_CHECK int jwt_sign(struct arena *arena, struct text header, struct text payload,
			struct text key_pem, char **ret);

#endif
