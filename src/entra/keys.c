/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c: when to fetch, and when not to.
 *
 * One slot for each tenant and token version, under one lock; the lock is never held across a
 * fetch or a query. At most one thread works for a slot (is_busy), and of all that serve requests
 * at most one is in a fetch (is_flying): whoever sends tokens of tenants whose login host is silent
 * holds up one worker, not all. Others wait a moment and then take what there is. A slot is filled
 * on first need from the store or the network, refreshed hourly by the background loop, and
 * refreshed out of turn only for an unknown key id: once in LIMIT_KEYS_FORCED_REFRESH_S, never
 * again for the same id in that time, within a budget for the whole process. Attempts are stamped
 * before they are made. A failed refresh changes nothing but the time of the next one.
 *
 * All times are op->now; a stamp from far in the future (the clock was set back) counts as past.
 * A stamp from the near future is that of an operation that began later than this one.
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
	REFRESH_SPREAD_S = 180, /* the hourly refreshes of many tenants are spread over this */
	SET_BACK_S = 60,        /* stamps further in the future are of another clock */
	REQUEST_WAIT_MS = 200   /* of a request for the fetch of another */
};

/* Who asks: a request must not stand in line. */
enum asker { ASKER_REQUEST, ASKER_LOOP };

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
	bool is_flying; /* a request is fetching, for whatever slot */
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
	if (!keys)
		return;
	LIST_EACH_FREE (node, &keys->slots) {
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
	return since == 0 || since - now > SET_BACK_S || now - since >= seconds;
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
static bool wait_idle(struct entra_keys *keys, const struct slot *slot, enum asker asker)
{
	int64_t most_ms =
	    asker == ASKER_REQUEST ? REQUEST_WAIT_MS : (int64_t)LIMIT_KEYS_FETCH_S * 1000;
	struct timespec until = clock_deadline(most_ms);

	while (slot->is_busy)
		if (pthread_cond_timedwait(&keys->changed, &keys->lock, &until) == ETIMEDOUT)
			return !slot->is_busy;
	return true;
}

/* With the lock. False: another request is still fetching, so this one may not. */
static bool wait_flight(struct entra_keys *keys)
{
	struct timespec until = clock_deadline(REQUEST_WAIT_MS);

	while (keys->is_flying)
		if (pthread_cond_timedwait(&keys->changed, &keys->lock, &until) == ETIMEDOUT)
			return !keys->is_flying;
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

/* What a slot is worked on with: what it is like when that begins. */
struct work {
	unsigned generation;
	int64_t began_ms;
};

static struct work work_begin(struct slot *slot)
{
	slot->is_busy = true;
	return (struct work){slot->generation, clock_mono_ms()};
}

/* Take over what was brought, if nobody purged the slot meanwhile; with the lock. */
static bool work_end(struct entra_keys *keys, struct slot *slot, const struct work *work,
		     struct entra_key_set *set)
{
	bool is_current = slot->generation == work->generation;

	if (set && is_current) {
		key_set_release(slot->set);
		slot->set = set;
	} else {
		key_set_release(set);
	}
	slot->is_busy = false;
	pthread_cond_broadcast(&keys->changed);
	return is_current;
}

/* Call and return with the lock; it is let go in between. The set in the store, once for a slot;
 * old as it may be it is better than none, and the loop replaces it. */
static int load_saved(struct op *op, struct slot *slot, const struct tenant *tenant)
{
	struct entra_keys *keys = op->entra_keys;
	struct entra_key_set *set = NULL;
	struct work work;
	int r;

	if (slot->is_loaded || slot->set || slot->is_busy)
		return 0;
	work = work_begin(slot);
	pthread_mutex_unlock(&keys->lock);
	r = key_source_load(op, tenant, slot->is_version_2, &set);
	pthread_mutex_lock(&keys->lock);
	if (work_end(keys, slot, &work, set) && r >= 0)
		slot->is_loaded = true;
	return r < 0 ? ERR_TRACE(&op->trail, r) : 0;
}

/* With the lock. Whether a request may fetch for the slot; it waits a moment for another one that
 * fetches, and does not repeat what was done for this slot meanwhile. */
static bool may_fly(struct entra_keys *keys, const struct slot *slot, int64_t now)
{
	const struct entra_key_set *set = slot->set;

	if (!keys->is_flying)
		return true;
	return wait_flight(keys) && !slot->is_busy && slot->set == set && may_try(slot, now);
}

/* Call and return with the lock; it is let go in between. Afterwards slot->set is the best there
 * is. Negative only. */
static int refresh(struct op *op, struct slot *slot, const struct tenant *tenant, enum asker asker)
{
	struct entra_keys *keys = op->entra_keys;
	struct entra_key_set *old, *set = NULL;
	struct work work;
	int r;

	if (slot->is_busy) {
		(void)wait_idle(keys, slot, asker);
		return 0;
	}
	if (asker == ASKER_REQUEST && !may_fly(keys, slot, op->now))
		return 0;
	work = work_begin(slot);
	slot->attempted_at = op->now;
	keys->stats.refreshes++;
	if (asker == ASKER_REQUEST)
		keys->is_flying = true;
	old = slot->set ? key_set_hold(slot->set) : NULL;
	pthread_mutex_unlock(&keys->lock);
	r = key_source_fetch(op, keys->fetch, tenant, slot->is_version_2, old, &set);
	if (r > 0)
		log_warn("signing keys not refreshed", LOG_TEXT("tenant", tenant->tenant_id),
			 LOG_INT("version", slot->is_version_2 ? 2 : 1),
			 LOG_TEXT("why", op->trail.text));
	key_set_release(old);
	pthread_mutex_lock(&keys->lock);
	if (asker == ASKER_REQUEST)
		keys->is_flying = false;
	if (work_end(keys, slot, &work, set) && r == 0) {
		slot->failures = 0;
	} else if (r != 0) {
		slot->failures++;
		keys->stats.failures++;
		/* From when it was known: a login host that is silent for as long as the back-off
		 * would be asked again at once. */
		slot->attempted_at = op->now + (clock_mono_ms() - work.began_ms) / 1000;
	}
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
	r = load_saved(op, slot, tenant);
	if (r == 0 && slot->set && key_set_is_usable(slot->set, op->now))
		return 0;
	tried = slot->is_busy || may_try(slot, op->now);
	if (r == 0 && tried)
		r = refresh(op, slot, tenant, ASKER_REQUEST);
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
	if (slot->is_busy && wait_idle(keys, slot, ASKER_REQUEST))
		*ret = look_up(slot, key_id, op->now);
	if (*ret)
		return 0;
	/* Not now, but the next token with this key may ask. */
	if (slot->is_busy || keys->is_flying)
		return ENTRA_KEYS_E_UNKNOWN;
	if (!just_tried && may_force(keys, slot, op->now)) {
		r = refresh(op, slot, tenant, ASKER_REQUEST);
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
	r = load_saved(op, slot, tenant);
	if (r == 0 && (is_forced || is_due(slot, op->now)))
		r = refresh(op, slot, tenant, ASKER_LOOP);
	if (r == 0 && is_forced && slot->failures > 0)
		r = ENTRA_KEYS_E_UNAVAILABLE;
	pthread_mutex_unlock(&keys->lock);
	return r;
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
	for (size_t i = 0; i < n && !op_is_stopping(op); i++) {
		if (!tenant_is_served(op->config, &tenants[i]))
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
