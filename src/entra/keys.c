/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c: when to fetch, and when not to.
 *
 * One slot for each tenant and token version, under one lock; the lock is never held across a
 * fetch or a query. At most one thread works for a slot (is_busy); others wait for it a bounded
 * time and then take what there is. A slot is filled on first need from the store or the network,
 * refreshed hourly by the background loop, and refreshed out of turn only for an unknown key id:
 * once in LIMIT_KEYS_FORCED_REFRESH_S, never again for the same id in that time, within a budget
 * for the whole process. Attempts are stamped before they are made. A failed refresh changes
 * nothing but the time of the next one.
 *
 * All times are op->now; a stamp from the future (the clock was set back) counts as past.
 * Specification: protocol/entra.md 1.4; threats 3.2; abuse cases 3 and 23.
 */
#include "entra/keys.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "entra/cloud.h"
#include "entra/key_set.h"
#include "entra/key_source.h"
#include "store/tenant.h"

enum {
	UNKNOWN_IDS_KEPT = 64,  /* for each slot */
	FORCED_BUDGET = 60,     /* refreshes for unknown ids, all tenants, in ... */
	FORCED_BUDGET_S = 3600, /* ... this time */
	BACKOFF_FIRST_S = 5,    /* after a failure, doubled up to ... */
	BACKOFF_MAX_S = 300,
	REFRESH_SPREAD_S = 180 /* the hourly refreshes of many tenants are spread over this */
};

struct unknown_id {
	uint8_t digest[SHA256_LEN];
	int64_t at; /* 0: unused */
};

struct slot {
	struct list node;
	char *tenant_id;
	bool is_version_2;
	char *login_url;
	struct entra_key_set *set; /* NULL: none */
	bool is_loaded;            /* the store has been asked */
	bool is_busy;
	unsigned generation; /* +1 at each purge: what was begun before is thrown away */
	unsigned failures;   /* in a row */
	int64_t attempted_at;
	int64_t forced_at;
	struct unknown_id unknown[UNKNOWN_IDS_KEPT];
	size_t unknown_next;
};

struct entra_keys {
	entra_fetch fetch;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list slots;
	int64_t budget_since;
	unsigned budget_used;
	struct entra_keys_stats stats;
};

struct entra_keys *entra_keys_new(entra_fetch fetch)
{
	struct entra_keys *keys = heap_alloc(sizeof(*keys));
	pthread_condattr_t attributes;

