/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.c: see pin.h. Transactions are serializable: of tries at the same moment each sees the count
 * of those before it, so no more than the limit are ever compared.
 */
#include "terms/pin.h"

#include "base/digest.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/rand.h"
#include "store/pin.h"

enum { TYPED_MAX = 32 };

char *terms_pin_make(struct arena *arena)
{
	char *digits = arena_alloc(arena, TERMS_PIN_DIGITS + 1);
	size_t n = 0;

	/* Bytes above 249 would make some digits more likely. */
	while (n < TERMS_PIN_DIGITS) {
		unsigned char byte;

		rand_bytes(&byte, 1);
		if (byte < 250)
			digits[n++] = (char)('0' + byte % 10);
	}
	return digits;
}

const char *terms_pin_mac(struct arena *arena, const struct secret *key, const char *tenant_id,
			  struct text digits)
{
	char *what = arena_printf(arena, "%s|%.*s", tenant_id, TEXT_ARG(digits));
	uint8_t mac[SHA256_LEN];

	digest_hmac_sha256(secret_text(key), text_of(what), mac);
	secret_wipe(what, strlen(what));
	return hex_write(arena, text_make(mac, sizeof(mac)));
}

/* What was typed without the blanks and dashes people put between digits. The number of bytes, 0
 * for nothing; anything else than so many digits is no PIN. */
static size_t typed_read(struct text typed, char ret[TERMS_PIN_DIGITS + 1])
{
	size_t n = 0;

	if (typed.len > TYPED_MAX)
		return TERMS_PIN_DIGITS + 1;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c == ' ' || c == '-')
			continue;
		if (c < '0' || c > '9' || n == TERMS_PIN_DIGITS)
			return TERMS_PIN_DIGITS + 1;
		ret[n++] = c;
	}
	return n;
}

static struct guess_key key_of(struct arena *arena, const char *tenant_id, const char *what,
			       struct text who)
{
	return (struct guess_key){text_of(tenant_id), TEXT(GUESS_PIN),
				  text_of(arena_printf(arena, "%s:%.*s", what, TEXT_ARG(who)))};
}

struct guess_key terms_pin_user_key(struct arena *arena, const char *tenant_id,
				    const char *object_id)
{
	return key_of(arena, tenant_id, "user", text_of(object_id));
}

struct guess_key terms_pin_source_key(struct arena *arena, const char *tenant_id,
				      const char *address)
{
	return key_of(arena, tenant_id, "source", guess_source(arena, address));
}

int terms_pin_sweep(struct db_conn *tx, int64_t now)
{
	return store_guess_remove_old(tx, TEXT(GUESS_PIN), now - LIMIT_PIN_BLOCK_S);
}

struct counter {
	struct guess_key key;
	int64_t limit;
	struct guess guess;
};

static int counter_load(struct db_conn *tx, struct counter *counter, int64_t now)
{
	int r = store_guess_load(tx, &counter->key, &counter->guess);

	if (r)
		return r;
	/* What was long ago is forgotten. */
	if (counter->guess.updated_at <= now - LIMIT_PIN_BLOCK_S)
		counter->guess = (struct guess){0};
	return 0;
}

static int counter_raise(struct db_conn *tx, struct counter *counter, int64_t now)
{
	counter->guess.failures++;
	counter->guess.updated_at = now;
	if (counter->guess.failures >= counter->limit)
		counter->guess.blocked_until = now + LIMIT_PIN_BLOCK_S;
	return store_guess_put(tx, &counter->key, &counter->guess);
}

static bool is_blocked(const struct counter *counter, int64_t now)
{
	return counter->guess.blocked_until > now;
}

/* The user's name as a PIN may be bound to it. */
static struct text name_of(struct op *op, const char *user_name)
{
	char *copy = arena_string(op->arena, user_name);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return text_of(copy);
}

static int pin_find(struct db_conn *tx, struct terms_pin_try *attempt, const char *digits, size_t n)
{
	struct op *op = attempt->op;
	const struct terms_consent *state = attempt->state;

	if (n != TERMS_PIN_DIGITS)
		return STORE_E_NOT_FOUND;
	return store_pin_use(tx, op->arena, text_of(state->tenant_id),
			     text_of(terms_pin_mac(op->arena, &op->keys->pins, state->tenant_id,
						   text_make(digits, n))),
			     name_of(op, state->user_name), text_of(state->object_id), op->now,
			     &attempt->id);
}

/* Wrong: counted for both. */
static int wrong(struct db_conn *tx, struct terms_pin_try *attempt, struct counter *user,
		 struct counter *source)
{
	int64_t now = attempt->op->now;
	int r = counter_raise(tx, user, now);

	if (r == 0)
		r = counter_raise(tx, source, now);
	attempt->verdict = is_blocked(user, now) || is_blocked(source, now) ? TERMS_PIN_BLOCKED_NOW
									    : TERMS_PIN_WRONG;
	return r;
}

int terms_pin_use(struct db_conn *tx, struct terms_pin_try *attempt)
{
	struct op *op = attempt->op;
	const struct terms_consent *state = attempt->state;
	struct counter user = {
	    .key = terms_pin_user_key(op->arena, state->tenant_id, state->object_id),
	    .limit = LIMIT_PIN_TRIES};
	struct counter source = {.key =
				     terms_pin_source_key(op->arena, state->tenant_id, op->source),
				 .limit = LIMIT_PIN_TRIES_SOURCE};
	char digits[TERMS_PIN_DIGITS + 1];
	size_t n = typed_read(attempt->typed, digits);
	int r;

	attempt->id = "";
	r = counter_load(tx, &user, op->now);
	if (r == 0)
		r = counter_load(tx, &source, op->now);
	if (r)
		return r;
	if (is_blocked(&user, op->now) || is_blocked(&source, op->now)) {
		attempt->verdict = TERMS_PIN_BLOCKED;
		return 0;
	}
	if (n == 0) {
		attempt->verdict = TERMS_PIN_MISSING;
		return 0;
	}
	r = pin_find(tx, attempt, digits, n);
	secret_wipe(digits, sizeof(digits));
	if (r == STORE_E_NOT_FOUND)
		return wrong(tx, attempt, &user, &source);
	attempt->verdict = TERMS_PIN_OK;
	return r ? r : store_guess_remove(tx, &user.key);
}
