/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c: see keys.h. entra.md sections 1.2, 1.4 and 8.2.
 *
 * Shapes follow the real documents: no `alg`, one self-signed certificate as x5c, kid equal to
 * x5t, an `issuer` in v2 only. Order means nothing and is not stable after a rotation. The v1
 * document holds tenant keys only, because it has no member that could tell a consumer key apart.
 */
#include "sim/entra/keys.h"

#include <openssl/core_names.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/digest.h"
#include "base/json.h"
#include "sim/entra/cert.h"

enum key_issuer { ISSUER_TENANT, ISSUER_CONSUMER, ISSUER_OTHER };

enum { RSA_BITS = 2048, WEAK_BITS = 1024, CERT_YEARS = 5, DAY_S = 24 * 3600, YEAR_S = 365 * DAY_S };

static const struct {
	const char *name;
	unsigned bits; /* 0: P-256 */
	enum key_issuer issuer;
	bool is_early;     /* generated at start */
	bool is_published; /* at start */
	const char *common_name;
} ROLES[KEY_ROLES] = {
    [KEY_CURRENT] = {"current", RSA_BITS, ISSUER_TENANT, true, true,
		     "accounts.accesscontrol.windows.net"},
    [KEY_NEXT] = {"next", RSA_BITS, ISSUER_TENANT, false, false,
		  "accounts.accesscontrol.windows.net"},
    [KEY_PREVIOUS] = {"previous", RSA_BITS, ISSUER_TENANT, true, true,
		      "accounts.accesscontrol.windows.net"},
    [KEY_STANDBY] = {"standby", RSA_BITS, ISSUER_TENANT, true, true, "login.microsoftonline.us"},
    [KEY_RETIRED] = {"retired", RSA_BITS, ISSUER_TENANT, false, false,
		     "accounts.accesscontrol.windows.net"},
    [KEY_CONSUMER] = {"consumer", RSA_BITS, ISSUER_CONSUMER, true, true,
		      "Live ID STS Signing Public Key"},
    [KEY_OTHER_TENANT] = {"other-tenant", RSA_BITS, ISSUER_OTHER, true, true,
			  "accounts.accesscontrol.windows.net"},
    [KEY_FOREIGN] = {"foreign", RSA_BITS, ISSUER_TENANT, false, false, "foreign.example"},
    [KEY_WEAK1024] = {"weak1024", WEAK_BITS, ISSUER_TENANT, false, false,
		      "accounts.accesscontrol.windows.net"},
    [KEY_EC] = {"ec", 0, ISSUER_TENANT, false, false, "accounts.accesscontrol.windows.net"},
    [KEY_GRAPH] = {"graph", RSA_BITS, ISSUER_TENANT, true, false, "graph.muster.test"},
};

static void signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	X509_free(key->cert);
	free(key);
}

static int kid_make(struct signing_key *key, struct trail *trail)
{
	uint8_t digest[SHA1_LEN];
	struct arena arena;
	struct text der;
	int r;

	arena_init(&arena);
	r = cert_der(&arena, key->cert, &der, trail);
	if (r == 0) {
		const char *text;

		digest_sha1(der, digest);
		text = b64url_write(&arena, text_make(digest, sizeof(digest)));
		memcpy(key->kid, text, strlen(text) + 1);
	}
	arena_done(&arena);
	return r;
}

static int signing_key_new(struct signing_key **ret, enum key_role role, int64_t now,
			   struct trail *trail)
{
	const struct cert_profile profile = {
	    .common_name = ROLES[role].common_name,
	    .not_before = now - DAY_S,
	    .not_after = now + (int64_t)CERT_YEARS * YEAR_S,
	};
	struct signing_key *key = heap_alloc(sizeof(*key));
	int r = cert_key_new(&key->key, ROLES[role].bits, trail);

	if (r == 0)
		r = cert_new(&key->cert, &profile, key->key, NULL, NULL, trail);
	if (r == 0)
		r = kid_make(key, trail);
	if (r < 0) {
		signing_key_free(key);
		return ERR_TRACE(trail, r);
	}
	key->is_published = ROLES[role].is_published;
	*ret = key;
	return 0;
}

