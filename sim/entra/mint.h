/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mint.h: access tokens, shaped as Entra shapes them (entra.md section 1.1), or bent as a test
 * wants. Bending is by replacing single claims or header members, by adding members without
 * looking whether they are there already, and by raw text.
 */
#ifndef MUSTER_SIM_ENTRA_MINT_H
#define MUSTER_SIM_ENTRA_MINT_H

#include "sim/entra/jose.h"
#include "sim/entra/sim.h"

enum mint_tamper {
	MINT_TAMPER_NONE,
	MINT_TAMPER_SIGNATURE, /* one bit of the signature flipped */
	MINT_TAMPER_PAYLOAD,   /* a claim changed after signing */
	MINT_TAMPER_EMPTY,     /* the third part is empty */
	MINT_TAMPER_SHORT,     /* the signature lacks its last bytes */
	MINT_TAMPER_TWO_PARTS  /* no third part at all */
};

struct mint_request {
	const struct tenant *tenant;
	const struct app *app;          /* the resource; NULL: Graph */
	int version;                    /* 1 or 2; 0: what the resource asks for */
	const struct user *user;        /* NULL: app-only, or device when device_id is given */
	const struct principal *client; /* app-only: whose token; NULL: the resource's own */
	bool is_secret;                 /* the client authenticated with a secret */
	bool is_id_token;               /* of the user, for app: says who signed in */
	struct text nonce;              /* of an ID token; ptr NULL: none */
	struct text device_id;          /* ptr NULL: none */
	struct text client_app;         /* appid or azp of a user token; ptr NULL: the broker's */
	struct text scp;                /* ptr NULL: mdm_delegation for user tokens */
	const struct json *roles;       /* array; NULL: of the client's consent (Graph) or none */
	const struct json *groups;      /* array, or true for the user's own; NULL: no claim */
	int64_t lifetime;               /* seconds; 0: random as Entra's */
	const struct json *overrides;   /* replace or, with null, remove claims */
	const struct json *extra;       /* claims added whatever is there */
	const struct json *header_overrides;
	const struct json *header_extra;
	struct text raw_payload; /* ptr NULL: built */
	struct text raw_header;
	enum key_role key;
	enum jose_alg alg;
	enum mint_tamper tamper;
};

MUST_CHECK bool mint_tamper_read(struct text name, enum mint_tamper *ret);
MUST_CHECK int mint_token(struct sim *sim, struct arena *arena, const struct mint_request *request,
			  struct text *ret, struct trail *trail);

#endif