	keys->fetch = fetch;
	list_init(&keys->slots);
	pthread_mutex_init(&keys->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&keys->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return keys;
}

void entra_keys_free(struct entra_keys *keys)
{
	struct list *node;

	if (!keys)
		return;
	while ((node = list_take(&keys->slots))) {
		struct slot *slot = LIST_OWNER(node, struct slot, node);

		key_set_release(slot->set);
		free(slot->tenant_id);
		free(slot->login_url);
		free(slot);
	}
	pthread_cond_destroy(&keys->changed);
	pthread_mutex_destroy(&keys->lock);
	free(keys);
}

static bool has_passed(int64_t since, int64_t seconds, int64_t now)
{
	return since == 0 || now < since || now - since >= seconds;
}

static void forget_slot(struct slot *slot)
{
	key_set_release(steal(&slot->set));
	slot->generation++;
	slot->failures = 0;
	slot->attempted_at = slot->forced_at = 0;
	memset(slot->unknown, 0, sizeof(slot->unknown));
}

/* Call with the lock. Slots are never removed. */
static struct slot *find_slot(struct entra_keys *keys, const struct tenant *tenant,
			      bool is_version_2, const char *login_url)
{
	struct slot *slot;

	LIST_EACH (node, &keys->slots) {
		slot = LIST_OWNER(node, struct slot, node);
		if (slot->is_version_2 != is_version_2 ||
		    strcmp(slot->tenant_id, tenant->tenant_id) != 0)
			continue;
		if (strcmp(slot->login_url, login_url) != 0) {
			/* The tenant moved to another cloud: its saved keys are not asked either.
			 */
			forget_slot(slot);
			free(slot->login_url);
			slot->login_url = heap_string(login_url);
		}
		return slot;
	}
	slot = heap_alloc(sizeof(*slot));
	slot->tenant_id = heap_string(tenant->tenant_id);
	slot->is_version_2 = is_version_2;
	slot->login_url = heap_string(login_url);
	list_append(&keys->slots, &slot->node);
	keys->stats.sets++;
	return slot;
}

/* With the lock; false when the other thread took too long. */
static bool wait_idle(struct entra_keys *keys, const struct slot *slot)
{
	struct timespec until = clock_deadline(LIMIT_KEYS_FETCH_S * 1000);

	while (slot->is_busy)
		if (pthread_cond_timedwait(&keys->changed, &keys->lock, &until) == ETIMEDOUT)
			return !slot->is_busy;
	return true;
}

static int64_t backoff(const struct slot *slot)
{
	int64_t wait = BACKOFF_FIRST_S;

	for (unsigned i = 1; i < slot->failures && wait < BACKOFF_MAX_S; i++)
		wait *= 2;
	return wait < BACKOFF_MAX_S ? wait : BACKOFF_MAX_S;
}

static bool may_try(const struct slot *slot, int64_t now)
{
	return slot->failures == 0 || has_passed(slot->attempted_at, backoff(slot), now);
}

/* Without the lock: from the store when that is asked for and fresh, else from the network. */
static int obtain_set(struct op *op, const struct tenant *tenant, bool is_version_2,
		      bool with_store, const struct entra_key_set *old, struct entra_key_set **ret)
{
	struct entra_key_set *saved = NULL, *fetched = NULL;
	int r;

	if (with_store) {
		r = key_source_load(op, tenant, is_version_2, &saved);
		if (r < 0)
			return ERR_TRACE(&op->trail, r);
		if (saved && op->now - saved->fetched_at < LIMIT_KEYS_REFRESH_S) {
			*ret = saved;
			return 0;
		}
	}
	r = key_source_fetch(op, op->entra_keys->fetch, tenant, is_version_2, saved ? saved : old,
			     &fetched);
	if (r == 0) {
		key_set_release(saved);
		*ret = fetched;
		return 0;
	}
	log_warn("signing keys not refreshed", LOG_TEXT("tenant", tenant->tenant_id),
		 LOG_INT("version", is_version_2 ? 2 : 1), LOG_TEXT("why", op->trail.text));
	if (!saved)
		return r;
	*ret = saved;
	return KEY_SOURCE_E_NONE;
}

/* Take over what obtain_set brought; with the lock. */
static void conclude(struct entra_keys *keys, struct slot *slot, unsigned generation, int r,
		     struct entra_key_set *set)
{
	bool is_current = slot->generation == generation;