int keys_init(struct keys *keys, int64_t now, struct trail *trail)
{
	*keys = (struct keys){.other_tenant = uuid_random()};
	for (size_t i = 0; i < KEY_ROLES; i++) {
		int r = 0;

		if (ROLES[i].is_early)
			r = signing_key_new(&keys->slots[i], (enum key_role)i, now, trail);
		if (r < 0) {
			keys_done(keys);
			return ERR_TRACE(trail, r);
		}
	}
	return 0;
}

void keys_done(struct keys *keys)
{
	for (size_t i = 0; i < KEY_ROLES; i++) {
		signing_key_free(keys->slots[i]);
		keys->slots[i] = NULL;
	}
}

int keys_restore(struct keys *keys, int64_t now, struct trail *trail)
{
	for (size_t i = 0; i < KEY_ROLES; i++) {
		int r = 0;

		if (!keys->slots[i] && ROLES[i].is_early)
			r = signing_key_new(&keys->slots[i], (enum key_role)i, now, trail);
		if (r < 0)
			return ERR_TRACE(trail, r);
		if (keys->slots[i])
			keys->slots[i]->is_published = ROLES[i].is_published;
	}
	return 0;
}

bool keys_role_read(struct text name, enum key_role *ret)
{
	for (size_t i = 0; i < KEY_ROLES; i++)
		if (text_eq_c(name, ROLES[i].name)) {
			*ret = (enum key_role)i;
			return true;
		}
	return false;
}

int keys_get(struct keys *keys, enum key_role role, int64_t now, const struct signing_key **ret,
	     struct trail *trail)
{
	if (!keys->slots[role]) {
		int r = signing_key_new(&keys->slots[role], role, now, trail);

		if (r < 0)
			return ERR_TRACE(trail, r);
		keys->slots[role]->is_published = false;
	}
	*ret = keys->slots[role];
	return 0;
}

static void slot_move(struct keys *keys, enum key_role from, enum key_role into)
{
	signing_key_free(keys->slots[into]);
	keys->slots[into] = steal(&keys->slots[from]);
}

static int operate_rotate(struct keys *keys, enum key_role role, int64_t now, struct trail *trail)
{
	const struct signing_key *next;
	int r = keys_get(keys, KEY_NEXT, now, &next, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	slot_move(keys, KEY_PREVIOUS, KEY_RETIRED);
	if (keys->slots[KEY_RETIRED])
		keys->slots[KEY_RETIRED]->is_published = false;
	slot_move(keys, KEY_CURRENT, KEY_PREVIOUS);
	slot_move(keys, KEY_NEXT, KEY_CURRENT);
	keys->slots[KEY_CURRENT]->is_published = true;
	return 0;
}

static int operate_retire(struct keys *keys, enum key_role role, int64_t now, struct trail *trail)
{
	if (!keys->slots[KEY_PREVIOUS])
		return 0;
	slot_move(keys, KEY_PREVIOUS, KEY_RETIRED);
	keys->slots[KEY_RETIRED]->is_published = false;
	return 0;
}

static int operate_emergency(struct keys *keys, enum key_role role, int64_t now,
			     struct trail *trail)
{
	int r = operate_rotate(keys, role, now, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	return operate_retire(keys, role, now, trail);
}

static int publication_set(struct keys *keys, enum key_role role, bool is_published, int64_t now,
			   struct trail *trail)
{
	const struct signing_key *key;
	int r = keys_get(keys, role, now, &key, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	keys->slots[role]->is_published = is_published;
	return 0;
}

static int operate_publish_next(struct keys *keys, enum key_role role, int64_t now,
				struct trail *trail)
{
	return publication_set(keys, KEY_NEXT, true, now, trail);
}

static int operate_publish(struct keys *keys, enum key_role role, int64_t now, struct trail *trail)
{
	return publication_set(keys, role, true, now, trail);
}

static int operate_unpublish(struct keys *keys, enum key_role role, int64_t now,
			     struct trail *trail)
{
	return publication_set(keys, role, false, now, trail);
}

int keys_operate(struct keys *keys, struct text operation, enum key_role role, int64_t now,
		 struct trail *trail)
{
	static const struct {
		const char *name;
		int (*run)(struct keys *, enum key_role, int64_t, struct trail *);
	} operations[] = {
	    {"rotate", operate_rotate},
	    {"emergency-rotate", operate_emergency},
	    {"publish-next", operate_publish_next},
	    {"retire", operate_retire},
	    {"publish", operate_publish},
	    {"unpublish", operate_unpublish},
	};

	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (text_eq_c(operation, operations[i].name))
			return operations[i].run(keys, role, now, trail);
	return KEYS_E_UNKNOWN;
}

/* A big number parameter of the key as the base64url member a JWK wants. */
static bool jwk_number(struct arena *arena, EVP_PKEY *key, const char *parameter,
		       struct json_writer *w, const char *member)
{
	CLEANUP(ossl_bn_free) BIGNUM *number = NULL;
	unsigned char *bytes;
	int len;

	if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1)
		return false;
	len = BN_num_bytes(number);
	bytes = arena_alloc(arena, (size_t)len);
	if (BN_bn2bin(number, bytes) != len)
		return false;
	json_add_c(w, member, b64url_write(arena, text_make(bytes, (size_t)len)));
	return true;
}

static bool jwk_point(struct arena *arena, EVP_PKEY *key, struct json_writer *w)
{
	json_add_c(w, "crv", "P-256");
	return jwk_number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, w, "x") &&
	       jwk_number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, w, "y");
}

