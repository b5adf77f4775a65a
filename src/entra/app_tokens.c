/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_tokens.c: keeps the tokens, and decides when and with which credential to ask for one.
 *
 * One entry for each (login address, tenant, client id, Graph), under one lock that is never held
 * across a query or a request. One thread asks, the others wait for its answer. A refusal is
 * remembered for a minute, or as long as Entra said, so that a thousand devices do not repeat it a
 * thousand times; it is forgotten as soon as the tenant's credentials change. A credential that
 * Entra refused keeps the reason in its row, one that has expired also changes its state.
 *
 * Specification: protocol/entra.md 2.3-2.5.
 */
#include "entra/app_tokens.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "entra/app_proof.h"
#include "entra/cloud.h"
#include "store/credential.h"

enum { EARLY_S = 300, REFUSAL_KEPT_S = 60, DROPS_MAX = 3, AADSTS_SECRET_EXPIRED = 7000222 };

struct refusal {
	int outcome; /* 0: none */
	int64_t aadsts;
	int64_t until;
	const char *remedy; /* static */
	char detail[256];
	uint8_t credentials[SHA256_LEN]; /* what was tried */
};

struct entry {
	struct list node;
	char *key;
	char *token; /* NULL: none */
	int64_t expires_at;
	bool is_busy;
	unsigned generation; /* +1 at each drop: what was begun before is thrown away */
	struct refusal refusal;
};

struct entra_app_tokens {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list entries;
};

/* The usable credentials of a tenant in the order they are tried. */
struct candidates {
	struct credential *items;
	size_t count;
	uint8_t digest[SHA256_LEN]; /* changes whenever they do */
};

struct entra_app_tokens *entra_app_tokens_new(void)
{
	struct entra_app_tokens *tokens = heap_alloc(sizeof(*tokens));
	pthread_condattr_t attributes;

	list_init(&tokens->entries);
	pthread_mutex_init(&tokens->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&tokens->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return tokens;
}

static void forget_token(struct entry *entry)
{
	char *token = steal(&entry->token);

	if (!token)
		return;
	secret_wipe(token, strlen(token));
	free(token);
}

void entra_app_tokens_free(struct entra_app_tokens *tokens)
{
	if (!tokens)
		return;
	LIST_EACH_FREE (node, &tokens->entries) {
		struct entry *entry = LIST_OWNER(node, struct entry, node);

		forget_token(entry);
		free(entry->key);
		free(entry);
	}
	pthread_cond_destroy(&tokens->changed);
	pthread_mutex_destroy(&tokens->lock);
	free(tokens);
}

/* With the lock. */
static struct entry *find_entry(struct op *op, const struct tenant *tenant)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	char *key =
	    arena_printf(op->arena, "%s|%s|%s|%s", tenant_login_url(op->arena, tenant),
			 tenant->tenant_id, tenant->client_id, tenant_graph_url(op->arena, tenant));
	struct entry *entry;

	LIST_EACH (node, &tokens->entries) {
		entry = LIST_OWNER(node, struct entry, node);
		if (strcmp(entry->key, key) == 0)
			return entry;
	}
	entry = heap_alloc(sizeof(*entry));
	entry->key = heap_string(key);
	list_append(&tokens->entries, &entry->node);
	return entry;
}

static bool has_token(const struct entry *entry, int64_t now)
{
	return entry->token && entry->expires_at - EARLY_S > now;
}

static int report(struct op *op, const struct refusal *refusal, struct entra_app_error *ret)
{
	*ret = (struct entra_app_error){
	    .aadsts = refusal->aadsts,
	    .retry_after_s = refusal->until > op->now ? refusal->until - op->now : 0,
	    .remedy = refusal->remedy,
	    .detail = arena_string(op->arena, refusal->detail),
	};
	return refusal->outcome;
}

static void remember_refusal(struct entry *entry, const struct op *op, int outcome,
			     const struct entra_app_error *error, const struct candidates *from)
{
	int64_t wait = error->retry_after_s > 0 ? error->retry_after_s : REFUSAL_KEPT_S;
	struct text detail = text_take(text_of(error->detail), sizeof(entry->refusal.detail) - 1);

	entry->refusal = (struct refusal){
	    .outcome = outcome,
	    .aadsts = error->aadsts,
	    .until = op->now + wait,
	    .remedy = error->remedy,
	};
	memcpy(entry->refusal.detail, detail.ptr, detail.len);
	memcpy(entry->refusal.credentials, from->digest, SHA256_LEN);
}

