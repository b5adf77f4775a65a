/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.c: see provider.h. The cache.
 *
 * One slot for each tenant, under one lock that is never held across a fetch. A slot belongs to one
 * version of the tenant's settings; with another it starts empty. Documents are kept as received
 * and read again for each sign-in: signing in is rare, and what passed once has to pass again. A
 * failed refresh leaves the old documents in use until their time is over. All times are op->now; a
 * stamp from the future (the clock was set back) counts as past.
 */
#include "oidc/provider.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "entra/cloud.h"
#include "oidc/provider_call.h"
#include "store/store.h"

enum {
	WAIT_MS = 2000, /* for the fetch or the exchange of another */
	BACKOFF_S = 5   /* after a failed fetch */
};

/* Both documents of a provider; heap strings. */
struct documents {
	char *metadata;
	char *jwks;
	int64_t fetched_at; /* 0: none */
};

struct slot {
	struct list node;
	char *tenant_id;
	char *issuer;
	int64_t version; /* of the settings */
	struct documents documents;
	unsigned generation; /* +1 with each fetch that went well */
	int64_t failed_at;   /* 0: the last fetch went well */
	int64_t forced_at;
};

struct oidc_providers {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list slots;
	bool is_fetching;
	unsigned calls;   /* fetches and exchanges under way */
	unsigned waiting; /* for one of those to end */
	unsigned calls_max;
	unsigned waiting_max;
};

struct oidc_providers *oidc_providers_new(size_t workers)
{
	struct oidc_providers *providers = heap_alloc(sizeof(*providers));
	pthread_condattr_t attributes;

	/* Of the workers at least a quarter never has to do with providers. */
	providers->calls_max = workers < 4 ? 1 : (unsigned)workers / 2;
	providers->waiting_max = (unsigned)workers / 4;
	list_init(&providers->slots);
	pthread_mutex_init(&providers->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&providers->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return providers;
}

static void documents_free(struct documents *documents)
{
	free(documents->metadata);
	free(documents->jwks);
	*documents = (struct documents){0};
}

void oidc_providers_free(struct oidc_providers *providers)
{
	if (!providers)
		return;
	LIST_EACH_FREE (node, &providers->slots) {
		struct slot *slot = LIST_OWNER(node, struct slot, node);

		documents_free(&slot->documents);
		free(slot->tenant_id);
		free(slot->issuer);
		free(slot);
	}
	pthread_cond_destroy(&providers->changed);
	pthread_mutex_destroy(&providers->lock);
	free(providers);
}

/* With the lock. Slots are never removed. */
static struct slot *slot_find(struct oidc_providers *providers,
			      const struct identity_provider *provider)
{
	struct slot *slot = NULL;

	LIST_EACH (node, &providers->slots) {
		struct slot *one = LIST_OWNER(node, struct slot, node);

		if (!strcmp(one->tenant_id, provider->tenant_id))
			slot = one;
	}
	if (!slot) {
		slot = heap_alloc(sizeof(*slot));
		slot->tenant_id = heap_string(provider->tenant_id);
		slot->issuer = heap_string("");
		list_append(&providers->slots, &slot->node);
	}
	if (slot->version != provider->version || strcmp(slot->issuer, provider->issuer) != 0) {
		documents_free(&slot->documents);
		free(slot->issuer);
		slot->issuer = heap_string(provider->issuer);
		slot->version = provider->version;
		slot->failed_at = slot->forced_at = 0;
	}
	return slot;
}

static bool is_within(int64_t since, int64_t seconds, int64_t now)
{
	return since != 0 && since <= now && now - since < seconds;
}

/* With the lock: begin a call, a fetch or an exchange. False: there is no place for it soon enough.
 */
static bool call_enter(struct oidc_providers *providers, bool is_fetch)
{
	struct timespec until = clock_deadline(WAIT_MS);
	int r = 0;

#define IS_FULL (providers->calls >= providers->calls_max || (is_fetch && providers->is_fetching))
	if (IS_FULL && providers->waiting >= providers->waiting_max)
		return false;
	providers->waiting++;
	while (IS_FULL && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&providers->changed, &providers->lock, &until);
	providers->waiting--;
	if (IS_FULL)
		return false;
#undef IS_FULL
	providers->calls++;
	if (is_fetch)
		providers->is_fetching = true;
	return true;
}

static void call_leave(struct oidc_providers *providers, bool is_fetch)
{
	providers->calls--;
	if (is_fetch)
		providers->is_fetching = false;
	pthread_cond_broadcast(&providers->changed);
}

/* Call and return with the lock; it is let go in between. 0 when the slot has new documents. */
static int slot_fetch(struct op *op, const struct tenant *tenant,
		      const struct identity_provider *provider, const char **ret_step)
{
	struct oidc_providers *providers = op->oidc;
	unsigned before = slot_find(providers, provider)->generation;
	struct oidc_fetched fetched;
	struct slot *slot;
	int r;

	if (!call_enter(providers, true))
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"another identity provider is slow to answer");
	/* Who was waited for may have fetched the very same. */
	if (slot_find(providers, provider)->generation != before) {
		call_leave(providers, true);
		return 0;
	}
	pthread_mutex_unlock(&providers->lock);
	r = oidc_documents_fetch(op, tenant, provider, &fetched, ret_step);
	pthread_mutex_lock(&providers->lock);
	call_leave(providers, true);
	slot = slot_find(providers, provider);
	if (r) {
		slot->failed_at = op->now;
		return r;
	}
	documents_free(&slot->documents);
	slot->documents = (struct documents){
	    .metadata = heap_string(arena_cstr(op->arena, fetched.metadata)),
	    .jwks = heap_string(arena_cstr(op->arena, fetched.jwks)),
	    .fetched_at = op->now,
	};
	slot->generation++;
	slot->failed_at = 0;
	return 0;
}

