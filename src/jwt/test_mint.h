/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mint.h: makes tokens for tests, right ones and wrong ones. Part of no program.
 *
 * Header and payload are given as members with raw JSON values and a list of changes, so that a
 * case states only what is different about it. Nothing here uses the reader it is made to test.
 */
#ifndef MUSTER_JWT_TEST_MINT_H
#define MUSTER_JWT_TEST_MINT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

struct evp_pkey_st;

/*
 * One member: name and raw JSON value. As a change: raw NULL removes the member of that name, else
 * it is replaced or added. Special names of changes:
 *   "+name"  append one more member, whatever there is already
 *   "^"      raw bytes before the object     "$"  raw bytes after it
 *   "="      raw bytes instead of the object
 */
struct mint_member {
	const char *name;
	const char *raw;
};

enum { MINT_MEMBERS = 48 };

/* Both lists end with a NULL name; changes may be NULL. */
char *mint_object(struct arena *arena, const struct mint_member *base,
		  const struct mint_member *changes);

enum mint_algorithm {
	MINT_RS256,
	MINT_RS384,
	MINT_RS512,
	MINT_RS1,
	MINT_PS256,
	MINT_ES256,         /* with a P-256 key */
	MINT_HS256_PEM,     /* HMAC keyed with the public key in PEM, ... */
	MINT_HS256_DER,     /* ... in DER, ... */
	MINT_HS256_MODULUS, /* ... with the modulus alone, ... */
	MINT_HS256_EMPTY,   /* ... with nothing */
	MINT_HS384_PEM,
	MINT_HS512_PEM,
	MINT_NONE,   /* an empty signature */
	MINT_GARBAGE /* 256 bytes that are no signature */
};

struct evp_pkey_st *mint_rsa_key(unsigned bits, unsigned exponent);
struct evp_pkey_st *mint_ec_key(void);
void mint_key_free(struct evp_pkey_st *key);

/* PEM: a certificate that lasts an hour and names nobody, and the private key. */
char *mint_certificate(struct arena *arena, struct evp_pkey_st *key);
char *mint_key(struct arena *arena, struct evp_pkey_st *key);

/* The compact form of header and payload as they are. */
char *mint_token(struct arena *arena, const char *header, const char *payload,
		 struct evp_pkey_st *key, enum mint_algorithm algorithm);

/* Append one JWK with the public half of key; extra is raw JSON like ",\"issuer\":\"...\"". */
void mint_jwk(struct buf *buf, struct arena *arena, const char *key_id, struct evp_pkey_st *key,
	      const char *extra);

#endif