static bool is_still_refused(const struct entry *entry, const struct candidates *now_there,
			     int64_t now)
{
	const struct refusal *refusal = &entry->refusal;

	return refusal->outcome != 0 && now < refusal->until &&
	       memcmp(refusal->credentials, now_there->digest, SHA256_LEN) == 0;
}

/* Newest active first, then newest retiring; what is past its end only after all of these. */
static int rank(const struct credential *credential, int64_t now)
{
	int state = credential->state == CREDENTIAL_ACTIVE ? 0 : 1;

	return credential->not_after != 0 && credential->not_after <= now ? state + 2 : state;
}

static int load_candidates(struct op *op, const struct tenant *tenant, struct candidates *ret)
{
	struct candidates c = {0};
	struct credential *all;
	struct buf buf;
	size_t n;
	int r = store_credential_list(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
				      &all, &n);

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "credentials: %s", db_conn_error(db_reader(op->db)));
	buf_init(&buf, op->arena);
	c.items = ARENA_ARRAY(op->arena, n, struct credential);
	for (int wanted = 0; wanted < 4; wanted++)
		for (size_t i = n; i-- > 0;) {
			if ((all[i].state != CREDENTIAL_ACTIVE &&
			     all[i].state != CREDENTIAL_RETIRING) ||
			    rank(&all[i], op->now) != wanted)
				continue;
			c.items[c.count++] = all[i];
			buf_printf(&buf, "%s|%s\n", all[i].id, all[i].sealed);
		}
	digest_sha256(buf_text(&buf), c.digest);
	*ret = c;
	return 0;
}

/* What a transaction needs to note on a credential. */
struct note {
	struct text tenant_id;
	struct text id;
	enum credential_state state;
	struct text last_error;
};

static int write_note(struct db_conn *tx, void *argument)
{
	const struct note *note = argument;

	return store_credential_set_state(tx, note->tenant_id, note->id, note->state,
					  note->last_error);
}

/* Keep what Entra said with the credential. That the note cannot be written is not worth losing
 * the answer for. */
static void note_result(struct op *op, const struct credential *credential, const char *last_error,
			bool is_expired)
{
	struct note note = {
	    .tenant_id = text_of(credential->tenant_id),
	    .id = text_of(credential->id),
	    .state = is_expired ? CREDENTIAL_EXPIRED : credential->state,
	    .last_error = text_of(last_error),
	};
	int r;

	if (strcmp(credential->last_error, last_error) == 0 && !is_expired)
		return;
	r = db_transact(op->db, write_note, &note);
	if (r < 0)
		log_warn("credential state not saved", LOG_TEXT("tenant", credential->tenant_id),
			 LOG_TEXT("error", db_error(op->db)));
}

/* Without the lock: one credential after the other while Entra refuses them. */
static int ask(struct op *op, const struct tenant *tenant, const struct candidates *candidates,
	       struct app_grant *ret, struct entra_app_error *error)
{
	int outcome = ENTRA_APP_E_NO_CREDENTIAL;

	*error = (struct entra_app_error){.remedy = app_outcome_remedy(ENTRA_APP_E_NO_CREDENTIAL),
					  .detail = "no credential"};
	if (!tenant_cloud_is_allowed(op->config, tenant)) {
		error->remedy = app_outcome_remedy(ENTRA_APP_E_CONFIGURATION);
		error->detail = "custom clouds are not allowed";
		return ENTRA_APP_E_CONFIGURATION;
	}
	for (size_t i = 0; i < candidates->count; i++) {
		const struct credential *credential = &candidates->items[i];

		outcome = app_proof_send(op, tenant, credential, ret, error);
		if (outcome < 0)
			return ERR_TRACE(&op->trail, outcome);
		if (outcome == 0) {
			note_result(op, credential, "", false);
			return 0;
		}
		if (outcome != ENTRA_APP_E_CREDENTIAL)
			return outcome;
		/* Without the trace id, which differs each time. */
		note_result(op, credential, error->remedy, error->aadsts == AADSTS_SECRET_EXPIRED);
		log_warn("credential refused", LOG_TEXT("tenant", tenant->tenant_id),
			 LOG_TEXT("credential", credential->id), LOG_TEXT("why", error->detail));
	}
	return outcome;
}

/* With the lock, which is let go for the request. What comes of credentials or permissions that an
 * administrator has changed meanwhile is not kept: the generation tells. */
