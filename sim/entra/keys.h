/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h: the token signing keys of the stand-in and the key documents it publishes.
 *
 * A key has a role; its place in the documents is a flag beside it, so that a test can sign with a
 * key that is not published and publish one that never signs. Keys that are not needed at start
 * are generated on first use. The caller holds the stand-in's lock.
 */
#ifndef MUSTER_SIM_ENTRA_KEYS_H
#define MUSTER_SIM_ENTRA_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/uuid.h"
#include "sim/entra/ossl.h"

#define KEYS_CONSUMER_TENANT "9188040d-6c67-4c5b-b112-36a304b66dad"

enum key_role {
	KEY_CURRENT,      /* signs */
	KEY_NEXT,         /* signs after the next rotation */
	KEY_PREVIOUS,     /* signed before the last rotation; published until it is retired */
	KEY_STANDBY,      /* published, never signs by itself */
	KEY_RETIRED,      /* signed once; no longer published */
	KEY_CONSUMER,     /* published in v2 with the consumer tenant as its issuer */
	KEY_OTHER_TENANT, /* published in v2 with another tenant as its issuer */
	KEY_FOREIGN,      /* of somebody else altogether */
	KEY_WEAK1024,
	KEY_EC,
	KEY_GRAPH, /* signs tokens for Graph; never published */
	KEY_ROLES
};

struct signing_key {
	EVP_PKEY *key;
	X509 *cert;
	char kid[28]; /* base64url of the certificate's SHA-1 */
	bool is_published;
};

struct keys {
	struct signing_key *slots[KEY_ROLES];
	struct uuid other_tenant;
};

enum keys_outcome {
	KEYS_E_UNKNOWN = 1 /* no operation or role of that name */
};

/* Generate what is published from the start and the Graph key. */
MUST_CHECK int keys_init(struct keys *keys, int64_t now, struct trail *trail);
void keys_done(struct keys *keys);
/* Publish again exactly what is published at start. Keys that exist stay as they are. */
MUST_CHECK int keys_restore(struct keys *keys, int64_t now, struct trail *trail);

MUST_CHECK bool keys_role_read(struct text name, enum key_role *ret);
/* Borrowed; generated, and not published, when it does not exist yet. */
MUST_CHECK int keys_get(struct keys *keys, enum key_role role, int64_t now,
			const struct signing_key **ret, struct trail *trail);

/* rotate, emergency-rotate, publish-next, retire, publish, unpublish (the last two use role). */
MUST_CHECK int keys_operate(struct keys *keys, struct text operation, enum key_role role,
			    int64_t now, struct trail *trail);

/* Where a key document is for: what its `issuer` members say. */
struct keys_document {
	int version; /* 1 or 2 */
	const char *login_url;
	const char *tenant;         /* GUID text, or "{tenantid}" */
	const char *cloud_instance; /* written into each v2 key when not NULL */
};

/* Append the JWKS document (entra.md section 1.2). */
MUST_CHECK int keys_write(const struct keys *keys, struct arena *arena,
			  const struct keys_document *document, struct buf *buf,
			  struct trail *trail);
/* Append [{"key": role, "kid": ..., "published": ...}, ...] for the control API. */
void keys_list(const struct keys *keys, struct buf *buf);

#endif