	if (is_current && r >= 0)
		slot->is_loaded = true;
	if (r != 0) {
		slot->failures++;
		keys->stats.failures++;
	} else if (is_current) {
		slot->failures = 0;
	}
	if (set && is_current) {
		key_set_release(slot->set);
		slot->set = set;
	} else {
		key_set_release(set);
	}
	slot->is_busy = false;
	pthread_cond_broadcast(&keys->changed);
}

/* Call and return with the lock; it is let go in between. Afterwards slot->set is the best there
 * is. Negative only. */
static int refresh(struct op *op, struct slot *slot, const struct tenant *tenant)
{
	struct entra_keys *keys = op->entra_keys;
	struct entra_key_set *old, *set = NULL;
	unsigned generation = slot->generation;
	bool with_store = !slot->is_loaded && !slot->set;
	int r;

	if (slot->is_busy) {
		(void)wait_idle(keys, slot);
		return 0;
	}
	slot->is_busy = true;
	slot->attempted_at = op->now;
	keys->stats.refreshes++;
	old = slot->set ? key_set_hold(slot->set) : NULL;
	pthread_mutex_unlock(&keys->lock);
	r = obtain_set(op, tenant, slot->is_version_2, with_store, old, &set);
	key_set_release(old);
	pthread_mutex_lock(&keys->lock);
	conclude(keys, slot, generation, r, set);
	return r < 0 ? ERR_TRACE(&op->trail, r) : 0;
}

static const struct jwk *look_up(const struct slot *slot, struct text key_id, int64_t now)
{
	return slot->set ? key_set_get(slot->set, key_id, now) : NULL;
}

static bool is_known_unknown(const struct slot *slot, const uint8_t digest[SHA256_LEN], int64_t now)
{
	for (size_t i = 0; i < UNKNOWN_IDS_KEPT; i++)
		if (slot->unknown[i].at != 0 &&
		    memcmp(slot->unknown[i].digest, digest, SHA256_LEN) == 0 &&
		    !has_passed(slot->unknown[i].at, LIMIT_KEYS_FORCED_REFRESH_S, now))
			return true;
	return false;
}

static void remember_unknown(struct slot *slot, const uint8_t digest[SHA256_LEN], int64_t now)
{
	struct unknown_id *entry = &slot->unknown[slot->unknown_next];

	if (is_known_unknown(slot, digest, now))
		return;
	memcpy(entry->digest, digest, SHA256_LEN);
	entry->at = now;
	slot->unknown_next = (slot->unknown_next + 1) % UNKNOWN_IDS_KEPT;
}

/* May an unknown id cause a refresh? Saying yes spends it. */
static bool may_force(struct entra_keys *keys, struct slot *slot, int64_t now)
{
	if (!has_passed(slot->forced_at, LIMIT_KEYS_FORCED_REFRESH_S, now))
		return false;
	if (has_passed(keys->budget_since, FORCED_BUDGET_S, now)) {
		keys->budget_since = now;
		keys->budget_used = 0;
	}
	if (keys->budget_used >= FORCED_BUDGET)
		return false;
	keys->budget_used++;
	slot->forced_at = now;
	return true;
}

/* With the lock: a usable set, or ENTRA_KEYS_E_UNAVAILABLE. *ret_just_tried: the network was asked
 * now, asking it once more for this request is of no use. */
static int need_set(struct op *op, struct slot *slot, const struct tenant *tenant,
		    bool *ret_just_tried)
{
	bool tried;
	int r = 0;

	*ret_just_tried = false;
	if (slot->set && key_set_is_usable(slot->set, op->now))
		return 0;
	tried = slot->is_busy || may_try(slot, op->now);
	if (tried)
		r = refresh(op, slot, tenant);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (!slot->set || !key_set_is_usable(slot->set, op->now))
		return ENTRA_KEYS_E_UNAVAILABLE;
	*ret_just_tried = tried && (slot->failures > 0 || slot->set->fetched_at == op->now);
	return 0;
}

/* With the lock: the key is not in the set; is there reason to look again? */
static int look_again(struct op *op, struct slot *slot, const struct tenant *tenant,
		      struct text key_id, bool just_tried, const struct jwk **ret)
{
	struct entra_keys *keys = op->entra_keys;
	uint8_t digest[SHA256_LEN];
	int r = 0;

	keys->stats.unknown_key_ids++;
	digest_sha256(key_id, digest);
	if (is_known_unknown(slot, digest, op->now))
		return ENTRA_KEYS_E_UNKNOWN;
	/* Somebody is fetching, perhaps for this very key. */
	if (slot->is_busy && wait_idle(keys, slot))
		*ret = look_up(slot, key_id, op->now);
	if (*ret)
		return 0;
	if (!just_tried && may_force(keys, slot, op->now)) {
		r = refresh(op, slot, tenant);
		*ret = look_up(slot, key_id, op->now);
	}
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (*ret)
		return 0;
	remember_unknown(slot, digest, op->now);
	return ENTRA_KEYS_E_UNKNOWN;
}

/* With the lock. 0 with *ret, or an outcome, or negative. */
static int get_key(struct op *op, struct slot *slot, const struct tenant *tenant,
		   struct text key_id, const struct jwk **ret)
{
	bool just_tried;
	int r = need_set(op, slot, tenant, &just_tried);

	if (r != 0)
		return r;
	*ret = look_up(slot, key_id, op->now);
	return *ret ? 0 : look_again(op, slot, tenant, key_id, just_tried, ret);
}

int entra_keys_get(struct op *op, const struct tenant *tenant, bool is_version_2,
		   struct text key_id, struct entra_key *ret)
{
	struct entra_keys *keys = op->entra_keys;
	const char *login_url = tenant_login_url(op->arena, tenant);
	const struct jwk *key = NULL;
	struct slot *slot;
	int r;