static int renew(struct op *op, struct entry *entry, const struct tenant *tenant,
		 const struct candidates *candidates, struct entra_app_error *error)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	unsigned generation = entry->generation;
	struct app_grant grant;
	int r;

	entry->is_busy = true;
	pthread_mutex_unlock(&tokens->lock);
	r = ask(op, tenant, candidates, &grant, error);
	pthread_mutex_lock(&tokens->lock);
	forget_token(entry);
	if (entry->generation != generation) {
		if (r == 0)
			secret_wipe((void *)(uintptr_t)grant.token.ptr, grant.token.len);
	} else if (r == 0) {
		entry->token = heap_string(arena_cstr(op->arena, grant.token));
		entry->expires_at = op->now + grant.lifetime_s;
		entry->refusal = (struct refusal){0};
	} else if (r > 0 && !(op->outbound_until && r == ENTRA_APP_E_TRANSIENT)) {
		remember_refusal(entry, op, r, error, candidates);
	}
	entry->is_busy = false;
	pthread_cond_broadcast(&tokens->changed);
	return r;
}

/* With the lock; false when the thread that asks took too long. */
static bool wait_idle(const struct op *op, const struct entry *entry)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	struct timespec until =
	    clock_deadline(op_outbound_ms(op, (int64_t)LIMIT_OUTBOUND_S * 1000));

	while (entry->is_busy)
		if (pthread_cond_timedwait(&tokens->changed, &tokens->lock, &until) == ETIMEDOUT)
			return !entry->is_busy;
	return true;
}

static int fail_dropped(struct entra_app_error *error)
{
	*error = (struct entra_app_error){.remedy = app_outcome_remedy(ENTRA_APP_E_TRANSIENT),
					  .detail = "the tenant's credentials change all the time"};
	return ENTRA_APP_E_TRANSIENT;
}

/* With the lock: afterwards 0 and a token in the entry, or why not. A token too short-lived to be
 * kept still serves this request. */
static int need_token(struct op *op, struct entry *entry, const struct tenant *tenant,
		      const struct candidates *candidates, unsigned generation,
		      struct entra_app_error *error)
{
	if (!wait_idle(op, entry)) {
		*error = (struct entra_app_error){
		    .remedy = app_outcome_remedy(ENTRA_APP_E_TRANSIENT),
		    .detail = "another request for the same token takes too long"};
		return ENTRA_APP_E_TRANSIENT;
	}
	/* What was loaded before a drop is not to be asked with. */
	if (entry->generation != generation)
		return fail_dropped(error);
	if (has_token(entry, op->now))
		return 0;
	if (is_still_refused(entry, candidates, op->now))
		return report(op, &entry->refusal, error);
	return renew(op, entry, tenant, candidates, error);
}

/* With the lock, which is let go in between. *ret_generation: as of which this was. */
static int load_and_need(struct op *op, struct entry *entry, const struct tenant *tenant,
			 struct entra_app_error *error, unsigned *ret_generation)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	struct candidates candidates;
	int r;

	*ret_generation = entry->generation;
	pthread_mutex_unlock(&tokens->lock);
	r = load_candidates(op, tenant, &candidates);
	pthread_mutex_lock(&tokens->lock);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	return need_token(op, entry, tenant, &candidates, *ret_generation, error);
}

int entra_app_token(struct op *op, const struct tenant *tenant, char **ret,
		    struct entra_app_error *error)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	struct entra_app_error unused;
	struct entry *entry;
	unsigned generation;
	int r = 0;

	if (!error)
		error = &unused;
	pthread_mutex_lock(&tokens->lock);
	entry = find_entry(op, tenant);
	generation = entry->generation;
	for (int i = 0; r >= 0 && !has_token(entry, op->now) && i < DROPS_MAX; i++) {
		r = load_and_need(op, entry, tenant, error, &generation);
		if (generation == entry->generation)
			break;
	}
	if (r >= 0 && generation != entry->generation)
		r = fail_dropped(error);
	if (r == 0)
		*ret = arena_string(op->arena, entry->token);
	pthread_mutex_unlock(&tokens->lock);
	return r < 0 ? ERR_TRACE(&op->trail, r) : r;
}

void entra_app_token_drop(struct op *op, const struct tenant *tenant)
{
	struct entra_app_tokens *tokens = op->entra_app_tokens;
	struct entry *entry;

	pthread_mutex_lock(&tokens->lock);
	entry = find_entry(op, tenant);
	forget_token(entry);
	entry->generation++;
	entry->refusal = (struct refusal){0};
	pthread_mutex_unlock(&tokens->lock);
}

int entra_app_credential_probe(struct op *op, const struct tenant *tenant,
			       const struct credential *credential, struct entra_app_error *error)
{
	struct entra_app_error unused;
	struct app_grant grant;
	int r = app_proof_send(op, tenant, credential, &grant, error ? error : &unused);

	return r < 0 ? ERR_TRACE(&op->trail, r) : r;
}
