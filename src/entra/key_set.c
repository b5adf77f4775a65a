/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_set.c: from the two documents of an issuer to a set of keys.
 *
 * The metadata must state an issuer this tenant's cloud may have and publish its keys at the login
 * host; everything else in it is ignored. Once stated an issuer stays: a document that names
 * another is not taken, because in an open cloud nothing else would notice. A key that a refresh no
 * longer lists stays for one more refresh, because Entra's front ends do not change at the same
 * moment, and never longer than its time. Specification: protocol/entra.md 1.2, 1.4; abuse case 23.
 */
#include "entra/key_set.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "entra/cloud.h"
#include "entra/reach.h"

enum { ISSUER_MAX = 512 };

int key_metadata_read(struct arena *arena, const struct tenant *tenant, bool is_version_2,
		      struct text metadata, struct key_metadata *ret, struct trail *trail)
{
	const char *login_url = tenant_login_url(arena, tenant);
	const struct json *tree;
	struct key_metadata read;

	if (metadata.len > LIMIT_KEYS_METADATA ||
	    json_read(arena, metadata, LIMIT_JSON_DEPTH, &tree) != 0)
		return ERR_FAIL(trail, KEY_SET_E_UNUSABLE,
				"the metadata of %s is not JSON. " ENTRA_REACH_FOREIGN, login_url);
	read = (struct key_metadata){
	    .issuer = json_text(tree, "issuer"),
	    .cloud_instance = json_text(tree, "cloud_instance_name"),
	    .jwks_uri = json_text(tree, "jwks_uri"),
	};
	if (!read.issuer.ptr || read.issuer.len > ISSUER_MAX ||
	    !cloud_issuer_is_ok(tenant, is_version_2, read.issuer))
		return ERR_FAIL(
		    trail, KEY_SET_E_UNUSABLE,
		    "the metadata of %s states an issuer that is not this tenant's: check the "
		    "tenant's id and cloud",
		    login_url);
	if (!read.jwks_uri.ptr || !text_is_printable(read.jwks_uri) ||
	    !url_has_same_origin(read.jwks_uri, text_of(login_url)))
		return ERR_FAIL(
		    trail, KEY_SET_E_UNUSABLE,
		    "the metadata of %s names keys at another host: check the tenant's cloud "
		    "and login_url. " ENTRA_REACH_FOREIGN,
		    login_url);
	*ret = read;
	return 0;
}

/* After jwks_read: every key was listed now; then those of old that may stay. */
static void inherit(struct entra_key_set *set, const struct entra_key_set *old)
{
	size_t listed = set->jwks.count;
	size_t most = listed + (old ? old->jwks.count : 0);

	set->seen_at = ARENA_ARRAY(&set->arena, most, int64_t);
	set->absences = ARENA_ARRAY(&set->arena, most, unsigned);
	for (size_t i = 0; i < listed; i++)
		set->seen_at[i] = set->fetched_at;
	for (size_t i = 0; old && i < old->jwks.count; i++) {
		size_t at = set->jwks.count;

		if (old->absences[i] + 1 >= KEY_SET_ABSENCES || at >= LIMIT_KEYS_COUNT)
			continue;
		jwks_add(&set->arena, &set->jwks, &old->jwks.keys[i]);
		if (set->jwks.count == at)
			continue;
		set->seen_at[at] = old->seen_at[i];
		set->absences[at] = old->absences[i] + 1;
	}
}

int key_set_new(struct entra_key_set **ret, const struct tenant *tenant, bool is_version_2,
		const struct key_documents *documents, const struct entra_key_set *old,
		struct trail *trail)
{
	struct entra_key_set *set = heap_alloc(sizeof(*set));
	struct key_metadata metadata;
	struct text jwks;
	int r;

	atomic_init(&set->holders, 1);
	arena_init(&set->arena);
	r = key_metadata_read(&set->arena, tenant, is_version_2, documents->metadata, &metadata,
			      trail);
	if (r == 0 && old && !text_eq(old->issuer, metadata.issuer))
		r = ERR_FAIL(
		    trail, KEY_SET_E_UNUSABLE,
		    "the metadata of %s suddenly states another issuer, %.*s: if it is meant "
		    "to, have the old keys forgotten with muster tenants update %s --enabled yes",
		    tenant_login_url(&set->arena, tenant), TEXT_ARG(text_take(metadata.issuer, 80)),
		    tenant->tenant_id);
	if (r == 0) {
		jwks = arena_text(&set->arena, documents->jwks);
		if (jwks_read(&set->arena, jwks, &set->jwks) != 0)
			r = ERR_FAIL(
			    trail, KEY_SET_E_UNUSABLE,
			    "the key document of %s holds no usable key. " ENTRA_REACH_FOREIGN,
			    tenant_login_url(&set->arena, tenant));
	}
	if (r != 0) {
		key_set_release(set);
		return r;
	}
	set->issuer = metadata.issuer;
	set->cloud_instance = metadata.cloud_instance;
	set->fetched_at = documents->fetched_at;
	inherit(set, old);
	*ret = set;
	return 0;
}

static bool is_in_time(const struct entra_key_set *set, size_t i, int64_t now)
{
	return now - set->seen_at[i] < LIMIT_KEYS_TTL_S;
}

const struct jwk *key_set_get(const struct entra_key_set *set, struct text key_id, int64_t now)
{
	const struct jwk *key = jwks_get(&set->jwks, key_id);

	return key && is_in_time(set, (size_t)(key - set->jwks.keys), now) ? key : NULL;
}

bool key_set_is_usable(const struct entra_key_set *set, int64_t now)
{
	for (size_t i = 0; i < set->jwks.count; i++)
		if (is_in_time(set, i, now))
			return true;
	return false;
}

struct entra_key_set *key_set_hold(struct entra_key_set *set)
{
	atomic_fetch_add(&set->holders, 1);
	return set;
}

void key_set_release(struct entra_key_set *set)
{
	if (!set || atomic_fetch_sub(&set->holders, 1) != 1)
		return;
	jwks_done(&set->jwks);
	arena_done(&set->arena);
	free(set);
}
