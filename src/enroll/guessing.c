/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guessing.c: see guessing.h. Failures are counted in the database, so that a restart forgets
 * nothing and all servers of one database count together. Guesses that are made at the same moment
 * all pass before the first is counted; there are never more of those than workers.
 */
#include "enroll/guessing.h"

#include "store/guess.h"

struct rule {
	const char *kind;
	int64_t free;
	int64_t forget_s;
};

static const struct rule account_rule = {GUESS_PASSWORD_ACCOUNT, GUESSING_ACCOUNT_FREE,
					 GUESSING_ACCOUNT_FORGET_S};
static const struct rule source_rule = {GUESS_PASSWORD_SOURCE, GUESSING_SOURCE_FREE,
					GUESSING_SOURCE_FORGET_S};

/* What one guess is counted by. */
struct guessed {
	struct guess_key account;
	struct guess_key source;
	int64_t now;
};

int64_t guessing_wait(int64_t failures, int64_t free)
{
	int64_t wait = GUESSING_FIRST_WAIT_S;

	if (failures < free)
		return 0;
	for (int64_t i = free; i < failures && wait < GUESSING_LONGEST_WAIT_S; i++)
		wait *= 2;
	return wait < GUESSING_LONGEST_WAIT_S ? wait : GUESSING_LONGEST_WAIT_S;
}

static struct guessed guessed_of(struct op *op, const char *tenant_id, const char *account)
{
	return (struct guessed){
	    .account = {text_of(tenant_id), TEXT(GUESS_PASSWORD_ACCOUNT), text_of(account)},
	    .source = {TEXT_EMPTY, TEXT(GUESS_PASSWORD_SOURCE),
		       guess_source(op->arena, op->source)},
	    .now = op->now,
	};
}

static int failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

int guessing_check(struct op *op, const char *tenant_id, const char *account)
{
	const struct guessed guessed = guessed_of(op, tenant_id, account);
	struct guess by_account, by_source;
	int r;

	r = store_guess_load(db_reader(op->db), &guessed.account, &by_account);
	if (r == 0)
		r = store_guess_load(db_reader(op->db), &guessed.source, &by_source);
	if (r)
		return failed(op, r);
	return by_account.blocked_until > op->now || by_source.blocked_until > op->now
		   ? GUESSING_E_BLOCKED
		   : 0;
}

static int count_raise(struct db_conn *tx, const struct guess_key *key, const struct rule *rule,
		       int64_t now)
{
	struct guess guess;
	int r = store_guess_load(tx, key, &guess);

	if (r)
		return r;
	if (guess.updated_at + rule->forget_s < now)
		guess.failures = 0;
	guess.failures++;
	guess.updated_at = now;
	guess.blocked_until = 0;
	if (guessing_wait(guess.failures, rule->free) > 0)
		guess.blocked_until = now + guessing_wait(guess.failures, rule->free);
	return store_guess_put(tx, key, &guess);
}

static int failure_write(struct db_conn *tx, void *argument)
{
	const struct guessed *guessed = argument;
	int r;

	r = count_raise(tx, &guessed->account, &account_rule, guessed->now);
	return r ? r : count_raise(tx, &guessed->source, &source_rule, guessed->now);
}

int guessing_failed(struct op *op, const char *tenant_id, const char *account)
{
	struct guessed guessed = guessed_of(op, tenant_id, account);
	int r = db_transact(op->db, failure_write, &guessed);

	return r ? failed(op, r) : 0;
}

static int success_write(struct db_conn *tx, void *argument)
{
	const struct guessed *guessed = argument;

	return store_guess_remove(tx, &guessed->account);
}

int guessing_forget(struct op *op, const char *tenant_id, const char *account)
{
	struct guessed guessed = guessed_of(op, tenant_id, account);
	struct guess guess;
	int r = store_guess_load(db_reader(op->db), &guessed.account, &guess);

	if (r == 0 && guess.failures > 0)
		r = db_transact(op->db, success_write, &guessed);
	return r ? failed(op, r) : 0;
}

int guessing_sweep(struct db_conn *tx, int64_t now)
{
	int r = store_guess_remove_old(tx, text_of(account_rule.kind), now - account_rule.forget_s);

	return r ? r
		 : store_guess_remove_old(tx, text_of(source_rule.kind),
					  now - source_rule.forget_s);
}