	pthread_mutex_lock(&keys->lock);
	slot = find_slot(keys, tenant, is_version_2, login_url);
	r = get_key(op, slot, tenant, key_id, &key);
	if (r == 0)
		*ret = (struct entra_key){.key = key,
					  .issuer = slot->set->issuer,
					  .cloud_instance = slot->set->cloud_instance,
					  .held = key_set_hold(slot->set)};
	pthread_mutex_unlock(&keys->lock);
	return r;
}

void entra_key_release(struct entra_key *key)
{
	key_set_release(key->held);
	*key = (struct entra_key){0};
}

int entra_keys_purge(struct op *op, const char *tenant_id)
{
	struct entra_keys *keys = op->entra_keys;
	int r = key_source_forget(op, tenant_id);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	pthread_mutex_lock(&keys->lock);
	LIST_EACH (node, &keys->slots) {
		struct slot *slot = LIST_OWNER(node, struct slot, node);

		if (strcmp(slot->tenant_id, tenant_id) == 0)
			forget_slot(slot);
	}
	pthread_mutex_unlock(&keys->lock);
	log_info("signing keys purged", LOG_TEXT("tenant", tenant_id));
	return 0;
}

/* Always the same for a tenant, so that an hour stays an hour. */
static int64_t spread(const struct slot *slot)
{
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(slot->tenant_id), digest);
	return digest[0] * REFRESH_SPREAD_S / 256;
}

static bool is_due(const struct slot *slot, int64_t now)
{
	return may_try(slot, now) &&
	       (!slot->set ||
		has_passed(slot->set->fetched_at, LIMIT_KEYS_REFRESH_S - spread(slot), now));
}

static int refresh_tenant(struct op *op, const struct tenant *tenant, bool is_version_2,
			  bool is_forced)
{
	struct entra_keys *keys = op->entra_keys;
	const char *login_url = tenant_login_url(op->arena, tenant);
	struct slot *slot;
	int r = 0;

	pthread_mutex_lock(&keys->lock);
	slot = find_slot(keys, tenant, is_version_2, login_url);
	if (is_forced || is_due(slot, op->now))
		r = refresh(op, slot, tenant);
	if (r == 0 && is_forced && slot->failures > 0)
		r = ENTRA_KEYS_E_UNAVAILABLE;
	pthread_mutex_unlock(&keys->lock);
	return r;
}

static bool is_served(const struct op *op, const struct tenant *tenant)
{
	return tenant->is_enabled &&
	       (tenant->cloud != CLOUD_CUSTOM || op->config->allow_custom_cloud);
}

int entra_keys_refresh_due(struct op *op)
{
	struct tenant *tenants;
	size_t n;
	int first = 0;
	int r = store_tenant_list(db_reader(op->db), op->arena, TEXT_EMPTY, STORE_NO_LIMIT,
				  &tenants, &n);

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "tenants: %s", db_conn_error(db_reader(op->db)));
	for (size_t i = 0; i < n; i++) {
		if (!is_served(op, &tenants[i]))
			continue;
		r = refresh_tenant(op, &tenants[i], true, false);
		if (r >= 0 && tenants[i].is_v1_allowed)
			r = refresh_tenant(op, &tenants[i], false, false);
		/* One tenant's trouble must not cost the others their turn. */
		if (r < 0 && first == 0)
			first = r;
	}
	return first < 0 ? ERR_TRACE(&op->trail, first) : 0;
}

int entra_keys_probe(struct op *op, const struct tenant *tenant)
{
	int r = refresh_tenant(op, tenant, true, true);

	if (r == 0 && tenant->is_v1_allowed)
		r = refresh_tenant(op, tenant, false, true);
	return r;
}

void entra_keys_stats_get(struct entra_keys *keys, struct entra_keys_stats *ret)
{
	struct entra_keys_stats stats;

	pthread_mutex_lock(&keys->lock);
	stats = keys->stats;
	LIST_EACH (node, &keys->slots) {
		const struct slot *slot = LIST_OWNER(node, struct slot, node);

		if (slot->set &&
		    (stats.oldest_success == 0 || slot->set->fetched_at < stats.oldest_success))
			stats.oldest_success = slot->set->fetched_at;
	}
	pthread_mutex_unlock(&keys->lock);
	*ret = stats;
}
