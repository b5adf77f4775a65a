/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jose.h: JSON Web Tokens in compact form, signed and read with OpenSSL directly.
 *
 * Signing can make what no honest issuer makes (alg none, a MAC over a public key, PS256), because
 * tests of the server need those. Reading is for client assertions and for the stand-in's own
 * Graph tokens: it is strict about the form and knows RS256 and PS256 only. It checks no claims.
 */
#ifndef MUSTER_SIM_ENTRA_JOSE_H
#define MUSTER_SIM_ENTRA_JOSE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "sim/entra/ossl.h"

enum jose_alg {
	JOSE_ALG_NONE,
	JOSE_ALG_HS256,
	JOSE_ALG_RS256,
	JOSE_ALG_RS384,
	JOSE_ALG_RS512,
	JOSE_ALG_PS256,
	JOSE_ALG_ES256
};

enum jose_outcome {
	JOSE_E_MALFORMED = 1 /* not three parts of base64url with JSON objects in the first two */
};

struct jose {
	const struct json *header;
	const struct json *payload;
	struct text signed_part; /* "header.payload" as received */
	struct text signature;   /* decoded */
};

/* The header value's name; false when it is none of ours. */
MUST_CHECK bool jose_alg_read(struct text name, enum jose_alg *ret);
const char *jose_alg_name(enum jose_alg alg);

/* header and payload are the exact bytes that are encoded. HS256 uses the PEM of the public half
 * of key as its secret; none has an empty third part. */
MUST_CHECK int jose_sign(struct arena *arena, enum jose_alg alg, EVP_PKEY *key, struct text header,
			 struct text payload, struct text *ret, struct trail *trail);

MUST_CHECK int jose_read(struct arena *arena, struct text token, struct jose *ret);

/* True only when the signature verifies under an RSA key with that algorithm. */
MUST_CHECK bool jose_verify(const struct jose *jose, enum jose_alg alg, EVP_PKEY *key);

#endif