static const char *issuer_tenant(const struct keys *keys, struct arena *arena, size_t role,
				 const struct keys_document *document)
{
	char other[UUID_TEXT_LEN + 1];

	switch (ROLES[role].issuer) {
	case ISSUER_TENANT:
		return document->tenant;
	case ISSUER_CONSUMER:
		return KEYS_CONSUMER_TENANT;
	case ISSUER_OTHER:
		uuid_write(keys->other_tenant, other);
		return arena_string(arena, other);
	}
	return document->tenant;
}

static bool jwk_write(const struct keys *keys, struct arena *arena, size_t role,
		      const struct keys_document *document, struct json_writer *w,
		      struct trail *trail)
{
	const struct signing_key *key = keys->slots[role];
	bool is_rsa = ROLES[role].bits != 0;
	struct text der;

	json_begin_object(w, NULL);
	json_add_c(w, "kty", is_rsa ? "RSA" : "EC");
	json_add_c(w, "use", "sig");
	json_add_c(w, "kid", key->kid);
	json_add_c(w, "x5t", key->kid);
	if (is_rsa ? !(jwk_number(arena, key->key, OSSL_PKEY_PARAM_RSA_N, w, "n") &&
		       jwk_number(arena, key->key, OSSL_PKEY_PARAM_RSA_E, w, "e"))
		   : !jwk_point(arena, key->key, w))
		return false;
	if (cert_der(arena, key->cert, &der, trail) < 0)
		return false;
	json_begin_array(w, "x5c");
	json_add_c(w, NULL, b64_write(arena, der));
	json_end_array(w);
	if (document->version == 2) {
		json_add_c(w, "issuer",
			   arena_printf(arena, "%s/%s/v2.0", document->login_url,
					issuer_tenant(keys, arena, role, document)));
		if (document->cloud_instance)
			json_add_c(w, "cloud_instance_name", document->cloud_instance);
	}
	json_end_object(w);
	return true;
}

int keys_write(const struct keys *keys, struct arena *arena, const struct keys_document *document,
	       struct buf *buf, struct trail *trail)
{
	struct json_writer w;

	json_writer_init(&w, buf);
	json_begin_object(&w, NULL);
	json_begin_array(&w, "keys");
	for (size_t i = 0; i < KEY_ROLES; i++) {
		if (!keys->slots[i] || !keys->slots[i]->is_published)
			continue;
		if (document->version == 1 && ROLES[i].issuer != ISSUER_TENANT)
			continue;
		if (!jwk_write(keys, arena, i, document, &w, trail))
			return ERR_FAIL(trail, ERR_CRYPTO, "cannot write the key document");
	}
	json_end_array(&w);
	json_end_object(&w);
	return 0;
}

void keys_list(const struct keys *keys, struct buf *buf)
{
	struct json_writer w;

	json_writer_init(&w, buf);
	json_begin_array(&w, NULL);
	for (size_t i = 0; i < KEY_ROLES; i++) {
		if (!keys->slots[i])
			continue;
		json_begin_object(&w, NULL);
		json_add_c(&w, "key", ROLES[i].name);
		json_add_c(&w, "kid", keys->slots[i]->kid);
		json_add_bool(&w, "published", keys->slots[i]->is_published);
		json_end_object(&w);
	}
	json_end_array(&w);
}