/* What is to be had now, copied into the arena. With the lock. */
static int slot_copy(struct op *op, const struct slot *slot, struct oidc_fetched *ret)
{
	if (!is_within(slot->documents.fetched_at, LIMIT_KEYS_TTL_S, op->now))
		return OIDC_PROVIDER_E_UNAVAILABLE;
	ret->metadata = text_of(arena_string(op->arena, slot->documents.metadata));
	ret->jwks = text_of(arena_string(op->arena, slot->documents.jwks));
	return 0;
}

/* is_forced: what is cached did not do. */
static int documents_get(struct op *op, const struct tenant *tenant,
			 const struct identity_provider *provider, bool is_forced,
			 struct oidc_fetched *ret)
{
	struct oidc_providers *providers = op->oidc;
	const char *step;
	struct slot *slot;
	bool is_fresh;
	int r = 0;

	pthread_mutex_lock(&providers->lock);
	slot = slot_find(providers, provider);
	is_fresh = is_within(slot->documents.fetched_at, LIMIT_KEYS_REFRESH_S, op->now);
	if (is_forced) {
		is_fresh = is_within(slot->forced_at, LIMIT_KEYS_FORCED_REFRESH_S, op->now);
		if (!is_fresh)
			slot->forced_at = op->now;
	}
	if (!is_fresh && !is_within(slot->failed_at, BACKOFF_S, op->now))
		r = slot_fetch(op, tenant, provider, &step);
	/* What is kept is better than nothing, and may have come from another request meanwhile. */
	if (r >= 0)
		r = slot_copy(op, slot_find(providers, provider), ret);
	pthread_mutex_unlock(&providers->lock);
	if (r > 0 && !op->trail.cause[0])
		r = ERR_FAIL(&op->trail, r, "the identity provider did not answer a moment ago");
	return r;
}

int oidc_metadata_get(struct op *op, const struct tenant *tenant,
		      const struct identity_provider *provider, struct oidc_metadata *ret)
{
	struct oidc_fetched fetched;
	int r = documents_get(op, tenant, provider, false, &fetched);

	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : r;
	return oidc_metadata_read(op->arena, provider->issuer, fetched.metadata, ret, &op->trail);
}

int oidc_key_get(struct op *op, const struct tenant *tenant,
		 const struct identity_provider *provider, struct text key_id, struct jwks *ret,
		 const struct jwk **ret_key)
{
	struct oidc_fetched fetched;
	struct jwks set;

	for (int again = 0; again <= 1; again++) {
		int r = documents_get(op, tenant, provider, again != 0, &fetched);

		if (r < 0)
			return ERR_TRACE(&op->trail, r);
		if (r > 0 || jwks_read(op->arena, fetched.jwks, &set))
			return OIDC_PROVIDER_E_UNAVAILABLE;
		*ret_key = jwks_get(&set, key_id);
		if (*ret_key || again) {
			*ret = set;
			return 0;
		}
		jwks_done(&set);
	}
	return OIDC_PROVIDER_E_UNAVAILABLE;
}

int oidc_provider_probe(struct op *op, const struct tenant *tenant,
			const struct identity_provider *provider, const char **ret_step)
{
	int r;

	*ret_step = "metadata";
	pthread_mutex_lock(&op->oidc->lock);
	r = slot_fetch(op, tenant, provider, ret_step);
	pthread_mutex_unlock(&op->oidc->lock);
	return r;
}

int oidc_code_exchange(struct op *op, const struct tenant *tenant,
		       const struct identity_provider *provider,
		       const struct oidc_exchange *exchange, struct text *ret,
		       const char **ret_said)
{
	struct oidc_providers *providers = op->oidc;
	struct oidc_metadata metadata;
	bool is_in;
	int r;

	*ret_said = "";
	r = oidc_metadata_get(op, tenant, provider, &metadata);

	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : r;
	pthread_mutex_lock(&providers->lock);
	is_in = call_enter(providers, false);
	pthread_mutex_unlock(&providers->lock);
	if (!is_in)
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"too many sign-ins wait for identity providers");
	r = oidc_code_send(op, provider, &metadata, exchange, ret, ret_said);
	pthread_mutex_lock(&providers->lock);
	call_leave(providers, false);
	pthread_mutex_unlock(&providers->lock);
	return r;
}

int oidc_client_probe(struct op *op, const struct tenant *tenant,
		      const struct identity_provider *provider, const char *redirect_uri)
{
	const struct oidc_exchange exchange = {
	    .code = store_new_id(op->arena),
	    .redirect_uri = redirect_uri,
	    /* RFC 7636 4.1: of 43 characters at least. */
	    .verifier =
		arena_printf(op->arena, "%s-%s", store_new_id(op->arena), store_new_id(op->arena)),
	};
	struct text token;
	const char *said;
	int r = oidc_code_exchange(op, tenant, provider, &exchange, &token, &said);

	return r == OIDC_PROVIDER_E_CODE ? 0 : r == 0 ? OIDC_PROVIDER_E_REFUSED : r;
}
